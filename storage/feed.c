/* Reads the outbox per shard, keeps the cursors of consumers, knows named readers. */
#include "storage/feed.h"

#include "messages/values.h"
#include "storage/query.h"

/* The shards are read in the order in which they are asked for, so that the caller can rotate them.
 */
static const struct statement feed_load_events = {
    .name = "feed_load_events",
    .sql = "SELECT e.shard, e.seq, e.msg_id, e.key, e.number, e.at, "
           "CASE WHEN e.number = ANY ($4) THEN e.body ELSE '' END "
           "FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS c (shard, seq, position) "
           "CROSS JOIN LATERAL (SELECT o.shard, o.seq, o.msg_id, o.key, o.number, o.at, o.body "
           "FROM host.outbox o WHERE o.shard = c.shard AND o.seq > c.seq "
           "ORDER BY o.seq LIMIT $3) e ORDER BY c.position, e.seq LIMIT $3",
};

/* Rows that are missing are made, so that moving them is nothing but an UPDATE. */
static const struct statement feed_load_cursors = {
    .name = "feed_load_cursors",
    .sql = "WITH made AS (INSERT INTO host.cursor (source, shard, seq) "
           "SELECT $1, s, 0 FROM generate_series($2::integer, $3::integer) s "
           "WHERE NOT EXISTS (SELECT 1 FROM host.cursor k WHERE k.source = $1 AND k.shard = s) "
           "ON CONFLICT DO NOTHING) "
           "SELECT shard, seq FROM host.cursor WHERE source = $1 AND shard BETWEEN $2 AND $3",
};

static const struct statement feed_update_cursors = {
    .name = "feed_update_cursors",
    .sql = "WITH moved AS (UPDATE host.cursor c SET seq = m.reached "
           "FROM unnest($2::smallint[], $3::bigint[], $4::bigint[]) AS m (shard, before, reached) "
           "WHERE c.source = $1 AND c.shard = m.shard AND c.seq = m.before RETURNING 1) "
           "SELECT host.require_count(count(*), $5) FROM moved",
};

/* Of each shard only the head is looked at, so that a call is short however long the outbox is. */
static const struct statement feed_delete_events = {
    .name = "feed_delete_events",
    .sql = "WITH passed AS (SELECT u.shard, least(u.seq, "
           "(SELECT min(r.seqs[u.shard + 1]) FROM host.reader r WHERE r.heard_at >= $5)) AS seq "
           "FROM unnest($1::smallint[], $2::bigint[]) AS u (shard, seq)), "
           "old AS (SELECT h.shard, h.seq FROM passed c "
           "CROSS JOIN LATERAL (SELECT o.shard, o.seq, o.at FROM host.outbox o "
           "WHERE o.shard = c.shard AND o.seq <= c.seq ORDER BY o.seq LIMIT $4) h "
           "WHERE h.at < $3 LIMIT $4), "
           "gone AS (DELETE FROM host.outbox o USING old WHERE o.shard = old.shard "
           "AND o.seq = old.seq RETURNING 1) SELECT count(*) FROM gone",
};

