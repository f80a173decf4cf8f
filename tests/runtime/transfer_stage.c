/* Sets the stage for tests of outgoing transfers. */
#include "tests/runtime/transfer_stage.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/cmocka.h"

int64_t stage_now_us(const struct transfer_stage *stage)
{
    return loop_now_us(stage->loop);
}

static void on_tick(struct timer *timer)
{
    struct transfer_stage *stage = CONTAINER_OF(timer, struct transfer_stage, tick);
    const int64_t gap_us = clock_now_us(&platform_clock) - stage->ticked_us;
    if (gap_us > stage->gap_max_us) stage->gap_max_us = gap_us;
    stage->ticked_us += gap_us;
    timer_start(loop_timers(stage->loop), &stage->tick, stage_now_us(stage) + TICK_US);
    if (!stage->skips_silence || !atomic_load(&stage->peer.is_silent)) return;
    stage->skips_silence = false;
    time_skip_by(&stage->skip, stage->patience_us);
}

static struct transfer_stage stage_of_test; /* large: the calls */

struct transfer_stage *stage_open(bool is_http)
{
    struct transfer_stage *stage = &stage_of_test;
    memset(stage, 0, sizeof *stage);
    stage->loop = loop_new();
    time_skip_init(&stage->skip, stage->loop);
    stage->patience_us = PATIENCE_US;
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage->transfers = transfers_new(stage->loop, stage->fibers);
    stage->arena = arena_new(4096);
    stage->peer.is_http = is_http;
    peer_open(&stage->peer);
    (void)snprintf(stage->url, sizeof stage->url, "%s://127.0.0.1:%d%s", is_http ? "http" : "smtp",
                   stage->peer.port, is_http ? "/hook" : "");
    stage->http = (struct transfer_http){
        .url = text_of(stage->url),
        .content_type = TEXT("application/json"),
        .body = TEXT("{\"a\":1}"),
    };
    stage->mail = (struct transfer_mail){
        .url = text_of(stage->url),
        .tls = TRANSFER_TLS_NONE,
        .from = TEXT("shop@example.org"),
        .to = TEXT("ann@example.com"),
        .message = TEXT("Subject: hello\r\n\r\n.dot\r\nlast\r\n"),
    };
    stage->tick.on_fire = on_tick;
    stage->ticked_us = clock_now_us(&platform_clock);
    on_tick(&stage->tick);
    return stage;
}

void stage_close(struct transfer_stage *stage)
{
    transfers_destroy(&stage->transfers);
    struct timers *timers = loop_timers(stage->loop);
    timer_stop(timers, &stage->tick);
    peer_close(&stage->peer);
    assert_int_equal(fibers_alive(stage->fibers), 0);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
    arena_destroy(&stage->arena);
}

static void call_entry(void *argument)
{
    struct transfer_call *call = argument;
    struct transfer_stage *stage = call->stage;
    const int64_t deadline_us = stage_now_us(stage) + stage->patience_us;
    if (stage->peer.is_http) {
        struct transfer_http http = stage->http;
        http.deadline_us = deadline_us;
        call->status = transfer_http(stage->transfers, &http, stage->arena, &call->answer);
    } else {
        struct transfer_mail mail = stage->mail;
        mail.deadline_us = deadline_us;
        call->status = transfer_mail(stage->transfers, &mail, &call->answer);
    }
    if (++stage->ended == stage->calls_count) loop_stop(stage->loop);
}

struct transfer_call *stage_begin(struct transfer_stage *stage)
{
    struct transfer_call *call = &stage->calls[stage->calls_count++];
    call->stage = stage;
    assert_int_equal(fiber_spawn(stage->fibers, call_entry, call), STATUS_OK);
    return call;
}

struct transfer_call *stage_transfer(struct transfer_stage *stage)
{
    struct transfer_call *call = stage_begin(stage);
    if (stage->ended < stage->calls_count) loop_run(stage->loop);
    assert_int_equal(stage->ended, stage->calls_count);
    return call;
}

void stage_wait_for_connection(struct transfer_stage *stage)
{
    for (size_t i = 0; i < 200 && atomic_load(&stage->peer.connections) == 0; i++) {
        (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE);
    }
    assert_int_equal(atomic_load(&stage->peer.connections), 1);
}
