/* Builders of carts, and the claims that hold of every price. */
#include "tests/actors/order/price_case.h"

struct uuid price_case_id(char kind, size_t number)
{
    return (struct uuid){
        .bytes = { [0] = (uint8_t)kind, [14] = (uint8_t)(number >> 8), [15] = (uint8_t)number }
    };
}

struct price_case *price_case_new(const char *currency)
{
    struct price_case *shop = test_calloc(1, sizeof *shop);
    struct price_request *request = &shop->request;
    memcpy(request->currency, currency, 4);
    request->now_us = PRICE_CASE_NOW_US;
    request->is_explained = true;
    request->has_destination = true;
    request->country = TEXT("DE");
    request->vendors = shop->vendors;
    request->lines = shop->lines;
    request->consignments = shop->consignments;
    request->rates = shop->rates;
    request->promotions = shop->promotions;
    request->codes = shop->codes;
    request->delivery_tax_class = 99;
    request->vendors_count = 2;
    for (size_t i = 0; i < 2; i++) {
        shop->vendors[i] = price_case_id('v', i + 1);
        price_case_add_consignment(shop, i);
    }
    shop->arena = arena_new(64 * 1024);
    return shop;
}

void price_case_free(struct price_case **shop)
{
    arena_destroy(&(*shop)->arena);
    test_free(*shop);
    *shop = NULL;
}

struct price_line *price_case_add_line(struct price_case *shop, size_t vendor, int64_t amount,
                                       int64_t quantity)
{
    assert_true(shop->request.lines_count < PRICE_LINES_MAX);
    const size_t index = shop->request.lines_count++;
    shop->lines[index] = (struct price_line){ .id = price_case_id('l', index + 1),
                                              .vendor = vendor,
                                              .consignment = vendor,
                                              .product_id = price_case_id('p', index + 1),
                                              .categories = shop->categories[index],
                                              .weight_grams = 100,
                                              .quantity = quantity,
                                              .list_amount = amount,
                                              .tiers = shop->tiers[index],
                                              .group_prices = shop->group_prices[index] };
    return &shop->lines[index];
}

void price_case_add_tier(struct price_case *shop, struct price_line *line, int64_t from_quantity,
                         int64_t amount)
{
    assert_true(line->tiers_count < PRICE_TIERS_MAX);
    shop->tiers[line - shop->lines][line->tiers_count++] =
        (struct price_tier){ .from_quantity = from_quantity, .unit_amount = amount };
}

void price_case_add_group_price(struct price_case *shop, struct price_line *line, size_t list,
                                int64_t from_quantity, int64_t amount)
{
    assert_true(line->group_prices_count < PRICE_GROUP_PRICES_MAX);
    shop->group_prices[line - shop->lines][line->group_prices_count++] = (struct price_group_price){
        .list_id = price_case_id('g', list), .from_quantity = from_quantity, .unit_amount = amount
    };
}

struct price_consignment *price_case_add_consignment(struct price_case *shop, size_t vendor)
{
    const size_t index = shop->request.consignments_count++;
    shop->consignments[index] = (struct price_consignment){ .id = price_case_id('s', index + 1),
                                                            .vendor = vendor,
                                                            .methods = shop->methods[index] };
    return &shop->consignments[index];
}

struct price_method *price_case_add_method(struct price_case *shop, size_t consignment,
                                           int64_t amount)
{
    const size_t index = shop->consignments[consignment].methods_count++;
    shop->methods[consignment][index] =
        (struct price_method){ .id = price_case_id('m', consignment * 100 + index + 1),
                               .amount = amount };
    return &shop->methods[consignment][index];
}

struct price_rate *price_case_add_rate(struct price_case *shop, unsigned tax_class, int64_t ppm)
{
    const size_t index = shop->request.rates_count++;
    shop->rates[index] = (struct price_rate){ .id = price_case_id('t', index + 1),
                                              .tax_class = tax_class,
                                              .ppm = ppm };
    return &shop->rates[index];
}

