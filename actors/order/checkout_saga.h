/* The long process of a checkout, as the host's saga runs it (actors/host/saga.h): its data is a
 * struct order_checkout_data, its id that of the group. */
#pragma once

#include "actors/host/saga.h"

/* Steps and version of the checkouts that begin now. Open sagas keep the version that they began
 * with: see "To add a step to a checkout" in this folder's README. */
extern const struct saga_kind checkout_saga;
/* That of checkouts with a card's part. It is a table of its own, so that the others take no step
 * more. */
extern const struct saga_kind checkout_card_saga;
/* That of the version before, for checkouts that it has begun. */
extern const struct saga_kind checkout_saga_1;
