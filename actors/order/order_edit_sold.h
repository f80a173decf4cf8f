/* Whether what an edit adds is sold at all. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* What an edit adds costs what was proposed, but nothing is sold any more that staff has hidden, or
 * whose vendor was suspended or has closed. `order` has the order's lines. WAITS. Statuses: OK,
 * PRODUCT_UNAVAILABLE, VENDOR_UNAVAILABLE (at the edit's line or goods), and those of
 * request_ask(). */
MUST_CHECK enum status order_edit_require_sold(struct request *request,
                                               const struct order_edit *edit,
                                               const struct order_order *order);