struct price_promotion *price_case_add_promotion(struct price_case *shop,
                                                 enum price_promotion_kind kind)
{
    const size_t index = shop->request.promotions_count++;
    shop->promotions[index] = (struct price_promotion){
        .id = price_case_id('k', index + 1), .kind = kind, .buy_quantity = 1, .get_quantity = 1
    };
    return &shop->promotions[index];
}

struct price_promotion *price_case_add_percentage(struct price_case *shop, int64_t percent)
{
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_PERCENT);
    promotion->ppm = percent * 10000;
    return promotion;
}

struct price_promotion *price_case_add_fixed(struct price_case *shop, int64_t amount)
{
    struct price_promotion *promotion = price_case_add_promotion(shop, PRICE_PROMOTION_FIXED);
    promotion->fixed_amount = amount;
    return promotion;
}

struct price_case *price_case_of_two(int64_t first, int64_t second)
{
    struct price_case *shop = price_case_new("EUR");
    price_case_add_line(shop, 0, first, 1);
    price_case_add_line(shop, 1, second, 1);
    for (size_t i = 0; i < 2; i++)
        price_case_add_method(shop, i, 0);
    return shop;
}

struct price_case *price_case_of_s24(const char *currency, int64_t goods, int64_t delivery)
{
    struct price_case *shop = price_case_new(currency);
    price_case_add_line(shop, 0, goods, 1);
    price_case_add_method(shop, 0, delivery);
    price_case_add_rate(shop, 0, 107500);
    return shop;
}

enum status price_case_try(struct price_case *shop)
{
    arena_reset(shop->arena);
    return price_cart(&shop->request, shop->arena, &shop->result);
}

const struct price_sums *price_case_price(struct price_case *shop)
{
    assert_int_equal(price_case_try(shop), STATUS_OK);
    price_case_check(shop);
    return &shop->result.group.sums;
}

int64_t price_case_discount(const struct price_case *shop, size_t line)
{
    return shop->result.lines[line].cost.sums.discount;
}

enum price_reason price_case_reason(const struct price_case *shop, size_t promotion)
{
    return shop->result.promotions[promotion].reason;
}

const struct price_trace_entry *price_case_entry(const struct price_case *shop,
                                                 enum price_rule rule, size_t place)
{
    for (size_t i = 0; i < shop->result.trace.count; i++) {
        const struct price_trace_entry *entry = &shop->result.trace.entries[i];
        if (entry->rule == rule && place-- == 0) return entry;
    }
    return NULL;
}

/* ---- what must hold ---- */

static void check_total(const struct price_sums *sums, bool prices_include_tax)
{
    assert_true(sums->goods >= 0);
    assert_true(sums->discount >= 0 && sums->discount <= sums->goods);
    assert_true(sums->delivery_discount >= 0 && sums->delivery_discount <= sums->delivery);
    assert_true(sums->exempted >= 0);
    assert_true(sums->tax >= 0);
    assert_true(sums->total >= 0);
    assert_true(sums->market_borne >= 0 && sums->vendor_borne >= 0);
    assert_true(sums->market_borne + sums->vendor_borne ==
                sums->discount + sums->delivery_discount);
    assert_true(sums->total == sums->goods - sums->discount + sums->delivery -
                                   sums->delivery_discount - sums->exempted +
                                   (prices_include_tax ? 0 : sums->tax));
}

