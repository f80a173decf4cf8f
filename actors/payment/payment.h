/* A payment: what the market wants of it, and what its provider has said. Pure rules. */
#pragma once

#include "actors/payment/payment_join.h"

/* Texts are borrowed from whoever loaded it. */
struct payment {
    struct uuid id, subject_id, user_id; /* user_id zero: a guest's */
    enum payment_purpose purpose;
    bool is_mark; /* that it was let go before it came: it has no amount of its own */
    struct money amount;
    struct text method, return_url, description;
    struct text customer; /* the provider's id of whoever keeps the card; empty: nobody does */
    bool is_off_session;  /* the shopper is not there */
    enum payment_goal goal;
    int64_t take;
    bool is_tried;
    struct uuid operation_id;                /* under way; zero: none */
    struct text reference, charge, next_url; /* of the provider's payment that is ours */
    bool has_moved;                          /* that is another one than when it was loaded */
    struct text own; /* the one that a call of ours was answered by, or was made for; empty: none */
    /* Refunds that the provider has not taken yet: all of them, and the oldest. */
    int64_t refunds_asked, next_refund_amount;
    struct uuid next_refund_id;
    int64_t due_at_us; /* when somebody must look at it; 0: never by itself */
    int64_t version, created_at_us, updated_at_us;
    struct payment_provider_fact facts[PAYMENT_FACTS_MAX];
    size_t facts_count;
    bool is_news[PAYMENT_FACTS_MAX]; /* which facts are to be kept */
};

/* Lets it be captured. Statuses: OK (also when the same is wanted already), INVALID_VALUE (another
 * currency), OUT_OF_RANGE (more than was to be authorised), ILLEGAL_TRANSITION (it was let go, or
 * another amount is taken already). */
MUST_CHECK enum status payment_want(struct payment *payment, struct money amount);
void payment_let_go(struct payment *payment);
/* Lets it go as long as nothing is set aside, also again. Statuses: OK, ILLEGAL_TRANSITION. */
MUST_CHECK enum status payment_cancel(struct payment *payment);

/* What may still be asked to be given back. */
int64_t payment_remaining(const struct payment *payment);
/* Asks for some of it. Statuses: OK, INVALID_VALUE (another currency), REFUND_EXCEEDS_CAPTURED
 * (payment_remaining() says what is left). */
MUST_CHECK enum status payment_ask_refund(struct payment *payment, struct uuid refund_id,
                                          struct money amount);

/* Joins news. True if anything follows from them; sets `is_news` of the facts that changed. What
 * there is no room for is kept as a mismatch, since somebody must look at it. */
bool payment_hear(struct payment *payment, const struct payment_provider_news *news);
/* The code of a refusal that is the market's fault: nobody was asked about the card. */
#define PAYMENT_SHUT "provider_shut"
/* An authorisation that the provider does not take is a refusal, whatever the reason. */
void payment_hear_refusal(struct payment *payment, struct text source, struct text code,
                          int64_t now_us);

/* What the provider answered a call that was to set the amount aside: that is ours, whatever else
 * is said to be. */
void payment_own(struct payment *payment, struct text reference);

struct payment_sum payment_sum(const struct payment *payment);
/* True if a fact of any of the provider's payments speaks of another amount or currency. */
bool payment_has_mismatch(const struct payment *payment);
/* What is due, and of which of the provider's payments; empty: it makes one. */
struct payment_due {
    enum payment_operation operation;
    int64_t amount;
    struct text reference;
};
/* What is due now; see payment_next(). Where nothing is due of ours, what the provider has made
 * beside it is let go: a second payment is never kept, and no word of it counts for ours. */
bool payment_due_operation(const struct payment *payment, struct payment_due *ret_due);
/* True if nothing is set aside or taken at the provider, or can be any more. */
bool payment_is_settled(const struct payment *payment);
/* True while only the shopper or the bank can go on, so that it is asked about now and then. */
bool payment_is_pending(const struct payment *payment);
/* Where it stands; a mark as voided. */
enum payment_status payment_standing(const struct payment *payment);
/* As the contract shows it; no mark. Borrows texts. */
struct payment_payment payment_show(const struct payment *payment);
