/* Money over thousands of carts by chance: every sum is exact on every level, explanations add up,
 * the order of the input is of no matter, and what is cancelled in portions ends at what was paid.
 */
#include "tests/actors/order/price_case.h"

#include "actors/order/refund_share.h"

enum { CHANCE_CARTS = 10000 };

/* ---- the order of the input ---- */

static void shuffle(struct price_chance *chance, size_t count, size_t ret_places[])
{
    for (size_t i = 0; i < count; i++)
        ret_places[i] = i;
    for (size_t i = count; i > 1; i--) {
        const size_t other = (size_t)price_chance_below(chance, (int64_t)i);
        const size_t kept = ret_places[i - 1];
        ret_places[i - 1] = ret_places[other];
        ret_places[other] = kept;
    }
}

/* The same cart in another order, and where everything of the first is in it. */
struct permuted {
    struct price_request request;
    struct price_line lines[PRICE_LINES_MAX];
    struct price_consignment consignments[PRICE_CONSIGNMENTS_MAX];
    struct price_promotion promotions[PRICE_PROMOTIONS_MAX];
    struct price_rate rates[PRICE_RATES_MAX];
    struct uuid vendors[2];
    size_t line_places[PRICE_LINES_MAX], consignment_places[PRICE_CONSIGNMENTS_MAX],
        promotion_places[PRICE_PROMOTIONS_MAX], rate_places[PRICE_RATES_MAX];
};

static void permute(struct price_chance *chance, const struct price_case *shop,
                    struct permuted *other)
{
    other->request = shop->request;
    shuffle(chance, shop->request.lines_count, other->line_places);
    shuffle(chance, shop->request.consignments_count, other->consignment_places);
    shuffle(chance, shop->request.promotions_count, other->promotion_places);
    shuffle(chance, shop->request.rates_count, other->rate_places);
    for (size_t i = 0; i < shop->request.lines_count; i++) {
        struct price_line *line = &other->lines[other->line_places[i]];
        *line = shop->lines[i];
        line->vendor = 1 - line->vendor;
        line->consignment = other->consignment_places[line->consignment];
    }
    for (size_t i = 0; i < shop->request.consignments_count; i++) {
        struct price_consignment *consignment = &other->consignments[other->consignment_places[i]];
        *consignment = shop->consignments[i];
        consignment->vendor = 1 - consignment->vendor;
    }
    for (size_t i = 0; i < shop->request.promotions_count; i++)
        other->promotions[other->promotion_places[i]] = shop->promotions[i];
    for (size_t i = 0; i < shop->request.rates_count; i++)
        other->rates[other->rate_places[i]] = shop->rates[i];
    other->vendors[0] = shop->vendors[1];
    other->vendors[1] = shop->vendors[0];
    other->request.lines = other->lines;
    other->request.consignments = other->consignments;
    other->request.promotions = other->promotions;
    other->request.rates = other->rates;
    other->request.vendors = other->vendors;
    /* Nor does it matter whether anybody wants to know why. */
    other->request.is_explained = false;
}

static void assert_same_cost(const struct permuted *other, const struct price_cost *a,
                             const struct price_cost *b)
{
    assert_memory_equal(&a->sums, &b->sums, sizeof a->sums);
    assert_int_equal(a->discounts_count, b->discounts_count);
    for (size_t i = 0; i < a->discounts_count; i++) {
        struct price_discount expected = a->discounts[i];
        expected.promotion = other->promotion_places[expected.promotion];
        assert_memory_equal(&expected, &b->discounts[i], sizeof expected);
    }
    assert_int_equal(a->taxes_count, b->taxes_count);
    for (size_t i = 0; i < a->taxes_count; i++) {
        struct price_tax expected = a->taxes[i];
        expected.rate = other->rate_places[expected.rate];
        assert_memory_equal(&expected, &b->taxes[i], sizeof expected);
    }
}

