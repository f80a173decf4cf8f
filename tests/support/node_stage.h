/* A node on a stage: scratch databases, an agent, a node with its domains, a gateway's and a
 * client's bus, all on one loop of the test. Messages go through bus, dispatch and PostgreSQL as in
 * production. Failures of the set-up end the program. */
#pragma once

#include "actors/host/node.h"
#include "messages/schema.h"

struct stage;

/* Starts a node with these domains and waits until it is ready. */
struct stage *stage_new(const char *const *domains, size_t count);
/* The same with settings such as "--events.attempts=2". */
struct stage *stage_new_with(const char *const *domains, size_t count, const char *const *settings,
                             size_t settings_count);
void stage_destroy(struct stage **stage);
/* Runs `story` on a fiber until it returns. */
void stage_run(struct stage *stage, void (*story)(struct stage *stage, void *context),
               void *context);

/* Inside a story: sends a message as whoever may send it (role node: another actor; operator: a
 * client; else a gateway, on behalf of `shopper`, or of nobody when that is zero). WAITS. Returns
 * the handler's status. The reply lives as long as the stage. */
enum status stage_ask(struct stage *stage, struct uuid shopper, const struct message *message,
                      const void *body, void *ret_reply);
/* The same with an Idempotency-Key; tells whether the answer was a replay, and the HTTP status that
 * the handler chose. */
enum status stage_ask_with_key(struct stage *stage, struct uuid shopper, const char *key,
                               const struct message *message, const void *body, void *ret_reply,
                               bool *ret_is_replay, int *ret_http_status);
/* The same in two halves, so that the envelope can be spoilt in between. `as` says whose bus it
 * leaves from; WAITS, and returns the transport's status. */
void stage_address(struct stage *stage, struct uuid shopper, const struct message *message,
                   const void *body, struct envelope *ret_envelope);
/* Replaces on whose behalf it is sent, and proves it; without an expiry it is good for 10 minutes.
 */
void stage_sign(struct stage *stage, const struct principal *principal, struct envelope *envelope);
enum status stage_send(struct stage *stage, enum message_role as, const struct envelope *envelope,
                       int64_t wait_us, struct envelope *ret_reply);
struct arena *stage_arena(struct stage *stage);
/* A new id of the given shard. */
struct uuid stage_new_id(struct stage *stage, unsigned shard);
void stage_sleep(struct stage *stage, int64_t duration_us);
/* Lets monotonic time pass without waiting for it (time_skip.h), in steps that are short enough for
 * heartbeats, and for what the node does meanwhile, to keep pace. */
void stage_skip(struct stage *stage, int64_t duration_us);
int64_t stage_now_us(const struct stage *stage);
/* The first cell of what the SQL answers, as the superuser. */
const char *stage_sql(const struct stage *stage, const char *domain, const char *sql);
/* For a session of the test's own, as the superuser. */
const char *stage_admin_conninfo(const struct stage *stage, const char *domain);
struct host *stage_host(struct stage *stage);
/* The node's data directory, and that of the mesh's sockets. */
const char *stage_directory(const struct stage *stage);
/* Stops the node and starts another on the same databases. Not inside a story. */
void stage_restart_node(struct stage *stage);
