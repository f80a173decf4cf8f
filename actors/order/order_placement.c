/* How a checkout ends in this domain: its orders exist (the pivot), or it has failed and the cart
 * can be changed again. Both are commands that the saga sends (checkout_saga.c). */
#include "actors/host/saga.h"
#include "actors/order/card_store.h"
#include "actors/order/cart_store.h"
#include "actors/order/draft_store.h"
#include "actors/order/guest_try.h"
#include "actors/order/order_life_store.h"
#include "actors/order/order_offline_store.h"
#include "actors/order/order_store.h"
#include "actors/order/order_supply_store.h"
#include "actors/order/order_token.h"
#include "order_handlers.h"

/* --- the pivot --- */

/* How what no wallet pays is paid, and until when. */
static struct order_offline_state offline_of(struct request *request,
                                             const struct order_checkout_data *checkout,
                                             struct text number, int64_t amount)
{
    const struct config *config = request_config(request);
    struct order_offline_state state = {
        .method = checkout->has_offline_method ? checkout->offline_method
                                               : ORDER_OFFLINE_METHOD_ON_DELIVERY,
        .agreed = amount,
        .owed = amount,
        .number = number,
    };
    if (state.method == ORDER_OFFLINE_METHOD_ON_DELIVERY) return state;
    state.due_at_us = request_now_us(request) +
                      config_duration_us(config, state.method == ORDER_OFFLINE_METHOD_TRANSFER
                                                     ? SETTING_MARKET_TRANSFER_DEADLINE
                                                     : SETTING_MARKET_INVOICE_TERMS);
    return state;
}

/* A card counts as paid: its part is set aside, and taken by this very process. */
static void make_order(struct request *request, const struct order_checkout_data *checkout,
                       const struct order_part *part, struct text number,
                       int64_t on_delivery_amount, struct order_order *ret_order)
{
    const struct money on_delivery = money_make(on_delivery_amount, part->total.currency);
    order_make(checkout, part, request_arena(request), ret_order);
    ret_order->id = request_new_id(request);
    ret_order->number = number;
    ret_order->payment_status = order_payment_status_of(part->total, on_delivery);
    const struct order_offline_state offline =
        offline_of(request, checkout, number, on_delivery_amount);
    ret_order->has_offline =
        order_offline_show(request, &offline, part->total.currency, &ret_order->offline);
    ret_order->has_on_delivery =
        on_delivery_amount > 0 && offline.method == ORDER_OFFLINE_METHOD_ON_DELIVERY;
    ret_order->on_delivery = on_delivery;
    ret_order->placed_at_us = request_now_us(request);
}

struct order_delivery_address {
    bool is_there;
    struct common_postal_address address;
};

static enum status make_group(struct request *request, const struct order_checkout_data *checkout,
                              const struct order_delivery_address *address, int64_t number,
                              int64_t created_at_us, struct order_group *ret_group)
{
    struct arena *arena = request_arena(request);
    struct order_split *split = arena_allocate(arena, sizeof *split);
    TRY(order_split_by_vendor(checkout, split));
    int64_t on_delivery[ORDER_PARTS_MAX];
    TRY(order_share_on_delivery(checkout, split, on_delivery));
    struct order_order *orders = arena_allocate_array(arena, split->parts_count, sizeof *orders);
    for (size_t i = 0; i < split->parts_count; i++) {
        const struct text order_number = text_format(arena, "%lld-%zu", (long long)number, i + 1);
        make_order(request, checkout, &split->parts[i], order_number, on_delivery[i], &orders[i]);
        orders[i].has_address = address->is_there;
        orders[i].address = address->address;
    }
    const struct money owed =
        checkout->has_on_delivery ? checkout->on_delivery : money_make(0, checkout->total.currency);
    const struct text group_number = text_format(arena, "%lld", (long long)number);
    const struct order_offline_state offline =
        offline_of(request, checkout, group_number, owed.amount);
    *ret_group =
        (struct order_group){ .id = checkout->group_id,
                              .status = ORDER_GROUP_STATUS_PLACED,
                              .payment_status = order_payment_status_of(checkout->total, owed),
                              .total = checkout->total,
                              .has_on_delivery = owed.amount > 0 &&
                                                 offline.method == ORDER_OFFLINE_METHOD_ON_DELIVERY,
                              .on_delivery = owed,
                              .orders = orders,
                              .orders_count = split->parts_count,
                              .created_at_us = created_at_us };
    ret_group->has_offline =
        order_offline_show(request, &offline, checkout->total.currency, &ret_group->offline);
    return STATUS_OK;
}

/* Asked again: this very group has ordered the cart. Its rows may still be queued; then CONFLICT
 * makes the handler run again, until they are committed. */
static enum status answer_placed(struct request *request, struct uuid group_id,
                                 struct order_group *ret_reply)
{
    struct stored_group stored;
    TRY(order_store_find_group(request, group_id, &stored));
    if (stored.group.status != ORDER_GROUP_STATUS_PLACED) return STATUS_CONFLICT;
    TRY(order_store_fill_group(request, &stored.group));
    *ret_reply = stored.group;
    return STATUS_OK;
}

/* One event for the buyer and all vendors together, so that those who are told of it read one event
 * however many vendors there are. */
