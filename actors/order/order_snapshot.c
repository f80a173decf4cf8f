/* What a checkout keeps of a price, and what its orders make of that. */
#include "actors/order/line_stock.h"
#include "actors/order/order.h"

#include "runtime/arena.h"

/* ---- from the quote to the checkout ---- */

/* Where the promotions that take something off stand in the checkout. */
struct places {
    uint8_t promotions[PRICE_PROMOTIONS_MAX];
};

static void keep_shares(const struct price_cost *cost, const struct places *places,
                        struct arena *arena, const struct order_checkout_discount **ret_discounts,
                        size_t *ret_discounts_count, const struct order_checkout_tax **ret_taxes,
                        size_t *ret_taxes_count)
{
    struct order_checkout_discount *discounts =
        arena_allocate_array(arena, cost->discounts_count, sizeof *discounts);
    struct order_checkout_tax *taxes =
        arena_allocate_array(arena, cost->taxes_count, sizeof *taxes);
    size_t count = 0;
    for (size_t i = 0; i < cost->discounts_count; i++) {
        const struct price_discount *from = &cost->discounts[i];
        if (from->amount == 0) continue;
        discounts[count++] =
            (struct order_checkout_discount){ .promotion = places->promotions[from->promotion],
                                              .market_amount = from->market_amount,
                                              .vendor_amount = from->vendor_amount };
    }
    for (size_t i = 0; i < cost->taxes_count; i++)
        taxes[i] = (struct order_checkout_tax){ .rate = (int64_t)cost->taxes[i].rate,
                                                .base = cost->taxes[i].base_amount,
                                                .amount = cost->taxes[i].amount };
    *ret_discounts = discounts;
    *ret_discounts_count = count;
    *ret_taxes = taxes;
    *ret_taxes_count = cost->taxes_count;
}

static void keep_line(const struct cart *cart, const struct cart_quote *quote, size_t index,
                      const struct places *places, struct arena *arena,
                      struct order_checkout_line *ret_line)
{
    const struct cart_line *line = &cart->lines[index];
    const struct price_line *asked = &quote->request.lines[index];
    const struct price_line_result *priced = &quote->result.lines[index];
    const struct catalog_offer *offer = cart_find_offer(&quote->sources->offers, line->variant_id);
    assert(offer != NULL);
    *ret_line = (struct order_checkout_line){
        .line_id = line->id,
        .variant_id = line->variant_id,
        .product_id = offer->product_id,
        .vendor_id = offer->vendor_id,
        .vendor_name = offer->vendor_name,
        .name = offer->name,
        .has_slug = offer->has_slug,
        .slug = offer->slug,
        .options = offer->options,
        .options_count = offer->options_count,
        .has_image = offer->has_image,
        .image = offer->image,
        .has_sku = offer->has_sku,
        .sku = offer->sku,
        .quantity = line->quantity,
        .unit_price = money_make(priced->unit_amount, cart->currency),
        .total = money_make(priced->cost.sums.goods, cart->currency),
        .has_list_price = priced->unit_amount != asked->list_amount,
        .list_price = money_make(asked->list_amount, cart->currency),
        .has_is_digital = offer->is_digital,
        .is_digital = offer->is_digital,
        .has_price_list_id = priced->group_price != NULL,
    };
    if (ret_line->has_price_list_id) ret_line->price_list_id = priced->group_price->list_id;
    ret_line->backordered = cart_backordered_units(offer, line->quantity);
    ret_line->has_backordered = ret_line->backordered > 0;
    ret_line->has_available_on = ret_line->has_backordered && offer->has_available_on;
    ret_line->available_on_us = offer->available_on_us;
    ret_line->parts = line_parts_of(arena, offer);
    ret_line->parts_count = offer->parts_count;
    keep_shares(&priced->cost, places, arena, &ret_line->discounts, &ret_line->discounts_count,
                &ret_line->taxes, &ret_line->taxes_count);
}

