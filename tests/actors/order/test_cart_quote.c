/* Claims about how a cart becomes the question of its price, and an answer becomes orders. */
#include "tests/actors/order/cart_builders.h"

enum { SHOP_TERMS_MAX = 2 };

static const struct vendor_method_terms parcel = { .id = { .bytes = { 'm', [15] = 1 } },
                                                   .name = TEXT("Parcel"),
                                                   .kind = VENDOR_SHIPPING_KIND_FLAT,
                                                   .price = { 500, "EUR" },
                                                   .handling_days = 2,
                                                   .is_sent_there = true };
static const struct vendor_method_terms by_weight = { .id = { .bytes = { 'm', [15] = 2 } },
                                                      .name = TEXT("Freight"),
                                                      .kind = VENDOR_SHIPPING_KIND_WEIGHT,
                                                      .price = { 100, "EUR" },
                                                      .has_price_per_kg = true,
                                                      .price_per_kg = { 10, "EUR" },
                                                      .is_sent_there = true };

/* Vendor 1 has two profiles, of which the second is the default; nobody knows of others. */
static struct vendor_method_terms both[2];
static struct vendor_shipping_profile_terms profiles[2];
static struct vendor_terms terms_of_one;

static void set_terms(struct quoted *quoted)
{
    both[0] = parcel;
    both[1] = by_weight;
    profiles[0] = (struct vendor_shipping_profile_terms){
        .id = id_of('h', 1), .name = TEXT("Bulky"), .methods = &both[1], .methods_count = 1
    };
    profiles[1] = (struct vendor_shipping_profile_terms){ .id = id_of('h', 2),
                                                          .name = TEXT("Usual"),
                                                          .is_default = true,
                                                          .methods = both,
                                                          .methods_count = 2 };
    terms_of_one = (struct vendor_terms){ .vendor_id = id_of('s', 1),
                                          .profiles = profiles,
                                          .profiles_count = 2 };
    quoted->sources.terms = (struct vendor_many_terms){ .terms = &terms_of_one, .terms_count = 1 };
}

static void set_address(struct cart *cart)
{
    memcpy(cart->country, "DE", 3);
}

struct fixture {
    struct cart *cart;
    struct quoted *quoted;
    struct catalog_offer list[4];
    struct catalog_offers offers;
};

/* Lines of vendors 1, 2, 1, 1 at 10.00, 20.00, 30.00, 40.00. */
static struct fixture new_fixture(void)
{
    struct fixture fixture = { .cart = new_cart(), .quoted = new_quoted() };
    static const uint8_t numbers[] = { 1, 2, 4, 7 };
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        fixture.list[i] = offer_of(numbers[i], 1000 * (int64_t)(i + 1), 100);
        assert_int_equal(add(fixture.cart, &fixture.list[i], 1), STATUS_OK);
    }
    set_terms(fixture.quoted);
    set_address(fixture.cart);
    return fixture;
}

static void ask(struct fixture *fixture)
{
    fixture->offers = (struct catalog_offers){ fixture->list, ARRAY_LENGTH(fixture->list) };
    assert_int_equal(quote(fixture->quoted, fixture->cart, &fixture->offers), STATUS_OK);
}

static void free_fixture(struct fixture *fixture)
{
    free_quoted(fixture->quoted);
    test_free(fixture->cart);
}

static void goods_of_one_profile_are_sent_together_as_the_first_of_them_wishes(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    fixture.cart->lines[2].method_id = parcel.id;
    fixture.cart->lines[3].method_id = by_weight.id;
    ask(&fixture);
    const struct order_cart *shown = &fixture.quoted->shown;
    assert_int_equal(shown->shipping_options_count, 1);
    assert_true(uuid_equals(shown->shipping_options[0].profile_id, id_of('h', 2)));
    assert_int_equal(shown->shipping_options[0].line_ids_count, 3);
    assert_text_equal(shown->shipping_options[0].methods[0].code, TEXT("applied"));
    assert_int_equal(shown->totals.shipping.amount, 500);
    assert_int_equal(shown->totals.total.amount, 10500);
    assert_int_equal(shown->problems_count, 0);
    free_fixture(&fixture);
}

