/* One node program: the domains that it hosts, and what they share. For the files of actors/host/;
 * no domain sees it. */
#pragma once

#include "actors/host/domain.h"
#include "runtime/actor.h"
#include "runtime/bus.h"
#include "runtime/offload.h"
#include "runtime/transfer.h"
#include "storage/database.h"
#include "storage/unit_of_work.h"

enum {
    SPARE_ARENAS_MAX = 64,
    FREE_ARENA_BYTES = 16 * 1024,       /* of work that no message asked for: sweeps, consumers */
    FREE_TIMEOUT_US = 10 * 1000 * 1000, /* the same */
    START_TIMEOUT_US = 60 * 1000 * 1000
};

struct host;
struct saga_process;
struct consumer;
struct feed_source;
struct fault_plan;
struct service;

/* One domain as this node hosts it. */
struct hosted {
    struct host *host;
    const struct domain_definition *definition; /* NULL: not hosted here */
    enum domain domain;
    struct database *database;
    struct actors *actors;
    unsigned shard_first, shard_last;
    bool is_ready;
    struct saga_process *sagas;     /* running ones */
    struct consumer *consumers;     /* one per source of events */
    struct feed_source *feed;       /* how far others have read this domain's events */
    struct service *service;        /* what the domain keeps here beside its database; NULL: none */
    struct fault_plan *fault_plans; /* of tests (fault_points.h); NULL: none was ever set */
    bool is_sweeping[DOMAIN_SWEEPS_MAX];
};

struct host {
    struct loop *loop;
    struct fibers *fibers;
    struct bus *bus;
    struct offload *offload;
    struct transfers *transfers; /* NULL until the first one */
    const struct config *config;
    char name[MEMBER_NAME_MAX + 1]; /* of the node, as a member of its site */
    uint8_t principal_key[32];
    uint8_t asker_seed[16];         /* asker.h */
    size_t jobs;                    /* messages under way */
    int64_t offloads;               /* pieces of blocking work that wait or run */
    struct pool_asker *pool_askers; /* whose they are */
    /* Of jobs that have ended, for the next ones. */
    struct arena *spare_arenas[SPARE_ARENAS_MAX];
    size_t spare_arenas_count;
    size_t services; /* sweeps, consumers, sagas and starters that still run */
    size_t pauses;   /* steps of sagas that wait for somebody outside */
    bool is_started; /* every domain is served and has resumed what was under way */
    bool is_stopping;
    bool is_untidy; /* there was a burst since memory was last given back */
    int exit_code;
    struct hosted hosted[DOMAIN_LIMIT];
};

/* Runs `entry(argument)` on a fiber that counts as a service of the host. It must call
 * host_service_ends() as the last thing it does. Statuses: OK, OVERLOADED (no fiber is free, and
 * entry was not called). */
MUST_CHECK enum status host_spawn(struct host *host, void (*entry)(void *argument), void *argument);
/* The same for what must not fail: without a free fiber the caller's own runs it, to its end. WAITS
 * in that case. */
void host_run_service(struct host *host, void (*entry)(void *argument), void *argument);
void host_service_ends(struct host *host);
/* 16 random bytes: for ids that need no shard. */
struct uuid host_random_uuid(const struct host *host);
