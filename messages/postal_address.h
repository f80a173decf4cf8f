/* The rules of postal addresses, wherever one is typed: an account's book, a cart. Pure. */
#pragma once

#include "common_messages.h"

/* Trims all parts; an optional one that is empty is absent afterwards. Returns NULL, or the JSON
 * pointer of the first part that breaks a rule, with the rule as a sentence. The country is one of
 * ISO 3166-1; the code of a region only has the form of one. */
const char *postal_address_normalise(struct common_postal_address *address, const char **ret_why);
