/* The three moments of a checkout in this domain: the cart is locked and priced, the orders exist
 * (the pivot), or the checkout has failed and the cart is the shopper's again. What lies between
 * them is checkout_saga.c. */
#include "actors/identity/identity_email.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_store.h"
#include "actors/order/checkout_saga.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "messages/locale.h"
#include "order_handlers.h"
#include "user_messages.h"

enum { FAULTS_MAX = 16 };

/* Adds "/lines/<id>" and why. */
static void explain_line(struct request *request, const struct cart_line *line, enum status status,
                         const struct cart_priced_line *priced)
{
    char line_id[ID_TEXT_MAX + 1];
    (void)id_format("lin", line->id, line_id);
    const bool is_shortage = status == STATUS_INSUFFICIENT_STOCK;
    const struct request_fault fault = {
        .pointer = text_format(request_arena(request), "/lines/%s", line_id).data,
        .code = status,
        .detail = cart_line_name(line),
        .has_amounts = is_shortage,
        .requested = is_shortage ? line->quantity : 0,
        .available = is_shortage ? priced->available : 0
    };
    request_add_fault(request, &fault);
}

static enum status problem_of(const struct cart_priced_line *priced, bool is_about_stock)
{
    if (is_about_stock) return priced->is_short_of_stock ? STATUS_INSUFFICIENT_STOCK : STATUS_OK;
    if (priced->is_product_unavailable) return STATUS_PRODUCT_UNAVAILABLE;
    return priced->is_vendor_unavailable ? STATUS_VENDOR_UNAVAILABLE : STATUS_OK;
}

/* Refuses with one fault per line, of what is not sold first, of stock only when all is sold. Stock
 * is decided by the reservation; this spares a checkout that cannot succeed. */
static enum status refuse_lines(struct request *request, const struct cart *cart,
                                const struct catalog_offers *offers, bool is_about_stock)
{
    enum status first = STATUS_OK;
    size_t faults_count = 0;
    for (size_t i = 0; i < cart->lines_count; i++) {
        struct cart_priced_line priced;
        TRY(cart_price_line(cart, &cart->lines[i], offers, &priced));
        const enum status problem = problem_of(&priced, is_about_stock);
        if (problem == STATUS_OK) continue;
        if (first == STATUS_OK) first = problem;
        if (faults_count++ < FAULTS_MAX) explain_line(request, &cart->lines[i], problem, &priced);
    }
    return first;
}

static enum status check_payment(struct request *request, const struct order_checkout *command,
                                 const struct cart *cart, struct order_checkout_data *checkout)
{
    enum { REFUSED, ALLOWED };
    const struct order_payment_terms terms = {
        .has_wallet = !cart_is_guests(cart),
        .may_pay_offline =
            config_int(request_config(request), SETTING_MARKET_OFFLINE_PAYMENT) == ALLOWED,
    };
    struct request_fault fault = { .has_amounts = false };
    const enum status status = order_check_payment(command, checkout->total, terms,
                                                   &checkout->on_delivery, &fault.pointer);
    checkout->has_on_delivery = status == STATUS_OK && checkout->on_delivery.amount > 0;
    if (status == STATUS_OK) return status;
    fault.code = status;
    if (status == STATUS_TOTALS_CHANGED) {
        fault.has_amounts = true;
        fault.requested = command->expected_total.amount;
        fault.available = checkout->total.amount;
    }
    request_add_fault(request, &fault);
    return status;
}

static enum status refuse_email(struct request *request, enum status status)
{
    request_add_fault(request, &(struct request_fault){ .pointer = "/email", .code = status });
    return status;
}

/* A guest says where he is reached, in the form in which addresses are compared; of a shopper that
 * is known. */
static enum status read_email(struct request *request, const struct order_checkout *command,
                              const struct cart *cart, struct identity_email *ret_email)
{
    ret_email->length = 0;
    if (!cart_is_guests(cart))
        return command->has_email ? refuse_email(request, STATUS_INVALID_VALUE) : STATUS_OK;
    if (!command->has_email) return refuse_email(request, STATUS_MISSING_FIELD);
    if (identity_email_normalise(command->email, ret_email) != STATUS_OK)
        return refuse_email(request, STATUS_INVALID_VALUE);
    return STATUS_OK;
}

/* Prices are those of this moment; what was set aside for them lapses with the shorter of the two
 * lives. */