static void check_cost(const struct price_cost *cost, bool prices_include_tax)
{
    check_total(&cost->sums, prices_include_tax);
    int64_t discount = 0, market = 0, tax = 0;
    for (size_t i = 0; i < cost->discounts_count; i++) {
        const struct price_discount *share = &cost->discounts[i];
        assert_true(share->amount > 0);
        assert_true(share->market_amount >= 0 && share->vendor_amount >= 0);
        assert_true(share->market_amount + share->vendor_amount == share->amount);
        discount += share->amount;
        market += share->market_amount;
    }
    for (size_t i = 0; i < cost->taxes_count; i++) {
        assert_true(cost->taxes[i].amount >= 0);
        assert_true(cost->taxes[i].base_amount >= 0);
        tax += cost->taxes[i].amount;
    }
    assert_true(discount == cost->sums.discount + cost->sums.delivery_discount);
    assert_true(market == cost->sums.market_borne);
    assert_true(tax == cost->sums.tax);
}

static void add_sums(struct price_sums *sums, const struct price_sums *more)
{
    sums->goods += more->goods;
    sums->discount += more->discount;
    sums->delivery += more->delivery;
    sums->delivery_discount += more->delivery_discount;
    sums->market_borne += more->market_borne;
    sums->vendor_borne += more->vendor_borne;
    sums->tax += more->tax;
    sums->exempted += more->exempted;
    sums->total += more->total;
}

/* What one cost has of a rate and of a promotion. */
static struct price_tax tax_of(const struct price_cost *cost, size_t rate)
{
    for (size_t i = 0; i < cost->taxes_count; i++)
        if (cost->taxes[i].rate == rate) return cost->taxes[i];
    return (struct price_tax){ .rate = rate };
}

static int64_t discount_of(const struct price_cost *cost, size_t promotion)
{
    for (size_t i = 0; i < cost->discounts_count; i++)
        if (cost->discounts[i].promotion == promotion) return cost->discounts[i].amount;
    return 0;
}

/* On top, each rate is rounded once; included, all rates of a class together, once. */
static void check_rates(const struct price_request *request, const struct price_cost *part)
{
    for (size_t i = 0; i < part->taxes_count; i++) {
        const struct price_tax *tax = &part->taxes[i];
        const unsigned tax_class = request->rates[tax->rate].tax_class;
        __int128 base = tax->base_amount;
        int64_t amount = tax->amount, ppm = request->rates[tax->rate].ppm, whole = PRICE_PPM;
        if (request->prices_include_tax) {
            amount = ppm = 0;
            for (size_t k = 0; k < part->taxes_count; k++) {
                if (request->rates[part->taxes[k].rate].tax_class != tax_class) continue;
                assert_true(part->taxes[k].base_amount == tax->base_amount);
                amount += part->taxes[k].amount;
                ppm += request->rates[part->taxes[k].rate].ppm;
            }
            base += amount; /* what was paid */
            whole += ppm;
        }
        assert_true(amount == (int64_t)((2 * base * ppm + whole) / (2 * (__int128)whole)));
    }
}

/* All rates of its class, and no other, are on a line, and on what is left of its price. */
static void check_line_taxes(const struct price_request *request, size_t line,
                             const struct price_cost *cost)
{
    size_t expected = 0;
    for (size_t i = 0; i < request->rates_count && !request->is_tax_exempt; i++)
        expected += request->rates[i].tax_class == request->lines[line].tax_class;
    assert_int_equal(cost->taxes_count, expected);
    const int64_t paid = cost->sums.goods - cost->sums.discount;
    for (size_t i = 0; i < cost->taxes_count; i++) {
        assert_int_equal(request->rates[cost->taxes[i].rate].tax_class,
                         request->lines[line].tax_class);
        assert_true(cost->taxes[i].base_amount ==
                    (request->prices_include_tax ? paid - cost->sums.tax : paid));
    }
}

/* A delivery of a class of its own is taxed by what is left of its price. */
static void check_delivery_taxes(const struct price_request *request, const struct price_cost *cost)
{
    if (request->delivery_tax != PRICE_DELIVERY_TAX_OWN_CLASS) return;
    const int64_t paid = cost->sums.delivery - cost->sums.delivery_discount;
    for (size_t i = 0; i < cost->taxes_count; i++) {
        assert_int_equal(request->rates[cost->taxes[i].rate].tax_class,
                         request->delivery_tax_class);
        assert_true(cost->taxes[i].base_amount ==
                    (request->prices_include_tax ? paid - cost->sums.tax : paid));
    }
}

