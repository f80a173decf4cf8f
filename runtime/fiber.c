/* The only stack switch in the program: a pool of ucontext stacks, and completions that put fibers
 * to sleep and wake them. ASan, LSan and valgrind are told of every stack and every switch. */

/* It would take a jump to another stack for a jump into a frame that has returned. */
#undef _FORTIFY_SOURCE

#include "runtime/fiber.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "runtime/metrics.h"

#ifdef SOUK_SANITIZED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0u
#define VALGRIND_STACK_DEREGISTER(id) (void)(id)
#endif

enum {
#ifdef SOUK_SANITIZED
    FIBER_STACK_BYTES = 256 * 1024,
#else
    FIBER_STACK_BYTES = 64 * 1024,
#endif
    FIBERS_WARM_MAX = 2048, /* idle stacks that keep their memory; the others keep addresses only */
};

/* Where a stack goes on. */
struct context {
    ucontext_t beginning; /* of a stack that is entered for the first time */
    jmp_buf place;
    bool is_begun;     /* at `place`; else at the beginning */
    const void *frame; /* of whoever left, for scripts/gdb */
};

struct fiber {
    struct fibers *fibers;
    struct context context;
    char *mapping; /* the guard page, then the stack */
    char *stack;
    void (*entry)(void *argument);
    void *argument;
    struct fiber *caller; /* who goes on when this one waits or ends; NULL: the loop's stack */
    const void *caller_stack;
    size_t caller_stack_bytes;
    void *fake_stack;   /* ASan's, while asleep */
    struct fiber *next; /* in the ready list or an idle list */
    struct fiber *next_of_all;
    unsigned valgrind_id;
    bool is_ended;
};

struct fibers {
    struct timers *timers;
    struct clock *clock;
    struct context loop_context;
    void *loop_fake_stack;
    struct fiber *all;
    struct fiber *warm, *cold; /* idle */
    size_t warm_count, alive_count;
    struct fiber *ready_first,
        *ready_last;           /* woken by another fiber, resumed on the loop's stack */
    struct completion waiting; /* head of the ring of completions that are waited for */
    size_t guard_bytes;
    bool is_stopping;
};

static _Thread_local struct fiber *fiber_running;

struct fiber *fiber_current(void)
{
    return fiber_running;
}

/* ---- what the sanitizers are told ---- */

static void fiber_switch_start(void **ret_fake_stack, const void *stack, size_t stack_bytes)
{
#ifdef SOUK_SANITIZED
    __sanitizer_start_switch_fiber(ret_fake_stack, stack, stack_bytes);
#else
    (void)ret_fake_stack, (void)stack, (void)stack_bytes;
#endif
}

static void fiber_switch_finish(void *fake_stack, const void **ret_stack, size_t *ret_stack_bytes)
{
#ifdef SOUK_SANITIZED
    __sanitizer_finish_switch_fiber(fake_stack, ret_stack, ret_stack_bytes);
#else
    (void)fake_stack, (void)ret_stack, (void)ret_stack_bytes;
#endif
}

static void fiber_stack_unpoison(struct fiber *fiber)
{
#ifdef SOUK_SANITIZED
    ASAN_UNPOISON_MEMORY_REGION(fiber->stack, FIBER_STACK_BYTES);
#else
    (void)fiber;
#endif
}

/* ---- contexts ---- */

static void context_begin(struct context *context, void (*entry)(void), char *stack)
{
    context->beginning.uc_stack.ss_sp = stack;
    context->beginning.uc_stack.ss_size = FIBER_STACK_BYTES;
    context->beginning.uc_link = NULL;
    makecontext(&context->beginning, entry, 0);
    /* Else ASan's swapcontext unpoisons the whole stack at each resume and overflows in it go
     * unseen. */
    context->beginning.uc_stack.ss_sp = NULL;
    context->beginning.uc_stack.ss_size = 0;
    context->is_begun = false;
}

/* Goes on at `to`; returns when somebody goes on at `from`. */
static void context_switch(struct context *from, struct context *to)
{
    from->frame = __builtin_frame_address(0);
#ifdef SOUK_SANITIZED
    /* ASan's longjmp unpoisons the stack that it leaves. */
    const int result = swapcontext(&from->beginning, &to->beginning);
    assert(result == 0);
#else
    /* swapcontext() asks the kernel for the signal mask, twice, which is the same everywhere; these
     * do not. */
    from->is_begun = true;
    if (_setjmp(from->place) != 0) return;
    if (to->is_begun) _longjmp(to->place, 1);
    (void)setcontext(&to->beginning);
    abort();
#endif
}

/* ---- stacks ---- */

static struct fiber *fiber_new(struct fibers *fibers)
{
    struct fiber *fiber = calloc(1, sizeof *fiber);
    if (fiber == NULL) abort();
    const size_t bytes = fibers->guard_bytes + FIBER_STACK_BYTES;
    fiber->mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (fiber->mapping == MAP_FAILED) abort();
    if (mprotect(fiber->mapping, fibers->guard_bytes, PROT_NONE) != 0) abort();
    fiber->stack = fiber->mapping + fibers->guard_bytes;
    fiber->fibers = fibers;
    fiber->next_of_all = fibers->all;
    fibers->all = fiber;
    fiber->valgrind_id =
        (unsigned)VALGRIND_STACK_REGISTER(fiber->stack, fiber->stack + FIBER_STACK_BYTES);
#ifdef SOUK_SANITIZED
    __lsan_register_root_region(fiber->stack, FIBER_STACK_BYTES);
#endif
    const int result = getcontext(&fiber->context.beginning);
    assert(result == 0);
    return fiber;
}

