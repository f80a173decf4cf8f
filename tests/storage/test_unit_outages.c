/* Units over a real PostgreSQL that cannot do them at the moment: somebody else holds a lock, or
 * the disk is full. */
#include <stdio.h>

#include "storage/query.h"
#include "tests/storage/storage_world.h"
#include "tests/support/cmocka.h"

static const uint8_t some_key[32] = { 1 };
static const uint8_t some_fingerprint[16] = { 2 };

#define GAPS_SQL                                                                                   \
    "SELECT count(*) FROM (SELECT shard, seq - row_number() OVER (PARTITION BY shard ORDER BY "    \
    "seq) AS gap FROM host.outbox) o WHERE gap <> 0"

/* ---- locks of others ---- */

static void lock_account(const struct world *world, const struct worker *maker)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "BEGIN; SELECT 1 FROM sample.account WHERE id = 'bb%02x0000-"
                   "0000-0000-0000-000000000000' FOR UPDATE",
                   maker->account.bytes[1]);
    (void)scratch_sql(world->scratch, "sample", sql);
}

/* Its fiber ends what holds the lock, some time after the others have met it. */
static void write_after_the_lock(struct worker *worker, struct unit *unit)
{
    assert_int_equal(fiber_sleep(worker->world->fibers, 300000), STATUS_OK);
    (void)scratch_sql(worker->world->scratch, "sample", "COMMIT");
    write_insert_account(worker, unit);
}

static void row_that_is_locked_holds_up_nobody_else(void **state)
{
    struct world *world = *state;
    struct worker *maker = world_worker(world, write_insert_account);
    world_work(world);
    lock_account(world, maker);
    struct worker *locked = world_worker(world, write_bump_account);
    locked->account = maker->account;
    locked->patience_us = 1000000;
    struct worker *others[20];
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        others[i] = world_worker(world, write_insert_account);

    world_work(world);
    (void)scratch_sql(world->scratch, "sample", "ROLLBACK");

    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        assert_int_equal(others[i]->status, STATUS_OK);
        assert_true(others[i]->order < locked->order);
    }
    assert_int_equal(locked->status, STATUS_UNAVAILABLE);
    assert_int_equal(world_number(world, "SELECT max(version) FROM sample.account"), 1);
}

