/* How a checkout begins: everything that can be refused is refused, then the cart is locked and
 * priced and the saga begun. What comes after that is checkout_saga.c and order_placement.c. */
#include "actors/order/card_store.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_store.h"
#include "actors/order/checkout_saga.h"
#include "actors/order/draft_customer.h"
#include "actors/order/draft_store.h"
#include "actors/order/guest_try.h"
#include "actors/order/line_stock.h"
#include "actors/order/order_offline_store.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "order_handlers.h"
#include "user_messages.h"

enum { FAULTS_MAX = 16 }; /* as many as a problem lists */

/* Adds a fault that points to the line. */
static void explain_line(struct request *request, const struct cart_line *line, enum status status,
                         const struct cart_line_state *state)
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
        .available = is_shortage ? state->available : 0
    };
    request_add_fault(request, &fault);
}

static enum status problem_of(const struct cart_line_state *state, bool is_about_stock)
{
    if (!is_about_stock) return cart_line_problem(state);
    return state->is_short_of_stock ? STATUS_INSUFFICIENT_STOCK : STATUS_OK;
}

/* Refuses with one fault per line. It is called twice: for lines that are not sold at all, then,
 * when there are none, for lines that are short of stock. Only the reservation decides about stock;
 * this spares a checkout that cannot succeed its saga. */
static enum status refuse_lines(struct request *request, const struct cart *cart,
                                const struct catalog_offers *offers, bool is_about_stock)
{
    enum status first = STATUS_OK;
    size_t faults_count = 0;
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line_state state = cart_examine_line(cart, &cart->lines[i], offers);
        const enum status problem = problem_of(&state, is_about_stock);
        if (problem == STATUS_OK) continue;
        if (first == STATUS_OK) first = problem;
        if (faults_count++ < FAULTS_MAX) explain_line(request, &cart->lines[i], problem, &state);
    }
    return first;
}

/* The lines whose price of one is another than when they were put in, with both. */
static void explain_prices(struct request *request, const struct cart *cart,
                           const struct order_checkout_data *checkout)
{
    size_t faults_count = 1; /* the total's */
    for (size_t i = 0; i < cart->lines_count && faults_count < FAULTS_MAX; i++) {
        const struct cart_line *line = &cart->lines[i];
        const int64_t now = checkout->lines[i].unit_price.amount;
        if (line->unit_amount == now) continue;
        char line_id[ID_TEXT_MAX + 1];
        (void)id_format("lin", line->id, line_id);
        const struct request_fault fault = {
            .pointer = text_format(request_arena(request), "/lines/%s", line_id).data,
            .code = STATUS_TOTALS_CHANGED,
            .detail = cart_line_name(line),
            .has_amounts = true,
            .requested = line->unit_amount,
            .available = now,
        };
        request_add_fault(request, &fault);
        faults_count++;
    }
}

/* Staff orders what it has prepared in its customer's name. */
static bool is_staff(const struct request *request)
{
    return request_principal(request)->kind == PRINCIPAL_ADMIN;
}

/* Goods before money are for people who are known. */
static enum status may_be_invoiced(struct request *request, struct uuid user_id, bool *ret_may)
{
    enum { NEVER, KNOWN, EVERYONE }; /* in the order of the setting */
    const int64_t who = config_int(request_config(request), SETTING_MARKET_INVOICE_PAYMENT);
    *ret_may = who != NEVER && !uuid_is_zero(user_id);
    if (!*ret_may || who == EVERYONE) return STATUS_OK;
    return order_offline_store_is_known(request, user_id, ret_may);
}

/* What somebody (zero: a guest) may pay with; staff pays from nobody's wallet. Whether it may be
 * for an invoice is asked of the database only when it matters. */
