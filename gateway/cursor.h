/* Cursors belong to one list with its filters: the `next` of another would go on somewhere that
 * means nothing there. So the gateway puts a tag of the question before each cursor that leaves,
 * and takes it off those that come back. Pure. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"

enum { CURSOR_TAG_BYTES = 6 };

/* The tag of a question: a digest of all its fields but `after` and `limit`, so that pages may
 * change their size on the way. `body` is of the message's schema; it is changed and put back.
 * False for messages without the field `after`, which have no pages. */
bool cursor_tag(const struct message *message, void *body, struct arena *arena,
                uint8_t ret_tag[CURSOR_TAG_BYTES]);
/* The cursor for clients. */
struct text cursor_bind(struct arena *arena, const uint8_t tag[CURSOR_TAG_BYTES],
                        struct text cursor);
/* The cursor as the domain made it. Statuses: OK, INVALID_PARAMETER (of another list, or none). */
MUST_CHECK enum status cursor_open(struct arena *arena, const uint8_t tag[CURSOR_TAG_BYTES],
                                   struct text bound, struct text *ret_cursor);
/* The field of that name, if it is an optional text; else NULL. */
const struct field *cursor_field(const struct schema *schema, const char *name);
