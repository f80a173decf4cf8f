/* Follows the catalogue's events for the index of this node: what they name is collected for
 * whoever writes, and what nobody may see any more is left out of answers at once. */
#include "actors/catalog/catalog_search.h"

#include <stdio.h>
#include <string.h>

#include "actors/catalog/catalog_unfound.h"
#include "messages/codec_msgpack.h"
#include "runtime/log.h"
#include "storage/feed.h"

enum {
    ARENA_BYTES = 64 * 1024,
    READS_MAX = 64, /* in one call, while there is more */
    LOOK_EVERY_US = 1000 * 1000,
    SPEAK_EVERY_US = 10 * 1000 * 1000,
    RULES_EVERY_US = 60 * 1000 * 1000, /* without an event that says so */
    READER_NAME_MAX = 64,
};

static bool is_time(const struct catalog_search *search, int64_t *then_us, int64_t every_us)
{
    const int64_t now_us = service_now_us(search->service);
    if (*then_us != 0 && now_us - *then_us < every_us) return false;
    *then_us = now_us;
    return true;
}

/* ---- what events name ---- */

static void put(struct catalog_id_map *map, struct uuid id, int64_t value)
{
    const bool has_room = catalog_id_map_put(map, id, value);
    assert(has_room); /* has_room() has looked before anything was read */
}

static void name_product(struct catalog_search *search, struct uuid id, bool is_visible)
{
    struct catalog_target *targets[] = { &search->current, &search->next };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        if (targets[i]->is_fed) put(&targets[i]->waiting.products, id, !is_visible);
    }
    if (!is_visible) put(&search->hidden, id, CATALOG_SEARCH_FOR_NOW);
}

/* For the index in use there is time: what sells, sells again soon. */
static void name_sold(struct catalog_search *search, struct uuid id)
{
    int64_t unused;
    if (search->next.is_fed && !catalog_id_map_find(&search->next.waiting.products, id, &unused))
        put(&search->next.waiting.products, id, 0);
    if (!search->current.is_fed) return;
    if (search->current.sold.count == 0) search->current.sold_us = service_now_us(search->service);
    put(&search->current.sold, id, 0);
}

static void name_vendor(struct catalog_search *search, struct uuid id, bool is_open)
{
    struct catalog_target *targets[] = { &search->current, &search->next };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        if (targets[i]->is_fed) put(&targets[i]->waiting.vendors, id, !is_open);
    }
    catalog_id_map_remove(&search->closed, id);
    if (!is_open) put(&search->closed, id, CATALOG_SEARCH_FOR_NOW);
}

static void name_category(struct catalog_search *search, struct uuid id)
{
    struct catalog_target *targets[] = { &search->current, &search->next };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        if (targets[i]->is_fed) put(&targets[i]->waiting.categories, id, 0);
    }
}

static bool has_room(const struct catalog_search *search)
{
    const struct catalog_id_map *maps[] = {
        &search->current.waiting.products,
        &search->current.sold,
        &search->current.waiting.vendors,
        &search->current.waiting.categories,
        &search->next.waiting.products,
        &search->next.waiting.vendors,
        &search->next.waiting.categories,
        &search->hidden,
        &search->closed,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(maps); i++) {
        if (maps[i]->count + FEED_EVENTS_MAX > maps[i]->max) return false;
    }
    return true;
}

/* ---- reading ---- */

/* One read of events, and what they name. */
struct look {
    struct arena *arena;
    unsigned shards[SHARD_COUNT];
    uint64_t after[SHARD_COUNT];
    struct feed_event events[FEED_EVENTS_MAX];
    size_t count;
    struct uuid ids[FEED_EVENTS_MAX]; /* of each event: the product or category */
    bool is_visible[FEED_EVENTS_MAX];
    bool is_only_sales[FEED_EVENTS_MAX];
    struct uuid vendors[FEED_EVENTS_MAX];
    bool is_open[FEED_EVENTS_MAX];
    size_t vendors_count;
};

