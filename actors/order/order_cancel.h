/* Units of an order are cancelled: which ones may be, and what that does to the order. Pure. */
#pragma once

#include "actors/order/shipment.h"

/* Of each line, in the order of the life's. */
struct order_cancel {
    int64_t units[ORDER_LINES_MAX];
    bool is_whole; /* nothing but cancelled units is left then */
};

/* The units that wishes name: those that are in no parcel. The life stays as it is. */
struct shipment_refusal order_cancel_choose(const struct order_life *life,
                                            const struct shipment_wish *wishes, size_t count,
                                            struct order_cancel *ret_cancel);
/* All units that are left, packed ones too. */
void order_cancel_rest(const struct order_life *life, struct order_cancel *ret_cancel);
/* Cancels units, of which something is left, for `reason` (may be empty). What follows from that is
 * for order_life_follow(), with `*ret_before`, once their price has been taken off: an order whose
 * other units were all delivered may be paid by that. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_cancel_units(struct order_life *life,
                                          const struct order_cancel *cancel, struct text reason,
                                          const struct order_terms *terms,
                                          enum order_progress *ret_before);
