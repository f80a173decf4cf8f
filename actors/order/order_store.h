/* Checkouts and orders in the database. A group and the cart that it was made of always change in
 * one statement. What is read lives in the request's arena and is committed rows only; statuses of
 * reads are OK, CORRUPT (a name that this version of the program does not know) and those of
 * request_query(). */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order.h"

/* --- changes of a group with its cart: as in cart_store.h, the cart's version moves by one in the
 * row and in `cart`, and the activation remembers the cart --- */

/* Where a guest is reached; empty for shoppers. */
struct order_guest_contact {
    struct text email, locale;
};
/* Queues a pending group and locks the active cart for it. The unit of a shopper who is held
 * (order_shopper_store.h) ends with ACCOUNT_CLOSING. */
void order_store_begin_group(struct request *request, struct cart *cart,
                             const struct order_checkout_data *checkout,
                             const struct order_guest_contact *guest);
/* Queues the group as placed with all its orders and lines, and its locked cart as ordered. A
 * second placed group of the cart ends the unit with ILLEGAL_TRANSITION. */
void order_store_place_group(struct request *request, struct cart *cart,
                             const struct order_group *group, int64_t number);
/* --- what orders keep besides (order_details_store.c) --- */

/* True if an order has deliveries, promotions, taxes or an address. */
bool order_has_details(const struct order_order *order);
/* Queues the cart's address as that of its group. */
void order_store_keep_address(struct request *request, struct uuid cart_id, struct uuid group_id);
/* Queues the deliveries of placed orders, their promotions and rates, and each share of a line or a
 * delivery. */
void order_store_place_details(struct request *request, const struct order_checkout_data *checkout,
                               const struct order_group *group);
/* The address of a group. WAITS. Also NOT_FOUND (none, or it was forgotten). */
MUST_CHECK enum status order_store_find_address(struct request *request, struct uuid group_id,
                                                struct common_postal_address *ret_address);
/* Rows of the addresses of groups: the group's id, then CART_ADDRESS_COLUMNS. WAITS. */
MUST_CHECK enum status order_store_query_addresses(struct request *request,
                                                   const struct uuid *group_ids, size_t count,
                                                   struct rows *ret_rows);
/* Queues that the addresses of a shopper's checkouts, or (of a guest) of one, are forgotten:
 * country and region stay, which they were taxed by. */
void order_store_forget_addresses(struct request *request, struct uuid user_id);
void order_store_forget_address(struct request *request, struct uuid group_id);
/* True if the shopper has placed nothing yet, or nothing was placed under a guest's address that
 * nobody has claimed. WAITS. */
MUST_CHECK enum status order_store_is_first_of_guest(struct request *request, struct text email,
                                                     bool *ret_is_first);
MUST_CHECK enum status order_store_is_first(struct request *request, struct uuid user_id,
                                            bool *ret_is_first);

/* Queues the cart's group as failed, with the name of the status that refused it, and the locked
 * cart as active again. */
void order_store_fail_group(struct request *request, struct cart *cart, struct text refusal);

/* Draws a number for people from the sequence, for a pending group, and tells when the checkout
 * began. Numbers that are not used leave gaps. WAITS. Statuses: OK, NOT_FOUND (no such group, or
 * not pending), and those of request_query(). */
MUST_CHECK enum status order_store_draw_number(struct request *request, struct uuid group_id,
                                               int64_t *ret_number, int64_t *ret_created_at_us);

/* --- reading --- */

struct stored_group {
    struct uuid user_id;      /* zero: a guest's that nobody has claimed */
    int64_t card_amount;      /* what a card pays; 0: none does */
    struct order_group group; /* without its orders */
};

/* A group by its id. WAITS. Also NOT_FOUND. */
MUST_CHECK enum status order_store_find_group(struct request *request, struct uuid group_id,
                                              struct stored_group *ret_group);
/* Orders, without their lines. */
struct order_list {
    struct order_order *orders;
    bool *have_details;    /* of each: more than lines is to be filled in */
    struct uuid *user_ids; /* of each order; zero: a guest's */
    size_t count;
};
/* Lends the order of that id; NULL when it is not in the list. */
static inline struct order_order *order_list_find(struct order_list *list, struct uuid order_id)
{
    for (size_t i = 0; i < list->count; i++)
        if (uuid_equals(list->orders[i].id, order_id)) return &list->orders[i];
    return NULL;
}
/* The orders of a group, in the order of its cart. WAITS. */
MUST_CHECK enum status order_store_list_of_group(struct request *request, struct uuid group_id,
                                                 struct order_list *ret_list);
/* The orders of a user, newest first, at most `limit` (>= 1) of those with smaller ids than
 * `before`. WAITS. */
MUST_CHECK enum status order_store_list_of_user(struct request *request, struct uuid user_id,
                                                struct uuid before, int64_t limit,
                                                struct order_list *ret_list);
/* Which orders vendors and staff ask for. */
struct order_filter {
    struct uuid vendor_id, user_id;                                /* zero: anybody's; not both */
    struct text status, payment_status, fulfilment_status, number; /* empty: any */
    bool has_placed_from, has_placed_to;
    int64_t placed_from_us, placed_to_us;
};
/* Those orders, newest first, at most `limit` (>= 1) with smaller ids than `before`. WAITS. */
MUST_CHECK enum status order_store_list_by(struct request *request,
                                           const struct order_filter *filter, struct uuid before,
                                           int64_t limit, struct order_list *ret_list);
/* The order of that id: a list of one or none. WAITS. */
MUST_CHECK enum status order_store_find_order(struct request *request, struct uuid order_id,
                                              struct order_list *ret_list);
/* Gives the orders of a list their lines and details, by one statement for the lines of all, and
 * two more if any has details. WAITS. Also CORRUPT: a line of an order that was not asked for. */
MUST_CHECK enum status order_store_fill_lines(struct request *request, struct order_list *list);
/* Gives the orders of a list what they keep besides their lines: where they go and how, what was
 * taken off, taxes. Two statements, or none. WAITS. */
MUST_CHECK enum status order_store_fill_details(struct request *request, struct order_list *list);
/* Gives a group its orders with their lines and details; it has none while it is not placed. WAITS.
 */
MUST_CHECK enum status order_store_fill_group(struct request *request, struct order_group *group);
