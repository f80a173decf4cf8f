/* A shopper's account: what a user name may look like. Pure. */
#pragma once

#include "messages/values.h"

enum { USER_NAME_MIN = 3, USER_NAME_MAX = 40 };

/* A user name as it is compared with others: lower case. */
struct user_name {
    char text[USER_NAME_MAX];
    size_t length;
};
/* ASCII letters, digits, dot, dash, underscore. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status user_normalise_name(struct text sent, struct user_name *ret_name);
struct text user_name_text(const struct user_name *name);
