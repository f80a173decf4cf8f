/* The agent of one host: learns from JOINs and PINGs who runs, and pushes versioned snapshots to
 * everybody, at once after a change and each second. Which nodes and gateways may join is
 * configured; clients may come and go. The state is in memory only: after a restart it asks those
 * who still listen in RUN_DIR to join again before it speaks. */
#pragma once

#include "runtime/loop.h"
#include "runtime/members.h"

struct agent;

enum { AGENT_GRACE_US = 3000000 /* after the start nobody is declared dead */ };

struct agent_options {
    struct loop *loop;
    const char *run_dir; /* 0700; made if it is missing */
    const struct mesh_keys *keys;
    const struct members *configured; /* names and kinds; copied */
};

/* Statuses: OK, CONFLICT (another agent runs there), UNAVAILABLE (cannot make the directory or
 * bind). */
MUST_CHECK enum status agent_new(const struct agent_options *options, struct agent **ret_agent);
void agent_destroy(struct agent **agent);