static enum status price_checkout(struct request *request, const struct cart *cart,
                                  const struct catalog_offers *offers,
                                  struct order_checkout_data **ret_checkout)
{
    struct arena *arena = request_arena(request);
    const struct config *config = request_config(request);
    const int64_t reservation_us = config_duration_us(config, SETTING_TTL_RESERVATION);
    const int64_t hold_us = config_duration_us(config, SETTING_TTL_HOLD);
    struct order_checkout_data *checkout = arena_allocate(arena, sizeof *checkout);
    struct order_checkout_line *lines =
        arena_allocate_array(arena, cart->lines_count, sizeof *lines);
    TRY(order_price_lines(cart, offers, lines, &checkout->total));
    checkout->cart_id = cart->id;
    checkout->user_id = cart->user_id;
    checkout->expires_at_us =
        request_now_us(request) + (reservation_us < hold_us ? reservation_us : hold_us);
    checkout->lines = lines;
    checkout->lines_count = cart->lines_count;
    *ret_checkout = checkout;
    return STATUS_OK;
}

/* What the market asks of shoppers beyond a sign-in: market.verified_email_required. A guest's
 * address cannot be verified before, so such a market sells to no guests. */
static enum status check_shopper(struct request *request, const struct cart *cart)
{
    enum { NOTHING, VERIFIED_TO_ORDER };
    const struct config *config = request_config(request);
    if (config_int(config, SETTING_MARKET_VERIFIED_EMAIL_REQUIRED) != VERIFIED_TO_ORDER)
        return STATUS_OK;
    if (cart_is_guests(cart)) return STATUS_EMAIL_NOT_VERIFIED;
    const struct user_get_shopper_standing query = { .user_id = cart->user_id };
    struct user_shopper_standing standing;
    TRY(request_ask(request, &user_get_shopper_standing_message, &query, &standing));
    return standing.is_email_verified ? STATUS_OK : STATUS_EMAIL_NOT_VERIFIED;
}

/* What a guest needs to come back; a shopper signs in. */
static void add_token(struct request *request, const struct cart *cart, struct order_group *group)
{
    if (!cart_is_guests(cart)) return;
    group->has_token = true;
    group->token = order_token(request, ORDER_TOKEN_GROUP, group->id);
}

static enum status begin_checkout(struct request *request, struct cart *cart,
                                  struct order_checkout_data *checkout,
                                  const struct order_guest_contact *guest,
                                  struct order_group *ret_reply)
{
    checkout->group_id = request_new_id(request);
    order_store_begin_group(request, cart, checkout, guest);
    const int64_t now_us = request_now_us(request);
    const int64_t deadline_us =
        now_us + config_duration_us(request_config(request), SETTING_SAGA_DEADLINE);
    TRY(saga_begin(request, &checkout_saga, checkout->group_id, checkout, deadline_us));
    *ret_reply = (struct order_group){ .id = checkout->group_id,
                                       .status = ORDER_GROUP_STATUS_PENDING,
                                       .payment_status = ORDER_PAYMENT_STATUS_UNPAID,
                                       .total = checkout->total,
                                       .created_at_us = now_us };
    add_token(request, cart, ret_reply);
    return STATUS_OK;
}

enum status order_handle_checkout(struct request *request, const struct order_checkout *command,
                                  struct order_group *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!cart_is_own(request, cart, command->token)) return STATUS_NOT_FOUND;
    TRY(cart_refuse_inactive(request, cart));
    if (cart->lines_count == 0) return STATUS_EMPTY_CART;
    struct identity_email email;
    TRY(read_email(request, command, cart, &email));
    TRY(check_shopper(request, cart));

    struct catalog_offers offers;
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    TRY(refuse_lines(request, cart, &offers, false));
    TRY(refuse_lines(request, cart, &offers, true));
    struct order_checkout_data *checkout;
    TRY(price_checkout(request, cart, &offers, &checkout));
    TRY(check_payment(request, command, cart, checkout));
    struct order_guest_contact guest = { .email = identity_email_text(&email) };
    if (guest.email.length > 0)
        guest.locale = locale_of_accept_language(
            command->has_accept_language ? command->accept_language : TEXT(""));
    return begin_checkout(request, cart, checkout, &guest, ret_reply);
}

/* --- the pivot --- */

static struct order_order_line order_line_of(const struct order_checkout_line *line)
{
    return (struct order_order_line){ .id = line->line_id,
                                      .variant_id = line->variant_id,
                                      .product_id = line->product_id,
                                      .name = line->name,
                                      .has_sku = line->has_sku,
                                      .sku = line->sku,
                                      .quantity = line->quantity,
                                      .unit_price = line->unit_price,
                                      .total = line->total };
}

