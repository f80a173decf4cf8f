/* What a domain tells its host: its handlers, its long processes, and what it does by the clock.
 * One `const struct domain_definition <name>_domain` per domain, at the end of <name>_actor.c, and
 * one line in registry.def. */
#pragma once

#include "actors/host/dispatch_table.h"
#include "actors/host/saga.h"
#include "actors/host/service.h"

enum { DOMAIN_SAGAS_MAX = 12, DOMAIN_SWEEPS_MAX = 12, DOMAIN_CHECKS_MAX = 15 };

/* Timers are rows: a sweep looks for rows of the node's own shards that are due and asks their
 * actors. It runs on a fiber of its own, never twice at once, with a request that has no key and no
 * writes. WAITS. */
struct domain_sweep {
    const char *name;
    int64_t every_us;
    enum status (*run)(struct request *request, unsigned shard_first, unsigned shard_last);
};

/* Events that a domain takes in batches (`batches` in its TOML): their handlers only collect what
 * they are about in request_intake(), and `end` queues the writes for all of them. Those writes and
 * the position among the events are committed in one unit, so that nothing is lost or done twice;
 * but no actor orders them with commands, and the unit is fenced by one shard only: they may but
 * insert rows, and a unique key must say what is there already. When a batch fails, each of its
 * events is tried alone. WAITS. */
struct domain_intake {
    size_t size; /* bytes of request_intake() */
    enum status (*end)(struct request *request);
};

/* What must hold of the domain's rows, recomputed from them (actors/host/invariants.h). */
struct domain_check {
    const char *name;
    const char *covers; /* for people: which of the market's rules */
    /* Names of its rules, of which $1 is the check's, which are asked one by one, so that none of
     * them takes long; NULL: all are one question. */
    const struct statement *rules;
    /* Rows of two texts, a rule and its subject: what does not add up; $1 is how many at most, $2
     * the rule, if the check has any. */
    const struct statement *violations;
    const struct statement *compared; /* one number: how many rows are looked at */
};

/* A sum that another domain has, too: rows of a currency, a count and an amount. */
struct domain_figure {
    const char *name;
    const struct statement *rows;
};

/* At most as many `decisions` are looked at. */
enum { DOMAIN_DECISIONS_MAX = 5000 };

struct common_audit_entry;

struct domain_definition {
    const struct dispatch_table *dispatch;
    /* Queues an audit entry of the domain's own commands; NULL: it is published as the domain's
     * event (dispatch->audit), which the admin domain consumes. */
    void (*record_audit)(struct request *request, const struct common_audit_entry *entry);
    const struct saga_kind *const *sagas;
    size_t sagas_count;
    const struct domain_sweep *sweeps;
    size_t sweeps_count;
    const struct domain_intake *intake;   /* NULL: events come one by one */
    const struct domain_service *service; /* NULL: there is nothing but the database */
    const struct domain_check *checks;
    size_t checks_count;
    const struct domain_figure *figures;
    size_t figures_count;
    /* Ids of the requests by which vendors and staff changed rows that remember it, each once, the
     * newest first; $1 is how many at most, $2 the market time before which they were. NULL: no
     * rows remember it. */
    const struct statement *decisions;
};
