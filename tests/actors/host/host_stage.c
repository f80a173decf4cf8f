/* Builds the stage of host_stage.h. */
#include "tests/actors/host/host_stage.h"

#include <stdlib.h>

#include "actors/host/feed_source.h"
#include "runtime/log.h"
#include "tests/support/cmocka.h"

enum {
    CLAIM_US = 20 * 1000 * 1000,
    SKIP_STEP_US = 50 * 1000,
    SKIP_REST_US = 1000,
    SETTLE_TRIES = 2000
};

static struct scratch *scratch;

int host_stage_make_database(void **state)
{
    static const char *const domains[] = { "order" };
    (void)state;
    log_open("test", LOG_ERROR);
    scratch = scratch_new(domains, 1, "tests/storage/actors");
    return 0;
}

int host_stage_drop_database(void **state)
{
    (void)state;
    scratch_destroy(&scratch);
    return 0;
}

const char *host_stage_sql(const char *sql)
{
    return scratch_sql(scratch, "order", sql);
}

static void claim(struct host_stage *stage)
{
    assert_int_equal(database_claim(stage->hosted.database, 0, SHARD_COUNT - 1,
                                    loop_now_us(stage->loop) + CLAIM_US),
                     STATUS_OK);
}

static struct database *open_database(struct host_stage *stage)
{
    const struct database_options options = { .loop = stage->loop,
                                              .fibers = stage->fibers,
                                              .conninfo = scratch_conninfo(scratch, "order"),
                                              .domain = "order",
                                              .member = "node-1",
                                              .incarnation = 7,
                                              .batch_max = UNITS_BATCH_MAX };
    return database_new(&options);
}

int host_stage_open(void **state)
{
    struct host_stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    (void)host_stage_sql(
        "TRUNCATE host.saga, host.inbox, host.outbox, host.reader, host.idempotency, "
        "host.parked_event; DELETE FROM host.cursor");
    stage->loop = loop_new();
    time_skip_init(&stage->skip, stage->loop);
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage->config = config_new();
    stage->dispatch = (struct dispatch_table){ .domain = DOMAIN_ORDER };
    stage->definition = (struct domain_definition){ .dispatch = &stage->dispatch };
    stage->host = (struct host){ .loop = stage->loop,
                                 .fibers = stage->fibers,
                                 .config = stage->config,
                                 .principal_key = { 42 } };
    stage->hosted = (struct hosted){ .host = &stage->host,
                                     .definition = &stage->definition,
                                     .domain = DOMAIN_ORDER,
                                     .shard_last = SHARD_COUNT - 1,
                                     .is_ready = true };
    stage->hosted.database = open_database(stage);
    stage->hosted.feed = feed_source_new();
    host_stage_tell(stage, claim);
    *state = stage;
    return 0;
}

int host_stage_close(void **state)
{
    struct host_stage *stage = *state;
    stage->host.is_stopping = true;
    fibers_stop(stage->fibers);
    assert_int_equal(stage->host.services, 0); /* nothing outlives the host */
    database_destroy(&stage->hosted.database);
    feed_source_destroy(&stage->hosted.feed);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
    config_destroy(&stage->config);
    free(stage);
    return 0;
}

static void story_fiber(void *argument)
{
    struct host_stage *stage = argument;
    stage->story(stage);
    stage->is_told = true;
    loop_stop(stage->loop);
}

void host_stage_tell(struct host_stage *stage, void (*story)(struct host_stage *stage))
{
    stage->story = story;
    stage->is_told = false;
    assert_int_equal(fiber_spawn(stage->fibers, story_fiber, stage), STATUS_OK);
    while (!stage->is_told)
        loop_run(stage->loop);
}

void host_stage_skip(struct host_stage *stage, int64_t duration_us)
{
    for (int64_t left_us = duration_us; left_us > 0; left_us -= SKIP_STEP_US) {
        time_skip_by(&stage->skip, left_us < SKIP_STEP_US ? left_us : SKIP_STEP_US);
        assert_int_equal(fiber_sleep(stage->fibers, SKIP_REST_US), STATUS_OK);
    }
}

void host_stage_settle(struct host_stage *stage)
{
    for (int i = 0; i < SETTLE_TRIES && stage->host.services > 0; i++)
        host_stage_skip(stage, SKIP_STEP_US);
    assert_int_equal(stage->host.services, 0);
}
