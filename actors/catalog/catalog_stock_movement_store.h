/* Why there is as much of a variant as there is: changes of its stock. They are written by the
 * statements that change the stock (catalog_store.c and others); here they are read. */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

enum { CATALOG_MOVEMENTS_MAX = 100 };

/* Of versions below `before`, the newest first, at most `limit`. WAITS. Statuses: those of
 * request_query(). */
MUST_CHECK enum status catalog_movement_list(struct request *request, struct uuid variant_id,
                                             int64_t before, int64_t limit,
                                             struct catalog_stock_movement **ret_movements,
                                             size_t *ret_count);
/* An opaque cursor, and back. Statuses: OK, INVALID_PARAMETER. */
struct text catalog_movement_cursor(struct arena *arena, int64_t version);
MUST_CHECK enum status catalog_movement_cursor_read(struct arena *arena, struct text text,
                                                    int64_t *ret_version);