static void assert_same_in_another_order(struct price_chance *chance, struct price_case *shop)
{
    struct permuted *other = test_calloc(1, sizeof *other);
    permute(chance, shop, other);
    struct price_result result;
    assert_int_equal(price_cart(&other->request, shop->arena, &result), STATUS_OK);
    for (size_t i = 0; i < shop->request.lines_count; i++)
        assert_same_cost(other, &shop->result.lines[i].cost,
                         &result.lines[other->line_places[i]].cost);
    for (size_t i = 0; i < shop->request.consignments_count; i++)
        assert_same_cost(other, &shop->result.consignments[i].cost,
                         &result.consignments[other->consignment_places[i]].cost);
    for (size_t i = 0; i < 2; i++)
        assert_same_cost(other, &shop->result.parts[i], &result.parts[1 - i]);
    assert_same_cost(other, &shop->result.group, &result.group);
    for (size_t i = 0; i < shop->request.promotions_count; i++)
        assert_int_equal(shop->result.promotions[i].reason,
                         result.promotions[other->promotion_places[i]].reason);
    assert_int_equal(shop->result.problems_count, result.problems_count);
    test_free(other);
}

/* ---- cancelled in portions ---- */

/* What an order keeps of a priced line or delivery. */
static struct refund_line keep(const struct price_case *shop, const struct price_cost *cost,
                               int64_t quantity, int64_t unit_amount)
{
    struct refund_discount *discounts =
        arena_allocate_array(shop->arena, cost->discounts_count, sizeof *discounts);
    int64_t *taxes = arena_allocate_array(shop->arena, cost->taxes_count, sizeof *taxes);
    for (size_t i = 0; i < cost->discounts_count; i++)
        discounts[i] =
            (struct refund_discount){ .market_amount = cost->discounts[i].market_amount,
                                      .vendor_amount = cost->discounts[i].vendor_amount };
    for (size_t i = 0; i < cost->taxes_count; i++)
        taxes[i] = cost->taxes[i].amount;
    return (struct refund_line){ .quantity = quantity,
                                 .unit_amount = unit_amount,
                                 .prices_include_tax = shop->request.prices_include_tax,
                                 .discounts = discounts,
                                 .discounts_count = cost->discounts_count,
                                 .taxes = taxes,
                                 .taxes_count = cost->taxes_count,
                                 .exempted_amount = cost->sums.exempted };
}

/* Takes one portion off what is kept; nothing of it may become negative. */
static void take_portion(struct price_sums *kept, int64_t discounts[], int64_t taxes[],
                         const struct refund_line *line, const struct refund_share *share)
{
    kept->goods -= share->goods;
    kept->discount -= share->discount;
    kept->tax -= share->tax;
    kept->exempted -= share->exempted;
    kept->total -= share->total;
    assert_true(share->goods >= 0 && kept->goods >= 0);
    assert_true(share->discount >= 0 && kept->discount >= 0);
    assert_true(share->tax >= 0 && kept->tax >= 0);
    assert_true(share->exempted >= 0 && kept->exempted >= 0);
    assert_true(share->total >= 0 && kept->total >= 0);
    for (size_t i = 0; i < line->discounts_count; i++) {
        discounts[2 * i] -= share->discounts[i].market_amount;
        discounts[2 * i + 1] -= share->discounts[i].vendor_amount;
        assert_true(share->discounts[i].market_amount >= 0 && discounts[2 * i] >= 0);
        assert_true(share->discounts[i].vendor_amount >= 0 && discounts[2 * i + 1] >= 0);
    }
    for (size_t i = 0; i < line->taxes_count; i++) {
        taxes[i] -= share->taxes[i];
        assert_true(share->taxes[i] >= 0 && taxes[i] >= 0);
    }
}

/* What has gone back of an amount when `units` have, against the exact share. */
static void assert_close(int64_t gone, int64_t amount, int64_t units, int64_t quantity,
                         size_t amounts)
{
    const __int128 off = 2 * ((__int128)gone * quantity - (__int128)amount * units);
    assert_true((off < 0 ? -off : off) <= (__int128)quantity * (int64_t)amounts);
}

