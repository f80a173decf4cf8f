/* A node program without its main(): what main.c and tests start and stop. */
#pragma once

#include "actors/host/host.h"

enum { NODE_EXIT_FENCED = 75 };

struct node_options {
    struct loop *loop;
    struct fibers *fibers;
    const struct config *config;
    const struct mesh_keys *keys;
    const char *name;    /* the member's */
    const char *run_dir; /* where the sockets of the mesh are */
    uint32_t domains;    /* bit (1 << enum domain) */
    unsigned shard_first, shard_last;
};

/* Binds, joins, and begins to claim the shards; the node is ready when the bus says so. Fills
 * `host`, which the caller keeps until node_destroy(). Statuses: OK, UNAVAILABLE (cannot bind),
 * NOT_FOUND (an unknown domain, no password), OVERLOADED. */
MUST_CHECK enum status node_start(struct host *host, const struct node_options *options);
/* No new messages; when those under way have ended, or after 10 s, the loop stops. */
void node_stop(struct host *host);
/* After the loop has stopped. Ends every wait and frees. */
void node_destroy(struct host *host);