/* Without bundles, the lines say it. */
static void keep_stock(struct arena *arena, struct order_checkout_data *checkout)
{
    struct line_stock *stock = arena_allocate(arena, sizeof *stock);
    bool has_parts = false;
    for (size_t i = 0; i < checkout->lines_count; i++) {
        const struct order_checkout_line *line = &checkout->lines[i];
        has_parts = has_parts || line->parts_count > 0;
        line_stock_add_line(stock, line->variant_id, line->parts, line->parts_count,
                            line->quantity);
    }
    if (!has_parts) return;
    assert(!stock->is_full);
    checkout->stock = stock->units;
    checkout->stock_count = stock->count;
}

static void keep_deliveries(const struct cart_quote *quote, const struct places *places,
                            struct arena *arena, struct order_checkout_data *checkout)
{
    const struct price_request *request = &quote->request;
    struct order_checkout_delivery *deliveries =
        arena_allocate_array(arena, request->consignments_count, sizeof *deliveries);
    for (size_t i = 0; i < request->consignments_count; i++) {
        const struct price_consignment_result *priced = &quote->result.consignments[i];
        assert(priced->has_method);
        const struct vendor_method_terms *method = &quote->profiles[i]->methods[priced->method];
        deliveries[i] = (struct order_checkout_delivery){
            .vendor_id = request->vendors[request->consignments[i].vendor],
            .profile_id = request->consignments[i].id,
            .method_id = method->id,
            .method_name = method->name,
            .handling_days = method->handling_days,
            .amount = priced->cost.sums.delivery,
        };
        keep_shares(&priced->cost, places, arena, &deliveries[i].discounts,
                    &deliveries[i].discounts_count, &deliveries[i].taxes,
                    &deliveries[i].taxes_count);
    }
    checkout->deliveries = deliveries;
    checkout->deliveries_count = request->consignments_count;
}

static void keep_promotions(const struct cart_quote *quote, struct places *places,
                            struct arena *arena, struct order_checkout_data *checkout)
{
    const struct price_request *request = &quote->request;
    const struct promotion_list *list = &quote->sources->promotions;
    struct order_checkout_promotion *promotions =
        arena_allocate_array(arena, request->promotions_count, sizeof *promotions);
    size_t count = 0;
    for (size_t i = 0; i < request->promotions_count; i++) {
        if (quote->result.promotions[i].amount == 0) continue;
        places->promotions[i] = (uint8_t)count;
        promotions[count++] =
            (struct order_checkout_promotion){ .promotion_id = request->promotions[i].id,
                                               .name = list->names[i],
                                               .has_code = request->promotions[i].needs_code,
                                               .code = request->promotions[i].code,
                                               .is_limited = list->have_limits[i] };
    }
    checkout->promotions = promotions;
    checkout->promotions_count = count;
}

static void keep_rates(const struct cart_quote *quote, struct arena *arena,
                       struct order_checkout_data *checkout)
{
    const struct price_request *request = &quote->request;
    struct order_checkout_rate *rates =
        arena_allocate_array(arena, request->rates_count, sizeof *rates);
    for (size_t i = 0; i < request->rates_count; i++)
        rates[i] = (struct order_checkout_rate){ .rate_id = request->rates[i].id,
                                                 .name = request->rates[i].name,
                                                 .ppm = request->rates[i].ppm };
    checkout->rates = rates;
    checkout->rates_count = request->rates_count;
    checkout->has_prices_include_tax = true;
    checkout->prices_include_tax = request->prices_include_tax;
}

static void keep_asked_vendors(const struct cart_quote *quote, struct arena *arena,
                               struct order_checkout_data *checkout)
{
    const struct vendor_many_terms *terms = &quote->sources->terms;
    struct uuid *ids = arena_allocate_array(arena, terms->terms_count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < terms->terms_count; i++)
        if (terms->terms[i].needs_acceptance) ids[count++] = terms->terms[i].vendor_id;
    checkout->asked_vendor_ids = ids;
    checkout->asked_vendor_ids_count = count;
}

