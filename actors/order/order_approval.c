/* What of orders waits for a second member of the staff. */
#include "actors/order/order_approval.h"

#include "actors/order/order_life_door.h"
#include "actors/order/order_life_store.h"
#include "order_handlers.h"

enum status order_approval_require(struct request *request, const struct order_life *life,
                                   int64_t amount)
{
    assert(amount >= 0);
    const struct approval_wish wish = { .prefix = "ord",
                                        .subject = life->order_id,
                                        .counted = life->order_id,
                                        .amount = money_make(amount, life->currency) };
    return approval_require(request, &wish);
}

enum status order_approval_end(struct request *request, enum status done,
                               const struct message *message, const void *command,
                               struct order_order *ret_reply)
{
    struct order_life *life;
    struct uuid order_id;
    if (done != STATUS_NEEDS_APPROVAL) return done;
    struct common_approval *approval = arena_allocate(request_arena(request), sizeof *approval);
    TRY(approval_wait(request, message, command, approval, &order_id));
    TRY(order_life_open(request, order_id, TEXT(""), &life));
    TRY(order_life_answer(request, life, ret_reply));
    ret_reply->approvals = approval;
    ret_reply->approvals_count = 1;
    return STATUS_OK;
}

enum status order_handle_approve_request(struct request *request,
                                         const struct approvals_approve_request *command,
                                         struct order_order *ret_reply)
{
    const struct message *message;
    struct common_approval approval;
    void *done;
    TRY(approval_approve(request, command->approval_id, command->reason, &message, &done,
                         &approval));
    assert(message->reply == &order_order_schema);
    *ret_reply = *(const struct order_order *)done;
    return STATUS_OK;
}

enum status order_handle_decline_request(struct request *request,
                                         const struct approvals_decline_request *command,
                                         struct common_approval *ret_reply)
{
    return approval_decline(request, command->approval_id, command->reason, ret_reply);
}

enum status order_handle_list_requests(struct request *request,
                                       const struct approvals_list_requests *query,
                                       struct common_approvals *ret_reply)
{
    return approval_list(request, query, ret_reply);
}
