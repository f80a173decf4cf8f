/* Asks the catalogue for a cart's offers and fills in the answer. */
#include "actors/order/cart_answer.h"

#include <string.h>

#include "actors/host/market_currency.h"
#include "actors/order/cart_show.h"
#include "actors/order/cart_store.h"
#include "actors/order/customer_group_store.h"
#include "actors/order/draft_store.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "actors/order/tax_rate_store.h"
#include "runtime/secret.h"

bool cart_is_own(struct request *request, const struct cart *cart, struct text token)
{
    const struct principal *principal = request_principal(request);
    if (principal->kind == PRINCIPAL_ADMIN) return cart_is_draft(cart);
    if (cart->draft == CART_DRAFT_OPEN) return false;
    if (cart_is_guests(cart))
        return guest_token_is_good(request, GUEST_TOKEN_CART, cart->id, token) ||
               (cart_is_draft(cart) && secret_equals(token, order_claim_token(request, cart->id)));
    return principal->kind == PRINCIPAL_SHOPPER && uuid_equals(principal->id, cart->user_id);
}

enum status cart_choose_currency(struct request *request, bool is_said, struct text said,
                                 char ret_currency[4])
{
    const char *market = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    const struct text wanted = is_said ? said : text_of(market);
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_VALUE, wanted));
    memcpy(ret_currency, wanted.data, wanted.length); /* three letters, as they are checked */
    ret_currency[wanted.length] = '\0';
    return STATUS_OK;
}

enum status cart_ask_offers(struct request *request, const struct cart *cart,
                            const struct uuid *more_variant_id, struct catalog_offers *ret_offers)
{
    return cart_ask_offers_in(request, cart, more_variant_id, TEXT(""), ret_offers);
}

enum status cart_ask_offers_in(struct request *request, const struct cart *cart,
                               const struct uuid *more_variant_id, struct text accept_language,
                               struct catalog_offers *ret_offers)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    struct uuid *ids =
        arena_allocate_array(request_arena(request), CART_LINES_MAX + 1, sizeof *ids);
    size_t count = 0;
    /* The catalogue is asked for each variant once, also when the one to be added is there. */
    bool is_more_there = more_variant_id == NULL;
    for (size_t i = 0; i < cart->lines_count; i++) {
        ids[count++] = cart->lines[i].variant_id;
        if (!is_more_there && uuid_equals(*more_variant_id, cart->lines[i].variant_id))
            is_more_there = true;
    }
    if (!is_more_there) ids[count++] = *more_variant_id;
    assert(count <= CART_LINES_MAX + 1);
    if (count == 0) {
        *ret_offers = (struct catalog_offers){ 0 };
        return STATUS_OK;
    }
    const struct catalog_get_offers query = { .variant_ids = ids,
                                              .variant_ids_count = count,
                                              .currency = text_of(cart->currency),
                                              .has_accept_language = accept_language.length > 0,
                                              .accept_language = accept_language };
    return request_ask(request, &catalog_get_offers_message, &query, ret_offers);
}

/* ---- what a price is made of ---- */

static struct cart_market_rules market_rules(const struct request *request)
{
    enum { BY_ARRANGEMENT, REQUIRED }; /* in the order of market.delivery */
    const struct config *config = request_config(request);
    return (struct cart_market_rules){
        .prices_include_tax = config_bool(config, SETTING_MARKET_PRICES_INCLUDE_TAX),
        .delivery_tax = (enum price_delivery_tax)config_int(config, SETTING_MARKET_DELIVERY_TAX),
        .must_deliver = config_int(config, SETTING_MARKET_DELIVERY) == REQUIRED,
        .country = text_of(config_text(config, SETTING_MARKET_COUNTRY)),
    };
}

static enum status begin_terms(struct request *request, const struct cart *cart,
                               const struct uuid *vendors, size_t vendors_count,
                               struct request_ask **ret_ask)
{
    const struct vendor_get_terms query = { .vendor_ids = vendors,
                                            .vendor_ids_count = vendors_count,
                                            .currency = text_of(cart->currency),
                                            .has_country = cart->country[0] != '\0',
                                            .country = text_of(cart->country) };
    return request_ask_begin(request, &vendor_get_terms_message, &query, ret_ask);
}

