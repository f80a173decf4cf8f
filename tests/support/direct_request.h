/* Handlers of one domain without a node: no loop, no fibers, no bus. They run on the caller's stack
 * against a scratch database (blocking libpq); an ask calls the other handler at once. What they
 * are told is what a node tells them: ids, units, faults and audit entries are made by the host's
 * own code, bodies and replies go through the codec, asks have derived message ids. Kept as well:
 * committed rows only, remembered state of queued units, one transaction per unit, a second run
 * after a conflict. Left out: who may send what (authorise.h), Idempotency-Keys, inbox and outbox.
 */
#pragma once

#include "actors/host/domain.h"
#include "actors/host/request.h"

struct direct_market;

enum {
    DIRECT_UNITS_MAX = 128,
    DIRECT_KEYS_MAX = 256,
    DIRECT_EVENTS_MAX = 16384,
    DIRECT_FAULTS_MAX = 16
};

/* A new database with the common tables and one domain's migrations. */
struct direct_market *direct_market_new(const struct domain_definition *domain);
/* Drops the database. */
void direct_market_destroy(struct direct_market **market);

/* Answers what is asked of other domains; without it such an ask ends the test. */
void direct_set_peer(struct direct_market *market,
                     enum status (*answer)(void *context, const struct message *message,
                                           const void *body, void *ret_reply),
                     void *context);
/* One setting, such as "--market.currency=USD". */
void direct_set(struct direct_market *market, const char *setting);

/* Market and real time; both start at 2026-01-01. */
void direct_advance(struct direct_market *market, int64_t duration_us);
int64_t direct_now_us(const struct direct_market *market);

/* Runs the handler of a message and commits its unit; runs it again after a conflict, at most 5
 * times. */
MUST_CHECK enum status direct_call(struct direct_market *market, const struct principal *principal,
                                   const struct message *message, const void *body,
                                   void *ret_reply);
/* While on, units are queued in order and not committed (early release); off commits them, each by
 * itself. Returns how many were refused by their own checks. */
void direct_queue_units(struct direct_market *market);
size_t direct_commit_units(struct direct_market *market);
/* Forgets what activations remember, as a restart does. */
void direct_forget(struct direct_market *market);
/* Takes a batch of one event of another domain, which its intake or its handler knows, and commits
 * it. */
MUST_CHECK enum status direct_consume(struct direct_market *market, const struct message *event,
                                      const void *body, struct uuid event_id);
MUST_CHECK enum status direct_sweep(struct direct_market *market, const char *name);

/* How many statements of handlers were run so far, reads and writes: what something costs. */
size_t direct_statements(const struct direct_market *market);

/* Events that were committed, and the fault that the last refusal gave (code OK: none). */
size_t direct_events(const struct direct_market *market, uint16_t number);
/* What the last event of that kind says; there must have been one. */
void direct_last_event(const struct direct_market *market, const struct message *event,
                       void *ret_body);
/* How often units have told of that id since the hints were forgotten. */
size_t direct_hints(struct direct_market *market, struct uuid id);
void direct_forget_hints(struct direct_market *market);
struct request_fault direct_last_fault(const struct direct_market *market);

/* Runs SQL as the superuser, or as the domain's own role, and returns the first cell as text in the
 * market's arena, "" when there is none. */
struct text direct_sql(struct direct_market *market, const char *sql);
struct text direct_sql_as_role(struct direct_market *market, const char *sql);
