/* Children as small state machines, advanced by one poll loop that listens to signals. */
#include "runtime/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/absence.h"
#include "runtime/log.h"
#include "runtime/sandbox.h"
#include "runtime/watchdog.h"

enum {
    BACKOFF_RESET_US = 5000000, /* who ran that long starts again at the least delay */
    SILENCE_LOG_US = 2000000,
    SILENCE_ABORT_US = 8000000,
    SILENCE_KILL_US = 10000000,
    SUPERVISOR_LOOK_US = 250000,
    CHILD_EXIT_NO_EXEC = 127
};

struct child {
    struct child_spec spec;
    enum child_state state;
    pid_t pid; /* 0: not running */
    int64_t started_at_us, start_at_us, not_yet_since_us;
    struct restarts restarts;
    bool has_alarm;
    struct watchdog_page *page;
    int page_fd;
    uint64_t ticks;
    int64_t ticked_at_us;
    int silence; /* what was done about it so far: 1 logged, 2 aborted, 3 killed */
};

struct supervisor {
    const struct clock *clock;
    const struct rng *rng;
    struct child children[CHILDREN_MAX];
    int count;
    int signals;
    sigset_t mask_before;
    bool is_told_to_stop, is_stopping;
    void (*on_hangup)(void *context); /* may be NULL */
    void *hangup_context;
    struct absence absence;
};

/* ---- restarts ---- */

int64_t restarts_next_us(struct restarts *restarts, int64_t now_us, int64_t ran_us, uint32_t random)
{
    assert(restarts != NULL);
    if (restarts->is_alarming && ran_us >= RESTARTS_WINDOW_US) *restarts = (struct restarts){ 0 };
    if (restarts->count == RESTARTS_MAX &&
        now_us - restarts->at_us[restarts->next] < RESTARTS_WINDOW_US)
        restarts->is_alarming = true;
    restarts->at_us[restarts->next] = now_us;
    restarts->next = (restarts->next + 1) % RESTARTS_MAX;
    if (restarts->count < RESTARTS_MAX) restarts->count++;
    if (ran_us >= BACKOFF_RESET_US && !restarts->is_alarming) restarts->attempt = 0;
    int64_t delay_us = BACKOFF_MIN_US;
    for (unsigned i = 0; i < restarts->attempt && delay_us < BACKOFF_MAX_US; i++)
        delay_us *= 2;
    if (delay_us > BACKOFF_MAX_US) delay_us = BACKOFF_MAX_US;
    restarts->attempt++;
    /* Three to five quarters, so that children which fell together do not rise together. */
    return delay_us * 3 / 4 + delay_us / 2 * (int64_t)(random % 1024) / 1024;
}

/* ---- start ---- */

/* Raising it is anybody's right. */
static void child_set_oom_score(int score)
{
    char text[16];
    const int length = snprintf(text, sizeof text, "%d", score);
    const int fd = score == 0 ? -1 : open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)!write(fd, text, (size_t)length);
    (void)close(fd);
}

static void child_set_memory(int64_t bytes)
{
    const struct rlimit limit = { (rlim_t)bytes, (rlim_t)bytes };
    if (bytes > 0) (void)setrlimit(RLIMIT_DATA, &limit);
}

static void child_set_descriptors(const struct child *child)
{
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing >= 0) (void)dup2(nothing, 0);
    if (child->spec.output_fd >= 0) {
        (void)dup2(child->spec.output_fd, 1);
        (void)dup2(child->spec.output_fd, 2);
    }
    if (child->page == NULL) return;
    char text[16];
    (void)snprintf(text, sizeof text, "%d", child->page_fd);
    (void)fcntl(child->page_fd, F_SETFD, 0);
    (void)setenv(WATCHDOG_VARIABLE, text, 1);
}

/* The program may lie where its user cannot go: then by the descriptor that was opened before. By
 * its path if possible, since the kernel calls what it starts by a descriptor by a number. */
