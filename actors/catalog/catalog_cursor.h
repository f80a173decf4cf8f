/* Where the next page of a list begins: the id of the last product, before it its rank in a search
 * by relevance, in base64url. */
#pragma once

#include "actors/catalog/catalog_list_store.h"

struct text catalog_cursor_encode(struct arena *arena, struct catalog_position position,
                                  bool is_ranked);
/* Statuses: OK, INVALID_PARAMETER. */
MUST_CHECK enum status catalog_cursor_decode(struct text text, bool is_ranked,
                                             struct catalog_position *ret_position);
