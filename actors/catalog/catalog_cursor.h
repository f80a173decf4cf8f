/* Cursors of product lists: where the next page begins, in base64url. They hold the id of the last
 * product, and in a search by relevance (`is_ranked`) its rank before it. Opaque to clients. */
#pragma once

#include "actors/catalog/catalog_list_store.h"

/* In the arena. */
struct text catalog_cursor_encode(struct arena *arena, struct catalog_position position,
                                  bool is_ranked);
/* Reads a cursor, for which a client may send anything. Statuses: OK, INVALID_PARAMETER (not a
 * cursor of a list of this kind). */
MUST_CHECK enum status catalog_cursor_decode(struct text text, bool is_ranked,
                                             struct catalog_position *ret_position);