static void child_execute(const struct child_spec *spec, int program)
{
    char *const *arguments = (char *const *)(uintptr_t)spec->arguments;
    (void)execv(spec->arguments[0], arguments);
    if (errno == EACCES && program >= 0) (void)fexecve(program, arguments, environ);
}

/* In the new process; does not return. */
static void child_become(const struct supervisor *supervisor, const struct child *child,
                         pid_t parent)
{
    const struct child_spec *spec = &child->spec;
    /* A group of its own: an interrupt from the terminal is for the supervisor, which stops in
     * order. */
    (void)setpgid(0, 0);
    child_set_descriptors(child);
    child_set_oom_score(spec->oom_score);
    child_set_memory(spec->memory_max);
    const int program = spec->account == NULL ? -1 : open(spec->arguments[0], O_RDONLY | O_CLOEXEC);
    if (spec->account != NULL && !account_become(spec->account, spec->keeps_low_ports))
        _exit(CHILD_EXIT_NO_EXEC);
    /* Changing the user clears it, so it comes after; and the parent may be gone already. */
    (void)prctl(PR_SET_PDEATHSIG, spec->parent_death_signal);
    if (getppid() != parent) _exit(CHILD_EXIT_NO_EXEC);
    /* Until the program can hear it, it must not end of it. */
    if (spec->hears_hangup) (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_DFL); /* what is ignored stays so in the new program */
    (void)sigprocmask(SIG_SETMASK, &supervisor->mask_before, NULL);
    (void)sandbox_enter(); /* up_main.c says so when it cannot be had */
    child_execute(spec, program);
    _exit(CHILD_EXIT_NO_EXEC);
}

static int64_t child_retry_us(const struct child *child)
{
    return child->spec.retry_us > 0 ? child->spec.retry_us : NOT_YET_DELAY_US;
}

static void child_start(struct supervisor *supervisor, struct child *child)
{
    const int64_t now_us = clock_now_us(supervisor->clock);
    child->start_at_us = now_us + child_retry_us(child);
    if (child->spec.prepare != NULL && !child->spec.prepare(child->spec.context)) return;
    if (child->spec.has_watchdog) child->page = watchdog_page_new(&child->page_fd);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) child_become(supervisor, child, parent);
    if (pid < 0) {
        log_error("child_not_forked", LOG_STRING("child", child->spec.name),
                  LOG_INT("errno", errno));
        watchdog_page_destroy(&child->page, child->page_fd);
        return;
    }
    (void)setpgid(pid, pid); /* the child does the same; whoever comes first */
    child->pid = pid;
    child->state = CHILD_RUNS;
    child->started_at_us = child->ticked_at_us = now_us;
    child->ticks = 0;
    child->silence = 0;
    log_info("child_started", LOG_STRING("child", child->spec.name), LOG_INT("pid", pid));
}

static bool child_may_start(const struct supervisor *supervisor, const struct child *child)
{
    if (child->spec.after < 0) return true;
    const struct child *needed = &supervisor->children[child->spec.after];
    return needed->spec.is_run_once ? needed->state == CHILD_DONE : needed->state == CHILD_RUNS;
}

/* ---- end ---- */

/* Nothing outside starts a child that is given up as long as this process lives, and most causes go
 * away by themselves (a full disk, a port that is taken, a long recovery): so there is an alarm,
 * and it is tried again ever more rarely. */
static void child_raise_alarm(struct child *child, const char *why)
{
    if (child->has_alarm) return;
    child->has_alarm = true;
    log_error("child_failed", LOG_STRING("child", child->spec.name), LOG_STRING("alarm", why));
}

static void child_end_alarm(struct child *child)
{
    child->not_yet_since_us = 0;
    if (!child->has_alarm) return;
    child->has_alarm = false;
    child->restarts = (struct restarts){ 0 };
    log_info("child_recovered", LOG_STRING("child", child->spec.name));
}

