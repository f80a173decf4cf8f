/* Groups of customers and who is in them, in PostgreSQL. Reads WAIT and see committed rows only;
 * what they return lives in the request's arena; their statuses are those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

enum {
    CUSTOMER_GROUPS_MAX = 100,
    CUSTOMER_GROUP_MEMBERS_MAX = 10000,
};

/* A group with the number of its members. Also NOT_FOUND. */
MUST_CHECK enum status customer_group_store_find(struct request *request, struct uuid group_id,
                                                 struct order_customer_group *ret_group);
/* Groups with smaller ids than `before`, the newest first, at most `limit`; of a shopper unless
 * `user_id` is zero. */
MUST_CHECK enum status customer_group_store_list(struct request *request, struct uuid user_id,
                                                 struct uuid before, int64_t limit,
                                                 struct order_customer_group **ret_groups,
                                                 size_t *ret_count);
/* All groups by their names, at most CUSTOMER_GROUPS_MAX. */
MUST_CHECK enum status
customer_group_store_list_names(struct request *request,
                                struct order_vendor_customer_group **ret_groups, size_t *ret_count);
/* Which of these groups there are. */
MUST_CHECK enum status customer_group_store_find_many(struct request *request,
                                                      const struct uuid *group_ids, size_t count,
                                                      const struct uuid **ret_known,
                                                      size_t *ret_known_count);
/* Whether another group has the name, in whatever case, and how many groups there are. */
MUST_CHECK enum status customer_group_store_look(struct request *request, struct uuid group_id,
                                                 struct text name, bool *ret_is_taken,
                                                 int64_t *ret_count);
/* The oldest promotion that is not archived and is for the group. Also NOT_FOUND. */
MUST_CHECK enum status customer_group_store_find_use(struct request *request, struct uuid group_id,
                                                     struct uuid *ret_promotion_id,
                                                     struct text *ret_name);
/* Queues a new group in the first free place. Another one that takes its name or its place at the
 * same time ends the unit with CONFLICT. */
void customer_group_store_add(struct request *request, const struct order_customer_group *group);
/* Queues the group's name under its new version, or its end with all memberships; guarded by the
 * version before, and the end by that no promotion is for it. */
void customer_group_store_rename(struct request *request, const struct order_customer_group *group);
void customer_group_store_remove(struct request *request, const struct order_customer_group *group);

/* Whether a shopper is in a group, and whether his account was erased. */
MUST_CHECK enum status customer_group_store_has(struct request *request, struct uuid group_id,
                                                struct uuid user_id, bool *ret_has,
                                                bool *ret_is_erased);
/* Queues a membership, or its end; one that is there, or is not, changes nothing. A group that is
 * removed meanwhile ends the first with CONFLICT. */
void customer_group_store_put(struct request *request, struct uuid group_id, struct uuid user_id);
void customer_group_store_take(struct request *request, struct uuid group_id, struct uuid user_id);
/* Members with smaller ids than `before`, at most `limit`. */
MUST_CHECK enum status
customer_group_store_members(struct request *request, struct uuid group_id, struct uuid before,
                             int64_t limit, struct order_customer_group_member **ret_members,
                             size_t *ret_count);
/* The ids of the groups of one shopper, at most CUSTOMER_GROUPS_MAX. */
MUST_CHECK enum status customer_group_store_ids_of(struct request *request, struct uuid user_id,
                                                   const struct uuid **ret_groups,
                                                   size_t *ret_count);
/* The same as a shopper is told of them. */
MUST_CHECK enum status
customer_group_store_list_of(struct request *request, struct uuid user_id,
                             struct order_customer_group_membership **ret_memberships,
                             size_t *ret_count);
/* Queues the end of all memberships of a shopper. */
void customer_group_store_forget(struct request *request, struct uuid user_id);