enum status feed_read(struct database *database, struct arena *arena,
                      const struct feed_query *query, int64_t deadline_us,
                      struct feed_event *ret_events, size_t *ret_count)
{
    assert(query->shards_count <= SHARD_COUNT);
    assert(query->max <= FEED_EVENTS_MAX);
    int16_t wanted[SHARD_COUNT];
    int64_t cursors[SHARD_COUNT];
    struct store_params params = { .count = 0 };
    struct rows rows;
    for (size_t i = 0; i < query->shards_count; i++) {
        wanted[i] = (int16_t)query->shards[i];
        cursors[i] = (int64_t)query->after[i];
    }
    param_small_array(&params, arena, wanted, query->shards_count);
    param_int_array(&params, arena, cursors, query->shards_count);
    param_int(&params, arena, (int64_t)query->max);
    param_int_array(&params, arena, query->numbers, query->numbers_count);
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

void feed_move_cursors(struct unit *unit, struct arena *arena, const char *source,
                       const struct feed_move *moves, size_t count)
{
    assert(count >= 1 && count <= SHARD_COUNT);
    int16_t shards[SHARD_COUNT];
    int64_t from[SHARD_COUNT], to[SHARD_COUNT];
    for (size_t i = 0; i < count; i++) {
        assert(moves[i].from < moves[i].to);
        shards[i] = (int16_t)moves[i].shard;
        from[i] = (int64_t)moves[i].from;
        to[i] = (int64_t)moves[i].to;
    }
    struct store_params *params = unit_write(unit, &feed_update_cursors);
    param_text(params, arena, text_of(source));
    param_small_array(params, arena, shards, count);
    param_int_array(params, arena, from, count);
    param_int_array(params, arena, to, count);
    param_int(params, arena, (int64_t)count);
}

/* ---- named readers ---- */

static const struct statement feed_load_ends = {
    .name = "feed_load_ends",
    .sql = "SELECT f.shard, f.next_seq - 1, coalesce((SELECT o.seq FROM host.outbox o "
           "WHERE o.shard = f.shard ORDER BY o.seq LIMIT 1), f.next_seq) - 1 "
           "FROM host.shard_fence f",
};

enum status feed_find_ends(struct database *database, struct arena *arena, int64_t deadline_us,
                           struct feed_ends *ret_ends)
{
    struct rows rows;
    const struct store_params none = { .count = 0 };
    TRY(query_run(database, arena, &feed_load_ends, &none, deadline_us, &rows));
    *ret_ends = (struct feed_ends){ .last = { 0 } };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const int64_t shard = row_int(&row);
        ret_ends->last[shard] = (uint64_t)row_int(&row);
        ret_ends->forgotten[shard] = (uint64_t)row_int(&row);
    }
    return STATUS_OK;
}

bool feed_is_lost(const struct feed_ends *ends, unsigned shard, uint64_t after)
{
    assert(shard < SHARD_COUNT);
    return after < ends->forgotten[shard] || after > ends->last[shard];
}

/* Those that were lost are gone by the next call, for which there is room then. */
static const struct statement feed_save_reader = {
    .name = "feed_save_reader",
    .sql = "WITH lost AS (DELETE FROM host.reader r WHERE r.heard_at < $4 AND r.name <> $1), "
           "kept AS (INSERT INTO host.reader AS k (name, seqs, heard_at) SELECT $1, $2, $3 "
           "WHERE (SELECT count(*) FROM host.reader r WHERE r.name <> $1) < $5 "
           "ON CONFLICT (name) DO UPDATE SET seqs = excluded.seqs, heard_at = excluded.heard_at "
           "RETURNING 1) SELECT count(*) FROM kept",
};

enum status feed_reader_speak(struct database *database, struct arena *arena, struct text name,
                              const uint64_t after[64], int64_t now_us, int64_t lost_us,
                              int64_t deadline_us)
{
    assert(name.length >= 1);
    assert(name.length <= FEED_READER_NAME_MAX);
    int64_t seqs[SHARD_COUNT];
    struct store_params params = { .count = 0 };
    struct rows rows;
    for (size_t shard = 0; shard < SHARD_COUNT; shard++)
        seqs[shard] = (int64_t)after[shard];
    param_text(&params, arena, name);
    param_int_array(&params, arena, seqs, SHARD_COUNT);
    param_int(&params, arena, now_us);
    param_int(&params, arena, lost_us);
    param_int(&params, arena, FEED_READERS_MAX);
    TRY(query_run(database, arena, &feed_save_reader, &params, deadline_us, &rows));
    struct row row = rows_at(&rows, 0);
    return row_int(&row) == 1 ? STATUS_OK : STATUS_OVERLOADED;
}

/* ---- forgetting ---- */

enum status feed_trim(struct database *database, const struct feed_trimming *trimming,
                      int64_t deadline_us, int64_t *ret_deleted)
{
    assert(trimming->count <= SHARD_COUNT);
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    int16_t wanted[SHARD_COUNT];
    int64_t last[SHARD_COUNT];
    struct store_params params = { .count = 0 };
    struct rows rows;
    for (size_t i = 0; i < trimming->count; i++) {
        wanted[i] = (int16_t)trimming->shards[i];
        last[i] = (int64_t)trimming->through[i];
    }
    param_small_array(&params, arena, wanted, trimming->count);
    param_int_array(&params, arena, last, trimming->count);
    param_int(&params, arena, trimming->before_us);
    param_int(&params, arena, FEED_TRIMMED_MAX);
    param_int(&params, arena, trimming->lost_us);
    TRY(query_run(database, arena, &feed_delete_events, &params, deadline_us, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_deleted = row_int(&row);
    return STATUS_OK;
}
