/* What is known of a payment: facts that its provider has told, each any number of times and in any
 * order, and the sum that follows from the set of them. Pure.
 *
 * Two facts of one kind and subject join into one, and joining is commutative, associative and
 * idempotent (a join-semilattice; Shapiro, Preguiça, Baquero, Zawirski: Conflict-free Replicated
 * Data Types, 2011), so webhooks may be late, repeated and shuffled. */
#pragma once

#include "payment_messages.h"

enum {
    PAYMENT_FACTS_MAX = 192, /* of one payment: 7 of its own, the rest of refunds and disputes */
    PAYMENT_REF_MAX = 64,
    PAYMENT_CODE_MAX = 64
};

/* What follows from all facts; amounts are minor units of the payment's currency. */
struct payment_sum {
    enum payment_status status;
    int64_t authorised, captured; /* the most that was told */
    int64_t refunded, refunding;  /* given back for good; on its way */
    int64_t disputed, lost;       /* held by open disputes; taken by lost ones */
    bool has_mismatch;            /* a fact spoke of another amount or currency, and counts for
                                     nothing */
    struct text decline_code;     /* of the last refusal; borrowed from the facts */
};

/* What the market has asked for. */
struct payment_expected {
    struct money amount;  /* to authorise; to capture, when the provider does so by itself */
    const int64_t *takes; /* captured in all after each capture that was asked for */
    size_t takes_count;
};
/* The fact as it counts for such a payment: one that speaks of another currency, of another amount
 * authorised or captured, or of more given back than there was becomes a mismatch, so that nothing
 * follows from it. */
struct payment_provider_fact payment_fact_judge(const struct payment_expected *expected,
                                                const struct payment_provider_fact *said);
/* Which of the provider's payments the fact is about; empty: ours as such, as a refusal of which
 * the provider made nothing. */
struct text payment_fact_reference(const struct payment_provider_fact *fact);
/* True if two facts are about the same, and so must be joined. */
bool payment_fact_is_same(const struct payment_provider_fact *a,
                          const struct payment_provider_fact *b);
/* Joins what was said into what is kept of the same; returns whether that changed anything. */
bool payment_fact_join(struct payment_provider_fact *kept,
                       const struct payment_provider_fact *said);
/* Joins into a list with room for PAYMENT_FACTS_MAX. *ret_index says which entry (may be NULL).
 * Statuses: OK, CONFLICT (there is no room: nothing has changed). */
MUST_CHECK enum status payment_facts_add(struct payment_provider_fact *facts, size_t *count,
                                         const struct payment_provider_fact *said,
                                         bool *ret_is_news, size_t *ret_index);

/* Of one of the provider's payments, and of ours as such; empty: of ours as such only. */
struct payment_sum payment_sum_of(const struct payment_provider_fact *facts, size_t count,
                                  struct text reference);
/* Which of the provider's payments is ours, where it has made more than one: what has taken money
 * before what has set some aside, that before all else; among equals `own`, which we know to be
 * ours, and then the smaller id. Empty: none yet, since what is not known to be ours is not taken
 * for it before it has set something aside. It follows from the set of facts, not from their order.
 */
struct text payment_live_of(const struct payment_provider_fact *facts, size_t count,
                            struct text own);
/* The first fact, of that number or later, of another of the provider's payments than the live one,
 * each of them once; `count`: there is no more. */
size_t payment_next_stray(const struct payment_provider_fact *facts, size_t count, struct text live,
                          size_t from);
/* What may still be given back of a payment. */
int64_t payment_refundable(const struct payment_sum *sum);

/* What is to be asked of the provider next, so that the payment gets where the market wants it. */
struct payment_plan {
    enum payment_goal goal;
    int64_t amount;  /* to authorise */
    int64_t take;    /* to capture, when the goal is TAKE */
    int64_t refund;  /* asked for and not yet taken by the provider: the oldest one; 0: none */
    bool is_tried;   /* an authorisation was asked for */
    bool is_waiting; /* an operation is under way: nothing else is begun */
};
/* True if the provider has nothing of it any more: nothing set aside, open or taken. */
bool payment_sum_is_over(const struct payment_sum *sum);
/* False: nothing is. A payment that the market has let go and that was captured after all is given
 * back (the late success). */
bool payment_next(const struct payment_plan *plan, const struct payment_sum *sum,
                  enum payment_operation *ret_operation, int64_t *ret_amount);