static enum status find_terms(struct request *request, struct uuid user_id, bool with_invoice,
                              struct order_payment_terms *ret_terms)
{
    enum { REFUSED, ALLOWED }; /* in the order of both settings */
    enum { NO_PROVIDER };
    const struct config *config = request_config(request);
    *ret_terms = (struct order_payment_terms){
        .has_wallet = !uuid_is_zero(user_id) && !is_staff(request),
        .has_card =
            config_int(config, SETTING_PAYMENT_PROVIDER) != NO_PROVIDER && !is_staff(request),
        .may_use = { [ORDER_OFFLINE_METHOD_ON_DELIVERY] =
                         config_int(config, SETTING_MARKET_OFFLINE_PAYMENT) == ALLOWED,
                     [ORDER_OFFLINE_METHOD_TRANSFER] =
                         config_int(config, SETTING_MARKET_TRANSFER_PAYMENT) == ALLOWED },
    };
    if (!with_invoice) return STATUS_OK;
    return may_be_invoiced(request, user_id, &ret_terms->may_use[ORDER_OFFLINE_METHOD_INVOICE]);
}

/* A token that is none is refused before it is stored anywhere. */
/* Each checkout that waits for its bank keeps goods set aside and a place on the node, and costs
 * who begins it nothing. */
static enum status refuse_crowd(struct request *request)
{
    const int64_t limit = config_int(request_config(request), SETTING_MARKET_PENDING_CARDS_MAX);
    if (limit == 0 || saga_count_let_go(request) < (size_t)limit) return STATUS_OK;
    return STATUS_TOO_MANY_PENDING;
}

static enum status check_card(struct request *request, const struct order_payment *payment)
{
    const struct order_card_part *card = &payment->card;
    if (!payment->has_card) return STATUS_OK;
    TRY(refuse_crowd(request));
    if (!order_card_token_is_good(card->payment_method))
        return request_refuse(request, "/payment/card/payment_method", STATUS_INVALID_VALUE,
                              "A token of the provider's, never a card's number.");
    if (card->has_return_url &&
        !order_return_url_is_good(card->return_url,
                                  config_bool(request_config(request), SETTING_TEST_MODE)))
        return request_refuse(request, "/payment/card/return_url", STATUS_INVALID_VALUE,
                              "An address that begins with https://.");
    return STATUS_OK;
}

static void keep_parts(const struct order_checkout *command, const struct order_paid_parts *parts,
                       struct order_checkout_data *checkout)
{
    const struct order_card_part *card = &command->payment.card;
    checkout->has_on_delivery = parts->offline.amount.amount > 0;
    checkout->on_delivery = parts->offline.amount;
    checkout->has_offline_method = parts->offline.method != ORDER_OFFLINE_METHOD_ON_DELIVERY;
    checkout->offline_method = parts->offline.method;
    if (parts->card.amount == 0) return;
    checkout->has_card_amount = checkout->has_card_method = true;
    checkout->card_amount = parts->card;
    checkout->card_method = card->payment_method;
    checkout->has_return_url = card->has_return_url;
    checkout->return_url = card->return_url;
}

static enum status check_payment(struct request *request, const struct order_checkout *command,
                                 const struct cart *cart, struct order_checkout_data *checkout)
{
    struct order_payment_terms terms;
    struct order_paid_parts parts;
    struct request_fault fault = { .has_amounts = false };
    const bool with_invoice = command->payment.has_invoice && command->payment.invoice.amount > 0;
    TRY(find_terms(request, cart->user_id, with_invoice, &terms));
    const enum status status =
        order_check_payment(command, checkout->total, terms, &parts, &fault.pointer);
    if (status == STATUS_OK) {
        keep_parts(command, &parts, checkout);
        TRY(check_card(request, &command->payment));
        return command->payment.has_card && cart_is_guests(cart) ? guest_try_refuse(request)
                                                                 : STATUS_OK;
    }
    fault.code = status;
    if (status == STATUS_PAYMENT_MISMATCH && command->payment.has_card)
        fault.detail = TEXT("A card pays what the other parts leave: leave it out where that is "
                            "nothing.");
    if (status == STATUS_INVALID_VALUE)
        fault.detail = TEXT("Cards do not know the last digit of amounts of this currency: let it "
                            "be 0, and pay the rest otherwise.");
    if (status == STATUS_TOTALS_CHANGED) {
        fault.has_amounts = true;
        fault.requested = command->expected_total.amount;
        fault.available = checkout->total.amount;
    }
    request_add_fault(request, &fault);
    if (status == STATUS_TOTALS_CHANGED) explain_prices(request, cart, checkout);
    return status;
}

