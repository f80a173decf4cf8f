/* Whether what an edit adds is sold at all. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/shipment.h"
#include "order_messages.h"

/* Units that are added and are not there yet, of each line that has some. */
struct order_edit_late_units {
    struct order_edit_late late[ORDER_LINES_MAX];
    size_t count;
};

/* Says so at the edit's lines and goods, which are copied into the arena: whoever agrees sees it;
 * by then it may be another. */
void order_edit_show_late(struct arena *arena, struct order_edit *edit,
                          const struct order_edit_late_units *late);

/* What an edit adds costs what was proposed, but nothing is sold any more that staff has hidden, or
 * whose vendor was suspended or has closed. `order` has the order's lines. Also says what of it is
 * sold ahead just now, as a cart says it. WAITS. Statuses: OK, PRODUCT_UNAVAILABLE,
 * VENDOR_UNAVAILABLE (at the edit's line or goods), and those of request_ask(). */
MUST_CHECK enum status order_edit_require_sold(struct request *request,
                                               const struct order_edit *edit,
                                               const struct order_order *order,
                                               struct order_edit_late_units *ret_late);
