/* Carts in the database. A change queues one statement that moves the version by one, in the row
 * and in `cart`, and the activation remembers the new value. When the row's version has moved
 * meanwhile, the unit ends with CONFLICT and the handler runs again. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart.h"

/* The cart as earlier messages left it (what the activation remembers), else its committed rows; in
 * the request's arena. For commands that are keyed by the cart. WAITS. Statuses: OK, NOT_FOUND,
 * CORRUPT, and those of request_query(). */
MUST_CHECK enum status cart_store_load(struct request *request, struct uuid cart_id,
                                       struct cart **ret_cart);
/* The committed rows, in the request's arena; for queries. WAITS. Statuses as cart_store_load(). */
MUST_CHECK enum status cart_store_read(struct request *request, struct uuid cart_id,
                                       struct cart **ret_cart);
/* The committed rows of the user's own cart (no draft) that is active or locked: there is at most
 * one. WAITS. Statuses as cart_store_load(). */
MUST_CHECK enum status cart_store_find_active(struct request *request, struct uuid user_id,
                                              struct cart **ret_cart);

/* Queues a new, empty cart at version 1 and returns it, in the request's arena; of a guest when
 * `user_id` is zero. `currency` has at most three letters. Another active cart of the user ends the
 * unit with CONFLICT, so that the handler runs again and finds it. Nothing is remembered, because
 * the request's key is the user and not the cart. */
struct cart *cart_store_create(struct request *request, struct uuid user_id, const char *currency);
/* Queues a line of the cart that is new or has changed. */
void cart_store_put_line(struct request *request, struct cart *cart, const struct cart_line *line);
/* Queues the removal of a line that the cart no longer holds. */
void cart_store_remove_line(struct request *request, struct cart *cart, struct uuid line_id);
/* Queues all lines of a cart as they are now, for changes of more than one. */
void cart_store_replace_lines(struct request *request, struct cart *cart);
/* Queues another address, which the cart keeps as far as prices go by it. The address is one that
 * postal_address_normalise() has accepted. */
void cart_store_set_address(struct request *request, struct cart *cart,
                            const struct common_postal_address *address);
/* The committed address. WAITS. Statuses: OK, NOT_FOUND (none), those of request_query(). */
MUST_CHECK enum status cart_store_read_address(struct request *request, struct uuid cart_id,
                                               struct common_postal_address *ret_address);
/* How an address stands in a row `a`, of a cart or of a group, and how it is read from there. */
#define CART_ADDRESS_COLUMNS                                                                       \
    "a.country, a.region_code, a.receiver, a.line1, a.line2, a.city, a.postal_code, a.region, "    \
    "a.phone "
void cart_store_read_address_row(struct row *row, struct common_postal_address *ret_address);
/* How a cart's status and its being a draft are read from its row. Statuses: OK, CORRUPT. */
MUST_CHECK enum status cart_store_read_status(struct text name, enum order_cart_status *ret_status);
enum cart_draft cart_store_read_draft(struct row *row);
/* Queues the codes as the cart has them now. */
void cart_store_set_codes(struct request *request, struct cart *cart);
/* Queues the currency and the lines' amounts as the cart has them now. */
void cart_store_set_currency(struct request *request, struct cart *cart);
/* How statements that change a cart begin: $1 cart, $2 its version, $3 now. A cart that is locked
 * or ordered does not change, whatever the handler remembers of it. */
#define CART_MOVE_VERSION                                                                          \
    "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3 "             \
    "WHERE id = $1 AND version = $2 AND status = 'active' RETURNING 1), "
/* Queues such a statement with its first three parameters; the caller adds the others. The value in
 * memory follows the row, as it is when this is called. */
struct store_params *cart_store_move_version(struct request *request,
                                             const struct statement *statement, struct cart *cart);
/* Queues a guest's active cart as merged for the cart of `user_id`. The lines stay, so that
 * whatever interrupts the merge can go on with them later. */
void cart_store_close(struct request *request, struct cart *cart, struct uuid user_id);
