/* Keeps what is submitted and started, in order. */
#include "tests/storage/fake_store.h"

#include "tests/support/cmocka.h"

static void submit(void *context, struct store_segment *segment)
{
    struct fake_store *fake = context;
    assert_true(fake->segments_count < FAKE_SEGMENTS_MAX);
    assert_true(segment->calls_count > 0);
    fake->segments[fake->segments_count++] = segment;
    fake->submitted++;
}

static void stop(void *context, struct timer *timer)
{
    struct fake_store *fake = context;
    size_t kept = 0;
    for (size_t i = 0; i < fake->started_count; i++)
        if (fake->started[i] != timer) fake->started[kept++] = fake->started[i];
    fake->started_count = kept;
    timer->heap_position = 0;
}

static void start(void *context, struct timer *timer, int64_t at_us)
{
    struct fake_store *fake = context;
    stop(fake, timer);
    assert_true(fake->started_count < FAKE_TIMERS_MAX);
    timer->at_us = at_us;
    timer->heap_position = 1;
    fake->started[fake->started_count++] = timer;
}

static int64_t now_us(void *context)
{
    return ((const struct fake_store *)context)->now_us;
}

void fake_store_init(struct fake_store *fake)
{
    *fake = (struct fake_store){
        .store = { fake, submit },
        .timers = { fake, start, stop },
        .clock = { fake, now_us, now_us, now_us },
        .now_us = 1000,
    };
}

void fake_store_pass(struct fake_store *fake, int64_t duration_us)
{
    struct timer *due[FAKE_TIMERS_MAX];
    size_t due_count = 0;
    fake->now_us += duration_us;
    for (size_t i = 0; i < fake->started_count; i++)
        if (fake->started[i]->at_us <= fake->now_us) due[due_count++] = fake->started[i];
    for (size_t i = 0; i < due_count; i++) {
        if (!timer_is_started(due[i])) continue;
        stop(fake, due[i]);
        due[i]->on_fire(due[i]);
    }
}

struct store_segment *fake_store_first(struct fake_store *fake)
{
    assert_true(fake->segments_count > 0);
    return fake->segments[0];
}

static void answer(struct fake_store *fake, enum status status, enum store_fault fault,
                   size_t failed_call)
{
    struct store_segment *segment = fake_store_first(fake);
    fake->segments_count--;
    for (size_t i = 0; i < fake->segments_count; i++)
        fake->segments[i] = fake->segments[i + 1];
    segment->status = status;
    segment->fault = fault;
    segment->failed_call = failed_call;
    segment->on_done(segment);
}

void fake_store_commit(struct fake_store *fake)
{
    answer(fake, STATUS_OK, STORE_FAULT_NONE, 0);
}

static void refuse(struct fake_store *fake, size_t call, enum status status, enum store_fault fault,
                   const char *detail)
{
    struct store_segment *segment = fake_store_first(fake);
    assert_true(call < segment->calls_count);
    segment->calls[call].result = (struct store_result){
        .status = status, .fault = fault, .sqlstate = "XXXXX", .constraint = "", .detail = detail
    };
    answer(fake, status, fault, call);
}

void fake_store_fail(struct fake_store *fake, size_t call, enum status status, const char *detail)
{
    refuse(fake, call, status, STORE_FAULT_OWN, detail);
}

void fake_store_fail_now(struct fake_store *fake, size_t call, enum store_fault fault)
{
    refuse(fake, call, STATUS_UNAVAILABLE, fault, "");
}

void fake_store_lose(struct fake_store *fake, bool was_sent)
{
    answer(fake, STATUS_UNAVAILABLE, STORE_FAULT_LOST, was_sent ? 0 : SIZE_MAX);
}
