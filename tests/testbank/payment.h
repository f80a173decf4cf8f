/* The life of a payment: which step may follow which, and never more captured than authorised,
 * never more given back than captured. Pure: a step that is refused changes nothing. */
#pragma once

#include "runtime/base.h"

enum payment_state {
    PAYMENT_WANTS_METHOD, /* also after a decline */
    PAYMENT_WANTS_CONFIRMATION,
    PAYMENT_WANTS_ACTION, /* 3-D Secure */
    PAYMENT_PROCESSING,
    PAYMENT_WANTS_CAPTURE,
    PAYMENT_CANCELED,
    PAYMENT_SUCCEEDED,
    PAYMENT_STATES
};

enum payment_refusal {
    PAYMENT_FINE,
    PAYMENT_WRONG_STATE,
    PAYMENT_TOO_MUCH, /* more than may be captured, or is left to give back */
    PAYMENT_ALL_REFUNDED,
    PAYMENT_IS_DISPUTED, /* the shopper's bank has the money */
    PAYMENT_WRONG_AMOUNT /* not above 0 */
};

/* How a method behaves when a payment is confirmed with it. */
enum payment_outcome {
    PAYMENT_APPROVED,
    PAYMENT_DECLINED,
    PAYMENT_ASKS, /* for 3-D Secure */
    PAYMENT_LATER /* processing; payment_settle() tells */
};

enum payment_dispute { DISPUTE_NONE, DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST };

struct payment {
    enum payment_state state;
    enum payment_dispute dispute;
    bool is_manual, has_method;
    int64_t amount;     /* all in minor units */
    int64_t authorised; /* held and not captured */
    int64_t captured, refunded;
};

/* "requires_capture" and so on, as Stripe calls it. */
const char *payment_state_name(enum payment_state state);
void payment_start(struct payment *payment, int64_t amount, bool is_manual, bool has_method);
/* The amount or the method of one that was not confirmed. */
enum payment_refusal payment_change(struct payment *payment, int64_t amount, bool has_method);
enum payment_refusal payment_confirm(struct payment *payment, enum payment_outcome outcome);
/* The end of 3-D Secure. */
enum payment_refusal payment_authenticate(struct payment *payment, bool is_approved);
/* The end of processing. */
enum payment_refusal payment_settle(struct payment *payment, bool is_approved);
/* `is_final` lets go of what is not captured. */
enum payment_refusal payment_capture(struct payment *payment, int64_t amount, bool is_final);
/* Lets go of what is held. */
enum payment_refusal payment_cancel(struct payment *payment);
/* Lets go of what is held and was not captured in time: canceled when that is all. */
enum payment_refusal payment_expire(struct payment *payment);
enum payment_refusal payment_refund(struct payment *payment, int64_t amount);
/* A refund did not arrive: its money is here again. */
enum payment_refusal payment_refund_back(struct payment *payment, int64_t amount);
/* Once, of what was captured and not refunded. */
enum payment_refusal payment_dispute_open(struct payment *payment);
enum payment_refusal payment_dispute_end(struct payment *payment, bool is_won);
