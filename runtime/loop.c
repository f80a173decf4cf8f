/* One libuv loop: its run, its stop signals, and one heap of timers over one uv_timer. */
#include "runtime/loop.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOP_TIMERS_MAX = 65536,
    LOOP_TIMERS_START = 256,
    LOOP_HOOKS_MAX = 8,
    LOOP_SIGNALS = 2,
};

struct loop_hook {
    void (*function)(void *context);
    void *context;
};

struct loop {
    uv_loop_t uv;
    uv_timer_t uv_timer;
    uv_prepare_t turn_end;
    uv_check_t after_poll;
    uv_idle_t wake;
    uv_signal_t signals[LOOP_SIGNALS], hangup;
    struct loop_hook hooks[LOOP_HOOKS_MAX];
    size_t hooks_count;
    struct loop_hook on_stop_signal, on_hangup;
    bool is_wake_wanted, is_wake_applied;
    uint64_t turns;
    uint64_t slow_turn;  /* the last one that was taken, and one; 0: none */
    struct timer **heap; /* heap[1] is the earliest; heap[0] is not used */
    size_t heap_count, heap_capacity;
    uint64_t next_order;
    int64_t armed_at_us; /* when uv_timer is to fire; INT64_MAX: never; INT64_MIN: armed anew at the
                            turn's end */
    struct clock clock;
    int64_t market_offset_us;
    struct timers timers;
    struct rng rng;
    unsigned char random[512]; /* fetched ahead: each time is a system call */
    size_t random_left;        /* at the front */
};

/* ---- clock and randomness ---- */

int64_t loop_now_us(const struct loop *loop)
{
    return clock_now_us(&loop->clock);
}

int64_t loop_real_us(const struct loop *loop)
{
    return clock_real_us(&loop->clock);
}

int64_t loop_market_us(const struct loop *loop)
{
    return clock_market_us(&loop->clock);
}

static int64_t loop_read_market_us(void *context)
{
    const struct loop *loop = context;
    return platform_clock.real_us(NULL) + loop->market_offset_us;
}

int64_t loop_market_offset_us(const struct loop *loop)
{
    return loop->market_offset_us;
}

void loop_set_market_offset(struct loop *loop, int64_t offset_us)
{
    assert(offset_us >= 0);
    loop->market_offset_us = offset_us;
}

static void loop_fill_random(void *context, void *bytes, size_t length)
{
    struct loop *loop = context;
    if (length > sizeof loop->random) {
        randombytes_buf(bytes, length);
        return;
    }
    if (length > loop->random_left) {
        randombytes_buf(loop->random, sizeof loop->random);
        loop->random_left = sizeof loop->random;
    }
    loop->random_left -= length;
    unsigned char *taken = loop->random + loop->random_left;
    memcpy(bytes, taken, length);
    sodium_memzero(taken, length); /* a secret stands in one place only */
}

/* ---- timers: a binary heap whose elements know their place ---- */

static bool timer_is_before(const struct timer *a, const struct timer *b)
{
    if (a->at_us != b->at_us) return a->at_us < b->at_us;
    return a->order < b->order;
}

static void heap_place(struct loop *loop, struct timer *timer, size_t position)
{
    loop->heap[position] = timer;
    timer->heap_position = position;
}

static void heap_sift_up(struct loop *loop, struct timer *timer, size_t position)
{
    while (position > 1 && timer_is_before(timer, loop->heap[position / 2])) {
        heap_place(loop, loop->heap[position / 2], position);
        position /= 2;
    }
    heap_place(loop, timer, position);
}