static void fiber_destroy(struct fiber *fiber)
{
#ifdef SOUK_SANITIZED
    __lsan_unregister_root_region(fiber->stack, FIBER_STACK_BYTES);
#endif
    VALGRIND_STACK_DEREGISTER(fiber->valgrind_id);
    fiber_stack_unpoison(fiber);
    (void)munmap(fiber->mapping, fiber->fibers->guard_bytes + FIBER_STACK_BYTES);
    free(fiber);
}

static struct fiber *fiber_pop_idle(struct fibers *fibers)
{
    struct fiber *fiber = fibers->warm;
    if (fiber != NULL) {
        fibers->warm = fiber->next;
        fibers->warm_count--;
        return fiber;
    }
    fiber = fibers->cold;
    if (fiber == NULL) return fiber_new(fibers);
    fibers->cold = fiber->next;
    return fiber;
}

static void fiber_make_cold(struct fiber *fiber)
{
    (void)madvise(fiber->stack, FIBER_STACK_BYTES, MADV_DONTNEED);
    fiber->context.is_begun = false;
    fiber->next = fiber->fibers->cold;
    fiber->fibers->cold = fiber;
}

static void fiber_keep_idle(struct fiber *fiber)
{
    struct fibers *fibers = fiber->fibers;
    if (fibers->warm_count < FIBERS_WARM_MAX) {
        fiber->next = fibers->warm;
        fibers->warm = fiber;
        fibers->warm_count++;
        return;
    }
    fiber_make_cold(fiber);
}

void fibers_trim(struct fibers *fibers, size_t keep)
{
    while (fibers->warm_count > keep) {
        struct fiber *fiber = fibers->warm;
        fibers->warm = fiber->next;
        fibers->warm_count--;
        fiber_make_cold(fiber);
    }
}

/* ---- switches ---- */

/* Goes on with whoever resumed this fiber; returns when it is resumed. */
static void fiber_leave(struct fiber *fiber)
{
    struct fiber *caller = fiber->caller;
    struct context *target = caller != NULL ? &caller->context : &fiber->fibers->loop_context;
    /* NULL tells ASan that this stack is done with. */
    fiber_switch_start(fiber->is_ended ? NULL : &fiber->fake_stack, fiber->caller_stack,
                       fiber->caller_stack_bytes);
    context_switch(&fiber->context, target);
    fiber_switch_finish(fiber->fake_stack, &fiber->caller_stack, &fiber->caller_stack_bytes);
}

static void fiber_main(void)
{
    struct fiber *fiber = fiber_running;
    fiber_switch_finish(NULL, &fiber->caller_stack, &fiber->caller_stack_bytes);
    for (;;) {
        fiber->entry(fiber->argument);
        fiber->is_ended = true;
        fiber_leave(fiber); /* returns when the stack is used for another fiber */
    }
}

/* Runs a fiber until it waits or ends. */
static void fiber_enter(struct fiber *fiber)
{
    struct fibers *fibers = fiber->fibers;
    struct fiber *caller = fiber_running;
    struct context *here = caller != NULL ? &caller->context : &fibers->loop_context;
    void **fake_stack = caller != NULL ? &caller->fake_stack : &fibers->loop_fake_stack;
    fiber->caller = caller;
    fiber_running = fiber;
    fiber_switch_start(fake_stack, fiber->stack, FIBER_STACK_BYTES);
    context_switch(here, &fiber->context);
    fiber_switch_finish(*fake_stack, NULL, NULL);
    fiber_running = caller;
    if (!fiber->is_ended) return;
    fibers->alive_count--;
    metric_set(METRIC_FIBERS, (int64_t)fibers->alive_count);
    fiber_keep_idle(fiber);
}

/* Resumes what fibers have woken; on the loop's stack only. */
static void fibers_run_ready(struct fibers *fibers)
{
    assert(fiber_running == NULL);
    while (fibers->ready_first != NULL) {
        struct fiber *fiber = fibers->ready_first;
        fibers->ready_first = fiber->next;
        if (fibers->ready_first == NULL) fibers->ready_last = NULL;
        fiber->next = NULL;
        fiber_enter(fiber);
    }
}

static void fiber_make_ready(struct fiber *fiber)
{
    struct fibers *fibers = fiber->fibers;
    fiber->next = NULL;
    if (fibers->ready_last != NULL)
        fibers->ready_last->next = fiber;
    else
        fibers->ready_first = fiber;
    fibers->ready_last = fiber;
    if (fiber_running == NULL) fibers_run_ready(fibers);
}

static size_t fiber_depth(void)
{
    size_t depth = 0;
    for (const struct fiber *fiber = fiber_running; fiber != NULL; fiber = fiber->caller)
        depth++;
    return depth;
}