static enum status read_events(const struct catalog_search *search, struct look *look)
{
    const int64_t numbers[] = { catalog_product_was_changed_message.number,
                                catalog_vendor_copy_was_changed_message.number,
                                catalog_category_was_changed_message.number,
                                catalog_search_rules_were_changed_message.number,
                                catalog_search_rebuild_was_wanted_message.number };
    for (unsigned i = 0; i < SHARD_COUNT; i++) {
        const unsigned shard = (search->turn + i) % SHARD_COUNT;
        look->shards[i] = shard;
        look->after[i] = search->seen[shard];
    }
    const struct feed_query query = { .shards = look->shards,
                                      .after = look->after,
                                      .shards_count = SHARD_COUNT,
                                      .numbers = numbers,
                                      .numbers_count = ARRAY_LENGTH(numbers),
                                      .max = FEED_EVENTS_MAX };
    return feed_read(service_database(search->service), look->arena, &query,
                     service_deadline_us(search->service), look->events, &look->count);
}

static enum status read_event(struct look *look, size_t i)
{
    const struct feed_event *event = &look->events[i];
    if (event->number == catalog_product_was_changed_message.number) {
        struct catalog_product_was_changed body;
        TRY(msgpack_decode(&catalog_product_was_changed_schema, event->body, look->arena, &body));
        look->ids[i] = body.product_id;
        look->is_visible[i] = body.is_visible;
        look->is_only_sales[i] = body.has_is_only_sales && body.is_only_sales;
    } else if (event->number == catalog_category_was_changed_message.number) {
        struct catalog_category_was_changed body;
        TRY(msgpack_decode(&catalog_category_was_changed_schema, event->body, look->arena, &body));
        look->ids[i] = body.category_id;
    } else if (event->number == catalog_vendor_copy_was_changed_message.number) {
        struct catalog_vendor_copy_was_changed body;
        TRY(msgpack_decode(&catalog_vendor_copy_was_changed_schema, event->body, look->arena,
                           &body));
        look->vendors[look->vendors_count++] = body.vendor_id;
    }
    return STATUS_OK;
}

/* True if no event is missing between those that were seen and these. */
static bool is_gapless(const struct catalog_search *search, const struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        const struct feed_event *event = &look->events[i];
        const bool is_first = i == 0 || look->events[i - 1].shard != event->shard;
        const uint64_t before =
            is_first ? search->seen[event->shard] : look->events[i - 1].sequence;
        if (event->sequence != before + 1) return false;
    }
    return true;
}

/* From here on nothing waits: the events are seen and named in one. */
static void name_all(struct catalog_search *search, const struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        const struct feed_event *event = &look->events[i];
        search->seen[event->shard] = event->sequence;
        if (event->number == catalog_product_was_changed_message.number)
            look->is_only_sales[i] ? name_sold(search, look->ids[i])
                                   : name_product(search, look->ids[i], look->is_visible[i]);
        if (event->number == catalog_category_was_changed_message.number)
            name_category(search, look->ids[i]);
        if (event->number == catalog_search_rules_were_changed_message.number)
            search->are_rules_stale = true;
        if (event->number != catalog_search_rebuild_was_wanted_message.number) continue;
        search->wants_rebuild = true;
        search->retry_us = 0;
    }
    for (size_t i = 0; i < look->vendors_count; i++)
        name_vendor(search, look->vendors[i], look->is_open[i]);
}

/* What comes of one read. */
enum outcome { AT_END, HAS_MORE, NOT_READ };

static bool may_read(const struct catalog_search *search)
{
    return search->has_cursors && !search->is_lost && has_room(search);
}

/* The ids of all events, and of vendors whether they are open. */
static bool read_all(const struct catalog_search *search, struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        const enum status status = read_event(look, i);
        if (status == STATUS_OK) continue;
        log_error("event_not_read", LOG_INT("number", look->events[i].number), LOG_STATUS(status));
        look->events[i].number = 0;
    }
    if (look->vendors_count == 0) return true;
    const struct catalog_search_source source = catalog_search_source(search, look->arena);
    return catalog_search_store_open(&source, look->vendors, look->vendors_count, look->is_open) ==
           STATUS_OK;
}

