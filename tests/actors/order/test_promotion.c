/* Claims about what may stand in a promotion. */
#include "actors/order/promotion.h"

#include "tests/actors/order/cart_builders.h"

static struct promotion promotion;
static struct promotion_fault fault;

static struct order_promotion_terms percent(int64_t ppm)
{
    return (struct order_promotion_terms){ .kind = ORDER_PROMOTION_KIND_PERCENT,
                                           .has_off_ppm = true,
                                           .off_ppm = ppm };
}

static struct order_promotion_terms fixed(int64_t amount, const char *currency)
{
    return (struct order_promotion_terms){ .kind = ORDER_PROMOTION_KIND_FIXED,
                                           .has_amount = true,
                                           .amount = money_make(amount, currency) };
}

static struct order_promotion_terms three_for_two(void)
{
    return (struct order_promotion_terms){ .kind = ORDER_PROMOTION_KIND_BUY_X_GET_Y,
                                           .has_buy_quantity = true,
                                           .buy_quantity = 2,
                                           .has_get_quantity = true,
                                           .get_quantity = 1 };
}

static enum status set(struct order_promotion_terms terms)
{
    promotion = (struct promotion){ .price.period.starts_us = 500 };
    fault = (struct promotion_fault){ .pointer = "none" };
    return promotion_set_terms(&promotion, &terms, &fault);
}

static void assert_refused(struct order_promotion_terms terms, enum status status,
                           const char *pointer)
{
    assert_int_equal(set(terms), status);
    assert_int_equal(fault.code, status);
    assert_string_equal(fault.pointer, pointer);
    assert_true(strlen(fault.detail) > 10);
}

static void each_kind_takes_its_own_figures(void **state)
{
    (void)state;
    assert_int_equal(set(percent(150000)), STATUS_OK);
    assert_int_equal(promotion.price.ppm, 150000);
    assert_string_equal(promotion.currency, "");
    assert_int_equal(set(fixed(500, "JPY")), STATUS_OK);
    assert_int_equal(promotion.price.fixed_amount, 500);
    assert_string_equal(promotion.currency, "JPY");
    assert_int_equal(set(three_for_two()), STATUS_OK);
    assert_int_equal(promotion.price.ppm, PRICE_PPM);
    assert_int_equal(promotion.price.buy_quantity, 2);
    assert_int_equal(
        set((struct order_promotion_terms){ .kind = ORDER_PROMOTION_KIND_FREE_DELIVERY }),
        STATUS_OK);
    assert_int_equal(promotion.price.kind, PRICE_PROMOTION_FREE_DELIVERY);
    assert_int_equal(promotion.price.period.starts_us, 500);
    assert_false(promotion.price.period.has_end);
}

static void a_kind_without_its_figures_or_with_anothers_is_refused(void **state)
{
    (void)state;
    struct order_promotion_terms terms = percent(1);
    terms.has_off_ppm = false;
    assert_refused(terms, STATUS_MISSING_FIELD, "/terms/off_ppm");
    terms = fixed(1, "EUR");
    terms.has_amount = false;
    assert_refused(terms, STATUS_MISSING_FIELD, "/terms/amount");
    terms = fixed(1, "EUR");
    terms.has_off_ppm = true;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/off_ppm");
    terms = percent(1);
    terms.has_amount = true;
    terms.amount = money_make(1, "EUR");
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/amount");
    terms = three_for_two();
    terms.has_buy_quantity = false;
    assert_refused(terms, STATUS_MISSING_FIELD, "/terms/buy_quantity");
    terms = three_for_two();
    terms.has_get_quantity = false;
    assert_refused(terms, STATUS_MISSING_FIELD, "/terms/get_quantity");
    terms = percent(1);
    terms.has_get_quantity = true;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/get_quantity");
    terms.has_buy_quantity = true;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/buy_quantity");
    terms = fixed(1, "EUR");
    terms.has_cap = true;
    terms.cap = money_make(1, "EUR");
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/cap");
}

static void all_amounts_are_in_one_currency_of_the_world(void **state)
{
    (void)state;
    struct order_promotion_terms terms = fixed(100, "EUR");
    terms.has_subtotal_min = true;
    terms.subtotal_min = money_make(1000, "USD");
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/subtotal_min");
    terms = percent(1);
    terms.has_subtotal_min = terms.has_cap = true;
    terms.subtotal_min = money_make(1000, "USD");
    terms.cap = money_make(10, "EUR");
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/cap");
    terms.cap = money_make(10, "USD");
    assert_int_equal(set(terms), STATUS_OK);
    assert_string_equal(promotion.currency, "USD");
    assert_refused(fixed(1, "XQX"), STATUS_INVALID_VALUE, "/terms/amount");
}