enum status fiber_spawn(struct fibers *fibers, void (*entry)(void *argument), void *argument)
{
    assert(fibers != NULL);
    assert(entry != NULL);
    assert(fiber_depth() < FIBERS_NESTED_MAX);
    if (fibers->alive_count >= FIBERS_MAX) return STATUS_OVERLOADED;
    struct fiber *fiber = fiber_pop_idle(fibers);
    fiber->next = NULL;
    fiber->entry = entry;
    fiber->argument = argument;
    fiber->is_ended = false;
    fiber->fake_stack = NULL;
    fiber_stack_unpoison(fiber);
    if (!fiber->context.is_begun) context_begin(&fiber->context, fiber_main, fiber->stack);
    fibers->alive_count++;
    metric_set(METRIC_FIBERS, (int64_t)fibers->alive_count);
    fiber_enter(fiber);
    if (fiber_running == NULL) fibers_run_ready(fibers);
    return STATUS_OK;
}

/* ---- completions ---- */

void completion_init(struct completion *completion, struct fibers *fibers)
{
    assert(completion != NULL);
    assert(fibers != NULL);
    *completion = (struct completion){ .fibers = fibers };
}

void completion_finish(struct completion *completion, enum status status)
{
    assert(completion != NULL);
    if (completion->is_done) return;
    completion->is_done = true;
    completion->status = status;
    struct fiber *waiter = completion->waiter;
    if (waiter == NULL) return;
    completion->waiter = NULL;
    timer_stop(completion->fibers->timers, &completion->timer);
    if (completion->previous != NULL) {
        completion->previous->next = completion->next;
        completion->next->previous = completion->previous;
        completion->previous = completion->next = NULL;
    }
    fiber_make_ready(waiter); /* the completion may be gone from here on */
}

static void completion_on_deadline(struct timer *timer)
{
    completion_finish(CONTAINER_OF(timer, struct completion, timer), STATUS_DEADLINE_EXCEEDED);
}

static void completion_suspend(struct completion *completion)
{
    struct fiber *fiber = fiber_running;
    assert(fiber != NULL);
    assert(fiber->fibers == completion->fibers);
    assert(completion->waiter == NULL);
    completion->waiter = fiber;
    fiber_leave(fiber);
    assert(completion->is_done);
}

enum status completion_wait(struct completion *completion, int64_t deadline_us)
{
    assert(completion != NULL);
    assert(fiber_running != NULL);
    struct fibers *fibers = completion->fibers;
    if (!completion->is_done && fibers->is_stopping) completion_finish(completion, STATUS_STOPPING);
    if (completion->is_done) return completion->status;
    completion->next = &fibers->waiting;
    completion->previous = fibers->waiting.previous;
    completion->previous->next = completion;
    fibers->waiting.previous = completion;
    completion->timer.on_fire = completion_on_deadline;
    if (deadline_us != INT64_MAX) timer_start(fibers->timers, &completion->timer, deadline_us);
    completion_suspend(completion);
    return completion->status;
}

enum status completion_wait_out(struct completion *completion)
{
    assert(completion != NULL);
    assert(fiber_running != NULL);
    if (!completion->is_done) completion_suspend(completion);
    return completion->status;
}

enum status fiber_sleep(struct fibers *fibers, int64_t duration_us)
{
    assert(duration_us >= 0);
    struct completion nothing;
    completion_init(&nothing, fibers);
    const int64_t now_us = clock_now_us(fibers->clock);
    const enum status status = completion_wait(&nothing, now_us + duration_us);
    return status == STATUS_DEADLINE_EXCEEDED ? STATUS_OK : status;
}

/* ---- the pool ---- */

struct fibers *fibers_new(struct timers *timers, struct clock *clock)
{
    assert(timers != NULL);
    assert(clock != NULL);
    struct fibers *fibers = calloc(1, sizeof *fibers);
    if (fibers == NULL) abort();
    fibers->timers = timers;
    fibers->clock = clock;
    fibers->guard_bytes = (size_t)sysconf(_SC_PAGESIZE);
    fibers->waiting.next = fibers->waiting.previous = &fibers->waiting;
    return fibers;
}

void fibers_destroy(struct fibers **fibers_pointer)
{
    assert(fibers_pointer != NULL);
    struct fibers *fibers = *fibers_pointer;
    if (fibers == NULL) return;
    assert(fibers->alive_count == 0);
    while (fibers->all != NULL) {
        struct fiber *fiber = fibers->all;
        fibers->all = fiber->next_of_all;
        fiber_destroy(fiber);
    }
    free(fibers);
    *fibers_pointer = NULL;
}

size_t fibers_alive(const struct fibers *fibers)
{
    return fibers->alive_count;
}

bool fibers_are_stopping(const struct fibers *fibers)
{
    return fibers->is_stopping;
}

void fibers_stop(struct fibers *fibers)
{
    assert(fibers != NULL);
    fibers->is_stopping = true;
    while (fibers->waiting.next != &fibers->waiting)
        completion_finish(fibers->waiting.next, STATUS_STOPPING);
}
