/* Fills in the answer of a cart. */
#include "actors/order/cart_show.h"

#include "actors/order/line_stock.h"
#include "runtime/arena.h"

static struct money amount_of(const struct cart_quote *quote, int64_t amount)
{
    return money_make(amount, quote->request.currency);
}

static struct order_problem problem_of_status(enum status status)
{
    return (struct order_problem){ text_of(status_name(status)), text_of(status_title(status)) };
}

static struct order_problem problem_of_price(enum price_problem_code code)
{
    return (struct order_problem){ text_of(price_problem_names[code]),
                                   text_of(price_problem_texts[code]) };
}

struct order_totals cart_totals(const struct price_request *request, const struct price_cost *cost,
                                const char *currency, struct arena *arena)
{
    struct order_tax_line *taxes = arena_allocate_array(arena, cost->taxes_count, sizeof *taxes);
    for (size_t i = 0; i < cost->taxes_count; i++) {
        const struct price_tax *tax = &cost->taxes[i];
        const struct price_rate *rate = &request->rates[tax->rate];
        taxes[i] = (struct order_tax_line){ .name = rate->name,
                                            .rate_ppm = rate->ppm,
                                            .base = money_make(tax->base_amount, currency),
                                            .amount = money_make(tax->amount, currency),
                                            .is_included = request->prices_include_tax };
    }
    const struct price_sums *sums = &cost->sums;
    return (struct order_totals){
        .items = money_make(sums->goods, currency),
        .discount = money_make(sums->discount, currency),
        .shipping = money_make(sums->delivery, currency),
        .shipping_discount = money_make(sums->delivery_discount, currency),
        .tax = money_make(request->prices_include_tax ? 0 : sums->tax, currency),
        .total = money_make(sums->total, currency),
        .taxes = taxes,
        .taxes_count = cost->taxes_count,
    };
}

/* ---- lines ---- */

enum { LINE_PROBLEMS_MAX = 7 };

static struct order_problem shortage(const struct cart_line *line, int64_t available,
                                     struct arena *arena)
{
    return (struct order_problem){ text_of(status_name(STATUS_INSUFFICIENT_STOCK)),
                                   text_format(arena, "%lld wanted, %lld available.",
                                               (long long)line->quantity, (long long)available) };
}

/* What may be ordered of it. */
static struct order_problem wrong_quantity(const struct catalog_offer *offer, struct arena *arena)
{
    assert(offer != NULL); /* without one, no quantity is wrong */
    const long long least = offer->has_quantity_min ? offer->quantity_min : 1;
    const long long step = offer->has_quantity_step ? offer->quantity_step : 1;
    const long long most = offer->has_quantity_max ? offer->quantity_max : CART_LINE_UNITS_MAX;
    return (struct order_problem){ text_of(status_name(STATUS_QUANTITY_NOT_SOLD)),
                                   text_format(arena, "Sold from %lld to %lld, in steps of %lld.",
                                               least, most, step) };
}

static void show_line_problems(const struct cart_line *line, const struct cart_line_state *state,
                               const struct cart_quote *quote, size_t index, struct arena *arena,
                               struct order_cart_line *shown)
{
    struct order_problem *problems =
        arena_allocate_array(arena, LINE_PROBLEMS_MAX, sizeof *problems);
    size_t count = 0;
    enum price_problem_code code;
    if (state->is_product_unavailable)
        problems[count++] = problem_of_status(STATUS_PRODUCT_UNAVAILABLE);
    if (state->is_without_price) problems[count++] = problem_of_status(STATUS_CURRENCY_NOT_OFFERED);
    if (state->is_vendor_unavailable)
        problems[count++] = problem_of_status(STATUS_VENDOR_UNAVAILABLE);
    if (state->is_short_of_stock) problems[count++] = shortage(line, state->available, arena);
    if (state->is_quantity_wrong) problems[count++] = wrong_quantity(state->offer, arena);
    if (state->is_bundle_changed) problems[count++] = problem_of_status(STATUS_BUNDLE_CHANGED);
    const struct price_line *priced = &quote->request.lines[index];
    if (!priced->is_digital && cart_quote_find_problem(quote, priced->consignment, &code))
        problems[count++] = problem_of_price(code);
    assert(count <= LINE_PROBLEMS_MAX);
    shown->problems = problems;
    shown->problems_count = count;
}

/* What the catalogue says of the line today. */
static void show_offer(struct arena *arena, const struct catalog_offer *offer,
                       struct order_cart_line *line)
{
    line->has_vendor_name = offer->vendor_name.length > 0;
    line->vendor_name = offer->vendor_name;
    line->name = offer->name;
    line->has_slug = offer->has_slug;
    line->slug = offer->slug;
    line->options = offer->options;
    line->options_count = offer->options_count;
    line->has_image = offer->has_image;
    line->image = offer->image;
    line->has_sku = offer->has_sku;
    line->sku = offer->sku;
    line->backordered = cart_backordered_units(offer, line->quantity);
    line->has_backordered = line->backordered > 0;
    line->has_available_on = line->has_backordered && offer->has_available_on;
    line->available_on_us = offer->available_on_us;
    line->parts = line_parts_of(arena, offer);
    line->parts_count = offer->parts_count;
}