static void a_product_names_its_profile_and_an_unknown_one_means_the_default(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    fixture.list[0].has_profile_id = fixture.list[2].has_profile_id = true;
    fixture.list[0].profile_id = id_of('h', 1);
    fixture.list[2].profile_id = id_of('h', 99);
    fixture.list[0].weight_grams = 1001;
    fixture.cart->lines[2].method_id = parcel.id;
    ask(&fixture);
    const struct order_cart *shown = &fixture.quoted->shown;
    assert_int_equal(shown->shipping_options_count, 2);
    assert_true(uuid_equals(shown->shipping_options[0].profile_id, id_of('h', 1)));
    assert_int_equal(shown->shipping_options[0].line_ids_count, 1);
    assert_int_equal(shown->totals.shipping.amount, 100 + 2 * 10 + 500); /* two kilograms begun */
    free_fixture(&fixture);
}

static void nothing_is_asked_where_nothing_is_sent(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    fixture.cart->country[0] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(fixture.list); i++)
        fixture.list[i].is_digital = true;
    ask(&fixture);
    assert_int_equal(fixture.quoted->shown.shipping_options_count, 0);
    assert_int_equal(fixture.quoted->shown.problems_count, 0);
    free_fixture(&fixture);
}

static void goods_without_a_way_of_sending_wait_for_the_market_to_allow_arrangements(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    const struct cart_market_rules strict = { .must_deliver = true };
    fixture.quoted->sources.terms.terms_count = 0;
    ask(&fixture);
    assert_int_equal(fixture.quoted->shown.problems_count, 0);
    struct cart_quote *asked = &fixture.quoted->quote;
    assert_int_equal(cart_quote_make(fixture.cart, &strict, &fixture.quoted->sources, false,
                                     fixture.quoted->arena, asked),
                     STATUS_OK);
    enum price_problem_code code = PRICE_PROBLEM_COUNT;
    assert_int_equal(asked->request.consignments_count, 2);
    assert_true(cart_quote_find_problem(asked, 1, &code));
    assert_int_equal(code, PRICE_PROBLEM_NOT_DELIVERED_THERE);
    free_fixture(&fixture);
}

static void without_an_address_the_ways_are_shown_without_a_price(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    fixture.cart->country[0] = '\0';
    ask(&fixture);
    const struct order_shipping_option *option = &fixture.quoted->shown.shipping_options[0];
    assert_int_equal(option->methods_count, 2);
    assert_false(option->methods[0].has_price);
    assert_true(option->has_problem);
    assert_text_equal(option->problem.code, TEXT("destination_missing"));
    free_fixture(&fixture);
}

static void a_sale_and_tiers_lower_the_price_of_one_and_the_list_price_is_told(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    const struct catalog_price_tier tiers[] = { { 2, money_make(700, "EUR") } };
    fixture.quoted->sources.now_us = 50;
    fixture.list[0].has_sale_price = fixture.list[0].has_sale_to = true;
    fixture.list[0].sale_price = money_make(900, "EUR");
    fixture.list[0].sale_to_us = 51;
    fixture.list[0].tiers = tiers;
    fixture.list[0].tiers_count = 1;
    ask(&fixture);
    assert_int_equal(fixture.quoted->shown.lines[0].unit_price.amount, 900);
    assert_int_equal(fixture.quoted->shown.lines[0].list_price.amount, 1000);
    assert_false(fixture.quoted->shown.lines[1].has_list_price);
    fixture.cart->lines[0].quantity = 2;
    ask(&fixture);
    assert_int_equal(fixture.quoted->shown.lines[0].unit_price.amount, 700);
    fixture.cart->lines[0].quantity = 1;
    fixture.quoted->sources.now_us = 51;
    ask(&fixture);
    assert_int_equal(fixture.quoted->shown.lines[0].unit_price.amount, 1000);
    free_fixture(&fixture);
}

static void less_than_a_vendor_sells_for_is_a_problem_of_the_cart(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    terms_of_one.has_order_min = true;
    terms_of_one.order_min = money_make(8001, "EUR"); /* its lines cost 80.00 */
    ask(&fixture);
    const struct cart_minimum minimum = cart_quote_find_minimum(&fixture.quoted->quote, 0);
    assert_true(minimum.is_missed);
    assert_int_equal(minimum.goods_amount, 8000);
    assert_false(cart_quote_find_minimum(&fixture.quoted->quote, minimum.vendor + 1).is_missed);
    terms_of_one.order_min.amount = 8000;
    ask(&fixture);
    assert_false(cart_quote_find_minimum(&fixture.quoted->quote, 0).is_missed);
    free_fixture(&fixture);
}

