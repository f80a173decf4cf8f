/* Carts in the database. A change queues one statement that moves the version by one, and the
 * activation remembers the new value; a version that has moved meanwhile ends the unit with
 * CONFLICT. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart.h"

/* The cart as earlier messages left it, else its committed rows; in the request's arena. For
 * commands that are keyed by the cart. WAITS. Statuses: OK, NOT_FOUND, CORRUPT, and those of
 * request_query(). */
MUST_CHECK enum status cart_store_load(struct request *request, struct uuid cart_id,
                                       struct cart **ret_cart);
/* The committed rows; for queries. WAITS. Statuses as cart_store_load(). */
MUST_CHECK enum status cart_store_read(struct request *request, struct uuid cart_id,
                                       struct cart **ret_cart);
/* The cart of a user that is active or locked. WAITS. Statuses as cart_store_load(). */
MUST_CHECK enum status cart_store_find_active(struct request *request, struct uuid user_id,
                                              struct cart **ret_cart);

/* Queues a new, empty cart, of a guest when user_id is zero. Another active cart of the user ends
 * the unit with CONFLICT, so that the handler runs again and finds it. Nothing is remembered: the
 * request's key is the user, not the cart. */
void cart_store_create(struct request *request, const struct cart *cart);
/* Queues a line that is new or has changed. */
void cart_store_put_line(struct request *request, struct cart *cart, const struct cart_line *line);
/* Queues the removal of a line that the cart no longer holds. */
void cart_store_remove_line(struct request *request, struct cart *cart, struct uuid line_id);
/* Queues all lines of a cart as they are, for changes of more than one. */
void cart_store_replace_lines(struct request *request, struct cart *cart);
/* Queues a guest's active cart as merged; the lines stay, to be taken over. */
void cart_store_close(struct request *request, struct cart *cart, struct uuid user_id);
