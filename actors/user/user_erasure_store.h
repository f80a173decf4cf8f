/* What is deleted when an account is erased. Nothing but SQL. */
#pragma once

#include "actors/user/user_store.h"

/* Queues the deletion of the account's addresses, identities at providers, second factor, tickets,
 * and what sessions and API keys say of its owner; sessions and keys end. */
void user_erasure_delete(struct request *request, struct uuid user_id);
