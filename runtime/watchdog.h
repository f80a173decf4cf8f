/* A loop that has stopped turning is noticed from outside: it writes its turns into a page that it
 * shares with the supervisor, which speaks of it after 2 s of silence, aborts it after 8 s and
 * kills it 2 s later. (ZeroMQ's heartbeats are no sign of life: its I/O thread answers them while
 * the loop hangs.) */
#pragma once

#include "runtime/loop.h"

#define WATCHDOG_VARIABLE "SOUK_WATCHDOG_FD"

struct watchdog;

/* What both sides see. */
struct watchdog_page {
    _Atomic uint64_t ticks; /* 0: never ticked, so not watched */
};

/* The child's side: ticks each turn, and turns at least every 250 ms. Does nothing in a process
 * that nobody supervises. */
struct watchdog *watchdog_new(struct loop *loop);
/* Only after the loop has stopped for good. */
void watchdog_destroy(struct watchdog **watchdog);

/* The supervisor's side: makes a page; the descriptor is close-on-exec. NULL when the system has no
 * memory to share. */
struct watchdog_page *watchdog_page_new(int *ret_fd);
void watchdog_page_destroy(struct watchdog_page **page, int fd);
