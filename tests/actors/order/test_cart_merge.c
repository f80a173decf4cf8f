/* Claims about a guest's cart that becomes part of a shopper's: what comes over, and what is told
 * of the rest. */
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "actors/order/cart_merge.h"

enum { A, B, C, GOODS };

struct story {
    struct cart cart;
    struct order_guest_line lines[CART_LINES_MAX];
    size_t lines_count;
    struct text currency; /* of the lines */
    struct catalog_offer offers[CART_LINES_MAX + 1];
    struct uuid ids[CART_LINES_MAX];
    struct cart_merge merge;
};

static struct uuid id_of(uint8_t kind, uint8_t number)
{
    return (struct uuid){ .bytes = { [0] = kind, [15] = number } };
}

static struct catalog_offer offer_of(uint8_t number, int64_t available)
{
    return (struct catalog_offer){ .variant_id = id_of('v', number),
                                   .product_id = id_of('p', number),
                                   .vendor_id = id_of('s', number),
                                   .name = TEXT("Teapot"),
                                   .has_price = true,
                                   .price = money_make(500, "EUR"),
                                   .available = available,
                                   .is_listed = true,
                                   .is_vendor_open = true };
}

/* The account has two of A, of which there are three. */
static struct story *begin(void)
{
    struct story *story = test_calloc(1, sizeof *story);
    memcpy(story->cart.currency, "EUR", 4);
    story->cart.user_id = id_of('u', 1);
    for (uint8_t i = 0; i <= CART_LINES_MAX; i++)
        story->offers[i] = offer_of(i, i == A ? 3 : 10);
    for (uint8_t i = 0; i < CART_LINES_MAX; i++)
        story->ids[i] = id_of('l', (uint8_t)(100 + i));
    (void)cart_put_units(&story->cart, id_of('l', 1), &story->offers[A], 2);
    return story;
}

static void guest_wants(struct story *story, uint8_t number, int64_t quantity)
{
    story->lines[story->lines_count++] = (struct order_guest_line){
        .variant_id = id_of('v', number), .name = TEXT("Wanted"), .quantity = quantity
    };
}

static void merge(struct story *story, enum cart_merge_strategy strategy)
{
    const struct catalog_offers offers = { .offers = story->offers,
                                           .offers_count = ARRAY_LENGTH(story->offers) };
    const struct cart_lines_from from = { story->lines, story->lines_count, story->currency };
    cart_merge_lines(&story->cart, &from, story->ids, &offers, strategy, &story->merge);
}

static int64_t units(struct story *story, uint8_t number)
{
    const struct cart_line *line = cart_find_variant(&story->cart, id_of('v', number));
    return line == NULL ? 0 : line->quantity;
}

static void assert_adjusted(const struct story *story, size_t index,
                            enum common_cart_adjustment_code code, int64_t requested,
                            int64_t granted)
{
    assert_true(index < story->merge.adjustments_count);
    assert_int_equal(story->merge.adjustments[index].code, code);
    assert_int_equal(story->merge.adjustments[index].requested, requested);
    assert_int_equal(story->merge.adjustments[index].granted, granted);
    assert_text_equal(story->merge.adjustments[index].name, TEXT("Wanted"));
}

static void quantities_add_up_to_what_there_is(void **state)
{
    (void)state;
    struct story *story = begin();
    guest_wants(story, A, 2);
    guest_wants(story, B, 4);
    merge(story, CART_MERGE_ADD);
    assert_true(story->merge.has_changed);
    assert_int_equal(units(story, A), 3);
    assert_int_equal(units(story, B), 4);
    assert_int_equal(story->merge.adjustments_count, 1);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, 4, 3);
    assert_true(uuid_equals(story->cart.lines[0].id, id_of('l', 1)));
    assert_true(uuid_equals(story->cart.lines[1].id, id_of('l', 101)));
    test_free(story);
}

static void what_cannot_be_sold_stays_behind_and_is_named(void **state)
{
    (void)state;
    struct story *story = begin();
    story->offers[B].is_vendor_open = false;
    story->offers[C].has_price = false;
    story->offers[3].is_listed = false;
    guest_wants(story, B, 1);
    guest_wants(story, C, 1);
    guest_wants(story, 3, 1);
    guest_wants(story, 200, 1);
    merge(story, CART_MERGE_ADD);
    assert_false(story->merge.has_changed);
    assert_int_equal(story->cart.lines_count, 1);
    assert_int_equal(story->merge.adjustments_count, 4);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_LINE_UNAVAILABLE, 1, 0);
    assert_adjusted(story, 1, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_MISMATCH, 1, 0);
    assert_adjusted(story, 2, COMMON_CART_ADJUSTMENT_CODE_LINE_UNAVAILABLE, 1, 0);
    assert_adjusted(story, 3, COMMON_CART_ADJUSTMENT_CODE_LINE_UNAVAILABLE, 1, 0);
    test_free(story);
}

