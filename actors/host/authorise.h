/* Who may send a message: decided by the kind of the sending process, which its frames prove, and
 * by the principal that a gateway speaks for, which the envelope proves. */
#pragma once

#include "messages/schema.h"
#include "runtime/bus.h"

/* Judges a message that arrived from a process of kind `from`. `principal_key` is the key under
 * which gateways prove principals; `real_us` is now. Statuses: OK, UNAUTHENTICATED,
 * TOKEN_EXPIRED, FORBIDDEN, IMPERSONATION_REFUSED, STEP_UP_REQUIRED. */
MUST_CHECK enum status authorise_message(const struct message *message,
                                         const struct envelope *envelope, enum member_kind from,
                                         const uint8_t principal_key[32], int64_t real_us);
