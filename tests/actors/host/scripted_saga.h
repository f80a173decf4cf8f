/* A saga of four stages whose steps do as the test says: price; reserve and hold side by side;
 * place, the pivot; post. It runs in a node without a bus, and its pivot and its end commit units
 * as handlers do. */
#pragma once

#include "actors/host/saga_run.h"
#include "tests/actors/host/host_stage.h"

enum { SAGA_SHARD = 5, SECOND_US = 1000 * 1000 };

/* What a step does so many times before it goes well. */
struct step_script {
    enum status failure;
    unsigned times, seen;
};

extern struct host_stage *saga_stage;
extern struct step_script saga_price, saga_reserve, saga_hold, saga_place, saga_post;
extern struct step_script saga_unreserve, saga_unhold;
extern bool saga_explains; /* whether a refused reservation says why */
/* So often `hold` pauses before it does as its script says, and what it shows meanwhile (NULL:
 * nothing). */
extern unsigned saga_hold_pauses, saga_hold_paused;
extern const char *saga_hold_shows;
extern const struct saga_kind saga_purchase;
extern const struct uuid saga_of_test;

/* For each claim. */
int saga_open(void **state);

/* In a story: commits the row as the starting handler does, and gives what is to be run. */
struct saga_process *saga_commit_start(int64_t life_us);
/* In a story: a purchase from its start to its end. */
void saga_run_whole(struct host_stage *stage);
/* "price reserve hold place post": what went well, in this order; "-hold" is an undo. */
void saga_assert_trace(const char *expected);
/* "is_done direction point" of the one row. */
void saga_assert_row(const char *expected);
/* "status http_status" under the Idempotency-Key, or "running". */
void saga_assert_key(const char *expected);
