/* What of orders waits for staff: whoever should act has not, or nothing can happen by itself. */
#include "actors/order/order_stuck_store.h"
#include "order_handlers.h"

enum status order_handle_list_stuck(struct request *request, const struct queue_list_stuck *query,
                                    struct common_stuck_items *ret_reply)
{
    return order_stuck_list(request, query, ret_reply);
}

enum status order_handle_list_openings(struct request *request,
                                       const struct order_list_openings *query,
                                       struct order_openings_of_vendors *ret_reply)
{
    return order_stuck_openings(request, query->vendor_ids, query->vendor_ids_count, ret_reply);
}
