/* The steps of a payment. */
#include "tests/testbank/payment.h"

static bool is_open(const struct payment *payment)
{
    return payment->state == PAYMENT_WANTS_METHOD || payment->state == PAYMENT_WANTS_CONFIRMATION;
}

static void check(const struct payment *payment)
{
    assert(payment->authorised >= 0);
    assert(payment->captured >= 0);
    assert(payment->authorised + payment->captured <= payment->amount);
    assert(payment->refunded >= 0);
    assert(payment->refunded <= payment->captured);
}

static void succeed(struct payment *payment)
{
    if (payment->is_manual) {
        payment->authorised = payment->amount;
        payment->state = PAYMENT_WANTS_CAPTURE;
    } else {
        payment->captured = payment->amount;
        payment->state = PAYMENT_SUCCEEDED;
    }
    check(payment);
}

static void decline(struct payment *payment)
{
    payment->state = PAYMENT_WANTS_METHOD;
    payment->has_method = false;
}

const char *payment_state_name(enum payment_state state)
{
    static const char *const names[] = {
        [PAYMENT_WANTS_METHOD] = "requires_payment_method",
        [PAYMENT_WANTS_CONFIRMATION] = "requires_confirmation",
        [PAYMENT_WANTS_ACTION] = "requires_action",
        [PAYMENT_PROCESSING] = "processing",
        [PAYMENT_WANTS_CAPTURE] = "requires_capture",
        [PAYMENT_CANCELED] = "canceled",
        [PAYMENT_SUCCEEDED] = "succeeded",
    };
    static_assert(ARRAY_LENGTH(names) == PAYMENT_STATES, "each state has a name");
    assert(state < PAYMENT_STATES);
    return names[state];
}

void payment_start(struct payment *payment, int64_t amount, bool is_manual, bool has_method)
{
    assert(amount > 0);
    *payment = (struct payment){
        .state = has_method ? PAYMENT_WANTS_CONFIRMATION : PAYMENT_WANTS_METHOD,
        .is_manual = is_manual,
        .has_method = has_method,
        .amount = amount,
    };
}

enum payment_refusal payment_change(struct payment *payment, int64_t amount, bool has_method)
{
    if (!is_open(payment)) return PAYMENT_WRONG_STATE;
    if (amount <= 0) return PAYMENT_WRONG_AMOUNT;
    payment->amount = amount;
    payment->has_method = has_method;
    payment->state = has_method ? PAYMENT_WANTS_CONFIRMATION : PAYMENT_WANTS_METHOD;
    return PAYMENT_FINE;
}

enum payment_refusal payment_confirm(struct payment *payment, enum payment_outcome outcome)
{
    if (!is_open(payment) || !payment->has_method) return PAYMENT_WRONG_STATE;
    switch (outcome) {
    case PAYMENT_APPROVED:
        succeed(payment);
        break;
    case PAYMENT_DECLINED:
        decline(payment);
        break;
    case PAYMENT_ASKS:
        payment->state = PAYMENT_WANTS_ACTION;
        break;
    case PAYMENT_LATER:
        payment->state = PAYMENT_PROCESSING;
        break;
    }
    return PAYMENT_FINE;
}

static enum payment_refusal end_wait(struct payment *payment, enum payment_state state,
                                     bool is_approved)
{
    if (payment->state != state) return PAYMENT_WRONG_STATE;
    if (is_approved) {
        succeed(payment);
    } else {
        decline(payment);
    }
    return PAYMENT_FINE;
}

enum payment_refusal payment_authenticate(struct payment *payment, bool is_approved)
{
    return end_wait(payment, PAYMENT_WANTS_ACTION, is_approved);
}

enum payment_refusal payment_settle(struct payment *payment, bool is_approved)
{
    return end_wait(payment, PAYMENT_PROCESSING, is_approved);
}

enum payment_refusal payment_capture(struct payment *payment, int64_t amount, bool is_final)
{
    if (payment->state != PAYMENT_WANTS_CAPTURE) return PAYMENT_WRONG_STATE;
    if (amount <= 0) return PAYMENT_WRONG_AMOUNT;
    if (amount > payment->authorised) return PAYMENT_TOO_MUCH;
    payment->captured += amount;
    payment->authorised -= amount;
    if (is_final || payment->authorised == 0) {
        payment->authorised = 0;
        payment->state = PAYMENT_SUCCEEDED;
    }
    check(payment);
    return PAYMENT_FINE;
}

enum payment_refusal payment_cancel(struct payment *payment)
{
    const bool is_partly_captured =
        payment->state == PAYMENT_WANTS_CAPTURE && payment->captured > 0;
    if (payment->state == PAYMENT_SUCCEEDED || payment->state == PAYMENT_CANCELED ||
        payment->state == PAYMENT_PROCESSING || is_partly_captured) {
        return PAYMENT_WRONG_STATE;
    }
    payment->authorised = 0;
    payment->state = PAYMENT_CANCELED;
    return PAYMENT_FINE;
}

enum payment_refusal payment_expire(struct payment *payment)
{
    if (payment->state != PAYMENT_WANTS_CAPTURE) return PAYMENT_WRONG_STATE;
    payment->authorised = 0;
    payment->state = payment->captured > 0 ? PAYMENT_SUCCEEDED : PAYMENT_CANCELED;
    return PAYMENT_FINE;
}

enum payment_refusal payment_refund(struct payment *payment, int64_t amount)
{
    if (payment->captured == 0) return PAYMENT_WRONG_STATE;
    if (payment->dispute == DISPUTE_OPEN || payment->dispute == DISPUTE_LOST) {
        return PAYMENT_IS_DISPUTED;
    }
    if (payment->refunded == payment->captured) return PAYMENT_ALL_REFUNDED;
    if (amount <= 0) return PAYMENT_WRONG_AMOUNT;
    if (amount > payment->captured - payment->refunded) return PAYMENT_TOO_MUCH;
    payment->refunded += amount;
    check(payment);
    return PAYMENT_FINE;
}

enum payment_refusal payment_refund_back(struct payment *payment, int64_t amount)
{
    if (amount <= 0) return PAYMENT_WRONG_AMOUNT;
    if (amount > payment->refunded) return PAYMENT_TOO_MUCH;
    payment->refunded -= amount;
    check(payment);
    return PAYMENT_FINE;
}

enum payment_refusal payment_dispute_open(struct payment *payment)
{
    if (payment->dispute != DISPUTE_NONE) return PAYMENT_IS_DISPUTED;
    if (payment->captured - payment->refunded <= 0) return PAYMENT_WRONG_STATE;
    payment->dispute = DISPUTE_OPEN;
    return PAYMENT_FINE;
}

enum payment_refusal payment_dispute_end(struct payment *payment, bool is_won)
{
    if (payment->dispute != DISPUTE_OPEN) return PAYMENT_WRONG_STATE;
    payment->dispute = is_won ? DISPUTE_WON : DISPUTE_LOST;
    return PAYMENT_FINE;
}