static void goods_are_products_or_a_category(void **state)
{
    (void)state;
    const struct uuid products[] = { id_of('p', 1), id_of('p', 2) };
    struct order_promotion_terms terms = percent(1);
    terms.has_target = true;
    terms.target =
        (struct order_promotion_selection){ .product_ids = products, .product_ids_count = 2 };
    assert_int_equal(set(terms), STATUS_OK);
    assert_int_equal(promotion.price.target.kind, PRICE_SELECT_PRODUCTS);
    assert_int_equal(promotion.price.qualifying.kind, PRICE_SELECT_ALL);
    terms.target.has_category_id = true;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/target");
    terms.has_target = false;
    terms.has_qualifying = true;
    terms.qualifying =
        (struct order_promotion_selection){ .has_category_id = true, .category_id = id_of('c', 1) };
    assert_int_equal(set(terms), STATUS_OK);
    assert_int_equal(promotion.price.target.kind, PRICE_SELECT_ALL);
    assert_int_equal(promotion.price.qualifying.kind, PRICE_SELECT_CATEGORY);
    terms.qualifying.product_ids = products;
    terms.qualifying.product_ids_count = 1;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/qualifying");
}

static void what_ends_before_it_starts_is_refused(void **state)
{
    (void)state;
    struct order_promotion_terms terms = percent(1);
    terms.has_ends_at = true;
    terms.ends_at_us = 500; /* it starts at 500 */
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/ends_at");
    terms.ends_at_us = 501;
    assert_int_equal(set(terms), STATUS_OK);
    assert_int_equal(promotion_check_new(&promotion, 500, &fault), STATUS_OK);
    assert_int_equal(promotion_check_new(&promotion, 501, &fault), STATUS_INVALID_VALUE);
    assert_string_equal(fault.pointer, "/terms/ends_at");
    terms.has_starts_at = true;
    terms.starts_at_us = 501;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/ends_at");
}

static void limits_do_not_contradict_each_other_or_what_was_used(void **state)
{
    (void)state;
    struct order_promotion_terms terms = percent(1);
    terms.has_limit_total = terms.has_limit_per_customer = true;
    terms.limit_total = 3;
    terms.limit_per_customer = 4;
    assert_refused(terms, STATUS_INVALID_VALUE, "/terms/limit_per_customer");
    terms.limit_per_customer = 3;
    assert_int_equal(set(terms), STATUS_OK);
    promotion.held = 1;
    promotion.used = 3;
    assert_int_equal(promotion_set_terms(&promotion, &terms, &fault), STATUS_INVALID_VALUE);
    assert_string_equal(fault.pointer, "/terms/limit_total");
    terms.limit_total = 4;
    assert_int_equal(promotion_set_terms(&promotion, &terms, &fault), STATUS_OK);
}

static void new_terms_leave_nothing_of_the_old_but_the_start(void **state)
{
    (void)state;
    const struct uuid groups[] = { id_of('g', 1) };
    struct order_promotion_terms old = fixed(100, "EUR"), described;
    old.has_subtotal_min = old.has_limit_total = old.has_limit_per_customer = true;
    old.subtotal_min = money_make(5, "EUR");
    old.limit_total = old.limit_per_customer = 9;
    old.has_quantity_min = old.has_priority = true;
    old.quantity_min = old.priority = 7;
    old.has_is_exclusive = old.is_exclusive = old.has_first_order_only = old.first_order_only =
        true;
    old.has_ends_at = true;
    old.ends_at_us = 900;
    old.group_ids = groups;
    old.group_ids_count = 1;
    assert_int_equal(set(old), STATUS_OK);
    const struct order_promotion_terms new_terms = percent(5);
    assert_int_equal(promotion_set_terms(&promotion, &new_terms, &fault), STATUS_OK);
    struct order_promotion told;
    promotion_describe(&promotion, &told);
    described = told.terms;
    assert_int_equal(described.off_ppm, 5);
    assert_false(described.has_amount || described.has_subtotal_min || described.has_cap);
    assert_false(described.has_limit_total || described.has_limit_per_customer);
    assert_false(described.has_quantity_min || described.has_ends_at || described.has_target);
    assert_false(described.is_exclusive || described.first_order_only);
    assert_int_equal(described.priority, 0);
    assert_int_equal(described.group_ids_count, 0);
    assert_int_equal(described.starts_at_us, 500);
    assert_string_equal(promotion.currency, "");
}

static void what_is_described_can_be_sent_back(void **state)
{
    (void)state;
    struct order_promotion_terms terms = three_for_two();
    terms.has_cap = terms.has_subtotal_min = terms.has_limit_total = true;
    terms.cap = money_make(300, "KWD");
    terms.subtotal_min = money_make(400, "KWD");
    terms.limit_total = 6;
    terms.has_target = terms.target.has_category_id = true;
    terms.target.category_id = id_of('c', 4);
    assert_int_equal(set(terms), STATUS_OK);
    struct order_promotion told, again;
    promotion_describe(&promotion, &told);
    assert_int_equal(set(told.terms), STATUS_OK);
    promotion_describe(&promotion, &again);
    assert_true(money_equals(again.terms.cap, money_make(300, "KWD")));
    assert_true(money_equals(again.terms.subtotal_min, money_make(400, "KWD")));
    assert_true(uuid_equals(again.terms.target.category_id, id_of('c', 4)));
    assert_int_equal(again.terms.limit_total, 6);
    assert_int_equal(again.terms.buy_quantity, 2);
    assert_int_equal(again.terms.off_ppm, PRICE_PPM);
    assert_int_equal(again.terms.starts_at_us, 500);
}

