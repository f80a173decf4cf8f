/* Finds, saves and answers returns. */
#include "actors/order/return_door.h"

#include "actors/order/claim_store.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/return_store.h"

enum status return_open(struct request *request, struct uuid order_id, struct text token,
                        struct versions versions, struct returns *ret_returns)
{
    struct returns returns;
    TRY(order_life_open(request, order_id, token, &returns.life));
    if (!versions_have(versions, returns.life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(return_store_load(request, returns.life, &returns.all, &returns.count));
    TRY(claim_store_block(request, returns.life));
    *ret_returns = returns;
    return STATUS_OK;
}

/* What shoppers and the clock do to a return is in its history. */
static bool is_office(const struct request *request)
{
    const enum principal_kind who = request_principal(request)->kind;
    return who == PRINCIPAL_VENDOR || who == PRINCIPAL_ADMIN;
}

enum status return_find(struct request *request, const struct return_wish *wish,
                        struct returns *ret_returns, struct order_return **ret_found)
{
    TRY(return_open(request, wish->order_id, wish->token, wish->versions, ret_returns));
    for (size_t i = 0; i < ret_returns->count; i++) {
        if (!uuid_equals(ret_returns->all[i].id, wish->return_id)) continue;
        if (is_office(request)) request_audit(request, "ret", wish->return_id, (struct text){ 0 });
        *ret_found = &ret_returns->all[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static void show(const struct order_life *life, const struct order_return *changed,
                 struct order_return_request *shown)
{
    shown->id = changed->id;
    shown->status = (enum order_return_status)(changed->state - ORDER_STATE_RETURN_REQUESTED);
    shown->reason = changed->reason;
    shown->wants = changed->wants_exchange ? ORDER_RETURN_WISH_EXCHANGE : ORDER_RETURN_WISH_REFUND;
    shown->has_instructions = changed->instructions.length > 0;
    shown->instructions = changed->instructions;
    shown->has_label_url = changed->label_url.length > 0;
    shown->label_url = changed->label_url;
    shown->has_restocked_at = changed->restocked_at_us > 0;
    shown->restocked_at_us = changed->restocked_at_us;
    shown->has_replacement_id = !uuid_is_zero(changed->replacement_id);
    shown->replacement_id = changed->replacement_id;
    shown->requested_at_us = changed->requested_at_us;
    shown->has_due_at = changed->due_at_us > 0;
    shown->due_at_us = changed->due_at_us;
    shown->has_ended_at = changed->ended_at_us > 0;
    shown->ended_at_us = changed->ended_at_us;
    struct order_return_line *lines = (struct order_return_line *)shown->lines;
    for (size_t i = 0; i < changed->parts_count; i++)
        lines[i] = (struct order_return_line){ .line_id = life->lines[changed->parts[i].line].id,
                                               .quantity = changed->parts[i].quantity,
                                               .received = changed->parts[i].received,
                                               .to_restock = changed->parts[i].restocked,
                                               .restocked = changed->restocked_at_us > 0
                                                                ? changed->parts[i].restocked
                                                                : 0,
                                               .given_back = changed->parts[i].given_back };
    shown->lines_count = changed->parts_count;
}

/* The order with the return as it is by now, which is the last one if it is new. */
enum status return_answer(struct request *request, const struct returns *returns,
                          const struct order_return *changed, struct order_order *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct order_order order;
    TRY(order_life_answer(request, returns->life, &order));
    order_life_show(returns->life, &order);
    size_t place = 0;
    while (place < order.returns_count && !uuid_equals(order.returns[place].id, changed->id))
        place++;
    struct order_return_request *all =
        arena_allocate_array(arena, order.returns_count + 1, sizeof *all);
    for (size_t i = 0; i < order.returns_count; i++)
        all[i] = order.returns[i];
    all[place].lines = arena_allocate_array(arena, changed->parts_count, sizeof *all[place].lines);
    show(returns->life, changed, &all[place]);
    if (place == order.returns_count) order.returns_count++;
    order.returns = all;
    *ret_reply = order;
    return STATUS_OK;
}

enum status return_save(struct request *request, const struct returns *returns,
                        const struct order_return *changed)
{
    return_store_save(request, returns->life, changed);
    TRY(order_life_save(request, returns->life));
    return order_life_tell(request, returns->life, NULL);
}

enum status return_save_back(struct request *request, const struct returns *returns,
                             const struct order_return *changed, const struct order_back *back)
{
    return_store_save(request, returns->life, changed);
    TRY(order_life_save(request, returns->life));
    return order_life_tell_back(request, returns->life, back);
}
