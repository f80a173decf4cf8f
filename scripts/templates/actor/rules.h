/* The rules of @name@, and its limits: pure, no I/O. */
#pragma once

#include "@name@_messages.h"
#include "messages/values.h"

enum { @NAME@_TOTAL_MAX = 1000000 };

/* The aggregate: the tally of one shopper. All zero but the user before the first addition. */
struct @name@ {
    struct uuid user_id;
    int64_t total;
    int64_t version; /* of the stored row; 0: there is none */
};

/* Adds to the tally. Statuses: OK, @NAME@_IS_FULL (nothing is changed). */
MUST_CHECK enum status @name@_add(struct @name@ *@name@, int64_t amount);
