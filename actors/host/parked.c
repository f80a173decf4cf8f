/* What operators see of events that were set aside, and what they may do about them. */
#include "actors/host/parked.h"

#include <string.h>

#include "actors/host/consumer_unit.h"
#include "messages/codec_msgpack.h"

static struct host_parked_event describe(struct arena *arena, const struct parked_row *row)
{
    return (struct host_parked_event){
        .event =
            text_format(arena, "%.*s/%u/%llu", (int)row->name.source.length, row->name.source.data,
                        row->name.shard, (unsigned long long)row->name.sequence),
        .kind = row->kind,
        .reason = row->reason,
        .attempts = row->attempts,
        .shard = row->name.shard,
        .published_at_us = row->published_us,
        .failed_at_us = row->failed_us,
        .parked_at_us = row->parked_us,
    };
}

enum status parked_answer_list(struct hosted *hosted, struct arena *arena, struct text body,
                               int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    assert(ret_body != NULL);
    const struct parked_row *rows;
    size_t count;
    (void)body; /* says nothing */
    TRY(parked_list(hosted->database, arena, PARKED_LISTED_MAX + 1, deadline_us, &rows, &count));
    struct host_parked_events reply = { .has_more = count > PARKED_LISTED_MAX };
    reply.events_count = reply.has_more ? PARKED_LISTED_MAX : count;
    struct host_parked_event *events =
        arena_allocate_array(arena, reply.events_count, sizeof *events);
    for (size_t i = 0; i < reply.events_count; i++)
        events[i] = describe(arena, &rows[i]);
    reply.events = events;
    return msgpack_encode(&host_parked_events_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}

/* "order/12/345". */
static bool parse_name(struct text text, struct parked_name *ret_name)
{
    int64_t shard, sequence;
    const char *first = memchr(text.data, '/', text.length);
    if (first == NULL) return false;
    const size_t source_length = (size_t)(first - text.data);
    const struct text rest = { first + 1, text.length - source_length - 1 };
    const char *second = memchr(rest.data, '/', rest.length);
    if (second == NULL) return false;
    const size_t shard_length = (size_t)(second - rest.data);
    const struct text last = { second + 1, rest.length - shard_length - 1 };
    if (text_parse_int((struct text){ rest.data, shard_length }, &shard) != STATUS_OK ||
        text_parse_int(last, &sequence) != STATUS_OK)
        return false;
    if (shard < 0 || shard >= SHARD_COUNT || sequence < 1) return false;
    *ret_name = (struct parked_name){ .source = { text.data, source_length },
                                      .shard = (unsigned)shard,
                                      .sequence = (uint64_t)sequence };
    return true;
}

struct failing {
    const struct parked_name *name;
    enum status why;
};

static void add_failure(struct unit *unit, struct arena *arena, void *context)
{
    const struct failing *failing = context;
    parked_fail(unit, arena, failing->name, text_of(status_name(failing->why)));
}

static void add_removal(struct unit *unit, struct arena *arena, void *context)
{
    parked_remove(unit, arena, context);
}

/* Somebody else may have been quicker; then there is nothing left to do. */
static enum status discard(struct hosted *hosted, struct parked_name *name)
{
    const enum status status = consumer_commit(hosted, name->shard, add_removal, name);
    return status == STATUS_CONFLICT ? STATUS_NOT_FOUND : status;
}

static enum status replay(struct hosted *hosted, enum domain source, const struct parked_row *row)
{
    struct failing failing = { .name = &row->name };
    failing.why = consumer_replay(hosted, source, row);
    if (failing.why == STATUS_OK || status_is_outage(failing.why)) return failing.why;
    (void)!consumer_commit(hosted, row->name.shard, add_failure, &failing);
    return failing.why;
}

enum status parked_settle(struct hosted *hosted, struct arena *arena, struct parked_name *name,
                          enum host_parked_fate fate, int64_t deadline_us, bool *ret_found)
{
    struct parked_row row = { .number = 0 };
    enum domain source;
    *ret_found = false;
    if (!domain_find(name->source.data, name->source.length, &source)) return STATUS_NOT_FOUND;
    if (!database_owns(hosted->database, name->shard)) return STATUS_MOVED;
    TRY(parked_find(hosted->database, arena, name, deadline_us, &row));
    *ret_found = true;
    const bool is_replay = fate == HOST_PARKED_FATE_REPLAY;
    const enum status status = is_replay ? replay(hosted, source, &row) : discard(hosted, name);
    log_info(is_replay ? "parked_event_replayed" : "parked_event_discarded",
             LOG_TEXT("source", name->source), LOG_INT("shard", name->shard),
             LOG_INT("sequence", name->sequence), LOG_TEXT("kind", row.kind), LOG_STATUS(status));
    return status;
}

enum status parked_answer_settle(struct hosted *hosted, struct arena *arena, struct text body,
                                 int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    struct host_settle_parked_event command;
    struct parked_name name;
    bool is_found;
    (void)ret_body; /* there is nothing to say */
    TRY(msgpack_decode(&host_settle_parked_event_schema, body, arena, &command));
    if (!parse_name(command.event, &name)) return STATUS_NOT_FOUND;
    return parked_settle(hosted, arena, &name, command.fate, deadline_us, &is_found);
}
