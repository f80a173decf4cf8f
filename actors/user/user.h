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
/* Only ASCII letters, digits, dot, dash and underscore, so that no two names look alike. Names that
 * begin with "erased-" are refused: erased accounts have them. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status user_normalise_name(struct text sent, struct user_name *ret_name);
struct text user_name_text(const struct user_name *name);
/* Whether a name would speak for the market: one of its offices, or the market itself by its name,
 * also with signs between, or with digits that look like letters. */
bool user_name_is_reserved(const struct user_name *name, struct text market);

/* Makes a user name of what somebody is called elsewhere, at most USER_NAME_SUGGESTED_MAX bytes
 * long; "shopper" when nothing of it can be used. */
void user_suggest_name(struct text wish, struct user_name *ret_name);