static void heap_sift_down(struct loop *loop, struct timer *timer, size_t position)
{
    while (position * 2 <= loop->heap_count) {
        size_t child = position * 2;
        if (child < loop->heap_count && timer_is_before(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!timer_is_before(loop->heap[child], timer)) break;
        heap_place(loop, loop->heap[child], position);
        position = child;
    }
    heap_place(loop, timer, position);
}

static void heap_remove(struct loop *loop, struct timer *timer)
{
    const size_t position = timer->heap_position;
    assert(position >= 1);
    assert(position <= loop->heap_count);
    assert(loop->heap[position] == timer);
    timer->heap_position = 0;
    struct timer *last = loop->heap[loop->heap_count--];
    if (last == timer) return;
    if (position > 1 && timer_is_before(last, loop->heap[position / 2]))
        heap_sift_up(loop, last, position);
    else
        heap_sift_down(loop, last, position);
}

static void loop_on_uv_timer(uv_timer_t *handle);

static void loop_arm(struct loop *loop)
{
    if (loop->heap_count == 0) {
        loop->armed_at_us = INT64_MAX;
        (void)uv_timer_stop(&loop->uv_timer);
        return;
    }
    loop->armed_at_us = loop->heap[1]->at_us;
    /* libuv adds the delay to a time that it read at the start of the turn. */
    uv_update_time(&loop->uv);
    int64_t delay_us;
    if (__builtin_sub_overflow(loop->armed_at_us, loop_now_us(loop), &delay_us))
        delay_us = INT64_MAX / 2;
    const uint64_t delay_ms = delay_us <= 0 ? 0 : ((uint64_t)delay_us + 999) / 1000;
    const int result = uv_timer_start(&loop->uv_timer, loop_on_uv_timer, delay_ms, 0);
    assert(result == 0);
}

static void loop_on_uv_timer(uv_timer_t *handle)
{
    struct loop *loop = handle->data;
    const int64_t now_us = loop_now_us(loop);
    /* What is started from now on waits for the next turn, so that a timer that restarts itself
     * cannot hold the loop. */
    const uint64_t order_end = loop->next_order;
    /* libuv would run a timer that is due again within this very turn, before any input is looked
     * at. */
    loop->armed_at_us = INT64_MIN;
    while (loop->heap_count > 0) {
        struct timer *timer = loop->heap[1];
        if (timer->at_us > now_us || timer->order >= order_end) break;
        heap_remove(loop, timer);
        timer->on_fire(timer);
    }
}

static void stop_timer(void *context, struct timer *timer)
{
    assert(timer != NULL);
    /* uv_timer stays armed: a turn for nothing is cheaper than a system call per stop. */
    if (timer->heap_position != 0) heap_remove(context, timer);
}

static void start_timer(void *context, struct timer *timer, int64_t at_us)
{
    struct loop *loop = context;
    assert(timer != NULL);
    assert(timer->on_fire != NULL);
    stop_timer(loop, timer);
    assert(loop->heap_count < LOOP_TIMERS_MAX);
    if (loop->heap_count + 1 >= loop->heap_capacity) {
        loop->heap_capacity =
            loop->heap_capacity == 0 ? LOOP_TIMERS_START : loop->heap_capacity * 2;
        loop->heap = realloc(loop->heap, loop->heap_capacity * sizeof(struct timer *));
        if (loop->heap == NULL) abort();
    }
    timer->at_us = at_us;
    timer->order = loop->next_order++;
    heap_sift_up(loop, timer, ++loop->heap_count);
    if (timer->at_us < loop->armed_at_us) loop_arm(loop);
}

/* ---- turns ---- */

static void loop_on_turn_end_uv(uv_prepare_t *handle)
{
    struct loop *loop = handle->data;
    loop->turns++;
    for (size_t i = 0; i < loop->hooks_count; i++)
        loop->hooks[i].function(loop->hooks[i].context);
    if (loop->armed_at_us == INT64_MIN) loop_arm(loop);
    loop->is_wake_applied = loop->is_wake_wanted;
    loop->is_wake_wanted = false;
}

static void loop_on_after_poll(uv_check_t *handle)
{
    struct loop *loop = handle->data;
    /* A wake that was asked for during this poll is meant for the next one. */
    if (loop->is_wake_applied && !loop->is_wake_wanted) (void)uv_idle_stop(&loop->wake);
    loop->is_wake_applied = false;
}

static void loop_on_idle(uv_idle_t *handle)
{
    /* An active idle handle is what makes libuv poll without sleeping; there is nothing to do. */
    (void)handle;
}

void loop_wake(struct loop *loop)
{
    assert(loop != NULL);
    loop->is_wake_wanted = true;
    (void)uv_idle_start(&loop->wake, loop_on_idle);
}

void loop_on_turn_end(struct loop *loop, void (*function)(void *context), void *context)
{
    assert(loop != NULL);
    assert(function != NULL);
    assert(loop->hooks_count < LOOP_HOOKS_MAX);
    loop->hooks[loop->hooks_count++] = (struct loop_hook){ function, context };
}

uint64_t loop_turns(const struct loop *loop)
{
    return loop->turns;
}

bool loop_take_slow_turn(struct loop *loop)
{
    assert(loop != NULL);
    if (loop->slow_turn == loop->turns + 1) return false;
    loop->slow_turn = loop->turns + 1;
    return true;
}

/* ---- life ---- */

struct loop *loop_new(void)
{
    if (sodium_init() < 0) abort();
    (void)signal(SIGPIPE, SIG_IGN);
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) abort();
    if (uv_loop_init(&loop->uv) != 0) abort();
    loop->armed_at_us = INT64_MAX;
    loop->clock = platform_clock;
    loop->clock.context = loop;
    loop->clock.market_us = loop_read_market_us;
    loop->timers = (struct timers){ loop, start_timer, stop_timer };
    loop->rng = (struct rng){ loop, loop_fill_random };
    (void)uv_timer_init(&loop->uv, &loop->uv_timer);
    (void)uv_prepare_init(&loop->uv, &loop->turn_end);
    (void)uv_check_init(&loop->uv, &loop->after_poll);
    (void)uv_idle_init(&loop->uv, &loop->wake);
    loop->uv_timer.data = loop->turn_end.data = loop->after_poll.data = loop->wake.data = loop;
    for (size_t i = 0; i < LOOP_SIGNALS; i++) {
        if (uv_signal_init(&loop->uv, &loop->signals[i]) != 0) abort();
        loop->signals[i].data = loop;
    }
    if (uv_signal_init(&loop->uv, &loop->hangup) != 0) abort();
    loop->hangup.data = loop;
    (void)uv_prepare_start(&loop->turn_end, loop_on_turn_end_uv);
    (void)uv_check_start(&loop->after_poll, loop_on_after_poll);
    return loop;
}

