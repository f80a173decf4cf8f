/* All card payments held against orders and ledger. */
#pragma once

#include "actors/host/request.h"
#include "admin_messages.h"

/* Adds what does not fit to the check, at most `most`; false when somebody does not answer. WAITS.
 */
bool admin_card_check(struct request *request, size_t most, struct admin_check *check);
