/* The service of search: made with the node, fed by two fibers, one that follows events and one
 * that writes. */
#include "actors/catalog/catalog_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/catalog/catalog_search_service.h"
#include "actors/catalog/catalog_unfound.h"
#include "runtime/log.h"

enum {
    LOOK_EVERY_US = 1000 * 1000,
    READ_PAUSE_US =
        20 * 1000, /* between two reads of events, so that each has those of many commits */
    WRITE_PAUSE_US = 100 * 1000,
    RETRY_PAUSE_US = 1000 * 1000,
};

/* ---- open and close ---- */

static void name_folders(struct catalog_search *search, const struct service *service)
{
    const char *data_dir = config_text(service_config(service), SETTING_PATHS_DATA_DIR);
    const int length = snprintf(search->folder, sizeof search->folder, "%s/search/%s", data_dir,
                                service_node(service));
    assert(length > 0 && (size_t)length + sizeof "/current" < sizeof search->folder);
    (void)snprintf(search->current.folder, sizeof search->current.folder, "%.*s/current", length,
                   search->folder);
    (void)snprintf(search->next.folder, sizeof search->next.folder, "%.*s/next", length,
                   search->folder);
}

/* The setting's words are in its order; each is a code of two letters. */
static void read_languages(struct catalog_search *search, const struct config *config)
{
    static const char *const known[] = { "en", "de", "fr", "es", "it", "nl", "pt", "sv",
                                         "da", "no", "fi", "hu", "ro", "ru", "tr", "ar" };
    const char *wanted = config_text(config, SETTING_SEARCH_LANGUAGES);
    struct search_languages *languages = &search->languages;
    for (const char *word = wanted; word != NULL; word = strchr(word, ',')) {
        word += *word == ',' ? 1 : 0;
        for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
            if (strncmp(word, known[i], 2) == 0 && languages->count < SEARCH_LANGUAGES_MAX)
                languages->codes[languages->count++] = known[i];
        }
    }
}

static void bound(struct catalog_named *named)
{
    named->products.max = CATALOG_SEARCH_WAITING_MAX;
    named->vendors.max = CATALOG_SEARCH_VENDORS_MAX;
    named->categories.max = CATALOG_SEARCH_CATEGORIES_MAX;
}

static void *open_search(struct service *service)
{
    const struct config *config = service_config(service);
    struct catalog_search *search = calloc(1, sizeof *search);
    if (search == NULL) abort();
    search->service = service;
    name_folders(search, service);
    read_languages(search, config);
    search->slots_count = (size_t)config_int(config, SETTING_SEARCH_READERS);
    search->turnstile = service_turnstile(service, search->slots_count,
                                          (size_t)config_int(config, SETTING_SEARCH_QUEUE_MAX));
    search->unfound = catalog_unfound_new();
    bound(&search->current.waiting);
    bound(&search->next.waiting);
    search->current.sold.max = search->next.sold.max = CATALOG_SEARCH_WAITING_MAX;
    search->hidden.max = 2 * (size_t)CATALOG_SEARCH_WAITING_MAX;
    search->closed.max = 2 * (size_t)CATALOG_SEARCH_VENDORS_MAX;
    return search;
}

static void close_search(void **state)
{
    struct catalog_search *search = *state;
    *state = NULL;
    for (size_t i = 0; i < search->slots_count; i++)
        search_reader_destroy(&search->slots[i].reader);
    search_writer_destroy(&search->current.writer);
    search_writer_destroy(&search->next.writer);
    catalog_target_clear(&search->current);
    catalog_target_clear(&search->next);
    catalog_id_map_clear(&search->hidden);
    catalog_id_map_clear(&search->closed);
    catalog_rules_release(&search->rules);
    catalog_unfound_destroy(&search->unfound);
    catalog_counts_clear(&search->counts);
    turnstile_destroy(&search->turnstile);
    free(search);
}

/* ---- the fiber that writes ---- */

