/* The form of a password that is hashed: OpaqueString of RFC 8265, section 4.2, so that the same
 * words typed on another keyboard are the same password. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

/* Composed (NFC), with spaces of whatever script as U+0020; letters keep their case, and nothing is
 * trimmed. In the arena. Statuses: OK, INVALID_VALUE (no UTF-8, or control characters): then the
 * form is the password as it is, for hashes of before. */
MUST_CHECK enum status identity_password_form(struct arena *arena, struct text password,
                                              struct text *ret_form);