static void check_part(const struct price_case *shop, size_t vendor)
{
    const struct price_request *request = &shop->request;
    const struct price_cost *part = &shop->result.parts[vendor];
    struct price_sums sums = { .goods = 0 };
    struct price_tax taxes[PRICE_RATES_MAX] = { 0 };
    for (size_t i = 0; i < request->lines_count + request->consignments_count; i++) {
        const bool is_line = i < request->lines_count;
        const size_t index = is_line ? i : i - request->lines_count;
        if ((is_line ? request->lines[index].vendor : request->consignments[index].vendor) !=
            vendor)
            continue;
        const struct price_cost *cost =
            is_line ? &shop->result.lines[index].cost : &shop->result.consignments[index].cost;
        check_cost(cost, request->prices_include_tax);
        if (is_line)
            check_line_taxes(request, index, cost);
        else
            check_delivery_taxes(request, cost);
        add_sums(&sums, &cost->sums);
        for (size_t k = 0; k < request->rates_count; k++) {
            const struct price_tax tax = tax_of(cost, k);
            taxes[k].base_amount += tax.base_amount;
            taxes[k].amount += tax.amount;
        }
    }
    check_cost(part, request->prices_include_tax);
    assert_memory_equal(&sums, &part->sums, sizeof sums);
    for (size_t i = 0; i < request->rates_count; i++) {
        const struct price_tax tax = tax_of(part, i);
        assert_true(tax.amount == taxes[i].amount);
        assert_true(tax.base_amount == taxes[i].base_amount);
    }
    check_rates(request, part);
}

static void check_trace(const struct price_case *shop)
{
    const struct price_request *request = &shop->request;
    const struct price_result *result = &shop->result;
    assert_true(result->trace.count <= price_trace_bound(request));
    assert_true(price_trace_bound(request) <= PRICE_TRACE_MAX);
    struct price_replay replay;
    assert_int_equal(price_replay(request, &result->trace, shop->arena, &replay), STATUS_OK);
    for (size_t i = 0; i < request->lines_count; i++)
        assert_memory_equal(&replay.lines[i], &result->lines[i].cost.sums, sizeof *replay.lines);
    for (size_t i = 0; i < request->consignments_count; i++)
        assert_memory_equal(&replay.consignments[i], &result->consignments[i].cost.sums,
                            sizeof *replay.consignments);
    for (size_t i = 0; i < request->vendors_count; i++)
        assert_memory_equal(&replay.parts[i], &result->parts[i].sums, sizeof *replay.parts);
    assert_memory_equal(&replay.group, &result->group.sums, sizeof replay.group);
}

void price_case_check(const struct price_case *shop)
{
    const struct price_request *request = &shop->request;
    struct price_sums sums = { .goods = 0 };
    for (size_t i = 0; i < request->vendors_count; i++) {
        check_part(shop, i);
        add_sums(&sums, &shop->result.parts[i].sums);
    }
    assert_memory_equal(&sums, &shop->result.group.sums, sizeof sums);
    check_cost(&shop->result.group, request->prices_include_tax);
    for (size_t i = 0; i < request->lines_count; i++)
        assert_true(shop->result.lines[i].unit_amount <= request->lines[i].list_amount);
    for (size_t i = 0; i < request->promotions_count; i++) {
        const struct price_promotion_result *promotion = &shop->result.promotions[i];
        assert_true(promotion->amount == discount_of(&shop->result.group, i));
        assert_true((promotion->amount > 0) == (promotion->reason == PRICE_REASON_APPLIED));
        assert_true(promotion->market_amount + promotion->vendor_amount == promotion->amount);
    }
    check_trace(shop);
}
