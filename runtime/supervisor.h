/* Starts the processes of one host, each when what it needs is there, restarts those that end (one
 * for one, as OTP's supervisors: restart intensity, Armstrong 2003, section 5.3; but nobody is
 * given up), watches their loops, and stops them in order. One thread, its own poll loop, no
 * ZeroMQ, no libpq. */
#pragma once

#include <sys/types.h>

#include "runtime/account.h"
#include "runtime/platform.h"

enum {
    CHILDREN_MAX = 80,
    CHILD_ARGUMENTS_MAX = 64,
    RESTARTS_MAX = 5, /* in RESTARTS_WINDOW_US; one more and there is an alarm */
    RESTARTS_WINDOW_US = 30000000,
    BACKOFF_MIN_US = 200000,
    BACKOFF_MAX_US = 10000000,
    NOT_YET_DELAY_US = 200000,
    NOT_YET_MAX_US = 60000000,       /* afterwards there is an alarm, */
    NOT_YET_LATE_DELAY_US = 5000000, /* and it is tried less often */
    CHILD_EXIT_FENCED = 75
};

/* When a child that ended may run again. */
struct restarts {
    int64_t at_us[RESTARTS_MAX]; /* a ring */
    size_t count, next;
    unsigned attempt;
    bool is_alarming; /* it ends too often; until it has run for RESTARTS_WINDOW_US */
};
/* The delay before the next start, which grows with each end. ran_us: how long it has run; random:
 * any. */
int64_t restarts_next_us(struct restarts *restarts, int64_t now_us, int64_t ran_us,
                         uint32_t random);

/* Every child is confined (sandbox.h), as far as the kernel can do it. */
struct child_spec {
    const char *name;                               /* for logs */
    const char *arguments[CHILD_ARGUMENTS_MAX + 1]; /* the program's path first; ended by NULL */
    int after; /* number of the child that must be running, or done when it is run once; -1: none */
    bool is_run_once; /* exit 0: done; else again */
    bool has_watchdog;
    bool hears_hangup;             /* gets SIGHUP when the supervisor does */
    const struct account *account; /* that it runs as; NULL: as we do. Borrowed. */
    bool keeps_low_ports;          /* an account that may listen on ports below 1024 */
    int output_fd;                 /* both outputs; -1: ours */
    int oom_score;      /* of oom_score_adj: the higher, the sooner the kernel ends it; 0: ours */
    int64_t memory_max; /* bytes of private memory, beyond which it gets none; 0: ours */
    int stop_signal, force_signal;
    int64_t stop_wait_us; /* between the two */
    int parent_death_signal;
    int64_t retry_us; /* of prepare and is_not_yet; 0: NOT_YET_DELAY_US */
    void *context;
    /* Before each start; false: try again later. May be NULL. */
    bool (*prepare)(void *context);
    /* After a run-once child has ended with 0; false: as if it had failed. May be NULL. */
    bool (*finish)(void *context);
    /* After each end, whatever comes next. May be NULL. */
    void (*on_end)(void *context);
    /* True if this exit means that the time has not come yet: again after retry_us, not counted.
     * May be NULL. */
    bool (*is_not_yet)(void *context, int exit_code, int64_t ran_us);
};

enum child_state { CHILD_WAITS, CHILD_RUNS, CHILD_DONE, CHILD_STOPPED };

struct supervisor;

/* clock and rng are borrowed. Takes over SIGCHLD, SIGTERM, SIGINT and SIGHUP of the process, until
 * destroyed. SIGHUP opens the log anew and is handed on; it ends nobody. */
struct supervisor *supervisor_new(const struct clock *clock, const struct rng *rng);
void supervisor_destroy(struct supervisor **supervisor);
/* Gives the child's number; strings are borrowed. */
int supervisor_add(struct supervisor *supervisor, const struct child_spec *spec);
/* What is done at a SIGHUP when our own log has been opened anew, before the children hear of it.
 */
void supervisor_on_hangup(struct supervisor *supervisor, void (*on_hangup)(void *context),
                          void *context);
/* Works for at most `duration_us` (-1: until told to stop). Gives true when SIGTERM or SIGINT came.
 */
bool supervisor_run(struct supervisor *supervisor, int64_t duration_us);
/* Stops every child, last added first, one after the other. */
void supervisor_stop(struct supervisor *supervisor);
enum child_state supervisor_child_state(const struct supervisor *supervisor, int child);
pid_t supervisor_child_pid(const struct supervisor *supervisor, int child);
/* True while it ends too often, or its time does not come: somebody should look. It is tried again
 * all the same, and the alarm ends when it has run for RESTARTS_WINDOW_US, or is done. */
bool supervisor_child_has_alarm(const struct supervisor *supervisor, int child);
