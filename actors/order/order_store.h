/* Checkouts and orders in the database. A group and the cart that it was made of always change in
 * one statement. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order.h"

/* --- what changes the cart, too: see cart_store.h for versions --- */

/* Where a guest is reached; empty for shoppers. */
struct order_guest_contact {
    struct text email, locale;
};
/* Queues a pending group and locks the cart for it. */
void order_store_begin_group(struct request *request, struct cart *cart,
                             const struct order_checkout_data *checkout,
                             const struct order_guest_contact *guest);
/* Queues the group as placed with all its orders and lines, and the cart as ordered. A
 * second placed group of the cart ends the unit with ILLEGAL_TRANSITION. */
void order_store_place_group(struct request *request, struct cart *cart,
                             const struct order_group *group, int64_t number);
/* Queues the group as failed and the cart as active again. */
void order_store_fail_group(struct request *request, struct cart *cart, struct text refusal);

/* Takes a number for a pending group; numbers that are not used leave gaps. Also tells when the
 * checkout began. WAITS. Statuses: OK, NOT_FOUND (no such group, or not pending), and those of
 * request_query(). */
MUST_CHECK enum status order_store_draw_number(struct request *request, struct uuid group_id,
                                               int64_t *ret_number, int64_t *ret_created_at_us);

/* --- reading: committed rows, in the request's arena --- */

struct stored_group {
    struct uuid user_id;      /* zero: a guest's that nobody has claimed */
    struct order_group group; /* without its orders */
};

/* WAITS. Statuses: OK, NOT_FOUND, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_store_find_group(struct request *request, struct uuid group_id,
                                              struct stored_group *ret_group);
/* Orders, without their lines. */
struct order_list {
    struct order_order *orders;
    struct uuid *user_ids; /* of each order; zero: a guest's */
    size_t count;
};
/* In the order in which they were placed. WAITS. Statuses: OK, CORRUPT, and those of
 * request_query(). */
MUST_CHECK enum status order_store_list_of_group(struct request *request, struct uuid group_id,
                                                 struct order_list *ret_list);
/* Newest first, only those with smaller ids than `before`. WAITS. */
MUST_CHECK enum status order_store_list_of_user(struct request *request, struct uuid user_id,
                                                struct uuid before, int64_t limit,
                                                struct order_list *ret_list);
/* One or none. WAITS. */
MUST_CHECK enum status order_store_find_order(struct request *request, struct uuid order_id,
                                              struct order_list *ret_list);
/* Gives the orders their lines, by one statement for all. WAITS. */
MUST_CHECK enum status order_store_fill_lines(struct request *request, struct order_list *list);
/* Gives a group its orders with their lines; it has none while it is not placed. WAITS. */
MUST_CHECK enum status order_store_fill_group(struct request *request, struct order_group *group);