static void quantities_are_fitted_to_what_is_sold_and_there(void **state)
{
    (void)state;
    struct catalog_offer offer = offer_of(1, 100, 17);
    assert_int_equal(cart_fit_quantity(&offer, 20), 17);
    offer.has_quantity_step = offer.has_quantity_min = offer.has_quantity_max = true;
    offer.quantity_step = 3;
    offer.quantity_min = 6;
    offer.quantity_max = 12;
    assert_int_equal(cart_fit_quantity(&offer, 20), 12);
    assert_int_equal(cart_fit_quantity(&offer, 11), 9);
    assert_int_equal(cart_fit_quantity(&offer, 5), 0);
    offer.available = 8;
    assert_int_equal(cart_fit_quantity(&offer, 20), 6);
}

static enum status judge(struct fixture *fixture, struct price_promotion promotion,
                         enum price_reason *ret_reason)
{
    static const struct text name = TEXT("Spring");
    static const bool has_limits = true;
    promotion.needs_code = true;
    promotion.code = TEXT("SPRING");
    promotion.ppm = 100000;
    fixture->quoted->sources.promotions = (struct promotion_list){
        .promotions = &promotion, .names = &name, .have_limits = &has_limits, .count = 1
    };
    ask(fixture);
    const enum status status = cart_quote_judge_code(&fixture->quoted->quote, 0, ret_reason);
    fixture->quoted->sources.promotions = (struct promotion_list){ .count = 0 };
    return status;
}

static void a_code_is_refused_for_what_no_change_of_the_cart_mends(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    const struct price_promotion later = { .period = { .starts_us = 2000 } };
    const struct price_promotion over = { .period = { .has_end = true, .ends_us = 1000 } };
    enum price_reason reason = PRICE_REASON_APPLIED;
    fixture.quoted->sources.now_us = 1000;
    assert_int_equal(cart_add_code(fixture.cart, TEXT("SPRING")), STATUS_OK);
    ask(&fixture);
    assert_int_equal(cart_quote_judge_code(&fixture.quoted->quote, 0, &reason),
                     STATUS_COUPON_UNKNOWN);
    assert_int_equal(judge(&fixture, later, &reason), STATUS_COUPON_NOT_STARTED);
    assert_int_equal(reason, PRICE_REASON_NOT_STARTED);
    assert_int_equal(judge(&fixture, over, &reason), STATUS_COUPON_ENDED);
    assert_int_equal(reason, PRICE_REASON_ENDED);
    assert_int_equal(judge(&fixture, (struct price_promotion){ .is_exhausted = true }, &reason),
                     STATUS_COUPON_USED_UP);
    assert_int_equal(reason, PRICE_REASON_EXHAUSTED);
    const struct price_promotion used = { .is_exhausted_for_customer = true };
    assert_int_equal(judge(&fixture, used, &reason), STATUS_COUPON_USED_UP);
    assert_int_equal(reason, PRICE_REASON_EXHAUSTED_FOR_CUSTOMER);
    free_fixture(&fixture);
}

static void a_code_that_the_cart_may_still_earn_is_kept(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    enum price_reason reason = PRICE_REASON_APPLIED;
    assert_int_equal(cart_add_code(fixture.cart, TEXT("SPRING")), STATUS_OK);
    const struct price_promotion good = { .quantity_min = 1 };
    const struct price_promotion dear = { .subtotal_min_amount = 1000000 };
    const struct price_promotion first = { .needs_first_order = true };
    assert_int_equal(judge(&fixture, good, &reason), STATUS_OK);
    assert_int_equal(judge(&fixture, dear, &reason), STATUS_OK);
    assert_int_equal(judge(&fixture, first, &reason), STATUS_OK);
    free_fixture(&fixture);
}

static void an_exempt_business_pays_no_tax_from_the_first_line_on(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    struct tax_rate rate = { .id = id_of('t', 1),
                             .name = TEXT("VAT"),
                             .country = TEXT("DE"),
                             .ppm = 250000,
                             .exempts_businesses = true };
    const struct cart_quote *asked = &fixture.quoted->quote;
    fixture.quoted->sources.tax_table = &rate;
    fixture.quoted->sources.tax_table_count = 1;
    ask(&fixture);
    const int64_t gross = asked->result.group.sums.goods;
    assert_false(asked->is_exempt || fixture.quoted->shown.has_business_number);
    fixture.quoted->sources.business_number = TEXT("DE123456789");
    ask(&fixture);
    assert_true(asked->is_exempt);
    assert_text_equal(fixture.quoted->shown.business_number, TEXT("DE123456789"));
    assert_int_equal(asked->result.group.sums.goods * 5, gross * 4);
    assert_int_equal(asked->result.group.sums.exempted, 0);
    assert_int_equal(asked->result.group.sums.tax, 0);
    assert_int_equal(asked->result.lines[0].unit_amount, 800);
    assert_int_equal(asked->nets[0].gross, 1000);
    /* Deliveries have a class of their own, which nothing taxes here. */
    assert_int_equal(asked->result.consignments[0].offers[0].amount, 500);
    rate.exempts_businesses = false;
    ask(&fixture);
    assert_false(asked->is_exempt);
    assert_int_equal(asked->result.group.sums.goods, gross);
    rate.exempts_businesses = true;
    fixture.cart->country[0] = '\0';
    ask(&fixture);
    assert_false(asked->is_exempt);
    free_fixture(&fixture);
}

