/* Orders that staff prepares: opened, filled by the rules of carts, placed, sent or discarded. What
 * a cart's handler does is not done again here: cart_is_own() lets staff in. */
#include "actors/order/cart_answer.h"
#include "actors/order/cart_store.h"
#include "actors/order/draft_customer.h"
#include "actors/order/draft_store.h"
#include "actors/order/order_cursor.h"
#include "actors/order/order_token.h"
#include "common_messages.h"
#include "messages/email_form.h"
#include "order_handlers.h"
#include "told_messages.h"

/* ---- opened ---- */

static enum status choose_customer(struct request *request,
                                   const struct order_create_draft *command, struct email *email)
{
    if (command->has_user_id && (command->has_email || command->has_name || command->has_locale))
        return request_refuse(request, "/user_id", STATUS_INVALID_VALUE,
                              "Name a shopper, or a guest's address, name and language.");
    if (command->has_user_id) return draft_require_active(request, "/user_id", command->user_id);
    if (!command->has_email)
        return request_refuse(request, "/email", STATUS_MISSING_FIELD,
                              "Say for which shopper (user_id), or where the guest is reached.");
    if (email_normalise(command->email, email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    return STATUS_OK;
}

/* Commands of one member of the staff come one after the other, so nobody has more. */
static enum status require_room(struct request *request, struct uuid staff_id)
{
    int64_t count;
    TRY(draft_store_count(request, staff_id, &count));
    if (count < DRAFTS_OPEN_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_DRAFTS, DRAFTS_OPEN_MAX,
                               "One member of the staff has so many that are not ordered.");
}

/* The draft lies in the shard of its customer, where it is decided whether the account still orders
 * anything; so its own actor makes it. */
enum status order_handle_create_draft(struct request *request,
                                      const struct order_create_draft *command,
                                      struct order_cart *ret_reply)
{
    const struct uuid staff_id = request_principal(request)->id;
    struct email email;
    char currency[4];
    TRY(cart_choose_currency(request, command->has_currency, command->currency, currency));
    TRY(choose_customer(request, command, &email));
    TRY(require_room(request, staff_id));
    const bool is_guests = !command->has_user_id;
    const struct order_open_draft open = {
        .cart_id = is_guests ? request_new_root_id(request)
                             : request_new_id_beside(request, command->user_id),
        .has_user_id = !is_guests,
        .user_id = command->user_id,
        .has_email = is_guests,
        .email = is_guests ? email_text(&email) : TEXT(""),
        .has_name = command->has_name,
        .name = command->name,
        .has_locale = command->has_locale,
        .locale = text_of(command->has_locale ? common_locale_names[command->locale] : ""),
        .note = command->has_note ? command->note : TEXT(""),
        .currency = text_of(currency),
        .made_by = staff_id,
    };
    struct order_opened_cart opened;
    TRY(request_ask_once(request, &order_open_draft_message, &open, &opened));
    request_audit(request, "cart", opened.cart_id, (struct text){ 0 });
    request_audit_names(request);
    request_audit_elsewhere(request);
    struct cart *cart;
    const struct catalog_offers offers = { 0 };
    TRY(cart_store_read(request, opened.cart_id, &cart));
    return cart_answer(request, cart, &offers, ret_reply);
}

enum status order_handle_open_draft(struct request *request, const struct order_open_draft *command,
                                    struct order_opened_cart *ret_reply)
{
    draft_store_create(request, command);
    ret_reply->cart_id = command->cart_id;
    return STATUS_OK;
}

/* ---- looked at ---- */

static struct text status_text(bool has_status, enum order_draft_status status)
{
    return has_status ? text_of(order_draft_status_names[status]) : TEXT("");
}

enum status order_handle_list_drafts(struct request *request, const struct order_list_drafts *query,
                                     struct order_draft_page *ret_reply)
{
    const struct draft_filter filter = {
        .user_id = query->user_id,
        .made_by = query->made_by,
        .status = status_text(query->has_status, query->status),
        .has_made_from = query->has_made_from,
        .has_made_to = query->has_made_to,
        .made_from_us = query->made_from_us,
        .made_to_us = query->made_to_us,
    };
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct order_draft *drafts;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(draft_store_list(request, &filter, before, (int64_t)limit + 1, &drafts, &count));
    ret_reply->data = drafts;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more) ret_reply->next = order_cursor_write(request, drafts[limit - 1].id);
    return STATUS_OK;
}

enum status order_handle_get_draft(struct request *request, const struct order_get_draft *query,
                                   struct order_cart *ret_reply)
{
    const struct order_get_cart same = { .cart_id = query->cart_id,
                                         .has_explain = query->has_explain,
                                         .explain = query->explain };
    return order_handle_get_cart(request, &same, ret_reply);
}

/* ---- filled: what carts do ---- */

#define CHANGE_OF(command)                                                                         \
    (&(struct cart_change){ .cart_id = (command)->cart_id, .versions = VERSIONS_OF(command) })

#define SAME_CART(command)                                                                         \
    .cart_id = (command)->cart_id, .versions = (command)->versions,                                \
    .versions_count = (command)->versions_count

enum status order_handle_add_draft_line(struct request *request,
                                        const struct order_add_draft_line *command,
                                        struct order_cart *ret_reply)
{
    const struct order_add_line same = { SAME_CART(command), .variant_id = command->variant_id,
                                         .quantity = command->quantity };
    return order_handle_add_line(request, &same, ret_reply);
}

enum status order_handle_change_draft_line(struct request *request,
                                           const struct order_change_draft_line *command,
                                           struct order_cart *ret_reply)
{
    const struct order_change_line same = { SAME_CART(command), .line_id = command->line_id,
                                            .quantity = command->quantity };
    return order_handle_change_line(request, &same, ret_reply);
}

enum status order_handle_remove_draft_line(struct request *request,
                                           const struct order_remove_draft_line *command,
                                           struct order_cart *ret_reply)
{
    const struct order_remove_line same = { SAME_CART(command), .line_id = command->line_id };
    return order_handle_remove_line(request, &same, ret_reply);
}

enum status order_handle_set_draft_address(struct request *request,
                                           const struct order_set_draft_address *command,
                                           struct order_cart *ret_reply)
{
    const struct order_set_address same = { SAME_CART(command), .address = command->address };
    request_audit_names(request);
    return order_handle_set_address(request, &same, ret_reply);
}

enum status order_handle_set_draft_shipping(struct request *request,
                                            const struct order_set_draft_shipping *command,
                                            struct order_cart *ret_reply)
{
    const struct order_set_shipping same = { SAME_CART(command), .choices = command->choices,
                                             .choices_count = command->choices_count };
    return order_handle_set_shipping(request, &same, ret_reply);
}

enum status order_handle_add_draft_coupon(struct request *request,
                                          const struct order_add_draft_coupon *command,
                                          struct order_cart *ret_reply)
{
    const struct order_add_coupon same = { SAME_CART(command), .code = command->code };
    return order_handle_add_coupon(request, &same, ret_reply);
}

enum status order_handle_remove_draft_coupon(struct request *request,
                                             const struct order_remove_draft_coupon *command,
                                             struct order_cart *ret_reply)
{
    const struct order_remove_coupon same = { SAME_CART(command), .code = command->code };
    return order_handle_remove_coupon(request, &same, ret_reply);
}

enum status order_handle_change_draft(struct request *request,
                                      const struct order_change_draft *command,
                                      struct order_cart *ret_reply)
{
    struct cart *cart;
    struct catalog_offers offers;
    TRY(cart_load_for_change(request, CHANGE_OF(command), &cart));
    if (command->has_note) draft_store_set_note(request, cart, command->note);
    request_audit_names(request);
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    TRY(cart_answer(request, cart, &offers, ret_reply));
    if (!command->has_note) return STATUS_OK;
    ret_reply->draft.has_note = command->note.length > 0;
    ret_reply->draft.note = command->note;
    return STATUS_OK;
}

/* ---- sent ---- */

/* A shopper is led to it, a guest by a token that is made when the mail is. */
static enum status tell_customer(struct request *request, const struct cart *cart)
{
    const bool is_guests = cart_is_guests(cart);
    char *subject = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    const struct told_notice_was_raised event = {
        .notice = { .kind = is_guests ? COMMON_NOTICE_KIND_GUEST_DRAFT_SENT
                                      : COMMON_NOTICE_KIND_DRAFT_SENT,
                    .recipient_id = is_guests ? cart->id : cart->user_id,
                    .audience = is_guests ? COMMON_AUDIENCE_GUEST : COMMON_AUDIENCE_STORE,
                    .has_ticket_id = is_guests,
                    .ticket_id = cart->id,
                    .has_subject_id = true,
                    .subject_id = { subject, id_format("cart", cart->id, subject) } }
    };
    return request_publish(request, &order_notice_was_raised_message, &event);
}

enum status order_handle_send_draft(struct request *request, const struct order_send_draft *command,
                                    struct order_cart *ret_reply)
{
    struct cart *cart;
    struct catalog_offers offers;
    TRY(cart_load_for_change(request, CHANGE_OF(command), &cart));
    if (cart->draft == CART_DRAFT_SENT) return request_refuse(request, "", STATUS_DRAFT_SENT, NULL);
    if (cart->lines_count == 0) return STATUS_EMPTY_CART;
    if (!cart_is_guests(cart)) TRY(draft_require_active(request, "", cart->user_id));
    draft_store_send(request, cart);
    TRY(tell_customer(request, cart));
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    TRY(cart_answer(request, cart, &offers, ret_reply));
    ret_reply->draft.status = ORDER_DRAFT_STATUS_SENT;
    ret_reply->draft.has_sent_at = true;
    ret_reply->draft.sent_at_us = request_now_us(request);
    return STATUS_OK;
}

/* ---- ended ---- */

enum status order_handle_discard_draft(struct request *request,
                                       const struct order_discard_draft *command)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CHANGE_OF(command), &cart));
    draft_store_discard(request, cart);
    request_forget(request);
    return STATUS_OK;
}

