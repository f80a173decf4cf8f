/* Live streams on the wire (WHATWG HTML, section 9.2): who wants one, and how the entries of a
 * reply become its events. Pure. */
#pragma once

#include "gateway/cursor.h"
#include "messages/schema.h"
#include "runtime/arena.h"

/* What a stream begins with: a client that has lost it comes back after 2 s. */
#define EVENT_TEXT_BEGIN "retry: 2000\n\n"
/* A comment, so that whoever is between us and the client sees that the stream lives. */
#define EVENT_TEXT_HEARTBEAT ":\n\n"

/* The entries of one reply. */
struct event_page {
    struct text bytes; /* as events; without entries at most the position, which is no event */
    size_t count;
    bool has_more;
    /* Behind the last entry, as the query's `after` takes it: the reply's `next` where it is a
     * cursor, else the last entry's; empty: it goes on where it was. */
    struct text position;
};

/* True if the value of an Accept header names text/event-stream, and application/json not with more
 * weight. Ranges such as * / * do not ask for a stream. */
bool event_text_is_wanted(struct text accept);
/* Puts the tag of their list before the cursors of the entries of such a reply. */
void event_text_bind(const struct schema *reply, void *value, const uint8_t *cursor_tag,
                     struct arena *arena);
/* Makes events of a reply of a route with is_stream. `cursor_tag` is put before cursors, which
 * `value` then holds as clients see them; NULL where positions are numbers. Statuses: OK, CORRUPT
 * (too long to be one). */
MUST_CHECK enum status event_text_write(const struct schema *reply, void *value,
                                        const uint8_t *cursor_tag, struct arena *arena,
                                        struct event_page *ret_page);
/* The last event of a stream that we end; `reason` is a static name. */
struct text event_text_end(struct arena *arena, const char *reason);
/* The field `after` of such a query. */
const struct field *event_text_after(const struct schema *query);
/* Takes what stands in it out of a query's struct and returns it as text; empty: nothing. */
struct text event_text_take_after(const struct schema *query, void *body, struct arena *arena);
