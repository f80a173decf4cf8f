/* What follows when an order was called off, or units of it were: goods and money go back, whatever
 * happens in between. Registered with the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"
#include "order_messages.h"

extern const struct saga_kind recall_saga;
/* Of orders that were called off before units of them could be: the order's id names all. */
extern const struct saga_kind recall_saga_1;
extern const struct saga_kind recall_saga_2;
/* Before there were cards. */
extern const struct saga_kind recall_saga_3;

/* The steps that also bring back what goes by an edit. Each WAITS, may be repeated, and tries what
 * is not there yet again. */
MUST_CHECK enum status order_recall_restock(struct saga *saga,
                                            const struct order_recall_data *recall);
MUST_CHECK enum status order_recall_refund(struct saga *saga,
                                           const struct order_recall_data *recall);
/* Has a refund pursued: what goes back to a card, or is credited instead, is asked for. If that
 * takes long the clock goes on with it. `index` tells the ask apart. WAITS. */
MUST_CHECK enum status order_recall_pursue(struct saga *saga, unsigned index, struct uuid order_id,
                                           struct uuid refund_id);
