/* A fiber now and then. Whatever fails is tried at the next time: what is retired stays retired. */
#include "gateway/picture_sweep.h"

#include <stdlib.h>

#include "common_messages.h"
#include "pictures_messages.h"
#include "runtime/log.h"

enum { ROUNDS_MAX = 64, ARENA_BLOCK_BYTES = 16384 };

struct picture_sweep {
    struct loop *loop;
    const struct inquirer *inquirer;
    const struct pictures *pictures;
    struct timer timer;
    bool is_under_way, is_stopping;
};

static enum status remove_files(const struct picture_sweep *sweep, enum picture_area area,
                                struct text digest)
{
    struct picture_file file = { .area = area, .digest = digest };
    if (!picture_is_digest(digest)) return STATUS_CORRUPT;
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        file.size = picture_sizes[i];
        TRY(picture_store_remove(sweep->pictures->store, &file));
    }
    return STATUS_OK;
}

/* Deletes the files of those that it is told of, and says so with the next question. */
static enum status sweep_domain(const struct picture_sweep *sweep, enum domain domain)
{
    const struct pictures_messages *messages = pictures_messages_of(domain);
    const enum picture_area area =
        domain == DOMAIN_CATALOG ? PICTURE_AREA_PUBLIC : PICTURE_AREA_PRIVATE;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct common_retired_pictures retired = { .digests_count = 0 };
    for (size_t round = 0; round < ROUNDS_MAX && !sweep->is_stopping; round++) {
        const struct pictures_retire_pictures retire = { .sweep = TEXT("sweep"),
                                                         .gone = retired.digests,
                                                         .gone_count = retired.digests_count };
        TRY(inquire(sweep->inquirer, messages->retire_pictures, &retire, arena, &retired));
        if (retired.digests_count == 0) break;
        for (size_t i = 0; i < retired.digests_count; i++)
            TRY(remove_files(sweep, area, retired.digests[i]));
        log_info("pictures_deleted", LOG_INT("count", (int64_t)retired.digests_count));
    }
    return STATUS_OK;
}

static void sweep_in_fiber(void *argument)
{
    struct picture_sweep *sweep = argument;
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++) {
        if (pictures_messages_of((enum domain)domain) == NULL) continue;
        const enum status status = sweep_domain(sweep, (enum domain)domain);
        if (status != STATUS_OK) log_warning("picture_sweep_failed", LOG_STATUS(status));
    }
    sweep->is_under_way = false;
}

static void on_time(struct timer *timer)
{
    struct picture_sweep *sweep = CONTAINER_OF(timer, struct picture_sweep, timer);
    timer_start(loop_timers(sweep->loop), timer,
                loop_now_us(sweep->loop) + sweep->pictures->sweep_every_us);
    if (sweep->is_under_way) return;
    sweep->is_under_way = true;
    if (fiber_spawn(sweep->inquirer->fibers, sweep_in_fiber, sweep) != STATUS_OK)
        sweep->is_under_way = false;
}

struct picture_sweep *picture_sweep_new(struct loop *loop, const struct inquirer *inquirer,
                                        const struct pictures *pictures)
{
    assert(pictures->sweep_every_us > 0);
    struct picture_sweep *sweep = calloc(1, sizeof *sweep);
    if (sweep == NULL) abort();
    *sweep = (struct picture_sweep){ .loop = loop, .inquirer = inquirer, .pictures = pictures };
    sweep->timer.on_fire = on_time;
    timer_start(loop_timers(loop), &sweep->timer, loop_now_us(loop) + pictures->sweep_every_us);
    return sweep;
}

void picture_sweep_stop(struct picture_sweep *sweep)
{
    sweep->is_stopping = true;
    timer_stop(loop_timers(sweep->loop), &sweep->timer);
}

bool picture_sweep_is_under_way(const struct picture_sweep *sweep)
{
    return sweep->is_under_way;
}

void picture_sweep_destroy(struct picture_sweep **sweep)
{
    if (*sweep == NULL) return;
    assert(!(*sweep)->is_under_way);
    picture_sweep_stop(*sweep);
    free(*sweep);
    *sweep = NULL;
}
