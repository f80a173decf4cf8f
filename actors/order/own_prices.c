/* What variants cost the shopper who asks: pages of products are the same for everybody, so what
 * his groups pay is asked for apart. */
#include "actors/host/market_currency.h"
#include "actors/order/cart_quote.h"
#include "actors/order/customer_group_store.h"
#include "order_handlers.h"

enum { VARIANTS_MAX = 50 };

/* The least quantity above `after` at which another price may count; 0: none. */
static int64_t next_quantity(const struct price_line *line, int64_t after)
{
    int64_t next = 0;
    for (size_t i = 0; i < line->tiers_count; i++) {
        const int64_t from = line->tiers[i].from_quantity;
        if (from > after && (next == 0 || from < next)) next = from;
    }
    for (size_t i = 0; i < line->group_prices_count; i++) {
        const int64_t from = line->group_prices[i].from_quantity;
        if (from > after && (next == 0 || from < next)) next = from;
    }
    return next;
}

/* A step for each quantity from which on one costs less than before. */
static void describe_tiers(struct request *request, struct price_line *line, int64_t lowest,
                           const char *currency, struct order_own_price *ret_price)
{
    enum { TIERS_MAX = PRICE_TIERS_MAX + PRICE_GROUP_PRICES_MAX };
    struct order_own_tier *tiers =
        arena_allocate_array(request_arena(request), TIERS_MAX, sizeof *tiers);
    for (int64_t from = next_quantity(line, 1); from > 0; from = next_quantity(line, from)) {
        const struct price_group_price *by;
        line->quantity = from;
        const int64_t amount = price_of_one(line, request_now_us(request), &by);
        if (amount >= lowest) continue;
        lowest = amount;
        struct order_own_tier *tier = &tiers[ret_price->tiers_count++];
        tier->from_quantity = from;
        tier->unit_price = money_make(amount, currency);
        tier->has_price_list_id = by != NULL;
        if (by != NULL) tier->price_list_id = by->list_id;
    }
    ret_price->tiers = tiers;
}

static struct order_own_price describe(struct request *request, const struct catalog_offer *offer,
                                       const struct uuid *groups, size_t groups_count)
{
    const char *currency = offer->price.currency;
    struct price_line line = { .quantity = 1, .list_amount = offer->price.amount };
    const struct price_group_price *by;
    cart_price_as_offered(offer, groups, groups_count, request_arena(request), &line);
    const int64_t amount = price_of_one(&line, request_now_us(request), &by);
    struct order_own_price price = { .variant_id = offer->variant_id,
                                     .list_price = offer->price,
                                     .price = money_make(amount, currency),
                                     .has_price_list_id = by != NULL };
    if (by != NULL) price.price_list_id = by->list_id;
    describe_tiers(request, &line, amount, currency, &price);
    return price;
}

enum status order_handle_list_own_prices(struct request *request,
                                         const struct order_list_own_prices *query,
                                         struct order_own_prices *ret_reply)
{
    const struct text currency =
        query->has_currency
            ? query->currency
            : text_of(config_text(request_config(request), SETTING_MARKET_CURRENCY));
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, currency));
    if (query->variant_ids_count == 0)
        return request_refuse(request, "/variant_ids", STATUS_INVALID_PARAMETER,
                              "Name a variant at least.");
    assert(query->variant_ids_count <= VARIANTS_MAX);
    const struct catalog_get_offers question = { .variant_ids = query->variant_ids,
                                                 .variant_ids_count = query->variant_ids_count,
                                                 .currency = currency };
    struct catalog_offers offers;
    const struct uuid *groups;
    size_t groups_count;
    TRY(customer_group_store_ids_of(request, request_principal(request)->id, &groups,
                                    &groups_count));
    TRY(request_ask(request, &catalog_get_offers_message, &question, &offers));
    struct order_own_price *data =
        arena_allocate_array(request_arena(request), offers.offers_count, sizeof *data);
    for (size_t i = 0; i < offers.offers_count; i++) {
        const struct catalog_offer *offer = &offers.offers[i];
        if (offer->has_price && offer->is_listed && offer->is_vendor_open)
            data[ret_reply->data_count++] = describe(request, offer, groups, groups_count);
    }
    ret_reply->data = data;
    return STATUS_OK;
}