/* The delay of a child whose time has not come; -1 of another. */
static int64_t child_not_yet_delay_us(struct child *child, int exit_code, int64_t ran_us,
                                      int64_t now_us)
{
    if (child->spec.is_not_yet == NULL ||
        !child->spec.is_not_yet(child->spec.context, exit_code, ran_us)) {
        child->not_yet_since_us = 0;
        return -1;
    }
    if (child->not_yet_since_us == 0) child->not_yet_since_us = now_us;
    if (now_us - child->not_yet_since_us < NOT_YET_MAX_US) return child_retry_us(child);
    child_raise_alarm(child, "what it needs does not come; it is tried again");
    return NOT_YET_LATE_DELAY_US;
}

static void child_plan_restart(struct supervisor *supervisor, struct child *child, int exit_code,
                               int64_t ran_us)
{
    const int64_t now_us = clock_now_us(supervisor->clock);
    child->state = CHILD_WAITS;
    if (exit_code == CHILD_EXIT_FENCED) {
        /* A newer owner had its shards; the next start claims them anew. */
        child->start_at_us = now_us;
        return;
    }
    int64_t delay_us = child_not_yet_delay_us(child, exit_code, ran_us, now_us);
    if (delay_us < 0) {
        uint32_t random = 0;
        supervisor->rng->fill(supervisor->rng->context, &random, sizeof random);
        delay_us = restarts_next_us(&child->restarts, now_us, ran_us, random);
        if (child->restarts.is_alarming)
            child_raise_alarm(child, "it ends too often; it is started again ever more rarely");
    }
    child->start_at_us = now_us + delay_us;
}

static void child_on_end(struct supervisor *supervisor, struct child *child, int wait_status)
{
    const int64_t ran_us = clock_now_us(supervisor->clock) - child->started_at_us;
    const int exit_code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    const int signal_number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    child->pid = 0;
    watchdog_page_destroy(&child->page, child->page_fd);
    log_info("child_ended", LOG_STRING("child", child->spec.name), LOG_INT("exit_code", exit_code),
             LOG_INT("signal", signal_number), LOG_INT("ran_ms", ran_us / 1000));
    if (child->spec.on_end != NULL) child->spec.on_end(child->spec.context);
    if (supervisor->is_stopping) {
        child->state = CHILD_STOPPED;
        return;
    }
    if (child->spec.is_run_once && exit_code == 0 &&
        (child->spec.finish == NULL || child->spec.finish(child->spec.context))) {
        child->state = CHILD_DONE;
        child_end_alarm(child);
        return;
    }
    child_plan_restart(supervisor, child, exit_code, ran_us);
}

static void supervisor_reap(struct supervisor *supervisor)
{
    for (int i = 0; i < supervisor->count; i++) {
        struct child *child = &supervisor->children[i];
        int wait_status;
        if (child->pid != 0 && waitpid(child->pid, &wait_status, WNOHANG) == child->pid)
            child_on_end(supervisor, child, wait_status);
    }
}

/* ---- watching ---- */

static void child_watch(const struct supervisor *supervisor, struct child *child)
{
    static const struct {
        int64_t after_us;
        int signal;
        const char *event;
    } steps[] = { { SILENCE_LOG_US, 0, "child_stalled" },
                  { SILENCE_ABORT_US, SIGABRT, "child_aborted" },
                  { SILENCE_KILL_US, SIGKILL, "child_killed" } };
    const int64_t now_us = clock_now_us(supervisor->clock);
    if (child->pid == 0) return;
    if (now_us - child->started_at_us >= RESTARTS_WINDOW_US) child_end_alarm(child);
    if (child->page == NULL) return;
    const uint64_t ticks = atomic_load_explicit(&child->page->ticks, memory_order_relaxed);
    if (ticks == 0 || ticks != child->ticks) {
        child->ticks = ticks;
        child->ticked_at_us = now_us;
        child->silence = 0;
        return;
    }
    if (child->silence >= (int)ARRAY_LENGTH(steps)) return;
    if (now_us - child->ticked_at_us < steps[child->silence].after_us) return;
    log_error(steps[child->silence].event, LOG_STRING("child", child->spec.name),
              LOG_INT("pid", child->pid),
              LOG_INT("silent_ms", (now_us - child->ticked_at_us) / 1000));
    if (steps[child->silence].signal != 0) (void)kill(child->pid, steps[child->silence].signal);
    child->silence++;
}