/* Until it is woken, or a little later. */
static void rest(struct catalog_search *search, int64_t pause_us)
{
    struct completion woken;
    completion_init(&woken, service_fibers(search->service));
    search->writer_rest = &woken;
    IGNORE(completion_wait(&woken, service_now_us(search->service) + pause_us));
    search->writer_rest = NULL;
}

static void give_up_lost(struct catalog_search *search)
{
    log_error("search_events_missing");
    if (search->current.is_fed) catalog_search_break(search, "events are missing");
    if (search->is_rebuilding) catalog_search_end_rebuild(search);
    search->has_cursors = false;
    search->is_lost = false;
}

/* What cannot be written: a broken index goes, of another one the writer is opened again. */
static enum status keep_current_open(struct catalog_search *search)
{
    struct catalog_target *current = &search->current;
    if (search->is_broken && !search->wants_rebuild && !search->is_rebuilding) {
        search->wants_rebuild = true;
        if (!search->next.is_fed) search->has_cursors = false;
    }
    if (!current->is_fed && current->writer != NULL) {
        catalog_target_close(search, current);
        catalog_target_clear(current);
    }
    if (!current->is_fed || current->writer != NULL) return STATUS_OK;
    const enum status status = catalog_target_open(search, current, false);
    if (status == STATUS_CORRUPT || status == STATUS_NOT_FOUND)
        catalog_search_break(search, "it cannot be opened");
    return status;
}

static enum status write_current(struct catalog_search *search)
{
    const enum status status = catalog_target_step(search, &search->current);
    if (status == STATUS_OK || status == STATUS_STOPPING) return status;
    catalog_target_close(search, &search->current);
    if (status == STATUS_CORRUPT) catalog_search_break(search, "it cannot be written");
    return status;
}

static enum status rebuild(struct catalog_search *search)
{
    const enum status status = search->is_rebuilding ? catalog_search_go_on_rebuilding(search)
                                                     : catalog_search_begin_rebuild(search);
    if (status != STATUS_CORRUPT && status != STATUS_UNAVAILABLE) return status;
    log_warning("search_rebuild_failed", LOG_STATUS(status));
    catalog_search_end_rebuild(search);
    return status;
}

/* A little of everything that is to be done. `*ret_is_idle`: there was nothing. */
static enum status work(struct catalog_search *search, bool *ret_is_idle)
{
    *ret_is_idle = false;
    if (search->is_lost) give_up_lost(search);
    TRY(keep_current_open(search));
    const bool is_due = search->current.is_fed && catalog_target_is_due(search, &search->current);
    const bool is_building =
        search->is_rebuilding ||
        (search->wants_rebuild && service_now_us(search->service) >= search->retry_us);
    *ret_is_idle = !is_due && !is_building;
    if (is_due) TRY(write_current(search));
    return is_building ? rebuild(search) : STATUS_OK;
}

static void writer_fiber(void *argument)
{
    struct catalog_search *search = argument;
    const struct service *service = search->service;
    while (!service_is_stopping(service) && !search->is_opened) {
        search->is_opened = catalog_search_open_current(search) == STATUS_OK;
        if (!search->is_opened) rest(search, RETRY_PAUSE_US);
    }
    while (!service_is_stopping(service)) {
        bool is_idle;
        const enum status status = work(search, &is_idle);
        if (status != STATUS_OK)
            rest(search, RETRY_PAUSE_US);
        else if (is_idle)
            rest(search, WRITE_PAUSE_US);
    }
}

/* ---- the fiber that follows ---- */

static void run(struct service *service, void *state)
{
    struct catalog_search *search = state;
    if (service_spawn(service, writer_fiber, search) != STATUS_OK) {
        log_error("search_not_fed");
        return;
    }
    while (service_rest(service, service_now_us(service) + LOOK_EVERY_US)) {
        catalog_search_follow(search);
        if (fiber_sleep(service_fibers(service), READ_PAUSE_US) != STATUS_OK) break;
    }
}

static const char *const steps[] = { "read", "put", "commit", "swap" };

const struct domain_service catalog_search_service = {
    .name = "search",
    .steps = steps,
    .steps_count = ARRAY_LENGTH(steps),
    .open = open_search,
    .run = run,
    .close = close_search,
};
