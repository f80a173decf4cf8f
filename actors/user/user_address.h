/* What an address may look like. Pure. */
#pragma once

#include "messages/values.h"
#include "user_messages.h"

enum { USER_ADDRESSES_MAX = 50 };

/* Trims every field, and drops optional ones that are empty then. Returns the JSON pointer of the
 * first field that is not allowed, and says why; NULL when all are. */
const char *user_address_normalise(struct user_address *address, const char **ret_why);
/* Copies the fields that were sent into the address; the others stay. */
void user_address_change(struct user_address *address, const struct user_change_address *change);
