/* Who stands in a PostgreSQL cluster's lock file when we start no server yet: a postmaster whose
 * supervisor is gone, or a process that was merely given the same number. Either keeps every other
 * server out for as long as it lives. */
#pragma once

#include "runtime/paths.h"

/* The caller holds the lock of the data directory, so a postmaster that runs there has no
 * supervisor any more. */
struct postmaster_watch {
    const char *cluster_dir;
    int64_t since_us; /* monotonic, when the present one was first seen; 0: nobody was */
    int64_t pid;
    int steps;                /* that have been taken against it */
    int64_t orphans_since_us; /* when processes without a postmaster were first seen; 0: none are */
};

enum postmaster_way {
    POSTMASTER_WAY_IS_FREE, /* as far as one can see: the server has the last word */
    POSTMASTER_IS_ENDED,    /* one runs and was told to end: look again soon */
    POSTMASTER_IS_UNKNOWN   /* nothing can be done about it but to say so: look again later */
};

/* Looks at CLUSTER_DIR/postmaster.pid. A postmaster of this directory (by its program, its
 * directory and its start) is told to end: SIGINT, SIGQUIT after 5 s, SIGKILL after 10 s. A file
 * whose process is something else is removed, unless the shared memory that it names is in use.
 * Logs each step once. Where no postmaster is, processes of one that has died are told to end, too
 * (SIGQUIT, SIGKILL after 2 s): its memory is in use for as long as one of them lives. */
enum postmaster_way postmaster_clear_way(struct postmaster_watch *watch, int64_t now_us);
/* Sends the signal to every PostgreSQL process of the directory; how many there were. Only when no
 * postmaster of it is ours. */
unsigned postmaster_signal_orphans(const char *cluster_dir, int signal);
