/* What a node has besides its bus and its domains: a loop whose time can be skipped, fibers, one
 * database with the host's tables, and a struct host around them. For tests of what runs by itself
 * there. Each claim gets a stage of its own on one scratch database, whose tables are emptied. */
#pragma once

#include "actors/host/request_internal.h"
#include "tests/support/scratch_database.h"
#include "tests/support/time_skip.h"

struct host_stage {
    struct loop *loop;
    struct time_skip skip;
    struct fibers *fibers;
    struct config *config;
    struct dispatch_table dispatch;
    struct domain_definition definition;
    struct host host;
    struct hosted hosted; /* the domain `order`, all of its shards */
    void (*story)(struct host_stage *stage);
    bool is_told;
};

/* The scratch database, once per program; for cmocka's groups. */
int host_stage_make_database(void **state);
int host_stage_drop_database(void **state);
/* For each claim; *state is the stage. */
int host_stage_open(void **state);
int host_stage_close(void **state);

/* Runs the story on a fiber until it returns. */
void host_stage_tell(struct host_stage *stage, void (*story)(struct host_stage *stage));
/* In a story: lets time pass, in steps short enough for every timer in between. */
void host_stage_skip(struct host_stage *stage, int64_t duration_us);
/* In a story: turns of the loop until nothing of the host runs by itself any more, at most some
 * seconds. */
void host_stage_settle(struct host_stage *stage);
/* The first cell that the superuser is answered. */
const char *host_stage_sql(const char *sql);
