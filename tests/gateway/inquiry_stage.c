/* A backend without a bus: it runs on the asking fiber. */
#include "tests/gateway/inquiry_stage.h"

#include <string.h>

#include "messages/codec_msgpack.h"
#include "runtime/secret.h"
#include "tests/support/cmocka.h"

enum { BODY_MAX = 1 << 16 };

static int64_t stage_now_us(void *context)
{
    return ((const struct inquiry_stage *)context)->now_us;
}

static void never_start(void *context, struct timer *timer, int64_t at_us)
{
    (void)context, (void)timer, (void)at_us;
}

static void never_stop(void *context, struct timer *timer)
{
    (void)context, (void)timer;
}

static void fill_random(void *context, void *bytes, size_t length)
{
    (void)context;
    memset(bytes, 7, length);
}

static enum status answer(void *context, const struct envelope *request, int64_t deadline_us,
                          struct arena *arena, struct envelope *ret_reply)
{
    struct inquiry_stage *stage = context;
    assert_true(deadline_us > stage->now_us);
    if (stage->wanted != NULL) {
        assert_int_equal(request->domain, stage->wanted->domain);
        assert_int_equal(request->number, stage->wanted->number);
    }
    stage->asks++;
    stage->question = text_copy(stage->arena, request->body);
    if (stage->is_slow) {
        completion_init(&stage->gate, stage->fibers);
        TRY(completion_wait(&stage->gate, INT64_MAX));
    }
    *ret_reply = (struct envelope){ .kind = ENVELOPE_REPLY, .status = stage->status };
    if (stage->transport != STATUS_OK || stage->status != STATUS_OK || stage->schema == NULL)
        return stage->transport;
    return msgpack_encode(stage->schema, stage->value, arena, BODY_MAX, &ret_reply->body);
}

void inquiry_stage_open(struct inquiry_stage *stage)
{
    secret_open();
    *stage = (struct inquiry_stage){
        .now_us = INT64_C(1700000000000000),
        .clock = { stage, stage_now_us, stage_now_us, stage_now_us },
        .timers = { .start = never_start, .stop = never_stop },
        .rng = { .fill = fill_random },
        .backend = { .context = stage, .ask = answer },
        .arena = arena_new(4096),
    };
    stage->fibers = fibers_new(&stage->timers, &stage->clock);
    stage->inquirer = (struct inquirer){ .backend = &stage->backend,
                                         .fibers = stage->fibers,
                                         .clock = &stage->clock,
                                         .rng = &stage->rng };
}

void inquiry_stage_close(struct inquiry_stage *stage)
{
    fibers_destroy(&stage->fibers);
    arena_destroy(&stage->arena);
}

void inquiry_stage_on_settled(void *context)
{
    ((struct inquiry_stage *)context)->settled++;
}

void inquiry_stage_let_go(struct inquiry_stage *stage)
{
    completion_finish(&stage->gate, STATUS_OK);
}
