/* Opens again the return whose replacement is gone. Both orders are of one group, so their units
 * are committed one after the other. */
#include "actors/order/replacement_end.h"

#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/return_store.h"

static enum status reopen(struct request *request, struct order_life *origin,
                          struct order_return *exchanged, enum replacement_end end)
{
    const struct order_terms terms = order_life_terms(request);
    const int64_t wait_us = end == REPLACEMENT_END_RETURNED ? 0 : terms.return_deadline_us;
    TRY(return_reopen(origin, exchanged, terms.now_us + wait_us, &terms));
    return_store_save(request, origin, exchanged);
    TRY(order_life_save(request, origin));
    return order_life_tell(request, origin, NULL);
}

enum status replacement_end(struct request *request, const struct order_life *life,
                            enum replacement_end end)
{
    struct order_life *origin;
    struct order_return *returns;
    size_t count;
    if (uuid_is_zero(life->replaces_id)) return STATUS_OK;
    TRY(order_life_load(request, life->replaces_id, &origin));
    TRY(return_store_load(request, origin, &returns, &count));
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(returns[i].replacement_id, life->order_id))
            return reopen(request, origin, &returns[i], end);
    /* A claim was ended for good by it. */
    return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                          "It was sent for a claim: nothing would go back for it.");
}
