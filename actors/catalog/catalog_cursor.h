/* A place in a list of products, the newest first, as clients have it. Pure. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"

/* The place before the first product. */
struct uuid catalog_cursor_first(void);
/* The text form of the place behind that product, in the arena. */
struct text catalog_cursor_encode(struct arena *arena, struct uuid product);
/* Statuses: OK, INVALID_PARAMETER (no such text). */
MUST_CHECK enum status catalog_cursor_decode(struct text text, struct uuid *ret_product);
