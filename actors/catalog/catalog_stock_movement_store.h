/* The movements of a variant's stock: each says when, why and by how many units on_hand has
 * changed, so their sum is on_hand. They are written by the statements that change the stock (in
 * catalog_store.c, catalog_edit_store.c and catalog_import_store.c); here they are read. */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

enum { CATALOG_MOVEMENTS_MAX = 100 }; /* of a page */

/* Movements that brought the stock to versions below `before`, the newest first, at most `limit` (1
 * to CATALOG_MOVEMENTS_MAX + 1), in the request's arena. WAITS. Statuses: OK and those of
 * request_query(). */
MUST_CHECK enum status catalog_movement_list(struct request *request, struct uuid variant_id,
                                             int64_t before, int64_t limit,
                                             struct catalog_stock_movement **ret_movements,
                                             size_t *ret_count);
/* The cursor of the page that goes on below a version: base64url in the arena, opaque to clients.
 */
struct text catalog_movement_cursor(struct arena *arena, int64_t version);
/* The version of such a cursor, for which a client may send anything. Statuses: OK,
 * INVALID_PARAMETER. */
MUST_CHECK enum status catalog_movement_cursor_read(struct arena *arena, struct text text,
                                                    int64_t *ret_version);
