/* What goes when an account is erased. Nothing but SQL. */
#pragma once

#include "actors/host/request.h"

/* Of an account that acts for itself: queues the deletion of its tickets and second factor, and of
 * what sessions and API keys say of its owner; sessions and keys end. */
void identity_erase_account(struct request *request, struct uuid account_id);