static struct order_order make_order(struct request *request,
                                     const struct order_checkout_data *checkout,
                                     const struct order_part *part, struct text number,
                                     int64_t on_delivery_amount)
{
    const struct money on_delivery = money_make(on_delivery_amount, part->total.currency);
    struct arena *arena = request_arena(request);
    struct order_order_line *lines = arena_allocate_array(arena, part->lines_count, sizeof *lines);
    for (size_t i = 0; i < part->lines_count; i++)
        lines[i] = order_line_of(&checkout->lines[part->lines[i]]);
    return (struct order_order){ .id = request_new_id(request),
                                 .group_id = checkout->group_id,
                                 .number = number,
                                 .vendor = { .id = part->vendor_id, .name = part->vendor_name },
                                 .status = ORDER_ORDER_STATUS_PLACED,
                                 .payment_status =
                                     order_payment_status_of(part->total, on_delivery),
                                 .has_on_delivery = on_delivery_amount > 0,
                                 .on_delivery = on_delivery,
                                 .lines = lines,
                                 .lines_count = part->lines_count,
                                 .totals = order_totals_of_items(part->total),
                                 .placed_at_us = request_now_us(request) };
}

static enum status make_group(struct request *request, const struct order_checkout_data *checkout,
                              int64_t number, int64_t created_at_us, struct order_group *ret_group)
{
    struct arena *arena = request_arena(request);
    struct order_split *split = arena_allocate(arena, sizeof *split);
    TRY(order_split_by_vendor(checkout, split));
    int64_t on_delivery[ORDER_PARTS_MAX];
    TRY(order_share_on_delivery(checkout, split, on_delivery));
    struct order_order *orders = arena_allocate_array(arena, split->parts_count, sizeof *orders);
    for (size_t i = 0; i < split->parts_count; i++) {
        const struct text order_number = text_format(arena, "%lld-%zu", (long long)number, i + 1);
        orders[i] = make_order(request, checkout, &split->parts[i], order_number, on_delivery[i]);
    }
    const struct money owed =
        checkout->has_on_delivery ? checkout->on_delivery : money_make(0, checkout->total.currency);
    *ret_group =
        (struct order_group){ .id = checkout->group_id,
                              .status = ORDER_GROUP_STATUS_PLACED,
                              .payment_status = order_payment_status_of(checkout->total, owed),
                              .total = checkout->total,
                              .has_on_delivery = owed.amount > 0,
                              .on_delivery = owed,
                              .orders = orders,
                              .orders_count = split->parts_count,
                              .created_at_us = created_at_us };
    return STATUS_OK;
}

/* Asked again: the cart was ordered by this very group, whose rows may still be queued. */
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

/* One event for everybody who is told of it, however many vendors there are. */
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
    };
    return request_publish(request, &order_group_was_placed_message, &event);
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
        add_token(request, cart, ret_reply);
        return STATUS_OK;
    }
    if (cart->status != ORDER_CART_STATUS_LOCKED) return STATUS_ILLEGAL_TRANSITION;
    /* A sale whose stock or money could lapse before it is written is no sale. */
    if (order_is_too_late(checkout, request_now_us(request))) return STATUS_CHECKOUT_EXPIRED;

    int64_t number, created_at_us;
    const enum status taken =
        order_store_draw_number(request, checkout->group_id, &number, &created_at_us);
    if (taken == STATUS_NOT_FOUND) return STATUS_ILLEGAL_TRANSITION;
    TRY(taken);
    TRY(make_group(request, checkout, number, created_at_us, ret_reply));
    add_token(request, cart, ret_reply);
    order_store_place_group(request, cart, ret_reply, number);
    TRY(announce_group(request, checkout, ret_reply, number));
    return saga_reach_pivot(request, checkout->group_id, 201);
}

/* --- the other end --- */

enum status order_handle_abandon_group(struct request *request,
                                       const struct order_abandon_group *command)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    /* Another group, or none: this one was abandoned before, and its saga ended in the same unit.
     */
    if (!uuid_equals(cart->group_id, command->group_id)) return STATUS_OK;
    if (cart->status != ORDER_CART_STATUS_LOCKED) return STATUS_ILLEGAL_TRANSITION;

    enum status refusal;
    if (!status_find(command->refusal.data, command->refusal.length, &refusal) ||
        refusal == STATUS_OK)
        refusal = STATUS_INTERNAL;
    order_store_fail_group(request, cart, command->refusal);
    return saga_end_undone(request, command->group_id, refusal);
}