void order_snapshot(const struct cart *cart, const struct cart_quote *quote, struct arena *arena,
                    struct order_checkout_data *checkout)
{
    struct places places = { .promotions = { 0 } };
    struct order_checkout_line *lines =
        arena_allocate_array(arena, cart->lines_count, sizeof *lines);
    keep_promotions(quote, &places, arena, checkout);
    keep_rates(quote, arena, checkout);
    for (size_t i = 0; i < cart->lines_count; i++)
        keep_line(cart, quote, i, &places, arena, &lines[i]);
    keep_deliveries(quote, &places, arena, checkout);
    keep_asked_vendors(quote, arena, checkout);
    checkout->lines = lines;
    checkout->lines_count = cart->lines_count;
    keep_stock(arena, checkout);
    checkout->total = money_make(quote->result.group.sums.total, cart->currency);
    checkout->has_business_number = quote->is_exempt;
    checkout->business_number = quote->sources->business_number;
    checkout->has_priced_at = true;
    checkout->priced_at_us = quote->request.now_us;
}

/* ---- from the checkout to an order ---- */

int64_t order_sum_of_discounts(const struct order_checkout_discount *discounts, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += discounts[i].market_amount + discounts[i].vendor_amount;
    return sum;
}

int64_t order_sum_of_taxes(const struct order_checkout_tax *taxes, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += taxes[i].amount;
    return sum;
}

static struct order_order_line make_line(const struct order_checkout_line *line)
{
    const char *currency = line->total.currency;
    return (struct order_order_line){
        .id = line->line_id,
        .variant_id = line->variant_id,
        .product_id = line->product_id,
        .name = line->name,
        .has_slug = line->has_slug,
        .slug = line->slug,
        .options = line->options,
        .options_count = line->options_count,
        .has_image = line->has_image,
        .image = line->image,
        .has_sku = line->has_sku,
        .sku = line->sku,
        .quantity = line->quantity,
        .unit_price = line->unit_price,
        .total = line->total,
        .has_list_price = line->has_list_price,
        .has_price_list_id = line->has_price_list_id,
        .price_list_id = line->price_list_id,
        .list_price = line->list_price,
        .discount =
            money_make(order_sum_of_discounts(line->discounts, line->discounts_count), currency),
        .tax = money_make(order_sum_of_taxes(line->taxes, line->taxes_count), currency),
        .has_backordered = line->has_backordered,
        .backordered = line->backordered,
        .has_available_on = line->has_available_on,
        .available_on_us = line->available_on_us,
        .parts = line->parts,
        .parts_count = line->parts_count,
    };
}

static struct order_order_delivery make_delivery(const struct order_checkout_delivery *delivery,
                                                 const char *currency)
{
    return (struct order_order_delivery){
        .profile_id = delivery->profile_id,
        .method_id = delivery->method_id,
        .method_name = delivery->method_name,
        .handling_days = delivery->handling_days,
        .amount = money_make(delivery->amount, currency),
        .discount = money_make(
            order_sum_of_discounts(delivery->discounts, delivery->discounts_count), currency),
        .tax = money_make(order_sum_of_taxes(delivery->taxes, delivery->taxes_count), currency),
    };
}

/* What each promotion takes off a part, and each rate adds to it. */
struct part_shares {
    int64_t market[PRICE_PROMOTIONS_MAX], vendor[PRICE_PROMOTIONS_MAX];
    int64_t base[PRICE_RATES_MAX], tax[PRICE_RATES_MAX];
    bool has_rate[PRICE_RATES_MAX];
};

static void add_shares(const struct order_checkout_discount *discounts, size_t discounts_count,
                       const struct order_checkout_tax *taxes, size_t taxes_count,
                       struct part_shares *shares)
{
    for (size_t i = 0; i < discounts_count; i++) {
        shares->market[discounts[i].promotion] += discounts[i].market_amount;
        shares->vendor[discounts[i].promotion] += discounts[i].vendor_amount;
    }
    for (size_t i = 0; i < taxes_count; i++) {
        shares->base[taxes[i].rate] += taxes[i].base;
        shares->tax[taxes[i].rate] += taxes[i].amount;
        shares->has_rate[taxes[i].rate] = true;
    }
}

