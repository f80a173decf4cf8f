/* What cards have paid for no order: noticed when the payment tells, told to staff, given back. */
#pragma once

#include "actors/host/request.h"
#include "payment_messages.h"

/* Takes down a captured payment that no group takes for its card part, or what became of one.
 * WAITS. */
MUST_CHECK enum status card_stray_hear(struct request *request,
                                       const struct payment_payment_was_changed *event);