static enum status announce_group(struct request *request,
                                  const struct order_checkout_data *checkout,
                                  const struct order_group *group, int64_t number)
{
    struct arena *arena = request_arena(request);
    struct order_placed_order *orders =
        arena_allocate_array(arena, group->orders_count, sizeof *orders);
    for (size_t i = 0; i < group->orders_count; i++) {
        const struct order_order *order = &group->orders[i];
        orders[i] = (struct order_placed_order){ .id = order->id,
                                                 .number = order->number,
                                                 .vendor_id = order->vendor.id,
                                                 .vendor_name = order->vendor.name,
                                                 .total = order->totals.total };
    }
    const struct order_group_was_placed event = {
        .group_id = checkout->group_id,
        .has_user_id = !uuid_is_zero(checkout->user_id),
        .user_id = checkout->user_id,
        .number = text_format(arena, "%lld", (long long)number),
        .total = checkout->total,
        .orders = orders,
        .orders_count = group->orders_count,
        .has_offline = group->has_offline,
        .offline = group->offline,
    };
    return request_publish(request, &order_group_was_placed_message, &event);
}

/* Where its orders go, if anything does; the group has the address since the checkout began. */
static enum status find_address(struct request *request, const struct cart *cart,
                                struct order_delivery_address *ret_address)
{
    if (cart->country[0] == '\0') return STATUS_OK;
    TRY(order_store_find_address(request, cart->group_id, &ret_address->address));
    ret_address->is_there = true;
    return STATUS_OK;
}

/* What opens a guest's checkout is not for staff that has placed it. */
static void add_token(struct request *request, const struct cart *cart,
                      const struct order_checkout_data *checkout, struct order_group *group)
{
    order_add_token(request, cart_is_guests(cart) && !checkout->has_placed_by, group);
}

/* Each order keeps its share of what a card pays. */
static enum status place_card(struct request *request, const struct order_checkout_data *checkout,
                              struct order_group *group)
{
    struct order_split *split = arena_allocate(request_arena(request), sizeof *split);
    int64_t owed[ORDER_PARTS_MAX], amounts[ORDER_PARTS_MAX];
    if (!checkout->has_card_amount) return STATUS_OK;
    TRY(order_split_by_vendor(checkout, split));
    TRY(order_share_on_delivery(checkout, split, owed));
    TRY(order_share_card(checkout, split, owed, amounts));
    card_store_place(request, group, amounts);
    /* Whoever waits for it is told what was so a moment ago: authorised, or it would not be here.
     */
    group->has_payment = true;
    group->payment = (struct order_card_payment){ .id = checkout->group_id,
                                                  .status = ORDER_CARD_STATUS_AUTHORISED,
                                                  .amount = checkout->card_amount };
    return STATUS_OK;
}

enum status order_handle_place_group(struct request *request,
                                     const struct order_place_group *command,
                                     struct order_group *ret_reply)
{
    const struct order_checkout_data *checkout = &command->checkout;
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!uuid_equals(cart->group_id, checkout->group_id)) return STATUS_ILLEGAL_TRANSITION;
    if (!uuid_equals(cart->user_id, checkout->user_id)) return STATUS_ILLEGAL_TRANSITION;
    if (cart->status == ORDER_CART_STATUS_ORDERED) {
        TRY(answer_placed(request, checkout->group_id, ret_reply));
        add_token(request, cart, checkout, ret_reply);
        return STATUS_OK;
    }
    if (cart->status != ORDER_CART_STATUS_LOCKED) return STATUS_ILLEGAL_TRANSITION;
    /* (actors/order/README.md, Decisions: too late is no sale) */
    if (order_is_too_late(checkout, request_now_us(request))) return STATUS_CHECKOUT_EXPIRED;

    const struct uuid nobody = { { 0 } };
    int64_t number, created_at_us;
    const enum status drawn =
        order_store_draw_number(request, checkout->group_id, &number, &created_at_us);
    if (drawn == STATUS_NOT_FOUND) return STATUS_ILLEGAL_TRANSITION;
    TRY(drawn);
    struct order_delivery_address address = { .is_there = false };
    TRY(find_address(request, cart, &address));
    TRY(make_group(request, checkout, &address, number, created_at_us, ret_reply));
    add_token(request, cart, checkout, ret_reply);
    order_life_begin(request, checkout, ret_reply);
    order_store_place_group(request, cart, ret_reply, number);
    order_store_place_details(request, checkout, ret_reply);
    order_supply_store_place(request, ret_reply);
    order_offline_store_place(request, checkout, ret_reply);
    TRY(place_card(request, checkout, ret_reply));
    if (cart_is_draft(cart))
        draft_store_note_placed(request, cart->id,
                                checkout->has_placed_by ? checkout->placed_by : nobody);
    TRY(announce_group(request, checkout, ret_reply, number));
    return saga_reach_pivot(request, checkout->group_id, 201);
}

/* --- the other end --- */

enum status order_handle_abandon_group(struct request *request,
                                       const struct order_abandon_group *command)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    /* The cart has another group, or none: this one was abandoned before, and its saga was ended in
     * the same unit. */
    if (!uuid_equals(cart->group_id, command->group_id)) return STATUS_OK;
    if (cart->status != ORDER_CART_STATUS_LOCKED) return STATUS_ILLEGAL_TRANSITION;

    order_store_fail_group(request, cart, command->refusal);
    if (cart_is_guests(cart) && text_equals_string(command->refusal, "payment_failed"))
        guest_try_note_declined(request, command->group_id);
    return saga_end_undone(request, command->group_id, saga_read_refusal(command->refusal));
}
