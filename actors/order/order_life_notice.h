/* What the buyer of an order is told while it is on its way. */
#pragma once

#include "actors/order/order_life_store.h"
#include "actors/order/shipment.h"

/* Queues the notices of what has changed since the life was loaded: that a vendor has accepted it,
 * that the parcel that moved (`shipment`, or NULL) has left, that all has arrived, that it or a
 * part of it was cancelled, or it was refused; of that the vendor's team hears, too, when it was
 * not the one. Statuses: those of request_publish(). */
MUST_CHECK enum status order_life_tell(struct request *request, const struct order_life *life,
                                       const struct shipment *shipment);
