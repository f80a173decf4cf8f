/* Accounts as staff sees them. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/list_place.h"
#include "actors/user/user_store.h"

struct user_list_filter {
    bool has_prefix;
    struct text prefix; /* of the address or the user name, lower case */
    bool has_status;
    enum user_account_status status;
    struct list_place before; /* where a page begins, newest first */
};

/* At most `max` accounts, the newest first. WAITS; statuses of request_query(), CORRUPT. */
MUST_CHECK enum status user_staff_list(struct request *request,
                                       const struct user_list_filter *filter, size_t max,
                                       struct user_managed_user **ret_users, size_t *ret_count);
/* WAITS. Statuses: OK, NOT_FOUND, CORRUPT, those of request_query(). */
MUST_CHECK enum status user_staff_find(struct request *request, struct uuid user_id,
                                       struct user_managed_user *ret_user);
