/* A store, timers and a clock in the hands of a test: nothing happens until the test says so. */
#pragma once

#include "runtime/platform.h"
#include "storage/store.h"

enum { FAKE_SEGMENTS_MAX = 64, FAKE_TIMERS_MAX = 16 };

struct fake_store {
    struct store store;
    struct timers timers;
    struct clock clock;
    struct store_segment *segments[FAKE_SEGMENTS_MAX]; /* submitted and not answered, in order */
    size_t segments_count;
    size_t submitted; /* ever */
    struct timer *started[FAKE_TIMERS_MAX];
    size_t started_count;
    int64_t now_us;
};

void fake_store_init(struct fake_store *fake);
/* Moves the clock and fires what is due, each timer at most once. */
void fake_store_pass(struct fake_store *fake, int64_t duration_us);
/* The segment that has waited longest, still without an answer. Fails the test if there is none. */
struct store_segment *fake_store_first(struct fake_store *fake);
/* Answers it: committed. */
void fake_store_commit(struct fake_store *fake);
/* Answers it: rolled back, because call number `call` failed so. DETAIL may be "". */
void fake_store_fail(struct fake_store *fake, size_t call, enum status status, const char *detail);
/* The same, for a reason that passes by itself. */
void fake_store_fail_now(struct fake_store *fake, size_t call, enum store_fault fault);
/* Answers it: the connection was lost; `was_sent` says whether before or after it went out. */
void fake_store_lose(struct fake_store *fake, bool was_sent);
