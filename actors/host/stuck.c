/* Gathers rows of two kinds, sorts them, and takes ids apart again. */
#include "actors/host/stuck.h"

#include <stdlib.h>
#include <string.h>

#include "actors/host/late_sagas.h"
#include "actors/host/parked.h"
#include "actors/host/saga_process.h"
#include "actors/host/saga_resume.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "storage/saga_store.h"

enum { SAGAS_MAX = 200, ITEMS_MAX = PARKED_LISTED_MAX + SAGAS_MAX, PARTS = 5 };

struct gathering {
    struct hosted *hosted;
    struct arena *arena;
    int64_t deadline_us;
    const struct host_list_stuck *query;
    struct common_stuck_item *items;
    size_t count;
};

/* ---- list ---- */

static const char *own_name(const struct gathering *all)
{
    return domain_name(all->hosted->definition->dispatch->domain);
}

static struct common_stuck_item of_event(const struct gathering *all, const struct parked_row *row)
{
    const struct parked_name *name = &row->name;
    struct arena *arena = all->arena;
    return (struct common_stuck_item){
        .id = text_format(arena, "event_parked.%s.%u.%.*s.%llu", own_name(all), name->shard,
                          (int)name->source.length, name->source.data,
                          (unsigned long long)name->sequence),
        .cause = COMMON_STUCK_CAUSE_EVENT_PARKED,
        .subject = text_format(arena, "%.*s/%u/%llu", (int)name->source.length, name->source.data,
                               name->shard, (unsigned long long)name->sequence),
        .detail = text_format(arena, "%s cannot consume %.*s: %.*s, %lld times", own_name(all),
                              (int)row->kind.length, row->kind.data, (int)row->reason.length,
                              row->reason.data, (long long)row->attempts),
        .since_us = row->parked_us,
    };
}

static struct text saga_detail(const struct gathering *all, const struct saga_row *row)
{
    const struct saga_process *process = saga_process_find(all->hosted, row->id);
    const char *where = row->direction == 1 ? "being undone"
                        : row->point == 1   ? "past its pivot"
                                            : "before its pivot";
    if (process == NULL)
        return text_format(all->arena, "%.*s of %s, %s: nothing runs it on the node that was asked",
                           (int)row->kind.length, row->kind.data, own_name(all), where);
    if (process->stuck_step == NULL)
        return text_format(all->arena, "%.*s of %s, %s", (int)row->kind.length, row->kind.data,
                           own_name(all), where);
    return text_format(all->arena, "%.*s of %s, %s: %s fails with %s", (int)row->kind.length,
                       row->kind.data, own_name(all), where, process->stuck_step->name,
                       status_name(process->stuck_status));
}

static struct common_stuck_item of_saga(const struct gathering *all, const struct saga_row *row)
{
    const struct text id = late_sagas_id_text(all->arena, row->id);
    return (struct common_stuck_item){
        .id = text_format(all->arena, "process_late.%s.%u.%.*s", own_name(all), row->shard,
                          (int)id.length, id.data),
        .cause = COMMON_STUCK_CAUSE_PROCESS_LATE,
        .subject = id,
        .detail = saga_detail(all, row),
        .since_us = row->deadline_us,
    };
}

static int compare(const void *left, const void *right)
{
    const struct common_stuck_item *a = left, *b = right;
    if (a->since_us != b->since_us) return a->since_us < b->since_us ? -1 : 1;
    return text_compare(a->id, b->id);
}

static void add(struct gathering *all, const struct common_stuck_item *item)
{
    const struct host_list_stuck *query = all->query;
    const struct common_stuck_item place = { .since_us = query->after_since_us,
                                             .id = query->after_id };
    if (query->has_cause && query->cause != item->cause) return;
    if (query->after_id.length > 0 && compare(item, &place) <= 0) return;
    assert(all->count < ITEMS_MAX);
    all->items[all->count++] = *item;
}

static enum status gather(struct gathering *all)
{
    struct database *database = all->hosted->database;
    const int64_t market_us = loop_market_us(all->hosted->host->loop);
    const struct parked_row *events;
    const struct saga_row *sagas;
    size_t count;
    TRY(parked_list(database, all->arena, PARKED_LISTED_MAX, all->deadline_us, &events, &count));
    for (size_t i = 0; i < count; i++) {
        const struct common_stuck_item item = of_event(all, &events[i]);
        add(all, &item);
    }
    TRY(saga_store_late(database, all->arena, market_us, SAGAS_MAX, all->deadline_us, &sagas,
                        &count));
    for (size_t i = 0; i < count; i++) {
        const struct common_stuck_item item = of_saga(all, &sagas[i]);
        add(all, &item);
    }
    return STATUS_OK;
}