/* A guest of a draft is reached where staff has noted. */
static enum status find_drafts_guest(struct request *request, const struct cart *cart,
                                     struct email *ret_email, struct text *ret_locale)
{
    struct order_guest_contact guest;
    TRY(draft_store_find_guest(request, cart->id, &guest));
    *ret_locale = guest.locale;
    return email_normalise(guest.email, ret_email) == STATUS_OK ? STATUS_OK : STATUS_CORRUPT;
}

/* A guest must say where to reach them; the address is kept in the form in which addresses are
 * compared. Whose account, or whose draft, has an address must not. */
static enum status read_email(struct request *request, const struct order_checkout *command,
                              const struct cart *cart, struct email *ret_email,
                              struct text *ret_locale)
{
    const bool is_known = !cart_is_guests(cart) || cart_is_draft(cart);
    ret_email->length = 0;
    if (is_known && command->has_email)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE,
                              "There is an address already: leave it out.");
    if (!cart_is_guests(cart)) return STATUS_OK;
    if (is_known) return find_drafts_guest(request, cart, ret_email, ret_locale);
    *ret_locale = locale_of_accept_language(command->has_accept_language ? command->accept_language
                                                                         : TEXT(""));
    if (!command->has_email)
        return request_refuse(request, "/email", STATUS_MISSING_FIELD,
                              "A guest says where the order is confirmed.");
    if (email_normalise(command->email, ret_email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    return STATUS_OK;
}

/* Refuses goods that cannot be sent as it is, with one fault for each consignment. */
static enum status refuse_deliveries(struct request *request, const struct cart_quote *quote)
{
    size_t faults_count = 0;
    for (size_t i = 0; i < quote->request.consignments_count; i++) {
        enum price_problem_code code;
        if (!cart_quote_find_problem(quote, i, &code)) continue;
        if (faults_count++ == FAULTS_MAX) break;
        char profile_id[ID_TEXT_MAX + 1];
        (void)id_format("spr", quote->request.consignments[i].id, profile_id);
        const struct request_fault fault = {
            .pointer = text_format(request_arena(request), "/shipping_options/%s", profile_id).data,
            .code = STATUS_DELIVERY_PROBLEM,
            .detail = text_of(price_problem_texts[code]),
        };
        request_add_fault(request, &fault);
    }
    return faults_count == 0 ? STATUS_OK : STATUS_DELIVERY_PROBLEM;
}

/* Refuses less than a vendor sells for, with one fault for each vendor. */
static enum status refuse_minimums(struct request *request, const struct cart_quote *quote)
{
    size_t faults_count = 0;
    struct cart_minimum minimum = cart_quote_find_minimum(quote, 0);
    while (minimum.is_missed && faults_count++ < FAULTS_MAX) {
        char vendor_id[ID_TEXT_MAX + 1];
        (void)id_format("ven", quote->request.vendors[minimum.vendor], vendor_id);
        const struct request_fault fault = {
            .pointer = text_format(request_arena(request), "/vendors/%s", vendor_id).data,
            .code = STATUS_ORDER_TOO_SMALL,
            .has_amounts = true,
            .requested = minimum.goods_amount,
            .available = minimum.minimum_amount,
        };
        request_add_fault(request, &fault);
        minimum = cart_quote_find_minimum(quote, minimum.vendor + 1);
    }
    return faults_count == 0 ? STATUS_OK : STATUS_ORDER_TOO_SMALL;
}

/* Whose uses of promotions are counted. */
static struct uuid customer_of(struct request *request, const struct cart *cart,
                               const struct email *email)
{
    return cart_is_guests(cart) ? promotion_customer_of_guest(request, email_text(email))
                                : cart->user_id;
}

/* Prices are those of this moment. Stock and money are set aside for the shorter of the two lives,
 * so that neither outlives the other. */
static enum status price_checkout(struct request *request, const struct cart *cart,
                                  const struct catalog_offers *offers, const struct email *email,
                                  struct order_checkout_data **ret_checkout)
{
    struct arena *arena = request_arena(request);
    const struct config *config = request_config(request);
    assert(cart->lines_count >= 1);
    const int64_t reservation_us = config_duration_us(config, SETTING_TTL_RESERVATION);
    const int64_t hold_us = config_duration_us(config, SETTING_TTL_HOLD);
    const struct uuid customer = customer_of(request, cart, email);
    const struct cart_quote_wish wish = { .customer = customer, .guest_email = email_text(email) };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, offers, &wish, &quote));
    TRY(refuse_deliveries(request, quote));
    TRY(refuse_minimums(request, quote));
    struct order_checkout_data *checkout = arena_allocate(arena, sizeof *checkout);
    order_snapshot(cart, quote, arena, checkout);
    checkout->cart_id = cart->id;
    checkout->user_id = cart->user_id;
    checkout->has_customer = true;
    checkout->customer = customer;
    checkout->expires_at_us =
        request_now_us(request) + (reservation_us < hold_us ? reservation_us : hold_us);
    *ret_checkout = checkout;
    return STATUS_OK;
}

