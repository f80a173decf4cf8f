/* The cards of this bank: what happens when one is used. Pure. */
#pragma once

#include "runtime/text.h"
#include "tests/testbank/payment.h"

/* Why a card was refused. */
struct decline {
    const char *code, *decline_code, *message; /* decline_code may be NULL */
};

extern const struct decline decline_generic, decline_authentication, decline_needs_cardholder,
    decline_unconfirmed;

struct behaviour {
    const char *name, *stripe_name; /* tokens: pm_ok, and Stripe's own; may be NULL */
    enum payment_outcome outcome;
    const struct decline *decline;
    const char *brand, *last4;
    bool is_slow;   /* the answer comes late */
    bool is_silent; /* the answer never comes */
    bool is_disputed;
    bool fails_later; /* of PAYMENT_LATER */
    enum refunding { REFUND_AT_ONCE, REFUND_LATER, REFUND_FAILS_LATER } refunding;
    bool always_asks; /* also for a card that was set up for later payments */
};

/* NULL when no card has that token. */
const struct behaviour *behaviour_find(struct text token);
/* For lists of them: NULL beyond the last. */
const struct behaviour *behaviour_at(size_t position);