static void cancel_in_portions(struct price_chance *chance, const struct price_case *shop,
                               const struct price_cost *cost, const struct refund_line *line)
{
    int64_t discounts[2 * PRICE_PROMOTIONS_MAX], taxes[PRICE_RATES_MAX], before = 0;
    struct price_sums kept = cost->sums;
    /* A delivery is a line, and its price the goods. */
    kept.goods += kept.delivery;
    kept.discount += kept.delivery_discount;
    for (size_t i = 0; i < line->discounts_count; i++) {
        discounts[2 * i] = line->discounts[i].market_amount;
        discounts[2 * i + 1] = line->discounts[i].vendor_amount;
    }
    for (size_t i = 0; i < line->taxes_count; i++)
        taxes[i] = line->taxes[i];
    while (before < line->quantity) {
        const int64_t units = 1 + price_chance_below(chance, line->quantity - before);
        struct refund_share share;
        assert_int_equal(refund_share_of(line, before, units, shop->arena, &share), STATUS_OK);
        take_portion(&kept, discounts, taxes, line, &share);
        assert_true(share.goods == line->unit_amount * units);
        before += units;
        const size_t amounts = 2 * line->discounts_count + line->taxes_count + 1;
        assert_close(cost->sums.total - kept.total, cost->sums.total, before, line->quantity,
                     amounts);
        for (size_t i = 0; i < line->taxes_count; i++)
            assert_close(line->taxes[i] - taxes[i], line->taxes[i], before, line->quantity,
                         amounts);
    }
    assert_true(kept.goods == 0 && kept.discount == 0 && kept.tax == 0 && kept.exempted == 0);
    assert_true(kept.total == 0);
    for (size_t i = 0; i < line->discounts_count; i++)
        assert_true(discounts[2 * i] == 0 && discounts[2 * i + 1] == 0);
    for (size_t i = 0; i < line->taxes_count; i++)
        assert_true(taxes[i] == 0);
}

static void cancel_everything(struct price_chance *chance, const struct price_case *shop)
{
    for (size_t i = 0; i < shop->request.lines_count; i++) {
        const struct price_line_result *priced = &shop->result.lines[i];
        const struct refund_line line =
            keep(shop, &priced->cost, shop->lines[i].quantity, priced->unit_amount);
        cancel_in_portions(chance, shop, &priced->cost, &line);
    }
    for (size_t i = 0; i < shop->request.consignments_count; i++) {
        const struct price_cost *cost = &shop->result.consignments[i].cost;
        const struct refund_line line = keep(shop, cost, 1, cost->sums.delivery);
        cancel_in_portions(chance, shop, cost, &line);
    }
}

/* ---- deliveries ---- */

enum { NO_PROBLEM = PRICE_PROBLEM_COUNT };

static unsigned problem_of(const struct price_case *shop, size_t consignment)
{
    for (size_t i = 0; i < shop->result.problems_count; i++)
        if (shop->result.problems[i].index == consignment &&
            shop->result.problems[i].code < PRICE_PROBLEM_CODE_UNKNOWN)
            return shop->result.problems[i].code;
    return NO_PROBLEM;
}

/* What the method takes for it, or -1 (not to that country) or -2 (too heavy). */
static int64_t quote(const struct price_case *shop, const struct price_method *method,
                     int64_t grams, int64_t goods)
{
    bool is_there = method->countries_count == 0;
    for (size_t i = 0; i < method->countries_count; i++)
        is_there |= text_equals(method->countries[i], shop->request.country);
    if (!is_there) return -1;
    if (method->has_weight_max && method->weight_max_grams < grams) return -2;
    if (method->kind == PRICE_METHOD_WEIGHT)
        return method->amount + method->per_kg_amount * ((grams + 999) / 1000);
    return method->kind == PRICE_METHOD_FREE_ABOVE && method->free_above_amount <= goods
               ? 0
               : method->amount;
}

