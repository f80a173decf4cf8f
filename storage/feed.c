/* Reads the outbox per shard and keeps the cursors of consumers. */
#include "storage/feed.h"

#include "messages/values.h"

/* The shards are read in the order in which they are asked for, so that the caller can rotate them.
 */
static const struct statement feed_load_events = {
    .name = "feed_load_events",
    .sql = "SELECT e.shard, e.seq, e.msg_id, e.key, e.number, e.at, e.body "
           "FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS c (shard, seq, position) "
           "CROSS JOIN LATERAL (SELECT o.shard, o.seq, o.msg_id, o.key, o.number, o.at, o.body "
           "FROM host.outbox o WHERE o.shard = c.shard AND o.seq > c.seq "
           "ORDER BY o.seq LIMIT $3) e ORDER BY c.position, e.seq LIMIT $3",
};

static const struct statement feed_load_cursors = {
    .name = "feed_load_cursors",
    .sql = "SELECT shard, seq FROM host.cursor WHERE source = $1 AND shard BETWEEN $2 AND $3",
};

/* A missing row counts as 0. */
static const struct statement feed_update_cursor = {
    .name = "feed_update_cursor",
    .sql = "WITH moved AS (INSERT INTO host.cursor AS c (source, shard, seq) "
           "SELECT $1, $2, $4 WHERE $3 = 0 OR EXISTS (SELECT 1 FROM host.cursor k "
           "WHERE k.source = $1 AND k.shard = $2) "
           "ON CONFLICT (source, shard) DO UPDATE SET seq = EXCLUDED.seq WHERE c.seq = $3 "
           "RETURNING 1) SELECT host.require_one(count(*)) FROM moved",
};

enum status feed_read(struct database *database, struct arena *arena, const unsigned *shards,
                      const uint64_t *after, size_t shards_count, size_t max, int64_t deadline_us,
                      struct feed_event *ret_events, size_t *ret_count)
{
    assert(shards_count <= SHARD_COUNT);
    assert(max <= FEED_EVENTS_MAX);
    int16_t wanted[SHARD_COUNT];
    int64_t cursors[SHARD_COUNT];
    struct store_params params = { .count = 0 };
    struct rows rows;
    for (size_t i = 0; i < shards_count; i++) {
        wanted[i] = (int16_t)shards[i];
        cursors[i] = (int64_t)after[i];
    }
    param_small_array(&params, arena, wanted, shards_count);
    param_int_array(&params, arena, cursors, shards_count);
    param_int(&params, arena, (int64_t)max);
    TRY(query_run(database, arena, &feed_load_events, &params, deadline_us, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct feed_event *event = &ret_events[i];
        event->shard = (unsigned)row_int(&row);
        event->sequence = (uint64_t)row_int(&row);
        event->msg_id = row_uuid(&row);
        event->key = row_uuid(&row);
        event->number = (uint16_t)row_int(&row);
        event->at_us = row_int(&row);
        event->body = row_bytes(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status feed_cursors(struct database *database, struct arena *arena, const char *source,
                         unsigned first, unsigned last, int64_t deadline_us, uint64_t ret_after[64])
{
    assert(first <= last);
    assert(last < SHARD_COUNT);
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_text(&params, arena, text_of(source));
    param_small(&params, arena, (int16_t)first);
    param_small(&params, arena, (int16_t)last);
    TRY(query_run(database, arena, &feed_load_cursors, &params, deadline_us, &rows));
    for (unsigned shard = first; shard <= last; shard++)
        ret_after[shard] = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const int64_t shard = row_int(&row);
        ret_after[shard] = (uint64_t)row_int(&row);
    }
    return STATUS_OK;
}

void feed_move_cursor(struct unit *unit, struct arena *arena, const char *source, unsigned shard,
                      uint64_t from, uint64_t to)
{
    assert(from < to);
    struct store_params *params = unit_write(unit, &feed_update_cursor);
    param_text(params, arena, text_of(source));
    param_small(params, arena, (int16_t)shard);
    param_int(params, arena, (int64_t)from);
    param_int(params, arena, (int64_t)to);
}