enum status stuck_answer_list(struct hosted *hosted, struct arena *arena, struct text body,
                              int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(ret_body != NULL);
    struct host_list_stuck query;
    TRY(msgpack_decode(&host_list_stuck_schema, body, arena, &query));
    struct gathering all = {
        .hosted = hosted, .arena = arena, .deadline_us = deadline_us, .query = &query
    };
    all.items = arena_allocate_array(arena, ITEMS_MAX, sizeof *all.items);
    TRY(gather(&all));
    if (all.count > 0) qsort(all.items, all.count, sizeof *all.items, compare);
    const size_t most = (size_t)query.limit;
    const struct common_stuck_items reply = { .items = all.items,
                                              .items_count = all.count < most ? all.count : most };
    return msgpack_encode(&common_stuck_items_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}

/* ---- settle ---- */

/* "a.b.c" in at most PARTS parts; 0: there are more. */
static size_t split(struct text text, struct text parts[PARTS])
{
    size_t count = 0;
    while (count < PARTS) {
        const char *dot = memchr(text.data, '.', text.length);
        parts[count++] =
            (struct text){ text.data, dot == NULL ? text.length : (size_t)(dot - text.data) };
        if (dot == NULL) return count;
        const size_t taken = parts[count - 1].length + 1;
        text = (struct text){ text.data + taken, text.length - taken };
    }
    return 0;
}

static bool read_number(struct text text, int64_t most, int64_t *ret_number)
{
    return text_parse_int(text, ret_number) == STATUS_OK && *ret_number >= 0 && *ret_number <= most;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_id(struct text text, struct uuid *ret_id)
{
    if (text.length != 2 * sizeof ret_id->bytes) return false;
    for (size_t i = 0; i < sizeof ret_id->bytes; i++) {
        const int high = digit_of(text.data[2 * i]), low = digit_of(text.data[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        ret_id->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* OK when the item is known; ret_status says what has become of it. */
static enum status settle_event(struct hosted *hosted, struct arena *arena,
                                const struct text parts[], enum host_parked_fate fate,
                                int64_t deadline_us, enum status *ret_status)
{
    int64_t shard, sequence;
    bool is_found;
    if (!read_number(parts[2], SHARD_COUNT - 1, &shard) ||
        !read_number(parts[4], INT64_MAX, &sequence))
        return STATUS_NOT_FOUND;
    struct parked_name name = { .source = parts[3],
                                .shard = (unsigned)shard,
                                .sequence = (uint64_t)sequence };
    *ret_status = parked_settle(hosted, arena, &name, fate, deadline_us, &is_found);
    return is_found ? STATUS_OK : *ret_status;
}

static enum status settle_saga(struct hosted *hosted, struct arena *arena,
                               const struct text parts[], enum host_parked_fate fate,
                               int64_t deadline_us, enum status *ret_status)
{
    struct uuid id;
    int64_t shard;
    if (fate != HOST_PARKED_FATE_REPLAY || !read_number(parts[2], SHARD_COUNT - 1, &shard) ||
        !read_id(parts[3], &id))
        return STATUS_NOT_FOUND;
    if (!database_owns(hosted->database, (unsigned)shard)) return STATUS_MOVED;
    *ret_status = saga_resume_one(hosted, arena, id, deadline_us);
    return *ret_status == STATUS_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_OK;
}

enum status stuck_answer_settle(struct hosted *hosted, struct arena *arena, struct text body,
                                int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    struct host_settle_stuck command;
    struct text parts[PARTS];
    enum status outcome = STATUS_OK;
    TRY(msgpack_decode(&host_settle_stuck_schema, body, arena, &command));
    const size_t count = split(command.item, parts);
    if (count == 5 && text_equals(parts[0], TEXT("event_parked")))
        TRY(settle_event(hosted, arena, parts, command.fate, deadline_us, &outcome));
    else if (count == 4 && text_equals(parts[0], TEXT("process_late")))
        TRY(settle_saga(hosted, arena, parts, command.fate, deadline_us, &outcome));
    else
        return STATUS_NOT_FOUND;
    if (status_is_outage(outcome)) return outcome;
    const struct host_stuck_settled reply = { .is_settled = outcome == STATUS_OK,
                                              .has_reason = outcome != STATUS_OK,
                                              .reason = text_of(status_name(outcome)) };
    return msgpack_encode(&host_stuck_settled_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