/* The problem that a consignment should have, and else what it should cost. */
static unsigned expect_delivery(const struct price_case *shop, size_t index, int64_t *ret_amount)
{
    const struct price_consignment *consignment = &shop->consignments[index];
    int64_t grams = 0, goods = 0, units = 0, last = -1, chosen = -1;
    unsigned offered = 0, heavy = 0;
    *ret_amount = 0;
    for (size_t i = 0; i < shop->request.lines_count; i++) {
        if (shop->lines[i].consignment != index || shop->lines[i].is_digital) continue;
        const struct price_sums *sums = &shop->result.lines[i].cost.sums;
        units += shop->lines[i].quantity;
        grams += shop->lines[i].quantity * shop->lines[i].weight_grams;
        goods += sums->goods - sums->discount;
    }
    if (units == 0) return NO_PROBLEM;
    if (!shop->request.has_destination) return PRICE_PROBLEM_DESTINATION_MISSING;
    for (size_t i = 0; i < consignment->methods_count; i++) {
        const int64_t amount = quote(shop, &consignment->methods[i], grams, goods);
        heavy += amount == -2;
        if (amount < 0) continue;
        offered++;
        last = amount;
        if (uuid_equals(consignment->methods[i].id, consignment->chosen_method_id)) chosen = amount;
    }
    if (offered == 0)
        return heavy > 0 ? PRICE_PROBLEM_TOO_HEAVY : PRICE_PROBLEM_NOT_DELIVERED_THERE;
    if (consignment->has_choice && chosen < 0) return PRICE_PROBLEM_DELIVERY_NOT_OFFERED;
    if (!consignment->has_choice && offered > 1) return PRICE_PROBLEM_DELIVERY_NOT_CHOSEN;
    *ret_amount = consignment->has_choice ? chosen : last;
    return NO_PROBLEM;
}

static void deliveries_by_chance_cost_what_their_methods_say(void **state)
{
    (void)state;
    struct price_chance chance = { .seed = 5 };
    unsigned found[PRICE_PROBLEM_COUNT + 1] = { 0 };
    for (unsigned i = 0; i < CHANCE_CARTS; i++) {
        struct price_case *shop = price_chance_case(&chance);
        price_case_price(shop);
        for (size_t k = 0; k < shop->request.consignments_count; k++) {
            int64_t amount;
            const unsigned problem = expect_delivery(shop, k, &amount);
            assert_int_equal(problem_of(shop, k), problem);
            assert_true(shop->result.consignments[k].cost.sums.delivery == amount);
            found[problem]++;
        }
        price_case_free(&shop);
    }
    for (unsigned i = 0; i < PRICE_PROBLEM_CODE_UNKNOWN; i++)
        assert_true(found[i] > CHANCE_CARTS / 100);
}

/* ---- everything ---- */

static void carts_by_chance_are_exact_and_end_at_nothing(void **state)
{
    (void)state;
    struct price_chance chance = { .seed = 7 };
    unsigned discounted = 0, taxed = 0, exempted = 0, delivered = 0, answered = 0;
    for (unsigned i = 0; i < CHANCE_CARTS; i++) {
        struct price_case *shop = price_chance_case(&chance);
        const struct price_sums *sums = price_case_price(shop);
        assert_same_in_another_order(&chance, shop);
        cancel_everything(&chance, shop);
        discounted += sums->discount > 0;
        taxed += sums->tax > 0;
        exempted += sums->exempted > 0;
        delivered += sums->delivery > 0;
        answered += shop->result.problems_count > 0;
        price_case_free(&shop);
    }
    /* Everything happened, and often. */
    assert_true(discounted > CHANCE_CARTS / 4);
    assert_true(taxed > CHANCE_CARTS / 4);
    assert_true(exempted > CHANCE_CARTS / 50);
    assert_true(delivered > CHANCE_CARTS / 4);
    assert_true(answered > CHANCE_CARTS / 4);
}

/* Prices up to all that int64 holds: refused, or exact; never anything else. */
static void carts_of_any_size_are_exact_or_refused(void **state)
{
    (void)state;
    struct price_chance chance = { .seed = 3 };
    unsigned refused = 0, priced = 0;
    for (unsigned i = 0; i < CHANCE_CARTS; i++) {
        struct price_case *shop = price_chance_case(&chance);
        for (size_t k = 0; k < shop->request.lines_count; k++)
            shop->lines[k].list_amount =
                (int64_t)(price_chance_next(&chance) >> (1 + price_chance_below(&chance, 12)));
        const enum status status = price_case_try(shop);
        if (status == STATUS_OK) {
            price_case_check(shop);
            cancel_everything(&chance, shop);
            priced++;
        } else {
            assert_int_equal(status, STATUS_OUT_OF_RANGE);
            refused++;
        }
        price_case_free(&shop);
    }
    assert_true(refused > CHANCE_CARTS / 20);
    assert_true(priced > CHANCE_CARTS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deliveries_by_chance_cost_what_their_methods_say),
        cmocka_unit_test(carts_by_chance_are_exact_and_end_at_nothing),
        cmocka_unit_test(carts_of_any_size_are_exact_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