/* What a rule moves in an explanation. */
static int64_t moved(const struct order_cart *cart, const char *rule)
{
    int64_t sum = 0;
    for (size_t i = 0; i < cart->explanation_count; i++)
        if (text_equals_string(cart->explanation[i].rule, rule)) sum += cart->explanation[i].amount;
    return sum;
}

static struct order_cart explained(struct fixture *fixture, const struct price_trace_entry *entries,
                                   size_t count)
{
    struct order_cart cart = { .explanation_count = 0 };
    fixture->quoted->quote.result.trace = (struct price_trace){ entries, count };
    cart_explain(&fixture->quoted->quote, fixture->quoted->arena, &cart);
    return cart;
}

static void a_long_explanation_leaves_out_what_moves_nothing_then_sums_up(void **state)
{
    (void)state;
    enum { ENTRIES = 2500 };
    struct fixture fixture = new_fixture();
    ask(&fixture);
    struct price_trace_entry *entries = test_calloc(ENTRIES, sizeof *entries);
    for (size_t i = 0; i < ENTRIES; i++)
        entries[i] = (struct price_trace_entry){
            .rule = i % 2 == 0 ? PRICE_RULE_GOODS : PRICE_RULE_LIST_PRICE,
            .reason = i % 4 == 0 ? PRICE_REASON_APPLIED : PRICE_REASON_NOT_LOWEST,
            .subject = PRICE_SUBJECT_LINE,
            .index = (unsigned)(i / 4 % 4),
            .base = 3,
            .amount = 3,
        };
    struct order_cart cart = explained(&fixture, entries, CART_STEPS_MAX);
    assert_int_equal(cart.explanation_count, CART_STEPS_MAX);
    assert_false(cart.has_is_explanation_cut);
    assert_true(cart.explanation[0].has_text && cart.explanation[0].has_reason);
    assert_false(cart.explanation[4].has_text || cart.explanation[4].has_reason);
    cart = explained(&fixture, entries, ENTRIES);
    assert_true(cart.is_explanation_cut);
    assert_int_equal(cart.explanation_count, ENTRIES / 4);
    assert_int_equal(moved(&cart, "goods"), 3 * ENTRIES / 4);
    for (size_t i = 0; i < ENTRIES; i++) {
        entries[i].reason = PRICE_REASON_APPLIED;
        entries[i].rule = PRICE_RULE_DISCOUNT;
    }
    cart = explained(&fixture, entries, ENTRIES);
    assert_true(cart.is_explanation_cut);
    assert_int_equal(cart.explanation_count, 2); /* vendors */
    assert_int_equal(moved(&cart, "discount"), 3 * ENTRIES);
    assert_text_equal(cart.explanation[0].subject, TEXT("part"));
    assert_false(cart.explanation[0].has_object_id || cart.explanation[0].has_divisor);
    test_free(entries);
    free_fixture(&fixture);
}

static void codes_are_kept_once_and_ten_at_most(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    char code[] = "CODE-A";
    for (int i = 0; i < CART_CODES_MAX; i++, code[5]++)
        assert_int_equal(cart_add_code(cart, text_of(code)), STATUS_OK);
    assert_int_equal(cart_add_code(cart, text_of(code)), STATUS_TOO_MANY_COUPONS);
    assert_int_equal(cart_add_code(cart, TEXT("CODE-C")), STATUS_OK);
    assert_true(cart_remove_code(cart, TEXT("CODE-C")));
    assert_false(cart_remove_code(cart, TEXT("CODE-C")));
    assert_int_equal(cart->codes_count, CART_CODES_MAX - 1);
    assert_string_equal(cart->codes[2], "CODE-D");
    test_free(cart);
}