static void shared_bearing_says_how_and_only_that_does(void **state)
{
    (void)state;
    promotion = (struct promotion){ 0 };
    assert_int_equal(
        promotion_set_bearer(&promotion, ORDER_PROMOTION_BEARER_SHARED, false, 0, &fault),
        STATUS_MISSING_FIELD);
    assert_string_equal(fault.pointer, "/market_ppm");
    assert_int_equal(
        promotion_set_bearer(&promotion, ORDER_PROMOTION_BEARER_VENDOR, true, 5, &fault),
        STATUS_INVALID_VALUE);
    assert_int_equal(
        promotion_set_bearer(&promotion, ORDER_PROMOTION_BEARER_SHARED, true, 5, &fault),
        STATUS_OK);
    assert_int_equal(promotion.price.market_ppm, 5);
    assert_int_equal(
        promotion_set_bearer(&promotion, ORDER_PROMOTION_BEARER_MARKET, false, 5, &fault),
        STATUS_OK);
    assert_int_equal(promotion.price.market_ppm, 0);
}

static void codes_are_the_same_in_any_case_and_with_space_around(void **state)
{
    (void)state;
    static const char *const same[] = { "TEA-2_6", "tea-2_6", "  Tea-2_6\t\r\n" };
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
        char code[PROMOTION_CODE_MAX];
        size_t length;
        assert_true(promotion_code_normalise(text_of(same[i]), code, &length));
        assert_text_equal(((struct text){ code, length }), TEXT("TEA-2_6"));
    }
}

static void look_alikes_and_odd_codes_are_none(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "  ",
        "AB",
        " AB ",
        "A B",
        "A\tBC",
        "TEA!",
        "TEA%20",
        "T\xC3\x89"
        "A",
        "\xD0\xA2"
        "EA",                                   /* Cyrillic Te */
        "\xEF\xBC\xB4\xEF\xBC\xA5\xEF\xBC\xA1", /* full width */
        "TEA\xE2\x80\x8B",                      /* a space without width */
        "\xC2\xA0TEA",                          /* a space that does not break */
        "TEA\xEF\xBC\x90",                      /* a digit of full width */
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ABC",
    };
    char code[PROMOTION_CODE_MAX];
    size_t length;
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++)
        if (promotion_code_normalise(text_of(none[i]), code, &length)) fail_msg("%s", none[i]);
    assert_true(promotion_code_normalise(TEXT("ABC"), code, &length));
    assert_true(
        promotion_code_normalise(TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_AB"), code, &length));
    assert_int_equal(length, PROMOTION_CODE_MAX);
}

static void names_can_be_read(void **state)
{
    (void)state;
    promotion = (struct promotion){ 0 };
    assert_true(promotion_set_name(&promotion, TEXT("  Spring sale ")));
    assert_text_equal(promotion.name, TEXT("Spring sale"));
    assert_false(promotion_set_name(&promotion, TEXT("   ")));
    assert_false(promotion_set_name(&promotion, TEXT("Sale\xE2\x80\xAE")));
}

static void a_place_is_taken_by_what_is_active_automatic_and_not_over(void **state)
{
    (void)state;
    assert_int_equal(set(percent(1)), STATUS_OK);
    assert_true(promotion_is_automatic_now(&promotion, 100)); /* it starts later */
    promotion.status = ORDER_PROMOTION_STATUS_PAUSED;
    assert_false(promotion_is_automatic_now(&promotion, 100));
    assert_true(promotion_may_run(&promotion, 100));
    promotion.status = ORDER_PROMOTION_STATUS_ARCHIVED;
    assert_false(promotion_may_run(&promotion, 100));
    promotion.status = ORDER_PROMOTION_STATUS_ACTIVE;
    promotion.price.needs_code = true;
    assert_false(promotion_is_automatic_now(&promotion, 100));
    promotion.price.needs_code = false;
    promotion.price.period = (struct price_period){ .has_end = true, .ends_us = 600 };
    assert_true(promotion_is_automatic_now(&promotion, 599));
    assert_false(promotion_is_automatic_now(&promotion, 600));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_takes_its_own_figures),
        cmocka_unit_test(a_kind_without_its_figures_or_with_anothers_is_refused),
        cmocka_unit_test(all_amounts_are_in_one_currency_of_the_world),
        cmocka_unit_test(goods_are_products_or_a_category),
        cmocka_unit_test(what_ends_before_it_starts_is_refused),
        cmocka_unit_test(limits_do_not_contradict_each_other_or_what_was_used),
        cmocka_unit_test(new_terms_leave_nothing_of_the_old_but_the_start),
        cmocka_unit_test(what_is_described_can_be_sent_back),
        cmocka_unit_test(shared_bearing_says_how_and_only_that_does),
        cmocka_unit_test(codes_are_the_same_in_any_case_and_with_space_around),
        cmocka_unit_test(look_alikes_and_odd_codes_are_none),
        cmocka_unit_test(names_can_be_read),
        cmocka_unit_test(a_place_is_taken_by_what_is_active_automatic_and_not_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
