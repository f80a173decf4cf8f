/* A guest signs in: the guest's cart is closed, and the shopper's cart adopts its lines. Each of
 * the two happens once, in a unit of its own; when something comes between them, the next sign-in
 * with the same cart goes on where this one was cut short. */
#include "actors/host/market_currency.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_merge.h"
#include "actors/order/cart_store.h"
#include "actors/order/order_guest_store.h"
#include "actors/order/order_token.h"
#include "messages/postal_address.h"
#include "order_handlers.h"

/* Changes nothing itself: each cart changes in a message of its own, keyed by that cart. Its own
 * key is the token, since the actor of a cart could not ask itself. */
enum status order_handle_merge_cart(struct request *request, const struct order_merge_cart *command,
                                    struct common_merged_cart *ret_reply)
{
    if (!guest_token_is_good(request, GUEST_TOKEN_CART, command->cart_id, command->token))
        return STATUS_NOT_FOUND;
    struct stored_merge merge;
    const enum status found = order_guest_find_merge(request, command->cart_id, &merge);
    if (found == STATUS_OK) {
        if (!uuid_equals(merge.user_id, command->user_id)) return STATUS_CART_MERGED;
        *ret_reply = (struct common_merged_cart){ .id = merge.cart_id };
        return STATUS_OK;
    }
    if (found != STATUS_NOT_FOUND) return found;

    const struct order_close_guest_cart close = { .cart_id = command->cart_id,
                                                  .user_id = command->user_id };
    struct order_closed_cart closed;
    TRY(request_ask(request, &order_close_guest_cart_message, &close, &closed));
    const struct order_open_cart open = { .user_id = command->user_id,
                                          .currency = closed.currency };
    struct order_opened_cart opened;
    TRY(request_ask(request, &order_open_cart_message, &open, &opened));
    const struct order_adopt_lines adopt = { .cart_id = opened.cart_id,
                                             .user_id = command->user_id,
                                             .guest_cart_id = command->cart_id,
                                             .lines = closed.lines,
                                             .lines_count = closed.lines_count,
                                             .codes = closed.codes,
                                             .codes_count = closed.codes_count,
                                             .has_address = closed.has_address,
                                             .address = closed.address,
                                             .has_currency = true,
                                             .currency = closed.currency };
    return request_ask(request, &order_adopt_lines_message, &adopt, ret_reply);
}

/* --- the guest's cart --- */

static enum status describe_closed(struct request *request, const struct cart *cart,
                                   struct order_closed_cart *ret_reply)
{
    struct text *codes =
        arena_allocate_array(request_arena(request), CART_CODES_MAX, sizeof *codes);
    for (size_t i = 0; i < cart->codes_count; i++)
        codes[i] = text_of(cart->codes[i]);
    struct order_guest_line *lines =
        arena_allocate_array(request_arena(request), CART_LINES_MAX, sizeof *lines);
    for (size_t i = 0; i < cart->lines_count; i++)
        lines[i] = (struct order_guest_line){ .variant_id = cart->lines[i].variant_id,
                                              .name = cart_line_name(&cart->lines[i]),
                                              .quantity = cart->lines[i].quantity };
    *ret_reply = (struct order_closed_cart){ .currency = text_of(cart->currency),
                                             .lines = lines,
                                             .lines_count = cart->lines_count,
                                             .codes = codes,
                                             .codes_count = cart->codes_count };
    if (cart->country[0] == '\0') return STATUS_OK;
    const enum status status = cart_store_read_address(request, cart->id, &ret_reply->address);
    ret_reply->has_address = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status order_handle_close_guest_cart(struct request *request,
                                          const struct order_close_guest_cart *command,
                                          struct order_closed_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!cart_is_guests(cart) || cart_is_draft(cart)) return STATUS_NOT_FOUND;
    const bool is_closed_for_user = cart->status == ORDER_CART_STATUS_MERGED &&
                                    uuid_equals(cart->merged_into, command->user_id);
    /* Asked again by the same account it answers alike, so that a merge that was cut short goes on.
     */
    if (!is_closed_for_user) {
        TRY(cart_check_active(cart));
        cart_store_close(request, cart, command->user_id);
    }
    return describe_closed(request, cart, ret_reply);
}

/* --- the shopper's cart --- */

/* What comes over is in the currency of where it comes from, if nothing that is there stands
 * against that. */
static enum status follow_currency(struct request *request, const struct cart *cart,
                                   struct text wanted)
{
    const struct config *config = request_config(request);
    const bool is_sold_in = market_sells_in(config, text_of(cart->currency));
    struct order_cart moved;
    if (cart->status != ORDER_CART_STATUS_ACTIVE) return STATUS_OK;
    if (text_equals_string(wanted, cart->currency)) return STATUS_OK;
    if (cart->lines_count > 0 && is_sold_in) return STATUS_OK;
    if (market_sells_in(config, wanted))
        return cart_ask_move(request, cart, text_string(request_arena(request), wanted), &moved);
    if (is_sold_in) return STATUS_OK;
    return cart_ask_move(request, cart, config_text(config, SETTING_MARKET_CURRENCY), &moved);
}

