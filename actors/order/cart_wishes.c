/* What the owner of a cart wants besides its lines: where it is sent, how, with which codes; and a
 * cart that can be ordered. */
#include "actors/order/cart_answer.h"
#include "actors/order/cart_show.h"
#include "actors/order/cart_store.h"
#include "messages/postal_address.h"
#include "order_handlers.h"

/* ---- where ---- */

enum status order_handle_set_address(struct request *request,
                                     const struct order_set_address *command,
                                     struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    struct common_postal_address address = command->address;
    const char *why;
    const char *pointer = postal_address_normalise(&address, &why);
    if (pointer != NULL)
        return request_refuse(request,
                              text_format(request_arena(request), "/address%s", pointer).data,
                              STATUS_INVALID_VALUE, why);
    cart_store_set_address(request, cart, &address);
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    const struct cart_quote_wish wish = { .customer = cart->user_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, &offers, &wish, &quote));
    cart_show(cart, quote, request_arena(request), ret_reply);
    TRY(cart_answer_draft(request, cart, ret_reply));
    ret_reply->has_address = true;
    ret_reply->address = address;
    return STATUS_OK;
}

/* ---- how ---- */

static enum status refuse_choice(struct request *request, size_t index, const char *field,
                                 const char *why)
{
    return request_refuse(request,
                          text_format(request_arena(request), "/choices/%zu/%s", index, field).data,
                          STATUS_INVALID_VALUE, why);
}

/* Finds the consignment that a choice is about, and whether the method is one of its. */
static enum status check_choice(struct request *request, const struct order_set_shipping *command,
                                size_t index, const struct price_request *priced,
                                size_t *ret_consignment)
{
    const struct order_shipping_choice *choice = &command->choices[index];
    for (size_t i = 0; i < index; i++)
        if (uuid_equals(command->choices[i].profile_id, choice->profile_id))
            return refuse_choice(request, index, "profile_id", "Each profile is named once.");
    size_t at = 0;
    while (at < priced->consignments_count &&
           !uuid_equals(priced->consignments[at].id, choice->profile_id))
        at++;
    if (at == priced->consignments_count)
        return refuse_choice(request, index, "profile_id",
                             "Nothing in the cart is sent by this profile.");
    const struct price_consignment *consignment = &priced->consignments[at];
    for (size_t i = 0; i < consignment->methods_count; i++) {
        if (!uuid_equals(consignment->methods[i].id, choice->method_id)) continue;
        *ret_consignment = at;
        return STATUS_OK;
    }
    return refuse_choice(request, index, "method_id", "The profile has no such method.");
}

enum status order_handle_set_shipping(struct request *request,
                                      const struct order_set_shipping *command,
                                      struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    const struct cart_quote_wish wish = { .customer = cart->user_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, &offers, &wish, &quote));
    for (size_t i = 0; i < cart->lines_count; i++)
        cart->lines[i].method_id = (struct uuid){ { 0 } };
    for (size_t c = 0; c < command->choices_count; c++) {
        size_t consignment = 0;
        TRY(check_choice(request, command, c, &quote->request, &consignment));
        for (size_t i = 0; i < cart->lines_count; i++) {
            const struct price_line *line = &quote->request.lines[i];
            if (!line->is_digital && line->consignment == consignment)
                cart->lines[i].method_id = command->choices[c].method_id;
        }
    }
    cart_store_replace_lines(request, cart);
    TRY(cart_quote_again(request, cart, quote));
    return cart_answer_quote(request, cart, quote, ret_reply);
}

/* ---- with which codes ---- */

static enum status refuse_unknown(struct request *request)
{
    return request_refuse(request, "/code", STATUS_COUPON_UNKNOWN, NULL);
}

static enum status check_code(struct request *request, const struct cart_quote *quote, size_t code)
{
    enum price_reason reason;
    const enum status status = cart_quote_judge_code(quote, code, &reason);
    if (status == STATUS_OK) return STATUS_OK;
    if (status == STATUS_COUPON_UNKNOWN) return refuse_unknown(request);
    return request_refuse(request, "/code", status, price_reason_texts[reason]);
}

enum status order_handle_add_coupon(struct request *request, const struct order_add_coupon *command,
                                    struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    char code[PROMOTION_CODE_MAX];
    struct text normal = { .data = code };
    if (!promotion_code_normalise(command->code, code, &normal.length))
        return refuse_unknown(request);
    const size_t before = cart->codes_count;
    if (cart_add_code(cart, normal) != STATUS_OK)
        return request_refuse_full(request, "/code", STATUS_TOO_MANY_COUPONS, CART_CODES_MAX, NULL);
    const bool is_new = cart->codes_count > before;
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    const struct cart_quote_wish wish = { .customer = cart->user_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, &offers, &wish, &quote));
    if (is_new) TRY(check_code(request, quote, before));
    TRY(cart_answer_quote(request, cart, quote, ret_reply));
    if (!is_new) return STATUS_OK;
    cart_store_set_codes(request, cart);
    ret_reply->version = cart->version;
    return STATUS_OK;
}

enum status order_handle_remove_coupon(struct request *request,
                                       const struct order_remove_coupon *command,
                                       struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    char code[PROMOTION_CODE_MAX];
    struct text normal = { .data = code };
    if (!promotion_code_normalise(command->code, code, &normal.length) ||
        !cart_remove_code(cart, normal))
        return STATUS_NOT_FOUND;
    cart_store_set_codes(request, cart);
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    return cart_answer(request, cart, &offers, ret_reply);
}

/* ---- a cart that can be ordered ---- */

/* From the end, since the lines behind a removed one move up. */
static bool drop_unavailable(struct cart *cart, const struct catalog_offers *offers)
{
    bool has_changed = false;
    for (size_t i = cart->lines_count; i > 0; i--) {
        struct cart_line *line = &cart->lines[i - 1];
        const struct cart_line_state state = cart_examine_line(cart, line, offers);
        const bool is_sold = !state.is_product_unavailable && !state.is_without_price &&
                             !state.is_vendor_unavailable;
        const int64_t quantity = is_sold ? cart_fit_quantity(state.offer, line->quantity) : 0;
        has_changed = has_changed || quantity != line->quantity;
        if (quantity == 0)
            cart_remove_line(cart, line);
        else
            line->quantity = quantity;
    }
    return has_changed;
}

enum status order_handle_remove_unavailable(struct request *request,
                                            const struct order_remove_unavailable *command,
                                            struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    if (drop_unavailable(cart, &offers)) cart_store_replace_lines(request, cart);
    return cart_answer(request, cart, &offers, ret_reply);
}