static enum status load_promotions(struct request *request, const struct cart *cart,
                                   const struct uuid *vendors, size_t vendors_count,
                                   const struct cart_quote_wish *wish,
                                   struct cart_quote_sources *sources)
{
    struct text codes[CART_CODES_MAX];
    for (size_t i = 0; i < cart->codes_count; i++)
        codes[i] = text_of(cart->codes[i]);
    struct promotion_cart question = { .now_us = sources->now_us,
                                       .vendors = vendors,
                                       .vendors_count = vendors_count,
                                       .codes = codes,
                                       .codes_count = cart->codes_count,
                                       .customer = wish->customer,
                                       .group_id = wish->group_id };
    memcpy(question.currency, cart->currency, sizeof question.currency);
    TRY(promotion_store_load(request, &question, &sources->promotions));
    bool matters = false;
    for (size_t i = 0; i < sources->promotions.count; i++)
        matters = matters || sources->promotions.promotions[i].needs_first_order;
    sources->is_first_order = true;
    if (!matters) return STATUS_OK;
    if (!cart_is_guests(cart))
        return order_store_is_first(request, cart->user_id, &sources->is_first_order);
    if (wish->guest_email.length == 0) return STATUS_OK; /* nobody knows yet */
    return order_store_is_first_of_guest(request, wish->guest_email, &sources->is_first_order);
}

/* What a market has at all of what carts are priced by: most have no automatic promotion, and some
 * no taxes; and the groups of the cart's shopper. One row, which the carts of a turn read together.
 */
static const struct statement rules_statement = {
    .name = "order_rules_of_carts",
    .sql = "SELECT k.id, EXISTS (SELECT 1 FROM \"order\".promotion p WHERE p.status = 'active' "
           "AND p.code_key IS NULL), EXISTS (SELECT 1 FROM \"order\".tax_rate), "
           "ARRAY(SELECT m.group_id FROM \"order\".cart c "
           "JOIN \"order\".customer_group_member m ON m.user_id = c.user_id "
           "WHERE c.id = k.id ORDER BY m.group_id LIMIT 100) "
           "FROM unnest($1::uuid[]) AS k (id)",
};

static enum status load_taxes(struct request *request, const struct cart *cart,
                              const struct cart_market_rules *rules,
                              struct cart_quote_sources *sources)
{
    struct tax_table table;
    const struct tax_question question = { .country = cart_tax_country(cart, rules),
                                           .now_us = sources->now_us,
                                           .user_id = cart->user_id };
    TRY(tax_rate_store_table(request, &question, &table));
    sources->tax_table = table.rates;
    sources->tax_table_count = table.count;
    sources->business_number = table.business_number;
    return STATUS_OK;
}

static enum status load_rules(struct request *request, const struct cart *cart,
                              const struct cart_market_rules *rules, const struct uuid *vendors,
                              size_t vendors_count, const struct cart_quote_wish *wish,
                              struct cart_quote_sources *sources)
{
    struct rows rows;
    TRY(request_query_by_key(request, &rules_statement, cart->id, &rows));
    if (rows.count == 0) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    (void)row_uuid(&row);
    const bool has_promotions = row_bool(&row), has_taxes = row_bool(&row);
    sources->groups_count = row_uuid_array(&row, request_arena(request), &sources->groups);
    if (has_promotions || cart->codes_count > 0)
        TRY(load_promotions(request, cart, vendors, vendors_count, wish, sources));
    return has_taxes ? load_taxes(request, cart, rules, sources) : STATUS_OK;
}

static enum status gather(struct request *request, const struct cart *cart,
                          const struct cart_market_rules *rules, const struct cart_quote_wish *wish,
                          struct cart_quote_sources *sources)
{
    struct uuid *vendors =
        arena_allocate_array(request_arena(request), CART_LINES_MAX, sizeof *vendors);
    const size_t vendors_count = cart_vendors(cart, &sources->offers, vendors);
    struct request_ask *ask;
    TRY(begin_terms(request, cart, vendors, vendors_count, &ask));
    const enum status status =
        load_rules(request, cart, rules, vendors, vendors_count, wish, sources);
    const enum status asked = request_ask_end(request, &ask, &sources->terms);
    return status == STATUS_OK ? asked : status;
}