/* Of two that are opened at once only one is made: the unique index on active carts ends the second
 * unit with CONFLICT, and its handler runs again and finds the first. */
enum status order_handle_open_cart(struct request *request, const struct order_open_cart *command,
                                   struct order_opened_cart *ret_reply)
{
    struct cart *cart;
    const enum status found = cart_store_find_active(request, command->user_id, &cart);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    if (found == STATUS_OK) TRY(follow_currency(request, cart, command->currency));
    if (found == STATUS_NOT_FOUND)
        cart =
            cart_store_create(request, command->user_id,
                              market_sells_in(request_config(request), command->currency)
                                  ? text_string(request_arena(request), command->currency)
                                  : config_text(request_config(request), SETTING_MARKET_CURRENCY));
    ret_reply->cart_id = cart->id;
    return STATUS_OK;
}

static enum status ask_offers(struct request *request, const struct order_adopt_lines *command,
                              const char *currency, struct catalog_offers *ret_offers)
{
    struct uuid *ids =
        arena_allocate_array(request_arena(request), command->lines_count, sizeof *ids);
    for (size_t i = 0; i < command->lines_count; i++)
        ids[i] = command->lines[i].variant_id;
    const struct catalog_get_offers query = { .variant_ids = ids,
                                              .variant_ids_count = command->lines_count,
                                              .currency = text_of(currency) };
    return request_ask(request, &catalog_get_offers_message, &query, ret_offers);
}

static enum cart_merge_strategy merge_strategy(struct request *request)
{
    return (enum cart_merge_strategy)config_int(request_config(request), SETTING_CART_MERGE);
}

/* An address that would be refused when it is typed is not taken either: rules may have changed. */
static void adopt_wishes(struct request *request, const struct order_adopt_lines *command,
                         struct cart *cart, const struct cart_merge_wishes *wishes,
                         struct common_merged_cart *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct common_postal_address address = command->address;
    const char *why;
    const bool takes_address =
        wishes->takes_address && postal_address_normalise(&address, &why) == NULL;
    if (wishes->have_codes_changed) cart_store_set_codes(request, cart);
    if (takes_address) cart_store_set_address(request, cart, &address);
    struct text *left = arena_allocate_array(arena, wishes->left_count, sizeof *left);
    for (size_t i = 0; i < wishes->left_count; i++)
        left[i] = wishes->left[i];
    ret_reply->coupons_left = left;
    ret_reply->coupons_left_count = wishes->left_count;
    ret_reply->has_is_address_left = ret_reply->is_address_left =
        command->has_address && !takes_address;
}

static enum status adopt_lines(struct request *request, const struct order_adopt_lines *command,
                               struct cart *cart, struct common_merged_cart *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_offers offers;
    TRY(ask_offers(request, command, cart->currency, &offers));
    struct uuid *ids = arena_allocate_array(arena, command->lines_count, sizeof *ids);
    for (size_t i = 0; i < command->lines_count; i++)
        ids[i] = request_new_id(request);
    struct cart_merge *merge = arena_allocate(arena, sizeof *merge);
    const struct cart_lines_from from = { command->lines, command->lines_count, command->currency };
    cart_merge_lines(cart, &from, ids, &offers, merge_strategy(request), merge);
    if (merge->has_changed) cart_store_replace_lines(request, cart);
    ret_reply->adjustments = merge->adjustments;
    ret_reply->adjustments_count = merge->adjustments_count;
    return STATUS_OK;
}

enum status order_handle_adopt_lines(struct request *request,
                                     const struct order_adopt_lines *command,
                                     struct common_merged_cart *ret_reply)
{
    struct stored_merge merge;
    *ret_reply = (struct common_merged_cart){ .id = command->cart_id };
    /* The row of the merge is written with the lines, so a second adoption finds it and adds
     * nothing. */
    const enum status found = order_guest_find_merge(request, command->guest_cart_id, &merge);
    if (found != STATUS_NOT_FOUND) return found;
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!uuid_equals(cart->user_id, command->user_id)) return STATUS_NOT_FOUND;
    TRY(cart_refuse_inactive(request, cart));
    struct cart_merge_wishes wishes;
    cart_merge_wishes(cart, command, merge_strategy(request), &wishes);
    if (command->lines_count > 0) TRY(adopt_lines(request, command, cart, ret_reply));
    adopt_wishes(request, command, cart, &wishes, ret_reply);
    merge = (struct stored_merge){ .cart_id = cart->id, .user_id = cart->user_id };
    order_guest_add_merge(request, command->guest_cart_id, &merge);
    return STATUS_OK;
}
