/* What a handler may do: read, queue writes, publish, ask. Nothing is committed before the handler
 * returns STATUS_OK; then its writes and events commit in one unit. A handler may run again after a
 * version conflict, so it must be repeatable. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"
#include "runtime/config.h"
#include "runtime/envelope.h"
#include "runtime/log.h"
#include "runtime/transfer.h"
#include "storage/values.h"

struct request;

struct arena *request_arena(struct request *request);
/* Market time, microseconds; the same for the whole request. */
int64_t request_now_us(const struct request *request);
/* Real time, for token lifetimes. */
int64_t request_real_us(const struct request *request);
const struct principal *request_principal(const struct request *request);
/* The domain whose actor does the work. */
enum domain request_domain(const struct request *request);
struct text request_id_text(const struct request *request); /* X-Request-Id */
/* What the work is known by: of a command its message, of a consumer what follows from the event.
 * The same whenever it is repeated. */
struct uuid request_message_id(const struct request *request);
/* The address that the request came from, as text; empty for work that nobody outside asked for. */
struct text request_client(const struct request *request);
const struct config *request_config(const struct request *request);
/* The key and shard that the message was sent to. */
struct uuid request_key(const struct request *request);
unsigned request_shard(const struct request *request);
/* A new id in the request's shard (for what is written with the aggregate), or of a random shard
 * (for a new root). The n-th id of a message is the same whenever its handler runs again. */
struct uuid request_new_id(struct request *request);
struct uuid request_new_root_id(struct request *request);
/* The id, in the request's shard, of the one thing that a request under an Idempotency-Key makes:
 * the same whenever its client repeats it, so that what others were asked about it before an outage
 * is about the same thing. May exist: keys are forgotten before ids. Without a key a new one. */
struct uuid request_new_id_by_key(struct request *request);
/* A new id in the shard of something else. */
struct uuid request_new_id_beside(struct request *request, struct uuid other);
void request_random(struct request *request, void *bytes, size_t length);
/* A key of 32 bytes for one use, named by `context` (unique in the whole market); the same on every
 * node and in every domain. Keyed BLAKE2b of the context under the market's secret. */
void request_derive_key(const struct request *request, const char *context, uint8_t ret_key[32]);

/* Reads committed rows by one statement on the domain's read connection. WAITS. Statuses as
 * query_run(). */
MUST_CHECK enum status request_query(struct request *request, const struct statement *statement,
                                     const struct store_params *params, struct rows *ret_rows);
/* The same for a single row by its key, sharing the statement with other readers of this turn
 * (storage/gather.h says what it must look like). WAITS. Statuses as query_run(). */
MUST_CHECK enum status request_query_by_key(struct request *request,
                                            const struct statement *statement, struct uuid key,
                                            struct rows *ret_rows);
/* The same for what belongs to a few values: the parameters of a row, which this makes columns of
 * (query_run_row() in storage/gather.h says what the statement must look like). WAITS. Statuses as
 * query_run(). */
MUST_CHECK enum status request_query_row(struct request *request, const struct statement *statement,
                                         struct store_params *row, struct rows *ret_rows);
/* Work of a command in parts that do not know of each other, side by side, so that what they read
 * shares statements. Each part has a request of its own, with faults and ids of its own, which
 * remembers nothing and does not answer. Runs run(part, argument, i) for each i below `count`, and
 * returns when all have ended; what they have queued counts only once it is taken. WAITS. */
enum { REQUEST_PARTS_MAX = 64 };
void request_run_parts(struct request *request, struct request **ret_parts, size_t count,
                       void (*run)(struct request *part, void *argument, size_t index),
                       void *argument);
/* Moves what the part has queued behind what the request has, if that leaves room for `writes`
 * more. False: there is no room. */
MUST_CHECK bool request_take_part(struct request *request, struct request *part, size_t writes);
/* Queues a write; fill in the returned parameters at once. */
struct store_params *request_write(struct request *request, const struct statement *statement);
/* How many more there is room for. */
size_t request_writes_left(struct request *request);
/* What the activation keeps of the aggregate, including queued writes of earlier messages. recall
 * returns false when nothing is kept (then load the row). remember takes effect when the handler
 * returns OK. */
bool request_recall(struct request *request, void *ret_aggregate, size_t size);
void request_remember(struct request *request, const void *aggregate, size_t size);

/* Queues an event of this domain. */
MUST_CHECK enum status request_publish(struct request *request, const struct message *event,
                                       const void *body);

/* What the handlers of a batch of events collect (struct domain_intake), zeroed before the first of
 * them; NULL outside of a batch. */
void *request_intake(const struct request *request);

/* Sends a message to an actor and waits for the reply, within the request's remaining time. The
 * n-th ask of a request has msg_id BLAKE2b-128(parent msg_id, n), so it is safe to repeat. WAITS.
 * Statuses: those of the answering handler, OVERLOADED, UNAVAILABLE, DEADLINE_EXCEEDED, STOPPING,
 * what the refusal's faults say is passed on when the handler refuses for the same reason and has
 * none of its own; INTERNAL (an actor cannot ask itself: it would wait for its own end). */
MUST_CHECK enum status request_ask(struct request *request, const struct message *message,
                                   const void *body, void *ret_reply);
/* The same for what the request can do without: waits no longer than `limit_us`. */
MUST_CHECK enum status request_ask_within(struct request *request, int64_t limit_us,
                                          const struct message *message, const void *body,
                                          void *ret_reply);
/* The same for what adds up: a request that comes again under its Idempotency-Key, because the one
 * before it was cut short, makes the same ask, and gets the answer of the one that had an effect.
 */