/* False when whoever writes has begun anew since the events were asked for. */
static bool is_still_there(const struct catalog_search *search, const struct look *look)
{
    bool is_same = may_read(search);
    for (size_t i = 0; i < SHARD_COUNT; i++)
        is_same = is_same && search->seen[look->shards[i]] == look->after[i];
    return is_same;
}

static enum outcome follow_once(struct catalog_search *search, struct arena *arena)
{
    struct look *look = arena_allocate(arena, sizeof *look);
    look->arena = arena;
    if (!may_read(search) || read_events(search, look) != STATUS_OK) return NOT_READ;
    if (look->count == 0) return is_still_there(search, look) ? AT_END : NOT_READ;
    if (service_fault_point(search->service, "read", "before") != STATUS_OK ||
        !read_all(search, look) || !is_still_there(search, look))
        return NOT_READ;
    search->is_lost = !is_gapless(search, look);
    if (!search->is_lost) name_all(search, look);
    search->turn = (search->turn + 1) % SHARD_COUNT;
    catalog_search_wake_writer(search);
    if (service_fault_point(search->service, "read", "after") != STATUS_OK || search->is_lost)
        return NOT_READ;
    return look->count == FEED_EVENTS_MAX ? HAS_MORE : AT_END;
}

/* ---- by the clock ---- */

/* Events are kept for this index while it says how far it is; and were they set back (an older copy
 * of the database), it has to begin anew. */
static void speak(struct catalog_search *search)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(ARENA_BYTES);
    char name[READER_NAME_MAX];
    struct feed_ends ends;
    uint64_t seen[SHARD_COUNT];
    const struct catalog_search_source source = catalog_search_source(search, arena);
    const int64_t real_us = service_real_us(search->service);
    const int64_t lost_us =
        real_us - config_duration_us(service_config(search->service), SETTING_EVENTS_READER_LOST);
    const struct catalog_target *slowest =
        search->current.is_fed ? &search->current : &search->next;
    if (!slowest->is_fed) return;
    const int length = snprintf(name, sizeof name, "search/%s", service_node(search->service));
    assert(length > 0 && (size_t)length < sizeof name);
    if (feed_reader_speak(source.database, arena, text_of(name), slowest->kept, real_us, lost_us,
                          source.deadline_us) == STATUS_OVERLOADED)
        log_warning("events_not_kept_for_search");
    memcpy(seen, search->seen, sizeof seen);
    if (!search->has_cursors ||
        feed_find_ends(source.database, arena, source.deadline_us, &ends) != STATUS_OK)
        return;
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        search->is_lost = search->is_lost || seen[shard] > ends.last[shard];
    if (search->is_lost) catalog_search_wake_writer(search);
}

void catalog_search_follow(struct catalog_search *search)
{
    enum outcome outcome = HAS_MORE;
    for (unsigned i = 0; i < READS_MAX && outcome == HAS_MORE; i++) {
        struct arena *arena = arena_new(ARENA_BYTES);
        if (!service_is_stopping(search->service)) outcome = follow_once(search, arena);
        arena_destroy(&arena);
    }
    search->is_behind = outcome != AT_END;
    /* An index that was found at the start is asked when it has heard of everything since then. */
    if (outcome == AT_END && search->current.is_fed) search->is_ready = true;
    if (search->are_rules_stale || is_time(search, &search->rules_us, RULES_EVERY_US))
        catalog_search_read_rules(search);
    if (is_time(search, &search->spoken_us, SPEAK_EVERY_US)) {
        speak(search);
        catalog_unfound_save(search->unfound, search->service);
    }
    if (search->is_ready && is_time(search, &search->looked_us, LOOK_EVERY_US) &&
        !catalog_search_is_in_place(search))
        catalog_search_break(search, "its files are gone");
}
