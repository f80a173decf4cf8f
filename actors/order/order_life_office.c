/* What vendors, and staff in their stead, say about an order: that they take it, that they are at
 * it. */
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "order_handlers.h"

static enum status move(struct request *request, struct uuid order_id, struct versions versions,
                        enum order_trigger trigger, struct order_order *ret_reply)
{
    struct order_life *life;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, order_id, TEXT(""), &life));
    if (!versions_have(versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require(request, life->state, trigger));
    TRY(order_life_pull(life, trigger, &terms));
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    return order_life_answer(request, life, ret_reply);
}

enum status order_handle_accept_order(struct request *request,
                                      const struct order_accept_order *command,
                                      struct order_order *ret_reply)
{
    return move(request, command->order_id, VERSIONS_OF(command), ORDER_TRIGGER_ACCEPT, ret_reply);
}

enum status order_handle_process_order(struct request *request,
                                       const struct order_process_order *command,
                                       struct order_order *ret_reply)
{
    return move(request, command->order_id, VERSIONS_OF(command), ORDER_TRIGGER_PROCESS, ret_reply);
}

/* ---- staff ---- */

enum status order_handle_accept_any_order(struct request *request,
                                          const struct order_accept_any_order *command,
                                          struct order_order *ret_reply)
{
    return move(request, command->order_id, VERSIONS_OF(command), ORDER_TRIGGER_ACCEPT, ret_reply);
}

enum status order_handle_process_any_order(struct request *request,
                                           const struct order_process_any_order *command,
                                           struct order_order *ret_reply)
{
    return move(request, command->order_id, VERSIONS_OF(command), ORDER_TRIGGER_PROCESS, ret_reply);
}