/* A market may sell to verified addresses only (market.verified_email_required). Nobody has
 * verified a guest's address, so such a market sells to no guests. */
static enum status check_address_is_verified(struct request *request, const struct cart *cart)
{
    enum { NOTHING, VERIFIED_TO_ORDER }; /* in the order of the setting */
    const struct config *config = request_config(request);
    if (config_int(config, SETTING_MARKET_VERIFIED_EMAIL_REQUIRED) != VERIFIED_TO_ORDER)
        return STATUS_OK;
    if (cart_is_guests(cart)) return STATUS_EMAIL_NOT_VERIFIED;
    const struct user_get_shopper_standing query = { .user_id = cart->user_id };
    struct user_shopper_standing standing;
    TRY(request_ask(request, &user_get_shopper_standing_message, &query, &standing));
    return standing.is_email_verified ? STATUS_OK : STATUS_EMAIL_NOT_VERIFIED;
}

static enum status begin_checkout(struct request *request, struct cart *cart,
                                  struct order_checkout_data *checkout,
                                  const struct order_guest_contact *guest,
                                  struct order_group *ret_reply)
{
    checkout->group_id = request_new_id(request);
    order_store_begin_group(request, cart, checkout, guest);
    const int64_t now_us = request_now_us(request);
    const int64_t patience_us = config_duration_us(request_config(request), SETTING_SAGA_DEADLINE);
    if (checkout->has_card_amount) {
        /* The shopper may be at his bank for as long as goods are set aside. */
        card_store_begin(request, checkout->group_id, checkout->card_amount.amount);
        if (cart_is_guests(cart)) guest_try_note(request, checkout->group_id);
        TRY(saga_begin(request, &checkout_card_saga, checkout->group_id, checkout,
                       checkout->expires_at_us + patience_us));
    } else {
        TRY(saga_begin(request, &checkout_saga, checkout->group_id, checkout,
                       now_us + patience_us));
    }
    *ret_reply = (struct order_group){ .id = checkout->group_id,
                                       .status = ORDER_GROUP_STATUS_PENDING,
                                       .payment_status = ORDER_PAYMENT_STATUS_UNPAID,
                                       .total = checkout->total,
                                       .created_at_us = now_us };
    ret_reply->has_payment = checkout->has_card_amount;
    ret_reply->payment = (struct order_card_payment){ .id = checkout->group_id,
                                                      .status = ORDER_CARD_STATUS_CREATED,
                                                      .amount = order_card_part(checkout) };
    order_add_token(request, cart_is_guests(cart) && !checkout->has_placed_by, ret_reply);
    return STATUS_OK;
}

/* What is asked of whoever buys: where guests are reached, that the address is verified where that
 * matters, and that an account in whose name staff orders may order. */
static enum status check_buyer(struct request *request, const struct order_checkout *command,
                               const struct cart *cart, struct email *ret_email,
                               struct text *ret_locale)
{
    TRY(read_email(request, command, cart, ret_email, ret_locale));
    if (is_staff(request) && !cart_is_guests(cart))
        TRY(draft_require_active(request, "", cart->user_id));
    return check_address_is_verified(request, cart);
}

