/* SQL of payments. WAITS where it returns a status. */
#pragma once

#include "actors/host/request.h"
#include "actors/payment/payment.h"

/* Which of the names it is; the tables allow no other. */
size_t payment_store_find_name(struct text name, const char *const *names, size_t count);
/* With all its facts; the arena's. Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status payment_store_load(struct request *request, struct uuid payment_id,
                                          struct payment **ret_payment);
/* Whose the provider's payment of that id is, also one that was let go beside the live one; zero:
 * nobody's. And whether the event has had its effect. Statuses: OK, those of request_query(). */
MUST_CHECK enum status payment_store_find(struct request *request, struct text event_id,
                                          struct text reference, struct uuid *ret_payment_id,
                                          bool *ret_knows_event);
/* Queues the row of a new payment, or of a mark. */
void payment_store_insert(struct request *request, const struct payment *payment);
/* Queues what has changed: the row, if it is of the version that was loaded, and the facts that are
 * news. */
void payment_store_save(struct request *request, struct payment *payment);

/* Queues the beginning of an operation, and its end. */
void payment_store_begin_operation(struct request *request,
                                   const struct payment_provider_call *call);
void payment_store_end_operation(struct request *request, struct uuid operation_id,
                                 enum payment_verdict verdict, struct text code);

/* What a statement counts of a shopper (`$1`) since then (`$2`). WAITS. Statuses: OK, those of
 * request_query(). */
MUST_CHECK enum status payment_store_count(struct request *request,
                                           const struct statement *statement, struct uuid user_id,
                                           int64_t since_us, int64_t *ret_count);
/* How many payments and set-ups of cards of a shopper that were begun since then were refused.
 * WAITS. Statuses: OK, those of request_query(). */
MUST_CHECK enum status payment_store_count_declined(struct request *request, struct uuid user_id,
                                                    int64_t since_us, int64_t *ret_count);
/* When something was last asked of the provider; 0: never. Statuses: OK, those of request_query().
 */
MUST_CHECK enum status payment_store_find_last_operation(struct request *request,
                                                         struct uuid payment_id,
                                                         int64_t *ret_began_at_us);

/* A refund that was asked for; texts are the arena's. */
struct payment_refund_row {
    int64_t amount;
    struct text state, ref, code; /* "requested", "taken", "refused", "unknown" */
};
/* Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status payment_store_find_refund(struct request *request, struct uuid payment_id,
                                                 struct uuid refund_id,
                                                 struct payment_refund_row *ret_refund);
/* Queues a refund that is asked for; and what an operation has made of its own, if it was one. */
void payment_store_ask_refund(struct request *request, struct uuid payment_id,
                              struct uuid refund_id, int64_t amount);
void payment_store_settle_refund(struct request *request, struct uuid operation_id,
                                 const char *state, struct text ref, struct text code);

/* Whether the event has had its effect. Statuses: OK, those of request_query(). */
MUST_CHECK enum status payment_store_knows_event(struct request *request, struct text event_id,
                                                 bool *ret_knows);
/* Queues that it has now. */
void payment_store_add_event(struct request *request, struct text event_id, struct uuid payment_id);
/* Whether the event was set aside before. Statuses as above. */
MUST_CHECK enum status payment_store_has_parked(struct request *request, struct text event_id,
                                                bool *ret_has);
/* Queues an event that is about nothing known; the same one again changes nothing. */
void payment_store_park_event(struct request *request, struct text event_id, struct text type,
                              struct text reference);

/* Payments of the shards that are due, the longest first; at most `count_max`. */
MUST_CHECK enum status payment_store_list_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last, size_t count_max,
                                              const struct uuid **ret_ids, size_t *ret_count);