static void make_promotions(const struct order_checkout_data *checkout,
                            const struct part_shares *shares, struct arena *arena,
                            struct order_order *order)
{
    const char *currency = checkout->total.currency;
    struct order_order_promotion *promotions =
        arena_allocate_array(arena, checkout->promotions_count, sizeof *promotions);
    size_t count = 0;
    for (size_t i = 0; i < checkout->promotions_count; i++) {
        const struct order_checkout_promotion *from = &checkout->promotions[i];
        const int64_t amount = shares->market[i] + shares->vendor[i];
        if (amount == 0) continue;
        promotions[count++] = (struct order_order_promotion){
            .promotion_id = from->promotion_id,
            .name = from->name,
            .has_code = from->has_code,
            .code = from->code,
            .discount = money_make(amount, currency),
            .vendor_bears = money_make(shares->vendor[i], currency),
        };
    }
    order->promotions = promotions;
    order->promotions_count = count;
}

static void make_totals(const struct order_checkout_data *checkout, const struct order_part *part,
                        const struct part_shares *shares, struct arena *arena,
                        struct order_totals *ret_totals)
{
    const char *currency = checkout->total.currency;
    struct order_tax_line *taxes =
        arena_allocate_array(arena, checkout->rates_count, sizeof *taxes);
    size_t count = 0;
    for (size_t i = 0; i < checkout->rates_count; i++) {
        if (!shares->has_rate[i]) continue;
        taxes[count++] = (struct order_tax_line){ .name = checkout->rates[i].name,
                                                  .rate_ppm = checkout->rates[i].ppm,
                                                  .base = money_make(shares->base[i], currency),
                                                  .amount = money_make(shares->tax[i], currency),
                                                  .is_included = checkout->prices_include_tax };
    }
    *ret_totals = (struct order_totals){
        .items = money_make(part->sums.items, currency),
        .discount = money_make(part->sums.discount, currency),
        .shipping = money_make(part->sums.shipping, currency),
        .shipping_discount = money_make(part->sums.shipping_discount, currency),
        .tax = money_make(part->sums.added_tax, currency),
        .total = part->total,
        .taxes = taxes,
        .taxes_count = count,
    };
}

void order_make(const struct order_checkout_data *checkout, const struct order_part *part,
                struct arena *arena, struct order_order *ret_order)
{
    struct part_shares *shares = arena_allocate(arena, sizeof *shares);
    struct order_order_line *lines = arena_allocate_array(arena, part->lines_count, sizeof *lines);
    struct order_order_delivery *deliveries =
        arena_allocate_array(arena, part->deliveries_count, sizeof *deliveries);
    for (size_t i = 0; i < part->lines_count; i++) {
        const struct order_checkout_line *from = &checkout->lines[part->lines[i]];
        lines[i] = make_line(from);
        add_shares(from->discounts, from->discounts_count, from->taxes, from->taxes_count, shares);
    }
    for (size_t i = 0; i < part->deliveries_count; i++) {
        const struct order_checkout_delivery *from = &checkout->deliveries[part->deliveries[i]];
        deliveries[i] = make_delivery(from, checkout->total.currency);
        add_shares(from->discounts, from->discounts_count, from->taxes, from->taxes_count, shares);
    }
    *ret_order =
        (struct order_order){ .group_id = checkout->group_id,
                              .vendor = { .id = part->vendor_id, .name = part->vendor_name },
                              .status = ORDER_ORDER_STATUS_PLACED,
                              .lines = lines,
                              .lines_count = part->lines_count,
                              .deliveries = deliveries,
                              .deliveries_count = part->deliveries_count,
                              .has_business_number = checkout->has_business_number,
                              .business_number = checkout->business_number };
    make_promotions(checkout, shares, arena, ret_order);
    make_totals(checkout, part, shares, arena, &ret_order->totals);
}
