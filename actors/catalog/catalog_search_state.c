/* What the files of search share of its state. */
#include "actors/catalog/catalog_search.h"

#include "runtime/log.h"

size_t catalog_named_count(const struct catalog_named *named)
{
    return named->products.count + named->vendors.count + named->categories.count;
}

void catalog_search_wake_writer(struct catalog_search *search)
{
    if (search->writer_rest != NULL) completion_finish(search->writer_rest, STATUS_OK);
}

struct catalog_search_source catalog_search_source(const struct catalog_search *search,
                                                   struct arena *arena)
{
    return (struct catalog_search_source){ .database = service_database(search->service),
                                           .arena = arena,
                                           .deadline_us = service_deadline_us(search->service),
                                           .market_us = service_market_us(search->service),
                                           .currency = config_text(service_config(search->service),
                                                                   SETTING_MARKET_CURRENCY) };
}

void catalog_search_break(struct catalog_search *search, const char *why)
{
    if (search->is_broken) return;
    search->is_broken = true;
    search->is_ready = false;
    search->current.is_fed = false;
    log_error("search_index_unusable", LOG_STRING("why", why),
              LOG_STRING("folder", search->current.folder));
    catalog_search_wake_writer(search);
}
