/* A shopper's account: what a user name and a telephone may look like. Pure. */
#pragma once

#include "messages/values.h"

enum {
    USER_NAME_MIN = 3,
    USER_NAME_MAX = 40,
    USER_NAME_SUGGESTED_MAX = 30,
};
/* What the user name and the address of an erased account begin with. */
#define USER_ERASED_LEAD "erased-"

/* A user name as it is compared with others: lower case. */
struct user_name {
    char text[USER_NAME_MAX];
    size_t length;
};
/* ASCII letters, digits, dot, dash, underscore, so none looks like another; names that begin with
 * "erased-" are kept for accounts that are. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status user_normalise_name(struct text sent, struct user_name *ret_name);
struct text user_name_text(const struct user_name *name);

/* A user name made of what somebody is called elsewhere, at most USER_NAME_SUGGESTED_MAX long; of
 * nothing useful, "shopper". */
void user_suggest_name(struct text wish, struct user_name *ret_name);
