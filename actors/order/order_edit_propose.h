/* What edits are asked for when they are proposed and when they are made. */
#pragma once

#include "actors/order/order_edit_store.h"

/* What is added stands in lines of its own. Statuses: OK, TOO_MANY_LINES (told why). */
MUST_CHECK enum status order_edit_require_room(struct request *request,
                                               const struct order_life *life, size_t added);
