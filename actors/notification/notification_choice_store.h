/* What shoppers chose, in PostgreSQL. Loads WAIT and see committed rows only; their statuses are OK
 * and those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification.h"

/* What a shopper chose; the defaults, at version 1, when that is nothing. */
MUST_CHECK enum status notification_choice_store_find(struct request *request, struct uuid user_id,
                                                      struct notification_choices *ret_choices);
/* The same for `count` shoppers by one statement, in the request's arena: only those who ever chose
 * anything, in any order. */
MUST_CHECK enum status
notification_choice_store_find_many(struct request *request, const struct uuid *user_ids,
                                    size_t count, const struct notification_choices **ret_choices,
                                    size_t *ret_count);
/* Queues choices whose version has grown by one, to 2 or more. When the row is not at the version
 * before, the unit ends with CONFLICT. */
void notification_choice_store_save(struct request *request,
                                    const struct notification_choices *choices);