static void show_line(const struct cart *cart, const struct cart_quote *quote, size_t index,
                      struct arena *arena, struct order_cart_line *ret_line)
{
    const struct cart_line *line = &cart->lines[index];
    const struct price_line *asked = &quote->request.lines[index];
    const struct price_line_result *priced = &quote->result.lines[index];
    const struct cart_line_state state = cart_examine_line(cart, line, &quote->sources->offers);
    *ret_line = (struct order_cart_line){
        .id = line->id,
        .variant_id = line->variant_id,
        .product_id = line->product_id,
        .vendor_id = quote->request.vendors[asked->vendor],
        .name = cart_line_name(line),
        .quantity = line->quantity,
        .unit_price = amount_of(quote, priced->unit_amount),
        .total = amount_of(quote, priced->cost.sums.goods),
        .has_list_price = priced->unit_amount != asked->list_amount,
        .list_price = amount_of(quote, asked->list_amount),
        .discount = amount_of(quote, priced->cost.sums.discount),
        .has_price_list_id = priced->group_price != NULL,
    };
    if (ret_line->has_price_list_id) ret_line->price_list_id = priced->group_price->list_id;
    if (state.offer != NULL) show_offer(arena, state.offer, ret_line);
    show_line_problems(line, &state, quote, index, arena, ret_line);
}

/* ---- how it is sent ---- */

static void show_method(const struct cart_quote *quote, size_t consignment, size_t index,
                        struct order_shipping_method *ret_method)
{
    const struct vendor_method_terms *terms = &quote->profiles[consignment]->methods[index];
    const struct price_offer *offers = quote->result.consignments[consignment].offers;
    const enum price_reason reason =
        offers == NULL ? PRICE_REASON_NOT_CHOSEN : offers[index].reason;
    *ret_method = (struct order_shipping_method){
        .id = terms->id,
        .name = terms->name,
        .has_price =
            offers != NULL && (reason == PRICE_REASON_APPLIED || reason == PRICE_REASON_NOT_CHOSEN),
        .price = amount_of(quote, offers == NULL ? 0 : offers[index].amount),
        .code = text_of(price_reason_names[reason]),
        .handling_days = terms->handling_days,
        .has_transit_days_min = terms->has_transit_days_min,
        .transit_days_min = terms->transit_days_min,
        .has_transit_days_max = terms->has_transit_days_max,
        .transit_days_max = terms->transit_days_max,
    };
}

static void show_option(const struct cart_quote *quote, size_t index, struct arena *arena,
                        struct order_shipping_option *ret_option)
{
    const struct price_consignment *consignment = &quote->request.consignments[index];
    const struct vendor_shipping_profile_terms *profile = quote->profiles[index];
    struct uuid *line_ids =
        arena_allocate_array(arena, quote->request.lines_count, sizeof *line_ids);
    struct order_shipping_method *methods =
        arena_allocate_array(arena, consignment->methods_count, sizeof *methods);
    size_t lines_count = 0;
    for (size_t i = 0; i < quote->request.lines_count; i++) {
        const struct price_line *line = &quote->request.lines[i];
        if (!line->is_digital && line->consignment == index) line_ids[lines_count++] = line->id;
    }
    for (size_t i = 0; i < consignment->methods_count; i++)
        show_method(quote, index, i, &methods[i]);
    enum price_problem_code code;
    const bool has_problem = cart_quote_find_problem(quote, index, &code);
    *ret_option =
        (struct order_shipping_option){ .vendor_id = quote->request.vendors[consignment->vendor],
                                        .profile_id = consignment->id,
                                        .name = profile == NULL ? TEXT("") : profile->name,
                                        .line_ids = line_ids,
                                        .line_ids_count = lines_count,
                                        .methods = methods,
                                        .methods_count = consignment->methods_count,
                                        .has_problem = has_problem };
    if (has_problem) ret_option->problem = problem_of_price(code);
}

/* ---- what is taken off ---- */

static void show_coupon(const struct cart_quote *quote, size_t index,
                        struct order_cart_coupon *ret_coupon)
{
    const struct price_request *request = &quote->request;
    *ret_coupon = (struct order_cart_coupon){ .code = request->codes[index],
                                              .discount = amount_of(quote, 0) };
    for (size_t i = 0; i < request->promotions_count; i++) {
        const struct price_promotion *promotion = &request->promotions[i];
        if (!promotion->needs_code || !price_code_equals(request->codes[index], promotion->code))
            continue;
        ret_coupon->has_name = true;
        ret_coupon->name = quote->sources->promotions.names[i];
        ret_coupon->discount = amount_of(quote, quote->result.promotions[i].amount);
    }
    for (size_t i = 0; i < quote->result.problems_count; i++) {
        const struct price_problem *problem = &quote->result.problems[i];
        if (problem->index != index) continue;
        if (problem->code == PRICE_PROBLEM_CODE_UNKNOWN) {
            ret_coupon->has_problem = true;
            ret_coupon->problem = problem_of_price(problem->code);
        } else if (problem->code == PRICE_PROBLEM_CODE_NOT_APPLIED) {
            ret_coupon->has_problem = true;
            ret_coupon->problem =
                (struct order_problem){ text_of(price_reason_names[problem->reason]),
                                        text_of(price_reason_texts[problem->reason]) };
        }
    }
}

