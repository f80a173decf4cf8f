/* A question to the index: waits for a reader, brings it up to date, asks it. All of it that blocks
 * is one piece of work on a thread. */
#include "actors/catalog/catalog_search_ask.h"

#include <stdio.h>

#include "runtime/log.h"

enum status catalog_search_of(const struct request *request, struct catalog_search **ret_search)
{
    struct catalog_search *search = request_service(request);
    if (search == NULL || !search->is_ready) return STATUS_SEARCH_IS_BUILDING;
    *ret_search = search;
    return STATUS_OK;
}

size_t catalog_search_closed(struct request *request, const struct catalog_search *search,
                             const struct uuid **ret_vendors)
{
    struct uuid *vendors =
        arena_allocate_array(request_arena(request), SEARCH_EXCLUDED_MAX, sizeof *vendors);
    struct catalog_id_slot slot;
    size_t count = 0;
    for (size_t position = 0;
         count < SEARCH_EXCLUDED_MAX && catalog_id_map_next(&search->closed, &position, &slot);)
        vendors[count++] = slot.id;
    *ret_vendors = vendors;
    return count;
}

bool catalog_search_leaves_out(const struct catalog_search *search, struct uuid product,
                               struct uuid vendor)
{
    int64_t unused;
    return catalog_id_map_find(&search->hidden, product, &unused) ||
           catalog_id_map_find(&search->closed, vendor, &unused);
}

static const struct statement shown = {
    .name = "catalog_search_shown",
    .sql = "SELECT EXISTS (SELECT FROM catalog.product p JOIN catalog.vendor_copy v"
           " ON v.vendor_id = p.vendor_id AND v.is_open WHERE p.id = u.id AND p.is_listed)"
           " OR EXISTS (SELECT FROM catalog.vendor_copy v WHERE v.vendor_id = u.id AND v.is_open)"
           " FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, position) ORDER BY u.position",
};

void catalog_search_compare(struct request *request, const struct catalog_search *search,
                            const struct uuid *ids, size_t count, bool *ret_may_be_seen)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    for (size_t i = 0; i < count; i++)
        ret_may_be_seen[i] = true;
    if (!search->is_behind || count == 0) return;
    param_uuid_array(&params, request_arena(request), ids, count);
    if (request_query(request, &shown, &params, &rows) != STATUS_OK) return;
    assert(rows.count == count);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        ret_may_be_seen[i] = row_bool(&row);
    }
}

/* ---- on the thread ---- */

struct asking {
    const struct catalog_search *search; /* folder and languages, which do not change */
    struct catalog_search_slot *slot;
    struct catalog_search_slot now; /* what the slot must have come to; no reader in it */
    const struct catalog_rules *rules;
    struct arena *arena;
    const struct search_query *query;
    struct search_result *result; /* NULL: suggestions are wanted */
    struct search_suggestions *suggestions;
    enum status status;
    struct search_fault fault;
};

static enum status bring_up_to_date(struct asking *asking)
{
    struct catalog_search_slot *slot = asking->slot;
    if (slot->epoch != asking->now.epoch) search_reader_destroy(&slot->reader);
    if (slot->reader == NULL) {
        TRY(search_reader_open(asking->search->current.folder, &asking->search->languages,
                               &asking->fault, &slot->reader));
        slot->rules = 0;
    } else if (slot->commits != asking->now.commits) {
        TRY(search_reader_refresh(slot->reader));
    }
    slot->epoch = asking->now.epoch;
    slot->commits = asking->now.commits;
    if (asking->rules != NULL && slot->rules != asking->now.rules) {
        search_reader_set_synonyms(slot->reader, asking->rules->groups,
                                   asking->rules->groups_count);
        slot->rules = asking->now.rules;
    }
    return STATUS_OK;
}

static enum status ask(struct asking *asking)
{
    TRY(bring_up_to_date(asking));
    struct search_reader *reader = asking->slot->reader;
    if (asking->result != NULL)
        return search_reader_find(reader, asking->arena, asking->query, asking->result);
    return search_reader_suggest(reader, asking->arena, asking->query, asking->suggestions);
}

static void do_ask(void *argument)
{
    struct asking *asking = argument;
    asking->status = ask(asking);
    if (asking->status == STATUS_OK) return;
    if (asking->slot->reader != NULL)
        (void)snprintf(asking->fault.text, sizeof asking->fault.text, "%s",
                       search_reader_fault(asking->slot->reader));
    search_reader_destroy(&asking->slot->reader);
}

/* ---- on the loop ---- */

/* An index that has taken the place of the one that was asked is not to blame. */
static enum status judge(struct catalog_search *search, const struct asking *asking)
{
    if (asking->status == STATUS_OK) return STATUS_OK;
    log_warning("search_not_answered", LOG_STATUS(asking->status),
                LOG_STRING("why", asking->fault.text));
    if (asking->status != STATUS_CORRUPT && asking->status != STATUS_NOT_FOUND)
        return STATUS_UNAVAILABLE;
    if (asking->now.epoch == search->epoch) catalog_search_break(search, "it cannot be read");
    return STATUS_SEARCH_IS_BUILDING;
}

static enum status ask_on_thread(struct request *request, struct catalog_search *search,
                                 struct asking *asking)
{
    size_t place;
    TRY(turnstile_enter(search->turnstile, request, &place));
    struct catalog_rules *rules = search->rules;
    if (rules != NULL) rules->users++;
    asking->search = search;
    asking->arena = request_arena(request);
    asking->slot = &search->slots[place];
    asking->rules = rules;
    asking->now = (struct catalog_search_slot){ .epoch = search->epoch,
                                                .commits = search->commits,
                                                .rules = rules == NULL ? 0 : rules->number };
    const enum status status = turnstile_work(search->turnstile, place, do_ask, asking);
    if (rules != NULL) catalog_rules_release(&rules);
    turnstile_leave(search->turnstile, place);
    TRY(status);
    return judge(search, asking);
}

enum status catalog_search_find(struct request *request, struct catalog_search *search,
                                const struct search_query *query, struct search_result *ret_result)
{
    struct asking *asking = arena_allocate(request_arena(request), sizeof *asking);
    asking->query = query;
    asking->result = ret_result;
    return ask_on_thread(request, search, asking);
}

enum status catalog_search_suggest(struct request *request, struct catalog_search *search,
                                   const struct search_query *query,
                                   struct search_suggestions *ret_found)
{
    struct asking *asking = arena_allocate(request_arena(request), sizeof *asking);
    asking->query = query;
    asking->suggestions = ret_found;
    return ask_on_thread(request, search, asking);
}
