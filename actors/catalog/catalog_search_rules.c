/* What staff says about searches, read as a whole whenever it has changed. */
#include "actors/catalog/catalog_search.h"

#include <stdlib.h>

#include "runtime/log.h"

enum { ARENA_BYTES = 64 * 1024 };

static enum status load(const struct catalog_search *search, struct catalog_rules *rules)
{
    const struct catalog_search_source source = catalog_search_source(search, rules->arena);
    TRY(catalog_search_store_synonyms(&source, &rules->groups, &rules->groups_count));
    return catalog_search_store_pins(&source, &rules->pins, &rules->pins_count);
}

void catalog_rules_release(struct catalog_rules **rules)
{
    struct catalog_rules *old = *rules;
    *rules = NULL;
    if (old == NULL) return;
    assert(old->users > 0);
    old->users--;
    if (old->users > 0) return;
    arena_destroy(&old->arena);
    free(old);
}

void catalog_search_read_rules(struct catalog_search *search)
{
    struct catalog_rules *rules = calloc(1, sizeof *rules);
    if (rules == NULL) abort();
    *rules =
        (struct catalog_rules){ .arena = arena_new(ARENA_BYTES),
                                .users = 1,
                                .number = search->rules == NULL ? 1 : search->rules->number + 1 };
    search->are_rules_stale = false;
    const enum status status = load(search, rules);
    if (status == STATUS_OK) {
        catalog_rules_release(&search->rules);
        search->rules = rules;
        return;
    }
    log_warning("search_rules_not_read", LOG_STATUS(status));
    search->are_rules_stale = true;
    catalog_rules_release(&rules);
}