/* A tenth off everything, which the market bears; 19 % tax that is added. */
static void discount_and_tax(struct fixture *fixture, struct price_promotion *promotion,
                             struct tax_rate *rate)
{
    static const struct text names[] = { TEXT("Spring") };
    static const bool have_limits[] = { true };
    *promotion = (struct price_promotion){ .id = id_of('x', 1),
                                           .kind = PRICE_PROMOTION_PERCENT,
                                           .ppm = 100000,
                                           .bearer = PRICE_BEARER_MARKET };
    *rate = (struct tax_rate){
        .id = id_of('t', 1), .name = TEXT("VAT"), .country = TEXT("DE"), .ppm = 190000
    };
    fixture->quoted->sources.promotions = (struct promotion_list){
        .promotions = promotion, .names = names, .have_limits = have_limits, .count = 1
    };
    fixture->quoted->sources.tax_table = rate;
    fixture->quoted->sources.tax_table_count = 1;
}

static void orders_keep_every_share_and_add_up_to_the_quote(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    struct price_promotion promotion;
    struct tax_rate rate;
    struct order_checkout_data checkout = { .has_customer = false };
    discount_and_tax(&fixture, &promotion, &rate);
    fixture.cart->lines[0].method_id = parcel.id;
    ask(&fixture);
    order_snapshot(fixture.cart, &fixture.quoted->quote, fixture.quoted->arena, &checkout);
    assert_int_equal(checkout.promotions_count, 1);
    assert_true(checkout.promotions[0].is_limited);
    assert_int_equal(checkout.deliveries_count, 1);
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
    assert_int_equal(split->parts_count, 2);
    int64_t discount = 0, total = 0;
    for (size_t i = 0; i < split->parts_count; i++) {
        struct order_order order;
        order_make(&checkout, &split->parts[i], fixture.quoted->arena, &order);
        const struct order_totals *sums = &order.totals;
        assert_int_equal(sums->total.amount, sums->items.amount - sums->discount.amount +
                                                 sums->shipping.amount -
                                                 sums->shipping_discount.amount + sums->tax.amount);
        discount += sums->discount.amount;
        total += sums->total.amount;
        assert_int_equal(order.promotions[0].discount.amount, sums->discount.amount);
        assert_int_equal(order.promotions[0].vendor_bears.amount, 0);
    }
    assert_int_equal(discount, 1000);
    assert_int_equal(total, fixture.quoted->shown.totals.total.amount);
    test_free(split);
    free_fixture(&fixture);
}

static void a_delivery_of_no_vendor_or_more_taken_off_than_there_is_makes_no_orders(void **state)
{
    (void)state;
    const struct order_checkout_line line = { .vendor_id = id_of('s', 1),
                                              .quantity = 1,
                                              .unit_price = money_make(100, "EUR"),
                                              .total = money_make(100, "EUR") };
    struct order_checkout_discount discount = { .market_amount = 60, .vendor_amount = 41 };
    struct order_checkout_delivery delivery = { .vendor_id = id_of('s', 2), .amount = 10 };
    struct order_checkout_data checkout = { .total = money_make(110, "EUR"),
                                            .lines = &line,
                                            .lines_count = 1,
                                            .deliveries = &delivery,
                                            .deliveries_count = 1 };
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    delivery.vendor_id = id_of('s', 1);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
    delivery.discounts = &discount;
    delivery.discounts_count = 1;
    checkout.total.amount = 9;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    test_free(split);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goods_of_one_profile_are_sent_together_as_the_first_of_them_wishes),
        cmocka_unit_test(a_product_names_its_profile_and_an_unknown_one_means_the_default),
        cmocka_unit_test(nothing_is_asked_where_nothing_is_sent),
        cmocka_unit_test(goods_without_a_way_of_sending_wait_for_the_market_to_allow_arrangements),
        cmocka_unit_test(without_an_address_the_ways_are_shown_without_a_price),
        cmocka_unit_test(a_sale_and_tiers_lower_the_price_of_one_and_the_list_price_is_told),
        cmocka_unit_test(less_than_a_vendor_sells_for_is_a_problem_of_the_cart),
        cmocka_unit_test(quantities_are_fitted_to_what_is_sold_and_there),
        cmocka_unit_test(a_code_is_refused_for_what_no_change_of_the_cart_mends),
        cmocka_unit_test(a_code_that_the_cart_may_still_earn_is_kept),
        cmocka_unit_test(an_exempt_business_pays_no_tax_from_the_first_line_on),
        cmocka_unit_test(a_long_explanation_leaves_out_what_moves_nothing_then_sums_up),
        cmocka_unit_test(codes_are_kept_once_and_ten_at_most),
        cmocka_unit_test(orders_keep_every_share_and_add_up_to_the_quote),
        cmocka_unit_test(a_delivery_of_no_vendor_or_more_taken_off_than_there_is_makes_no_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