enum status cart_ask_quote(struct request *request, const struct cart *cart,
                           const struct catalog_offers *offers, const struct cart_quote_wish *wish,
                           struct cart_quote **ret_quote)
{
    struct arena *arena = request_arena(request);
    const struct cart_market_rules rules = market_rules(request);
    struct cart_quote_sources *sources = arena_allocate(arena, sizeof *sources);
    sources->offers = *offers;
    sources->now_us = request_now_us(request);
    if (cart->lines_count > 0) TRY(gather(request, cart, &rules, wish, sources));
    /* An empty cart costs nothing, but what its codes are is known. */
    if (cart->lines_count == 0 && cart->codes_count > 0)
        TRY(load_promotions(request, cart, NULL, 0, wish, sources));
    struct cart_quote *quote = arena_allocate(arena, sizeof *quote);
    TRY(cart_quote_make(cart, &rules, sources, wish->is_explained, arena, quote));
    *ret_quote = quote;
    return STATUS_OK;
}

enum status cart_ask_goods_quote(struct request *request, const struct cart *cart,
                                 const struct catalog_offers *offers, struct text business_number,
                                 struct cart_quote **ret_quote)
{
    struct arena *arena = request_arena(request);
    struct cart_market_rules rules = market_rules(request);
    struct cart_quote_sources *sources = arena_allocate(arena, sizeof *sources);
    rules.must_deliver = false;
    sources->offers = *offers;
    sources->now_us = request_now_us(request);
    if (!cart_is_guests(cart))
        TRY(customer_group_store_ids_of(request, cart->user_id, &sources->groups,
                                        &sources->groups_count));
    TRY(load_taxes(request, cart, &rules, sources));
    sources->business_number = business_number;
    struct cart_quote *quote = arena_allocate(arena, sizeof *quote);
    TRY(cart_quote_make(cart, &rules, sources, false, arena, quote));
    *ret_quote = quote;
    return STATUS_OK;
}

enum status cart_quote_again(struct request *request, const struct cart *cart,
                             struct cart_quote *quote)
{
    const struct cart_market_rules rules = market_rules(request);
    return cart_quote_make(cart, &rules, quote->sources, quote->request.is_explained,
                           request_arena(request), quote);
}

/* ---- the answer ---- */

/* What it is as a draft; its customer is told nothing of what staff has noted. */
enum status cart_answer_draft(struct request *request, const struct cart *cart,
                              struct order_cart *ret_reply)
{
    if (!cart_is_draft(cart)) return STATUS_OK;
    TRY(draft_store_find(request, cart->id, &ret_reply->draft));
    if (request_principal(request)->kind != PRINCIPAL_ADMIN) draft_hide(&ret_reply->draft);
    ret_reply->has_draft = true;
    ret_reply->draft.lines_count = (int64_t)cart->lines_count;
    ret_reply->draft.has_updated_at = false; /* the row does not know yet */
    return STATUS_OK;
}

enum status cart_answer_quote(struct request *request, const struct cart *cart,
                              const struct cart_quote *quote, struct order_cart *ret_reply)
{
    struct arena *arena = request_arena(request);
    cart_show(cart, quote, arena, ret_reply);
    if (quote->request.is_explained) cart_explain(quote, arena, ret_reply);
    TRY(cart_answer_draft(request, cart, ret_reply));
    if (cart->country[0] == '\0') return STATUS_OK;
    const enum status status = cart_store_read_address(request, cart->id, &ret_reply->address);
    ret_reply->has_address = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status answer(struct request *request, const struct cart *cart,
                          const struct catalog_offers *offers, bool is_explained,
                          struct order_cart *ret_reply)
{
    const struct cart_quote_wish wish = { .customer = cart->user_id, .is_explained = is_explained };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, offers, &wish, &quote));
    return cart_answer_quote(request, cart, quote, ret_reply);
}