static void loop_assert_closing(uv_handle_t *handle, void *context)
{
    (void)context;
    assert(uv_is_closing(handle));
}

void loop_destroy(struct loop **loop_pointer)
{
    assert(loop_pointer != NULL);
    struct loop *loop = *loop_pointer;
    if (loop == NULL) return;
    uv_close((uv_handle_t *)&loop->uv_timer, NULL);
    uv_close((uv_handle_t *)&loop->turn_end, NULL);
    uv_close((uv_handle_t *)&loop->after_poll, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    for (size_t i = 0; i < LOOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&loop->signals[i], NULL);
    uv_close((uv_handle_t *)&loop->hangup, NULL);
    /* A handle that somebody forgot would make the loop run for ever. */
    uv_walk(&loop->uv, loop_assert_closing, NULL);
    /* A loop_stop() that nobody has seen yet ends the first run before it begins. */
    if (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0) (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    const int result = uv_loop_close(&loop->uv);
    assert(result == 0);
    free(loop->heap);
    free(loop);
    *loop_pointer = NULL;
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

struct clock *loop_clock(struct loop *loop)
{
    return &loop->clock;
}

struct timers *loop_timers(struct loop *loop)
{
    return &loop->timers;
}

struct rng *loop_rng(struct loop *loop)
{
    return &loop->rng;
}

void loop_run(struct loop *loop)
{
    assert(loop != NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    assert(loop != NULL);
    uv_stop(&loop->uv);
}

static void loop_on_uv_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct loop *loop = handle->data;
    loop->on_stop_signal.function(loop->on_stop_signal.context);
}

void loop_on_stop_signal(struct loop *loop, void (*on_signal)(void *context), void *context)
{
    assert(loop != NULL);
    assert(on_signal != NULL);
    static const int numbers[LOOP_SIGNALS] = { SIGTERM, SIGINT };
    loop->on_stop_signal = (struct loop_hook){ on_signal, context };
    for (size_t i = 0; i < LOOP_SIGNALS; i++) {
        const int result = uv_signal_start(&loop->signals[i], loop_on_uv_signal, numbers[i]);
        assert(result == 0);
    }
}

static void loop_on_uv_hangup(uv_signal_t *handle, int number)
{
    (void)number;
    struct loop *loop = handle->data;
    loop->on_hangup.function(loop->on_hangup.context);
}

void loop_on_hangup(struct loop *loop, void (*on_signal)(void *context), void *context)
{
    assert(loop != NULL);
    assert(on_signal != NULL);
    loop->on_hangup = (struct loop_hook){ on_signal, context };
    const int result = uv_signal_start(&loop->hangup, loop_on_uv_hangup, SIGHUP);
    assert(result == 0);
}