/* Who orders in the customer's name, for the history and for the trail, which is about the
 * customer.
 */
static void note_staff(struct request *request, const struct cart *cart,
                       struct order_checkout_data *checkout)
{
    if (!is_staff(request)) return;
    checkout->has_placed_by = true;
    checkout->placed_by = request_principal(request)->id;
    if (!cart_is_guests(cart)) request_audit(request, "usr", cart->user_id, (struct text){ 0 });
}

enum status order_handle_checkout(struct request *request, const struct order_checkout *command,
                                  struct order_group *ret_reply)
{
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!cart_is_own(request, cart, command->token)) return STATUS_NOT_FOUND;
    TRY(cart_refuse_inactive(request, cart));
    if (cart->lines_count == 0) return STATUS_EMPTY_CART;
    struct email email;
    struct text locale = { 0 };
    TRY(check_buyer(request, command, cart, &email, &locale));

    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    TRY(refuse_lines(request, cart, &offers, false));
    TRY(refuse_lines(request, cart, &offers, true));
    if (!line_stock_holds(request_arena(request), cart, &offers))
        return request_refuse_full(request, "/lines", STATUS_CART_FULL, LINE_STOCK_MAX,
                                   "A cart has so many goods and parts of bundles at most.");
    struct order_checkout_data *checkout;
    TRY(price_checkout(request, cart, &offers, &email, &checkout));
    TRY(check_payment(request, command, cart, checkout));
    note_staff(request, cart, checkout);
    const struct order_guest_contact guest = { .email = email_text(&email), .locale = locale };
    return begin_checkout(request, cart, checkout, &guest, ret_reply);
}

/* ---- asked before ---- */

static void add_method(const struct config *config, enum order_payment_method method,
                       enum setting pay_within, struct order_payment_methods *reply)
{
    const int64_t day_us = INT64_C(24) * 3600 * 1000 * 1000;
    struct order_payment_choice *data = (struct order_payment_choice *)reply->data;
    const bool is_due = pay_within != SETTING_COUNT;
    data[reply->data_count++] = (struct order_payment_choice){
        .method = method,
        .has_pay_within_days = is_due,
        .pay_within_days = is_due ? config_duration_us(config, pay_within) / day_us : 0,
    };
}

enum status order_handle_list_payment_methods(struct request *request,
                                              const struct order_list_payment_methods *query,
                                              struct order_payment_methods *ret_reply)
{
    (void)query;
    const struct principal *who = request_principal(request);
    const struct config *config = request_config(request);
    const struct uuid user_id = who->kind == PRINCIPAL_SHOPPER ? who->id : (struct uuid){ { 0 } };
    struct order_payment_terms terms;
    TRY(find_terms(request, user_id, true, &terms));
    ret_reply->data = arena_allocate_array(request_arena(request), ORDER_PAYMENT_METHOD_COUNT,
                                           sizeof *ret_reply->data);
    ret_reply->data_count = 0;
    if (terms.has_wallet) add_method(config, ORDER_PAYMENT_METHOD_WALLET, SETTING_COUNT, ret_reply);
    if (terms.may_use[ORDER_OFFLINE_METHOD_ON_DELIVERY])
        add_method(config, ORDER_PAYMENT_METHOD_ON_DELIVERY, SETTING_COUNT, ret_reply);
    if (terms.may_use[ORDER_OFFLINE_METHOD_TRANSFER])
        add_method(config, ORDER_PAYMENT_METHOD_TRANSFER, SETTING_MARKET_TRANSFER_DEADLINE,
                   ret_reply);
    if (terms.may_use[ORDER_OFFLINE_METHOD_INVOICE])
        add_method(config, ORDER_PAYMENT_METHOD_INVOICE, SETTING_MARKET_INVOICE_TERMS, ret_reply);
    if (terms.has_card) add_method(config, ORDER_PAYMENT_METHOD_CARD, SETTING_COUNT, ret_reply);
    return STATUS_OK;
}