/* ---- the loop ---- */

static void supervisor_hand_on_hangup(const struct supervisor *supervisor)
{
    log_reopen();
    log_info("log_reopened");
    if (supervisor->on_hangup != NULL) supervisor->on_hangup(supervisor->hangup_context);
    for (int i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];
        if (child->pid != 0 && child->spec.hears_hangup) (void)kill(child->pid, SIGHUP);
    }
}

static void supervisor_read_signals(struct supervisor *supervisor)
{
    struct signalfd_siginfo information;
    while (read(supervisor->signals, &information, sizeof information) ==
           (ssize_t)sizeof information) {
        if (information.ssi_signo == SIGHUP)
            supervisor_hand_on_hangup(supervisor);
        else if (information.ssi_signo != SIGCHLD)
            supervisor->is_told_to_stop = true;
    }
}

/* While this process did not run, no child could be seen to tick; often all have stood still. */
static void supervisor_forgive_silence(struct supervisor *supervisor)
{
    const int64_t absence_us =
        absence_measure(&supervisor->absence, clock_now_us(supervisor->clock), SUPERVISOR_LOOK_US);
    if (absence_us == 0) return;
    log_warning("supervisor_was_away", LOG_INT("ms", absence_us / 1000));
    for (int i = 0; i < supervisor->count; i++)
        supervisor->children[i].ticked_at_us += absence_us;
}

/* Sleeps until a signal, but not beyond `until_us`. */
static void supervisor_wait(struct supervisor *supervisor, int64_t until_us)
{
    int64_t left_us = until_us - clock_now_us(supervisor->clock);
    if (left_us < 0) left_us = 0;
    if (left_us > SUPERVISOR_LOOK_US) left_us = SUPERVISOR_LOOK_US;
    struct pollfd descriptor = { .fd = supervisor->signals, .events = POLLIN };
    (void)poll(&descriptor, 1, (int)((left_us + 999) / 1000));
    supervisor_read_signals(supervisor);
    supervisor_reap(supervisor);
    supervisor_forgive_silence(supervisor);
    for (int i = 0; i < supervisor->count; i++)
        child_watch(supervisor, &supervisor->children[i]);
}

/* Starts what is due; gives when the next one is. */
static int64_t supervisor_start_due(struct supervisor *supervisor)
{
    int64_t next_us = INT64_MAX;
    for (int i = 0; i < supervisor->count; i++) {
        struct child *child = &supervisor->children[i];
        if (child->state != CHILD_WAITS || !child_may_start(supervisor, child)) continue;
        if (child->start_at_us <= clock_now_us(supervisor->clock)) child_start(supervisor, child);
        if (child->state == CHILD_WAITS && child->start_at_us < next_us)
            next_us = child->start_at_us;
    }
    return next_us;
}

bool supervisor_run(struct supervisor *supervisor, int64_t duration_us)
{
    assert(supervisor != NULL);
    const int64_t end_us =
        duration_us < 0 ? INT64_MAX : clock_now_us(supervisor->clock) + duration_us;
    while (!supervisor->is_told_to_stop && clock_now_us(supervisor->clock) < end_us) {
        const int64_t next_us = supervisor_start_due(supervisor);
        supervisor_wait(supervisor, next_us < end_us ? next_us : end_us);
    }
    return supervisor->is_told_to_stop;
}

