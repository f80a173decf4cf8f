/* Steps of a checkout that a card pays a part of (checkout_saga.c). The payment has the group's id.
 */
#pragma once

#include "actors/host/saga.h"

/* Has the card's part set aside, and waits for its bank and its shopper as long as stock and money
 * are set aside, too. Statuses of refusals: PAYMENT_FAILED with the provider's code as the detail,
 * PAYMENT_METHOD_UNAVAILABLE, INVALID_VALUE, CHECKOUT_EXPIRED. */
enum status card_steps_authorise(struct saga *saga, void *data);
enum status card_steps_release(struct saga *saga, void *data);
/* Has it taken, after the pivot. Where its authorisation has ended before that, the orders owe it
 * from then on. */
enum status card_steps_take(struct saga *saga, void *data);