static void a_line_that_changes_its_currency_is_told_once(void **state)
{
    (void)state;
    struct story *story = begin();
    story->currency = TEXT("KWD");
    guest_wants(story, A, 2);
    guest_wants(story, B, 1);
    guest_wants(story, C, 1);
    story->offers[C].has_price = false;
    merge(story, CART_MERGE_ADD);
    assert_int_equal(story->merge.adjustments_count, 3);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_CHANGED, 4, 3);
    assert_adjusted(story, 1, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_CHANGED, 1, 1);
    assert_adjusted(story, 2, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_MISMATCH, 1, 0);
    test_free(story);
}

static void a_line_that_stays_in_its_currency_is_not_told(void **state)
{
    (void)state;
    struct story *story = begin();
    story->currency = TEXT("EUR");
    guest_wants(story, B, 1);
    merge(story, CART_MERGE_ADD);
    assert_int_equal(story->merge.adjustments_count, 0);
    test_free(story);
}

static void sold_out_line_is_capped_to_nothing(void **state)
{
    (void)state;
    struct story *story = begin();
    story->offers[B].available = 0;
    guest_wants(story, B, 2);
    merge(story, CART_MERGE_ADD);
    assert_int_equal(story->cart.lines_count, 1);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, 2, 0);
    test_free(story);
}

static void shortage_takes_nothing_from_the_account(void **state)
{
    (void)state;
    struct story *story = begin();
    story->offers[A].available = 1;
    guest_wants(story, A, 2);
    merge(story, CART_MERGE_ADD);
    assert_false(story->merge.has_changed);
    assert_int_equal(units(story, A), 2);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, 4, 2);
    test_free(story);
}

static void full_cart_takes_no_more_lines(void **state)
{
    (void)state;
    struct story *story = begin();
    for (uint8_t i = 1; i < CART_LINES_MAX; i++)
        (void)cart_put_units(&story->cart, id_of('l', (uint8_t)(i + 1)), &story->offers[i], 1);
    guest_wants(story, CART_LINES_MAX, 1);
    guest_wants(story, B, 1);
    merge(story, CART_MERGE_ADD);
    assert_int_equal(story->cart.lines_count, CART_LINES_MAX);
    assert_int_equal(units(story, B), 2);
    assert_int_equal(story->merge.adjustments_count, 1);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_CART_FULL, 1, 0);
    test_free(story);
}

static void line_never_holds_more_than_ten_thousand(void **state)
{
    (void)state;
    struct story *story = begin();
    story->offers[A].available = INT64_MAX;
    guest_wants(story, A, CART_LINE_UNITS_MAX);
    merge(story, CART_MERGE_ADD);
    assert_int_equal(units(story, A), CART_LINE_UNITS_MAX);
    assert_adjusted(story, 0, COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, CART_LINE_UNITS_MAX + 2,
                    CART_LINE_UNITS_MAX);
    test_free(story);
}

static void the_larger_quantity_counts_with_max(void **state)
{
    (void)state;
    struct story *story = begin();
    guest_wants(story, A, 1);
    guest_wants(story, B, 5);
    merge(story, CART_MERGE_MAX);
    assert_int_equal(units(story, A), 2);
    assert_int_equal(units(story, B), 5);
    assert_int_equal(story->merge.adjustments_count, 0);
    test_free(story);
}

static void guests_cart_replaces_the_accounts_with_guest(void **state)
{
    (void)state;
    struct story *story = begin();
    (void)cart_put_units(&story->cart, id_of('l', 2), &story->offers[C], 4);
    guest_wants(story, A, 1);
    guest_wants(story, B, 5);
    merge(story, CART_MERGE_GUEST);
    assert_int_equal(units(story, A), 1);
    assert_int_equal(units(story, B), 5);
    assert_int_equal(units(story, C), 0);
    assert_int_equal(story->merge.adjustments_count, 0);
    test_free(story);
}

static void empty_guests_cart_replaces_nothing(void **state)
{
    (void)state;
    struct story *story = begin();
    merge(story, CART_MERGE_GUEST);
    assert_false(story->merge.has_changed);
    assert_int_equal(units(story, A), 2);
    test_free(story);
}

static void accounts_cart_stays_with_account_unless_it_is_empty(void **state)
{
    (void)state;
    struct story *story = begin();
    guest_wants(story, B, 5);
    merge(story, CART_MERGE_ACCOUNT);
    assert_false(story->merge.has_changed);
    assert_int_equal(units(story, B), 0);
    cart_remove_line(&story->cart, &story->cart.lines[0]);
    merge(story, CART_MERGE_ACCOUNT);
    assert_int_equal(units(story, B), 5);
    test_free(story);
}

