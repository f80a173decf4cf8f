/* Where a list of rows with ids goes on: the id of the last row of the page before, in base64url,
 * opaque to clients, who may send anything back. */
#pragma once

#include "actors/order/order_store.h"

enum { ORDER_PAGE_DEFAULT = 20 }; /* rows of a page, if nobody says how many */

/* Without a cursor: the highest id there can be, so that a list from the newest begins there.
 * Statuses: OK, INVALID_PARAMETER (the fault is added). */
MUST_CHECK enum status order_cursor_read(struct request *request, bool has_cursor,
                                         struct text cursor, struct uuid *ret_id);
struct text order_cursor_write(struct request *request, struct uuid id);
/* Makes a page of at most `limit` orders of a list that holds one more if there are more; the list
 * is cut to it and gets its lines. WAITS; statuses of order_store_fill_lines(). */
MUST_CHECK enum status order_page_answer(struct request *request, struct order_list *list,
                                         size_t limit, struct order_order_page *ret_reply);
