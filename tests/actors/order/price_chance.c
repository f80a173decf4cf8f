/* Carts by chance, the same in every run. */
#include "tests/actors/order/price_case.h"

uint64_t price_chance_next(struct price_chance *chance)
{
    uint64_t word = chance->seed += UINT64_C(0x9e3779b97f4a7c15);
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

int64_t price_chance_below(struct price_chance *chance, int64_t below)
{
    return (int64_t)(price_chance_next(chance) % (uint64_t)below);
}

static bool one_in(struct price_chance *chance, int64_t count)
{
    return price_chance_below(chance, count) == 0;
}

/* Mostly prices as one sees them, sometimes nothing, a single unit, or a fortune. */
static int64_t amount_by_chance(struct price_chance *chance)
{
    switch (price_chance_below(chance, 12)) {
    case 0:
        return 0;
    case 1:
        return price_chance_below(chance, 4);
    case 2:
        return price_chance_below(chance, INT64_C(1) << 45);
    default:
        return price_chance_below(chance, 20000);
    }
}

static int64_t ppm_by_chance(struct price_chance *chance)
{
    static const int64_t usual[] = { 0, 1, 55000, 107500, 190000, 500000, 999999, PRICE_PPM };
    return one_in(chance, 2) ? usual[price_chance_below(chance, 8)]
                             : price_chance_below(chance, PRICE_PPM + 1);
}

static void add_line(struct price_chance *chance, struct price_case *shop)
{
    const size_t vendor = (size_t)price_chance_below(chance, 2);
    const int64_t quantity = one_in(chance, 30) ? 1 + price_chance_below(chance, PRICE_QUANTITY_MAX)
                                                : 1 + price_chance_below(chance, 7);
    struct price_line *line = price_case_add_line(shop, vendor, amount_by_chance(chance), quantity);
    line->id = price_case_id('l', (size_t)price_chance_below(chance, 1024) * 64 +
                                      shop->request.lines_count);
    line->product_id = price_case_id('p', (size_t)price_chance_below(chance, 4));
    line->tax_class = (unsigned)price_chance_below(chance, 4);
    line->is_digital = one_in(chance, 6);
    line->weight_grams = price_chance_below(chance, 3000);
    line->categories_count = (size_t)price_chance_below(chance, PRICE_CASE_CATEGORIES + 1);
    for (size_t i = 0; i < line->categories_count; i++)
        shop->categories[line - shop->lines][i] =
            price_case_id('c', (size_t)price_chance_below(chance, 4));
    line->has_sale = one_in(chance, 3);
    line->sale_amount = amount_by_chance(chance);
    line->sale_period.starts_us = PRICE_CASE_NOW_US - 1 + price_chance_below(chance, 3);
    line->sale_period.has_end = one_in(chance, 2);
    line->sale_period.ends_us = PRICE_CASE_NOW_US + price_chance_below(chance, 3);
    for (int64_t i = one_in(chance, 3) ? price_chance_below(chance, 4) : 0; i > 0; i--)
        price_case_add_tier(shop, line, 1 + price_chance_below(chance, 6),
                            amount_by_chance(chance));
    for (int64_t i = one_in(chance, 4) ? price_chance_below(chance, 4) : 0; i > 0; i--)
        price_case_add_group_price(shop, line, 1 + (size_t)price_chance_below(chance, 3),
                                   1 + price_chance_below(chance, 6), amount_by_chance(chance));
}

static void add_methods(struct price_chance *chance, struct price_case *shop, size_t consignment)
{
    static const struct text countries[] = { { "DE", 2 }, { "FR", 2 } };
    for (int64_t i = price_chance_below(chance, 4); i > 0; i--) {
        struct price_method *method =
            price_case_add_method(shop, consignment, price_chance_below(chance, 2000));
        method->kind = (enum price_method_kind)price_chance_below(chance, 3);
        method->per_kg_amount = price_chance_below(chance, 300);
        method->free_above_amount = price_chance_below(chance, 20000);
        method->has_weight_max = one_in(chance, 4);
        method->weight_max_grams = price_chance_below(chance, 20000);
        method->countries = &countries[price_chance_below(chance, 2)];
        method->countries_count = one_in(chance, 4) ? 1 : 0;
        struct price_consignment *sent = &shop->consignments[consignment];
        if (one_in(chance, 2)) {
            sent->has_choice = true;
            sent->chosen_method_id = method->id;
        }
    }
}

static struct price_selection selection_by_chance(struct price_chance *chance)
{
    static const struct uuid products[] = { { .bytes = { [0] = 'p', [15] = 1 } },
                                            { .bytes = { [0] = 'p', [15] = 2 } } };
    return (struct price_selection){
        .kind = one_in(chance, 2) ? PRICE_SELECT_ALL
                                  : (enum price_selection_kind)price_chance_below(chance, 3),
        .products = products,
        .products_count = 2,
        .category_id = price_case_id('c', (size_t)price_chance_below(chance, 4))
    };
}

static void add_promotion(struct price_chance *chance, struct price_case *shop)
{
    struct price_promotion *promotion =
        price_case_add_promotion(shop, (enum price_promotion_kind)price_chance_below(chance, 4));
    if (one_in(chance, 4))
        promotion->vendor_id = price_case_id('v', 1 + (size_t)price_chance_below(chance, 3));
    promotion->needs_code = one_in(chance, 4);
    promotion->code = one_in(chance, 2) ? TEXT("TEA10") : TEXT("OTHER");
    promotion->ppm = ppm_by_chance(chance);
    promotion->fixed_amount = amount_by_chance(chance);
    promotion->buy_quantity = 1 + price_chance_below(chance, 3);
    promotion->get_quantity = 1 + price_chance_below(chance, 3);
    promotion->target = selection_by_chance(chance);
    promotion->qualifying = selection_by_chance(chance);
    promotion->quantity_min = one_in(chance, 4) ? price_chance_below(chance, 10) : 0;
    promotion->subtotal_min_amount = one_in(chance, 4) ? price_chance_below(chance, 30000) : 0;
    promotion->is_exhausted = one_in(chance, 10);
    promotion->is_exclusive = one_in(chance, 3);
    promotion->priority = price_chance_below(chance, 3);
    promotion->has_cap = one_in(chance, 4);
    promotion->cap_amount = price_chance_below(chance, 3000);
    promotion->bearer = (enum price_bearer)price_chance_below(chance, 3);
    promotion->market_ppm = ppm_by_chance(chance);
}

struct price_case *price_chance_case(struct price_chance *chance)
{
    static const char *const currencies[] = { "EUR", "JPY", "KWD" };
    struct price_case *shop = price_case_new(currencies[price_chance_below(chance, 3)]);
    price_case_add_consignment(shop, (size_t)price_chance_below(chance, 2));
    /* Two vendors may use one profile's id. */
    if (one_in(chance, 4)) shop->consignments[1].id = shop->consignments[0].id;
    for (int64_t i = 1 + price_chance_below(chance, 6); i > 0; i--)
        add_line(chance, shop);
    for (size_t i = 0; i < shop->request.lines_count; i++)
        if (shop->lines[i].vendor == shop->consignments[2].vendor && one_in(chance, 2))
            shop->lines[i].consignment = 2;
    for (size_t i = 0; i < shop->request.consignments_count; i++)
        add_methods(chance, shop, i);
    for (int64_t i = price_chance_below(chance, 7); i > 0; i--)
        price_case_add_rate(shop, (unsigned)price_chance_below(chance, 4), ppm_by_chance(chance));
    for (int64_t i = price_chance_below(chance, 7); i > 0; i--)
        add_promotion(chance, shop);
    for (int64_t i = price_chance_below(chance, 3); i > 0; i--)
        shop->codes[shop->request.codes_count++] = one_in(chance, 2) ? TEXT(" tea10") : TEXT("NO");
    shop->request.prices_include_tax = one_in(chance, 2);
    shop->request.is_tax_exempt = one_in(chance, 8);
    shop->request.delivery_tax =
        one_in(chance, 2) ? PRICE_DELIVERY_TAX_AS_GOODS : PRICE_DELIVERY_TAX_OWN_CLASS;
    shop->request.delivery_tax_class = (unsigned)price_chance_below(chance, 5);
    shop->request.has_destination = !one_in(chance, 10);
    return shop;
}