static const struct text guests_codes[] = { TEXT("SPRING"), TEXT("TEA") };
static const struct order_guest_line guests_line = { .quantity = 1 };

static struct order_adopt_lines guests_cart(void)
{
    return (struct order_adopt_lines){ .lines = &guests_line,
                                       .lines_count = 1,
                                       .codes = guests_codes,
                                       .codes_count = 2,
                                       .has_address = true };
}

static void codes_join_the_accounts_and_an_address_fills_a_gap(void **state)
{
    (void)state;
    struct cart *cart = test_calloc(1, sizeof *cart);
    const struct order_adopt_lines guest = guests_cart();
    struct cart_merge_wishes wishes;
    assert_int_equal(cart_add_code(cart, TEXT("TEA")), STATUS_OK);
    cart_merge_wishes(cart, &guest, CART_MERGE_ADD, &wishes);
    assert_true(wishes.have_codes_changed);
    assert_true(wishes.takes_address);
    assert_false(wishes.leaves_address);
    assert_int_equal(wishes.left_count, 0);
    assert_int_equal(cart->codes_count, 2);
    assert_string_equal(cart->codes[0], "TEA");
    assert_string_equal(cart->codes[1], "SPRING");
    memcpy(cart->country, "DE", 3);
    cart_merge_wishes(cart, &guest, CART_MERGE_ADD, &wishes);
    assert_false(wishes.have_codes_changed);
    assert_false(wishes.takes_address);
    assert_true(wishes.leaves_address);
    test_free(cart);
}

static void codes_that_find_no_room_are_left_and_named(void **state)
{
    (void)state;
    struct cart *cart = test_calloc(1, sizeof *cart);
    const struct order_adopt_lines guest = guests_cart();
    struct cart_merge_wishes wishes;
    char code[] = "CODE-A";
    for (int i = 0; i < CART_CODES_MAX - 1; i++, code[5]++)
        assert_int_equal(cart_add_code(cart, text_of(code)), STATUS_OK);
    cart_merge_wishes(cart, &guest, CART_MERGE_MAX, &wishes);
    assert_int_equal(cart->codes_count, CART_CODES_MAX);
    assert_int_equal(wishes.left_count, 1);
    assert_text_equal(wishes.left[0], TEXT("TEA"));
    test_free(cart);
}

static void what_replaces_or_stays_does_so_with_codes_and_address(void **state)
{
    (void)state;
    struct cart *cart = test_calloc(1, sizeof *cart);
    const struct order_adopt_lines guest = guests_cart();
    struct cart_merge_wishes wishes;
    cart->lines_count = 1;
    memcpy(cart->country, "DE", 3);
    assert_int_equal(cart_add_code(cart, TEXT("OWN")), STATUS_OK);
    cart_merge_wishes(cart, &guest, CART_MERGE_ACCOUNT, &wishes);
    assert_false(wishes.have_codes_changed);
    assert_true(wishes.leaves_address);
    assert_int_equal(wishes.left_count, 2);
    assert_int_equal(cart->codes_count, 1);
    cart_merge_wishes(cart, &guest, CART_MERGE_GUEST, &wishes);
    assert_true(wishes.have_codes_changed);
    assert_true(wishes.takes_address);
    assert_int_equal(cart->codes_count, 2);
    assert_string_equal(cart->codes[0], "SPRING");
    cart->lines_count = cart->codes_count = 0;
    cart_merge_wishes(cart, &guest, CART_MERGE_ACCOUNT, &wishes);
    assert_int_equal(cart->codes_count, 2);
    test_free(cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_add_up_to_what_there_is),
        cmocka_unit_test(what_cannot_be_sold_stays_behind_and_is_named),
        cmocka_unit_test(a_line_that_changes_its_currency_is_told_once),
        cmocka_unit_test(a_line_that_stays_in_its_currency_is_not_told),
        cmocka_unit_test(sold_out_line_is_capped_to_nothing),
        cmocka_unit_test(shortage_takes_nothing_from_the_account),
        cmocka_unit_test(full_cart_takes_no_more_lines),
        cmocka_unit_test(line_never_holds_more_than_ten_thousand),
        cmocka_unit_test(the_larger_quantity_counts_with_max),
        cmocka_unit_test(guests_cart_replaces_the_accounts_with_guest),
        cmocka_unit_test(empty_guests_cart_replaces_nothing),
        cmocka_unit_test(accounts_cart_stays_with_account_unless_it_is_empty),
        cmocka_unit_test(codes_join_the_accounts_and_an_address_fills_a_gap),
        cmocka_unit_test(codes_that_find_no_room_are_left_and_named),
        cmocka_unit_test(what_replaces_or_stays_does_so_with_codes_and_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