/* Whose order it becomes is what the trail is about. */
enum status order_handle_place_draft(struct request *request,
                                     const struct order_place_draft *command,
                                     struct order_group *ret_reply)
{
    const struct order_checkout same = {
        .cart_id = command->cart_id,
        .expected_total = command->expected_total,
        .payment = { .has_on_delivery = command->payment.has_on_delivery,
                     .on_delivery = command->payment.on_delivery,
                     .has_transfer = command->payment.has_transfer,
                     .transfer = command->payment.transfer,
                     .has_invoice = command->payment.has_invoice,
                     .invoice = command->payment.invoice },
    };
    return order_handle_checkout(request, &same, ret_reply);
}

/* ---- as its customer sees it ---- */

enum status order_handle_list_own_drafts(struct request *request,
                                         const struct order_list_own_drafts *query,
                                         struct order_own_drafts *ret_reply)
{
    (void)query;
    struct order_draft *drafts;
    TRY(draft_store_list_sent(request, request_principal(request)->id, &drafts,
                              &ret_reply->data_count));
    for (size_t i = 0; i < ret_reply->data_count; i++)
        draft_hide(&drafts[i]);
    ret_reply->data = drafts;
    return STATUS_OK;
}

enum status order_handle_get_draft_by_token(struct request *request,
                                            const struct order_get_draft_by_token *query,
                                            struct order_cart *ret_reply)
{
    struct order_get_cart same = { .token = query->token,
                                   .has_accept_language = query->has_accept_language,
                                   .accept_language = query->accept_language };
    TRY(order_claim_parse(request, query->token, &same.cart_id));
    return order_handle_get_cart(request, &same, ret_reply);
}
