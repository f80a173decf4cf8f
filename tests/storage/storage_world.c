/* The stage on which the tests of units, feed and sagas play. */
#include "tests/storage/storage_world.h"

#include <stdlib.h>
#include <string.h>

#include "storage/columns.h"

enum { WORKER_ARENA_BYTES = 4096 };

static const struct statement insert_account = {
    "insert_account",
    "INSERT INTO account (id, version, balance) VALUES ($1, 1, $2)",
    STATUS_DUPLICATE,
    STATUS_OUT_OF_RANGE,
    0,
    false
};
static const struct statement add_account = {
    .name = "add_account",
    .sql = "INSERT INTO account (id, version, balance) SELECT id, 1, balance"
           " FROM unnest($1::uuid[], $2::bigint[]) AS u (id, balance)",
    .on_duplicate = STATUS_DUPLICATE,
    .on_check = STATUS_OUT_OF_RANGE,
    .adds_rows = true,
};
static const struct statement bump_account = {
    "bump_account",
    "WITH u AS (UPDATE account SET version = version + 1 WHERE id = $1 AND version = $2 "
    "RETURNING 1) SELECT require_one(count(*)) FROM u",
    0,
    0,
    0,
    false
};
static const struct statement nonsense = { "nonsense", "SELECT 1 / ($1::bigint)", 0, 0, 0, false };

void write_insert_account(struct worker *worker, struct unit *unit)
{
    struct store_params *params = unit_write(unit, &insert_account);
    param_uuid(params, worker->arena, worker->account);
    param_int(params, worker->arena, worker->balance);
}

void write_add_account(struct worker *worker, struct unit *unit)
{
    struct store_params *params = unit_write(unit, &add_account);
    param_uuid(params, worker->arena, worker->account);
    param_int(params, worker->arena, worker->balance);
    columns_of_row(params, worker->arena);
}

void write_bump_account(struct worker *worker, struct unit *unit)
{
    struct store_params *params = unit_write(unit, &bump_account);
    param_uuid(params, worker->arena, worker->account);
    param_int(params, worker->arena, worker->version);
}

void write_nonsense(struct worker *worker, struct unit *unit)
{
    param_int(unit_write(unit, &nonsense), worker->arena, 0);
}

int64_t world_deadline_us(const struct world *world, int64_t from_now_us)
{
    return loop_now_us(world->loop) + from_now_us;
}

long world_number(const struct world *world, const char *sql)
{
    return strtol(scratch_sql(world->scratch, "sample", sql), NULL, 10);
}

static void story_entry(void *argument)
{
    struct world *world = argument;
    world->story(world);
    loop_stop(world->loop);
}

void world_run(struct world *world, void (*story)(struct world *world))
{
    world->story = story;
    const enum status status = fiber_spawn(world->fibers, story_entry, world);
    assert(status == STATUS_OK);
    loop_run(world->loop);
}

struct worker *world_worker(struct world *world,
                            void (*write)(struct worker *worker, struct unit *unit))
{
    assert(world->workers_count < WORKERS_MAX);
    struct worker *worker = &world->workers[world->workers_count++];
    worker->world = world;
    worker->arena = arena_new(WORKER_ARENA_BYTES);
    worker->shard = WORLD_SHARD;
    worker->write = write;
    worker->msg_id = (struct uuid){ { 0xAA, (uint8_t)world->workers_count } };
    worker->account = (struct uuid){ { 0xBB, (uint8_t)world->workers_count } };
    worker->balance = 100;
    worker->version = 1;
    worker->answer = (struct stored_answer){ STATUS_OK, 201, TEXT("body") };
    worker->status = STATUS_UNSUPPORTED; /* no outcome of a unit */
    return worker;
}

static void worker_entry(void *argument)
{
    struct worker *worker = argument;
    struct world *world = worker->world;
    struct unit *unit =
        unit_new(worker->arena, world->fibers, worker->shard, worker->msg_id, WORLD_NUMBER, 1000);
    unit_set_order(unit, worker->key,
                   worker->patience_us == 0 ? INT64_MAX
                                            : world_deadline_us(world, worker->patience_us));
    if (worker->write != NULL) worker->write(worker, unit);
    for (unsigned i = 0; i < worker->events; i++)
        unit_publish(unit, WORLD_NUMBER + 100, worker->account, TEXT("event"));
    unit_answer(unit, &worker->answer);
    worker->enqueued = unit_enqueue(unit, world->database);
    if (worker->enqueued == STATUS_OK)
        worker->status = unit_wait(unit, &worker->is_repeat, &worker->stored);
    worker->order = ++world->done_count;
    if (world->done_count == world->workers_count) loop_stop(world->loop);
}

void world_work(struct world *world)
{
    for (size_t i = world->done_count; i < world->workers_count; i++) {
        const enum status status = fiber_spawn(world->fibers, worker_entry, &world->workers[i]);
        assert(status == STATUS_OK);
    }
    /* Also when all are done: it takes the stop back that the last one has asked for. */
    loop_run(world->loop);
}

static void on_fenced(void *context, const char *domain)
{
    struct world *world = context;
    assert(strcmp(domain, "sample") == 0);
    world->fenced_count++;
}

static void on_outbox(void *context, const char *domain, struct hint *hint)
{
    struct world *world = context;
    assert(strcmp(domain, "sample") == 0);
    world->last_outbox[hint->shard] = hint->sequence;
}

static void story_claim(struct world *world)
{
    const enum status status =
        database_claim(world->database, 0, 31, world_deadline_us(world, 20000000));
    assert(status == STATUS_OK);
}

int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) abort();
    world->scratch = scratch_new((const char *const[]){ "sample" }, 1, "tests/storage/actors");
    world->loop = loop_new();
    world->fibers = fibers_new(loop_timers(world->loop), loop_clock(world->loop));
    world->database = database_new(
        &(struct database_options){ .loop = world->loop,
                                    .fibers = world->fibers,
                                    .conninfo = scratch_conninfo(world->scratch, "sample"),
                                    .domain = "sample",
                                    .member = "n1",
                                    .incarnation = 7,
                                    .batch_max = UNITS_BATCH_MAX,
                                    .readers = 3,
                                    .context = world,
                                    .on_fenced = on_fenced,
                                    .on_outbox = on_outbox });
    world_run(world, story_claim);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    fibers_stop(world->fibers);
    database_destroy(&world->database);
    fibers_destroy(&world->fibers);
    loop_destroy(&world->loop);
    for (size_t i = 0; i < world->workers_count; i++)
        arena_destroy(&world->workers[i].arena);
    scratch_destroy(&world->scratch);
    free(world);
    return 0;
}
