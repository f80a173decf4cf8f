/* What shoppers write into a search, as text. No I/O. */
#pragma once

#include "actors/catalog/search_index.h"
#include "runtime/arena.h"

/* The form in which searches are compared: case and accents folded, compatible characters as one,
 * blanks single and none at the ends. Empty if nothing of the kind is left. In the arena. */
struct text catalog_query_form(struct arena *arena, struct text query);

/* True if a search, in that form, can be kept for others to read: it is not empty, no longer than
 * searches are, and names nobody as far as one can see: it has no @, and no more digits than
 * numbers of goods have. */
bool catalog_query_is_nobodys(struct text form);
/* Reads attributes that are asked for, "Size:M,Colour:Light\, blue": name and value of each, of
 * which a backslash takes the meaning from what stands behind it. At most
 * SEARCH_FILTER_ATTRIBUTES_MAX. Statuses: OK, INVALID_PARAMETER. */
MUST_CHECK enum status catalog_query_read_attributes(struct arena *arena, struct text text,
                                                     const struct search_attribute **ret_attributes,
                                                     size_t *ret_count);
