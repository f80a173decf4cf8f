/* Where a list goes on: the sort keys of the last entry of the page before, in base64url. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"

struct admin_cursor {
    int64_t at_us;
    struct uuid id;
};

struct text admin_cursor_write(struct arena *arena, const struct admin_cursor *cursor);
/* Statuses: OK, INVALID_PARAMETER (not one of ours). */
MUST_CHECK enum status admin_cursor_read(struct text text, struct admin_cursor *ret_cursor);