MUST_CHECK enum status request_ask_once(struct request *request, const struct message *message,
                                        const void *body, void *ret_reply);
/* The same in halves, for several at once; every begin that returned OK must be ended. */
struct request_ask;
MUST_CHECK enum status request_ask_once_begin(struct request *request,
                                              const struct message *message, const void *body,
                                              struct request_ask **ret_ask);
MUST_CHECK enum status request_ask_begin(struct request *request, const struct message *message,
                                         const void *body, struct request_ask **ret_ask);
MUST_CHECK enum status request_ask_end(struct request *request, struct request_ask **ask,
                                       void *ret_reply);

/* Runs blocking work on the pool (Argon2id). WAITS. Statuses: OK, OVERLOADED (as many as
 * password.checks_max wait or run, or a quarter of it of the request's account or network),
 * STOPPING. */
MUST_CHECK enum status request_offload(struct request *request, void (*work)(void *argument),
                                       void *argument);

/* Waits until what earlier messages of this key have queued is committed: for a command that reads
 * rows beside the aggregate, which would not fit to one that is remembered from units under way.
 * No further message of the key runs meanwhile. WAITS. Statuses: OK, DEADLINE_EXCEEDED, STOPPING.
 */
MUST_CHECK enum status request_settle(struct request *request);

/* What this command writes ends the actor's aggregate: nothing of it is remembered. */
void request_forget(struct request *request);

/* Who follows that shopper or vendor (streams with hints = "principal"), or that entity (the
 * others) hears of this unit, whatever it publishes. */
void request_hint(struct request *request, struct uuid id);

/* Every command of a vendor's team or of staff leaves an audit entry in its unit by itself: who,
 * what, why (its field `reason`), the fields that are not secret. This says what it was done to,
 * when that is not the message's key, and what was there before (JSON, at most 4,000 bytes; {0}:
 * nothing). It also makes an entry of a message that would leave none. */
void request_audit(struct request *request, const char *prefix, struct uuid subject,
                   struct text before);

/* The same command leaves its entry though it writes nothing here: its effect is another domain's.
 */
void request_audit_elsewhere(struct request *request);

/* The entry says which fields were sent, and not what stood in them: they are words of, or about,
 * somebody who may be erased, and the trail is for ever. */
void request_audit_names(struct request *request);

/* Sends something out and waits for what the other side says, within the request's remaining time
 * or until the earlier deadline given (0: none). What was sent cannot be taken back and the handler
 * may run again, so it must carry a key by which the other side knows a repetition (a Message-ID,
 * an Idempotency-Key). WAITS. Statuses as transfer_http() and transfer_mail(). */
MUST_CHECK enum status request_transfer_http(struct request *request,
                                             const struct transfer_http *http,
                                             struct transfer_answer *ret_answer);
MUST_CHECK enum status request_transfer_mail(struct request *request,
                                             const struct transfer_mail *mail,
                                             struct transfer_answer *ret_answer);

/* Answers with another HTTP status than the route's (201 for created, 200 for found). */
void request_set_http_status(struct request *request, int http_status);
/* Explains a refusal: fills the problem's `errors` (at most 16). pointer is a JSON pointer to what
 * the request has (or lacks), "" for none. */
struct request_fault {
    const char *pointer;
    enum status code;
    struct text detail; /* one sentence; empty: the title of the code says all */
    bool has_amounts;   /* requested and available are meant */
    int64_t requested, available;
    bool has_minimum, has_maximum; /* of a number, of the characters of a text, of entries */
    int64_t minimum, maximum;
    const struct text *allowed; /* the values that are taken, at most 64 */
    size_t allowed_count;
};
/* Codes that are true of any field (INVALID_VALUE, OUT_OF_RANGE, MISSING_FIELD) say nothing without
 * a detail, so they must have one. */
void request_add_fault(struct request *request, const struct request_fault *fault);
/* Takes back what was said of a refusal that is not the request's answer, but that of one thing
 * among many: its first fault, or that of the ask that was refused so, is filled in, with the
 * status for a code when nothing was said. */
void request_take_fault(struct request *request, enum status status,
                        struct request_fault *ret_fault);
/* The usual ones; each adds a fault and returns `code`. `why` is a static sentence, NULL where the
 * code's title says all. */
static inline enum status request_refuse(struct request *request, const char *pointer,
                                         enum status code, const char *why)
{
    const struct request_fault fault = { .pointer = pointer, .code = code, .detail = text_of(why) };
    request_add_fault(request, &fault);
    return code;
}
/* The same of something that is full, with how much it holds. */
static inline enum status request_refuse_full(struct request *request, const char *pointer,
                                              enum status code, int64_t maximum, const char *why)
{
    const struct request_fault fault = { .pointer = pointer,
                                         .code = code,
                                         .detail = text_of(why),
                                         .has_maximum = true,
                                         .maximum = maximum };
    request_add_fault(request, &fault);
    return code;
}
/* INVALID_VALUE of what is none of `names`, which the fault lists. */
enum status request_refuse_other(struct request *request, const char *pointer, const char *why,
                                 const char *const *names, size_t names_count);
/* The pointer of an entry of a list, in the request's arena. */
const char *request_pointer_at(struct request *request, const char *pointer, size_t index);
/* Names the `after` of a list as no cursor of it; returns INVALID_PARAMETER. */
static inline enum status request_refuse_cursor(struct request *request)
{
    return request_refuse(request, "/after", STATUS_INVALID_PARAMETER,
                          "This is not the next of a page of this list.");
}