static void units_behind_a_lock_commit_in_their_order_when_it_goes(void **state)
{
    struct world *world = *state;
    struct worker *maker = world_worker(world, write_insert_account);
    world_work(world);
    lock_account(world, maker);
    struct worker *bumps[3];
    for (size_t i = 0; i < ARRAY_LENGTH(bumps); i++) {
        bumps[i] = world_worker(world, write_bump_account);
        bumps[i]->account = bumps[i]->key = maker->account;
        bumps[i]->version = 1 + (int64_t)i; /* each rests on the one before */
        bumps[i]->events = 1;
    }
    struct worker *opener = world_worker(world, write_after_the_lock);

    world_work(world);

    assert_int_equal(opener->status, STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(bumps); i++)
        assert_int_equal(bumps[i]->status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT max(version) FROM sample.account"), 4);
    assert_int_equal(world_number(world, GAPS_SQL), 0);
}

static void table_that_is_locked_is_an_outage(void **state)
{
    struct world *world = *state;
    const char *lock = "BEGIN; LOCK TABLE sample.account IN ACCESS EXCLUSIVE MODE";
    (void)scratch_sql(world->scratch, "sample", lock);
    /* None of its statements is prepared yet: that needs the lock, too. */
    struct worker *impatient = world_worker(world, write_insert_account);
    impatient->patience_us = 200000;
    world_work(world);
    struct worker *patient = world_worker(world, write_insert_account);
    struct worker *opener = world_worker(world, write_after_the_lock);
    world_work(world);

    assert_int_equal(impatient->status, STATUS_UNAVAILABLE);
    assert_int_equal(patient->status, STATUS_OK);
    assert_int_equal(opener->status, STATUS_OK);
}

/* ---- a server that cannot ---- */

static void write_on_a_full_disk(struct worker *worker, struct unit *unit)
{
    static const struct statement on_a_full_disk = { .name = "on_a_full_disk",
                                                     .sql = "SELECT sample.fill_disk($1)" };
    write_insert_account(worker, unit);
    unit_idempotency_answer(unit, some_key, some_fingerprint, true, &worker->answer);
    param_int(unit_write(unit, &on_a_full_disk), worker->arena, 1);
}

static void write_with_room(struct worker *worker, struct unit *unit)
{
    write_insert_account(worker, unit);
    unit_idempotency_answer(unit, some_key, some_fingerprint, true, &worker->answer);
}

static void full_disk_is_an_outage_that_keeps_nothing_under_the_key(void **state)
{
    struct world *world = *state;
    (void)scratch_sql(world->scratch, "sample",
                      "CREATE FUNCTION sample.fill_disk(bigint) RETURNS bigint LANGUAGE plpgsql AS "
                      "$$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$");
    struct worker *refused = world_worker(world, write_on_a_full_disk);
    struct worker *other = world_worker(world, write_insert_account);
    world_work(world);
    struct worker *again = world_worker(world, write_with_room);
    world_work(world);

    assert_int_equal(refused->status, STATUS_UNAVAILABLE);
    assert_int_equal(other->status, STATUS_OK);
    assert_int_equal(again->status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 2);
}

/* ---- a server that is silent ---- */

static bool comes_to_answer(struct world *world, bool wanted)
{
    for (int i = 0; i < 400 && database_is_answering(world->database) != wanted; i++)
        if (fiber_sleep(world->fibers, 50000) != STATUS_OK) return false;
    return database_is_answering(world->database) == wanted;
}

static void let_role_in(const struct world *world, bool may_log_in)
{
    char sql[300];
    const char *prefix = scratch_prefix(world->scratch);
    (void)snprintf(sql, sizeof sql,
                   "ALTER ROLE %s_sample %s; SELECT count(pg_terminate_backend(pid)) FROM "
                   "pg_stat_activity WHERE usename = '%s_sample'",
                   prefix, may_log_in ? "LOGIN" : "NOLOGIN", prefix);
    (void)scratch_sql(world->scratch, "sample", sql);
}

static void story_silence(struct world *world)
{
    assert_true(comes_to_answer(world, true));
    let_role_in(world, false);
    assert_true(comes_to_answer(world, false));
    let_role_in(world, true);
    assert_true(comes_to_answer(world, true));
}

static void database_that_is_away_is_known_not_to_answer(void **state)
{
    world_run(*state, story_silence);
}

static bool comes_to_take_writes(struct world *world, bool wanted)
{
    for (int i = 0; i < 400 && database_is_writable(world->database) != wanted; i++)
        if (fiber_sleep(world->fibers, 50000) != STATUS_OK) return false;
    return database_is_writable(world->database) == wanted;
}

/* The files that a full disk has no room for: what is there already can still be written. */
static void let_files_grow(const struct world *world, bool may_grow)
{
    char sql[300];
    const char *prefix = scratch_prefix(world->scratch);
    (void)snprintf(sql, sizeof sql,
                   "ALTER ROLE %s_sample %s; SELECT count(pg_terminate_backend(pid)) FROM "
                   "pg_stat_activity WHERE usename = '%s_sample'",
                   prefix, may_grow ? "RESET temp_file_limit" : "SET temp_file_limit = 0", prefix);
    (void)scratch_sql(world->scratch, "sample", sql);
}

static void story_full_disk(struct world *world)
{
    assert_true(comes_to_take_writes(world, true));
    let_files_grow(world, false);
    assert_true(comes_to_take_writes(world, false));
    assert_true(comes_to_answer(world, true));
    assert_false(database_is_writable(world->database));
    let_files_grow(world, true);
    assert_true(comes_to_take_writes(world, true));
}

static void database_without_room_is_known_to_take_no_writes(void **state)
{
    world_run(*state, story_full_disk);
}

static void story_other_beat(struct world *world)
{
    static const struct statement beat = { "beat", "SELECT host.beat()::text", 0, 0, 0, false };
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    const struct store_params none = { .count = 0 };
    struct rows rows;
    assert_int_equal(
        query_run(world->database, arena, &beat, &none, world_deadline_us(world, 1000000), &rows),
        STATUS_OK);
}

static void beat_of_another_node_is_not_waited_for(void **state)
{
    struct world *world = *state;
    (void)scratch_sql(world->scratch, "sample", "BEGIN; SELECT 1 FROM host.heartbeat FOR UPDATE");
    world_run(world, story_other_beat);
    (void)scratch_sql(world->scratch, "sample", "ROLLBACK");
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(row_that_is_locked_holds_up_nobody_else),
        STORY(units_behind_a_lock_commit_in_their_order_when_it_goes),
        STORY(table_that_is_locked_is_an_outage),
        STORY(full_disk_is_an_outage_that_keeps_nothing_under_the_key),
        STORY(database_that_is_away_is_known_not_to_answer),
        STORY(database_without_room_is_known_to_take_no_writes),
        STORY(beat_of_another_node_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