static bool supervisor_wait_for_end(struct supervisor *supervisor, const struct child *child,
                                    int64_t duration_us)
{
    const int64_t end_us = clock_now_us(supervisor->clock) + duration_us;
    while (child->pid != 0 && clock_now_us(supervisor->clock) < end_us)
        supervisor_wait(supervisor, end_us);
    return child->pid == 0;
}

void supervisor_stop(struct supervisor *supervisor)
{
    assert(supervisor != NULL);
    supervisor->is_stopping = true;
    for (int i = supervisor->count; i > 0; i--) {
        struct child *child = &supervisor->children[i - 1];
        if (child->pid == 0) continue;
        (void)kill(child->pid, child->spec.stop_signal);
        if (supervisor_wait_for_end(supervisor, child, child->spec.stop_wait_us)) continue;
        log_error("child_forced", LOG_STRING("child", child->spec.name));
        (void)kill(child->pid, child->spec.force_signal);
        if (supervisor_wait_for_end(supervisor, child, child->spec.stop_wait_us)) continue;
        (void)kill(child->pid, SIGKILL);
        (void)supervisor_wait_for_end(supervisor, child, child->spec.stop_wait_us);
    }
}

/* ---- life ---- */

struct supervisor *supervisor_new(const struct clock *clock, const struct rng *rng)
{
    assert(clock != NULL);
    assert(rng != NULL);
    struct supervisor *supervisor = calloc(1, sizeof *supervisor);
    if (supervisor == NULL) abort();
    supervisor->clock = clock;
    supervisor->rng = rng;
    absence_init(&supervisor->absence, clock_now_us(clock));
    sigset_t mask;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGCHLD);
    (void)sigaddset(&mask, SIGTERM);
    (void)sigaddset(&mask, SIGINT);
    (void)sigaddset(&mask, SIGHUP);
    int result = sigprocmask(SIG_BLOCK, &mask, &supervisor->mask_before);
    assert(result == 0);
    supervisor->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (supervisor->signals < 0) abort();
    return supervisor;
}

void supervisor_destroy(struct supervisor **supervisor_pointer)
{
    assert(supervisor_pointer != NULL);
    struct supervisor *supervisor = *supervisor_pointer;
    if (supervisor == NULL) return;
    for (int i = 0; i < supervisor->count; i++)
        watchdog_page_destroy(&supervisor->children[i].page, supervisor->children[i].page_fd);
    (void)close(supervisor->signals);
    (void)sigprocmask(SIG_SETMASK, &supervisor->mask_before, NULL);
    free(supervisor);
    *supervisor_pointer = NULL;
}

int supervisor_add(struct supervisor *supervisor, const struct child_spec *spec)
{
    assert(supervisor != NULL);
    assert(supervisor->count < CHILDREN_MAX);
    assert(spec->after < supervisor->count);
    assert(spec->arguments[0] != NULL);
    struct child *child = &supervisor->children[supervisor->count];
    *child = (struct child){ .spec = *spec, .state = CHILD_WAITS, .page_fd = -1 };
    return supervisor->count++;
}

void supervisor_on_hangup(struct supervisor *supervisor, void (*on_hangup)(void *context),
                          void *context)
{
    assert(on_hangup != NULL);
    supervisor->on_hangup = on_hangup;
    supervisor->hangup_context = context;
}

enum child_state supervisor_child_state(const struct supervisor *supervisor, int child)
{
    assert(child >= 0);
    assert(child < supervisor->count);
    return supervisor->children[child].state;
}

bool supervisor_child_has_alarm(const struct supervisor *supervisor, int child)
{
    assert(child >= 0);
    assert(child < supervisor->count);
    return supervisor->children[child].has_alarm;
}

pid_t supervisor_child_pid(const struct supervisor *supervisor, int child)
{
    assert(child >= 0);
    assert(child < supervisor->count);
    return supervisor->children[child].pid;
}
