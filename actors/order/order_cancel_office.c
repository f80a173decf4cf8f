/* Units that shoppers, vendors and staff cancel. */
#include "actors/order/order_approval.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_cancel.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_end.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_offline.h"
#include "actors/order/replacement_end.h"
#include "order_handlers.h"

/* What all three commands have. */
struct wish {
    struct uuid order_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    const struct order_shipment_line *lines;
    size_t lines_count;
    struct text reason; /* may be empty */
};
#define WISH_OF(command, proof, why)                                                               \
    (&(struct wish){ (command)->order_id, (proof), VERSIONS_OF(command), (command)->lines,         \
                     (command)->lines_count, (why) })

static enum status choose(struct request *request, const struct order_life *life,
                          const struct wish *wish, struct order_cancel *ret_cancel)
{
    struct shipment_wish wishes[ORDER_LINES_MAX];
    order_life_wishes(wish->lines, wish->lines_count, wishes);
    const struct shipment_refusal refusal =
        order_cancel_choose(life, wishes, wish->lines_count, ret_cancel);
    return order_life_refuse_units(request, &refusal, wish->lines);
}

static enum status cancel_part(struct request *request, struct order_life *life,
                               const struct order_cancel *cancel, struct text reason,
                               struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    struct order_order order;
    struct order_back back;
    TRY(order_life_answer(request, life, &order));
    TRY(order_back_require_room(request, &order));
    const struct order_back_wish wish = { .units = cancel->units, .sequence = life->version + 1 };
    enum order_progress before;
    TRY(order_cancel_units(life, cancel, reason, &terms, &before));
    TRY(order_back_take(request, life, &wish, &back));
    TRY(order_life_follow(life, before, &terms));
    TRY(replacement_give_back(request, life, cancel->units, &back));
    TRY(order_offline_follow(life, &terms));
    TRY(order_life_save(request, life));
    TRY(order_life_tell_back(request, life, &back));
    TRY(order_back_begin(request, life, &back, &(struct order_back_terms){ .is_created = true },
                         &order));
    order_life_show(life, &order);
    *ret_reply = order;
    return STATUS_OK;
}

static enum status cancel(struct request *request, const struct wish *wish,
                          struct order_order *ret_reply)
{
    struct order_life *life;
    struct order_cancel cancel;
    TRY(order_life_open(request, wish->order_id, wish->token, &life));
    if (!versions_have(wish->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require_cancel(request, life, ORDER_TRIGGER_CANCEL_UNITS));
    TRY(choose(request, life, wish, &cancel));
    if (!cancel.is_whole) return cancel_part(request, life, &cancel, wish->reason, ret_reply);
    const struct order_ending ending = { .trigger = ORDER_TRIGGER_CANCEL,
                                         .reason = wish->reason,
                                         .is_created = true };
    return order_life_end(request, life, &ending, ret_reply);
}

enum status order_handle_cancel_units(struct request *request,
                                      const struct order_cancel_units *command,
                                      struct order_order *ret_reply)
{
    return cancel(request,
                  WISH_OF(command, command->has_token ? command->token : TEXT(""),
                          command->has_reason ? command->reason : TEXT("")),
                  ret_reply);
}

enum status order_handle_cancel_vendor_units(struct request *request,
                                             const struct order_cancel_vendor_units *command,
                                             struct order_order *ret_reply)
{
    return cancel(request, WISH_OF(command, TEXT(""), command->reason), ret_reply);
}

enum status order_handle_cancel_any_units(struct request *request,
                                          const struct order_cancel_any_units *command,
                                          struct order_order *ret_reply)
{
    const enum status done =
        cancel(request, WISH_OF(command, TEXT(""), command->reason), ret_reply);
    return order_approval_end(request, done, &order_cancel_any_units_message, command, ret_reply);
}