static void show_promotions(const struct cart_quote *quote, struct arena *arena,
                            struct order_cart *shown)
{
    const struct price_request *request = &quote->request;
    struct order_cart_promotion *promotions =
        arena_allocate_array(arena, request->promotions_count, sizeof *promotions);
    size_t count = 0;
    for (size_t i = 0; i < request->promotions_count; i++) {
        if (quote->result.promotions[i].amount == 0) continue;
        promotions[count++] = (struct order_cart_promotion){
            .id = request->promotions[i].id,
            .name = quote->sources->promotions.names[i],
            .discount = amount_of(quote, quote->result.promotions[i].amount),
        };
    }
    shown->promotions = promotions;
    shown->promotions_count = count;
}

/* ---- the cart ---- */

enum { CART_PROBLEMS_MAX = 7 + PRICE_PROBLEM_COUNT };

/* One problem of the cart for each kind of problem that its lines have, or that it is empty. */
static void show_cart_problems(const struct cart *cart, const struct cart_quote *quote,
                               struct arena *arena, struct order_cart *shown)
{
    bool has_status[5] = { false }, has_delivery[PRICE_PROBLEM_COUNT] = { false };
    static const enum status statuses[5] = { STATUS_PRODUCT_UNAVAILABLE,
                                             STATUS_CURRENCY_NOT_OFFERED, STATUS_VENDOR_UNAVAILABLE,
                                             STATUS_INSUFFICIENT_STOCK, STATUS_QUANTITY_NOT_SOLD };
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line_state state =
            cart_examine_line(cart, &cart->lines[i], &quote->sources->offers);
        has_status[0] |= state.is_product_unavailable;
        has_status[1] |= state.is_without_price;
        has_status[2] |= state.is_vendor_unavailable;
        has_status[3] |= state.is_short_of_stock;
        has_status[4] |= state.is_quantity_wrong;
    }
    for (size_t i = 0; i < quote->request.consignments_count; i++) {
        enum price_problem_code code;
        if (cart_quote_find_problem(quote, i, &code)) has_delivery[code] = true;
    }
    struct order_problem *problems =
        arena_allocate_array(arena, CART_PROBLEMS_MAX, sizeof *problems);
    size_t count = 0;
    if (cart->lines_count == 0) problems[count++] = problem_of_status(STATUS_EMPTY_CART);
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (has_status[i]) problems[count++] = problem_of_status(statuses[i]);
    for (size_t i = 0; i < PRICE_PROBLEM_COUNT; i++)
        if (has_delivery[i]) problems[count++] = problem_of_price((enum price_problem_code)i);
    const struct cart_minimum minimum = cart_quote_find_minimum(quote, 0);
    if (minimum.is_missed) problems[count++] = problem_of_status(STATUS_ORDER_TOO_SMALL);
    assert(count <= CART_PROBLEMS_MAX);
    shown->problems = problems;
    shown->problems_count = count;
}

void cart_show(const struct cart *cart, const struct cart_quote *quote, struct arena *arena,
               struct order_cart *ret_cart)
{
    const struct price_request *request = &quote->request;
    assert(request->lines_count == cart->lines_count);
    struct order_cart_line *lines = arena_allocate_array(arena, cart->lines_count, sizeof *lines);
    struct order_shipping_option *options =
        arena_allocate_array(arena, request->consignments_count, sizeof *options);
    struct order_cart_coupon *coupons =
        arena_allocate_array(arena, request->codes_count, sizeof *coupons);
    for (size_t i = 0; i < cart->lines_count; i++)
        show_line(cart, quote, i, arena, &lines[i]);
    for (size_t i = 0; i < request->consignments_count; i++)
        show_option(quote, i, arena, &options[i]);
    for (size_t i = 0; i < request->codes_count; i++)
        show_coupon(quote, i, &coupons[i]);
    *ret_cart = (struct order_cart){
        .id = cart->id,
        .version = cart->version,
        .status = cart->status,
        .currency = text_of(cart->currency),
        .lines = lines,
        .lines_count = cart->lines_count,
        .shipping_options = options,
        .shipping_options_count = request->consignments_count,
        .coupons = coupons,
        .coupons_count = request->codes_count,
        .has_business_number = quote->is_exempt,
        .business_number = quote->sources->business_number,
        .totals = cart_totals(request, &quote->result.group, request->currency, arena),
    };
    show_promotions(quote, arena, ret_cart);
    show_cart_problems(cart, quote, arena, ret_cart);
}
