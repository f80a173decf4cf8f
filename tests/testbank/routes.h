/* The table of what the bank can be asked. */
#pragma once

#include "tests/testbank/call.h"

enum route_access {
    ACCESS_KEY,     /* an account's key */
    ACCESS_CONTROL, /* of tests: the key's account, or the first one */
    ACCESS_PAGE,    /* of the cardholder: who knows the client secret */
};

struct route {
    const char *method, *path; /* ":" stands for one part, which is the id */
    const char *operation;     /* what faults call it */
    json_t *(*handle)(struct call *call);
    const char *params; /* names that are taken, separated by spaces; expand[] always is */
    enum route_access access;
    bool only_reads;
};

/* NULL when there is none. `ret_id` is the part that ":" stands for, else its data is NULL. */
const struct route *route_find(struct text method, struct text path, struct text *ret_id);
/* Whether there is an operation of that name. */
bool route_has_operation(struct text operation);
