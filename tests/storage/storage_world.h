/* One database with one owner on one loop, and workers that each commit one unit from a fiber of
 * its own. */
#pragma once

#include "storage/query.h"
#include "storage/unit_of_work.h"
#include "tests/support/scratch_database.h"

enum { WORKERS_MAX = 128, WORLD_SHARD = 5, WORLD_NUMBER = 5010 };

struct world;

/* What a worker does, and how it went. */
struct worker {
    struct world *world;
    struct arena *arena;
    unsigned shard;
    struct uuid msg_id;
    unsigned events;
    /* Adds its writes to the unit; may be NULL. */
    void (*write)(struct worker *worker, struct unit *unit);
    struct uuid account;
    int64_t version, balance;
    struct stored_answer answer; /* given to the unit */
    struct uuid key;
    int64_t patience_us; /* from now; 0: as long as units wait by themselves */

    enum status enqueued, status;
    bool is_repeat;
    struct stored_answer stored;
    size_t order; /* 1 for the first worker that was settled */
};

struct world {
    struct scratch *scratch;
    struct loop *loop;
    struct fibers *fibers;
    struct database *database;
    struct worker workers[WORKERS_MAX];
    size_t workers_count, done_count;
    unsigned fenced_count;
    uint64_t last_outbox[64];
    void (*story)(struct world *world);
};

int world_setup(void **state);
int world_teardown(void **state);
/* Runs `story` in a fiber until it returns. */
void world_run(struct world *world, void (*story)(struct world *world));
/* Adds a worker with a msg_id of its own; settle its fields before world_work(). */
struct worker *world_worker(struct world *world,
                            void (*write)(struct worker *worker, struct unit *unit));
/* Runs all workers that were added since the last call, started in one turn, until all are settled.
 */
void world_work(struct world *world);
/* The number that an SQL query gives, asked as the administrator. */
long world_number(const struct world *world, const char *sql);
int64_t world_deadline_us(const struct world *world, int64_t from_now_us);

/* Writes: account `account` with `balance`, in the second case so that it may share its statement
 * with others; version + 1 if it is `version`; and a statement that always fails. */
void write_insert_account(struct worker *worker, struct unit *unit);
void write_add_account(struct worker *worker, struct unit *unit);
void write_bump_account(struct worker *worker, struct unit *unit);
void write_nonsense(struct worker *worker, struct unit *unit);