enum status cart_answer(struct request *request, const struct cart *cart,
                        const struct catalog_offers *offers, struct order_cart *ret_reply)
{
    return answer(request, cart, offers, false, ret_reply);
}

enum status cart_answer_explained(struct request *request, const struct cart *cart,
                                  const struct catalog_offers *offers, struct order_cart *ret_reply)
{
    return answer(request, cart, offers, true, ret_reply);
}

enum status cart_refuse_inactive(struct request *request, const struct cart *cart)
{
    const enum status status = cart_check_active(cart);
    if (status != STATUS_CART_ALREADY_ORDERED) return status;
    char group_id[ID_TEXT_MAX + 1];
    (void)id_format("og", cart->group_id, group_id);
    const struct request_fault fault = { .pointer = "",
                                         .code = status,
                                         .detail = text_format(request_arena(request),
                                                               "It was ordered as %s.", group_id) };
    request_add_fault(request, &fault);
    return status;
}

enum status cart_load_for_change(struct request *request, const struct cart_change *change,
                                 struct cart **ret_cart)
{
    struct cart *cart;
    TRY(cart_store_load(request, change->cart_id, &cart));
    if (!cart_is_own(request, cart, change->token)) return STATUS_NOT_FOUND;
    if (!versions_have(change->versions, cart->version)) return STATUS_PRECONDITION_FAILED;
    TRY(cart_refuse_inactive(request, cart));
    *ret_cart = cart;
    return STATUS_OK;
}

/* ---- a line is put in ---- */

void cart_explain_shortage(struct request *request, int64_t requested, int64_t available)
{
    request_add_fault(request, &(struct request_fault){ .pointer = "/quantity",
                                                        .code = STATUS_INSUFFICIENT_STOCK,
                                                        .has_amounts = true,
                                                        .requested = requested,
                                                        .available = available });
}

/* It is full of lines, or the line is of units. */
static enum status refuse_full(struct request *request, const struct cart *cart,
                               struct uuid variant_id)
{
    for (size_t i = 0; i < cart->lines_count; i++) {
        if (uuid_equals(cart->lines[i].variant_id, variant_id))
            return request_refuse_full(request, "/quantity", STATUS_CART_FULL, CART_LINE_UNITS_MAX,
                                       "A line holds so many units, with those that it has.");
    }
    return request_refuse_full(request, "/variant_id", STATUS_CART_FULL, CART_LINES_MAX,
                               "A cart holds so many lines.");
}

/* The line keeps the price that its owner is shown, so that a later one can be told from it. */
enum status cart_put_and_answer(struct request *request, struct cart *cart, struct cart_line *line,
                                const struct catalog_offers *offers, struct order_cart *ret_reply)
{
    const struct cart_quote_wish wish = { .customer = cart->user_id };
    struct cart_quote *quote;
    TRY(cart_ask_quote(request, cart, offers, &wish, &quote));
    line->unit_amount = quote->result.lines[line - cart->lines].unit_amount;
    cart_store_put_line(request, cart, line);
    return cart_answer_quote(request, cart, quote, ret_reply);
}

enum status cart_add_and_answer(struct request *request, struct cart *cart, struct uuid variant_id,
                                int64_t quantity, struct text accept_language,
                                struct order_cart *ret_reply)
{
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, &variant_id, accept_language, &offers));
    const struct catalog_offer *offer = cart_find_offer(&offers, variant_id);
    TRY(cart_check_offer(offer, cart->currency));

    struct cart_line *line;
    int64_t requested = quantity;
    const enum status status =
        cart_add_units(cart, request_new_id(request), offer, quantity, &line, &requested);
    if (status == STATUS_INSUFFICIENT_STOCK)
        cart_explain_shortage(request, requested, offer->available);
    if (status == STATUS_CART_FULL) return refuse_full(request, cart, offer->variant_id);
    TRY(status);

    return cart_put_and_answer(request, cart, line, &offers, ret_reply);
}
