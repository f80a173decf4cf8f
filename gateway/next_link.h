/* Where the next page of a list is, for those who are answered with no JSON that could say it.
 * Pure.
 */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* The value of a header `Link` (RFC 8288): the path with the parameters of `query` as they are, but
 * for `after`, which is `next`. Empty if there are too many of them. */
struct text next_link(struct arena *arena, struct text path, struct text query, struct text next);
