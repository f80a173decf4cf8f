/* The cards. The last four digits are those that Stripe's documentation gives to the same
 * behaviour. */
#include "tests/testbank/behaviour.h"

#include <stddef.h>

const struct decline decline_generic = {
    "card_declined",
    "generic_decline",
    "Your card was declined.",
};
const struct decline decline_authentication = {
    "payment_intent_authentication_failure",
    NULL,
    "The provided payment method has failed authentication.",
};
const struct decline decline_needs_cardholder = {
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
};
const struct decline decline_unconfirmed = {
    "payment_intent_payment_attempt_failed",
    NULL,
    "The payment failed.",
};
static const struct decline insufficient = {
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
};
static const struct decline lost = { "card_declined", "lost_card", "Your card was declined." };
static const struct decline expired = { "expired_card", NULL, "Your card has expired." };
static const struct decline processing_error = {
    "processing_error",
    NULL,
    "An error occurred while processing your card. Try again in a little bit.",
};

static const struct behaviour behaviours[] = {
    { .name = "pm_ok", .stripe_name = "pm_card_visa", .brand = "visa", .last4 = "4242" },
    { .name = "pm_card_mastercard", .brand = "mastercard", .last4 = "4444" },
    { .name = "pm_card_amex", .brand = "amex", .last4 = "8431" },
    { .name = "pm_decline",
      .stripe_name = "pm_card_chargeDeclined",
      .outcome = PAYMENT_DECLINED,
      .decline = &decline_generic,
      .brand = "visa",
      .last4 = "0002" },
    { .name = "pm_card_visa_chargeDeclined",
      .stripe_name = "pm_card_chargeCustomerFail",
      .outcome = PAYMENT_DECLINED,
      .decline = &decline_generic,
      .brand = "visa",
      .last4 = "0341" },
    { .name = "pm_insufficient",
      .stripe_name = "pm_card_chargeDeclinedInsufficientFunds",
      .outcome = PAYMENT_DECLINED,
      .decline = &insufficient,
      .brand = "visa",
      .last4 = "9995" },
    { .name = "pm_card_visa_chargeDeclinedInsufficientFunds",
      .outcome = PAYMENT_DECLINED,
      .decline = &insufficient,
      .brand = "visa",
      .last4 = "9995" },
    { .name = "pm_card_visa_chargeDeclinedLostCard",
      .stripe_name = "pm_card_chargeDeclinedLostCard",
      .outcome = PAYMENT_DECLINED,
      .decline = &lost,
      .brand = "visa",
      .last4 = "9987" },
    { .name = "pm_card_chargeDeclinedExpiredCard",
      .outcome = PAYMENT_DECLINED,
      .decline = &expired,
      .brand = "visa",
      .last4 = "0069" },
    { .name = "pm_card_chargeDeclinedProcessingError",
      .outcome = PAYMENT_DECLINED,
      .decline = &processing_error,
      .brand = "visa",
      .last4 = "0119" },
    { .name = "pm_3ds",
      .stripe_name = "pm_card_threeDSecure2Required",
      .outcome = PAYMENT_ASKS,
      .brand = "visa",
      .last4 = "3220" },
    { .name = "pm_card_authenticationRequired",
      .outcome = PAYMENT_ASKS,
      .always_asks = true,
      .brand = "visa",
      .last4 = "3184" },
    { .name = "pm_slow", .is_slow = true, .brand = "visa", .last4 = "1010" },
    { .name = "pm_timeout_captured", .is_silent = true, .brand = "visa", .last4 = "1011" },
    { .name = "pm_timeout_failed",
      .outcome = PAYMENT_DECLINED,
      .decline = &decline_generic,
      .is_silent = true,
      .brand = "visa",
      .last4 = "1012" },
    { .name = "pm_async", .outcome = PAYMENT_LATER, .brand = "visa", .last4 = "1013" },
    { .name = "pm_async_failed",
      .outcome = PAYMENT_LATER,
      .fails_later = true,
      .brand = "visa",
      .last4 = "1014" },
    { .name = "pm_dispute",
      .stripe_name = "pm_card_createDispute",
      .is_disputed = true,
      .brand = "visa",
      .last4 = "0259" },
    { .name = "pm_refund_later",
      .stripe_name = "pm_card_pendingRefund",
      .refunding = REFUND_LATER,
      .brand = "visa",
      .last4 = "7726" },
    { .name = "pm_refund_fails",
      .stripe_name = "pm_card_refundFail",
      .refunding = REFUND_FAILS_LATER,
      .brand = "visa",
      .last4 = "5126" },
};

const struct behaviour *behaviour_find(struct text token)
{
    for (size_t i = 0; i < ARRAY_LENGTH(behaviours); i++) {
        const struct behaviour *behaviour = &behaviours[i];
        const char *other = behaviour->stripe_name;
        if (text_equals_string(token, behaviour->name)) return behaviour;
        if (other != NULL && text_equals_string(token, other)) return behaviour;
    }
    return NULL;
}

const struct behaviour *behaviour_at(size_t position)
{
    return position < ARRAY_LENGTH(behaviours) ? &behaviours[position] : NULL;
}
