/* Claims about what may stand in a price list. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_price_list.h"

static struct uuid id_of(uint8_t kind, uint8_t number)
{
    return (struct uuid){ .bytes = { [0] = kind, [15] = number } };
}

static struct catalog_price_list_row euro_list(void)
{
    static struct uuid groups[2];
    groups[0] = id_of('g', 1);
    groups[1] = id_of('g', 2);
    return (struct catalog_price_list_row){ .id = id_of('l', 1),
                                            .group_ids = groups,
                                            .group_ids_count = 2,
                                            .currency = TEXT("EUR"),
                                            .ends_us = CATALOG_SALE_FOR_GOOD };
}

static struct catalog_listed_variant chair(void)
{
    return (
        struct catalog_listed_variant){ .id = id_of('v', 1), .is_sold = true, .list_amount = 1000 };
}

static struct catalog_price_wish wish_of(int64_t amount)
{
    return (struct catalog_price_wish){ .variant_id = id_of('v', 1),
                                        .has_unit_price = true,
                                        .unit_price = { amount, "EUR" } };
}

/* The wish judged alone. */
struct verdict {
    const char *fault, *field;
    enum status status;
    enum catalog_wish_effect effect;
};

static struct verdict judge(const struct catalog_price_wish *wishes, size_t index,
                            const struct catalog_listed_variant *variant, bool has_room)
{
    const struct catalog_price_list_row list = euro_list();
    struct verdict verdict = { .status = STATUS_OK };
    verdict.fault = catalog_price_wish_fault(&list, wishes, index, variant, has_room,
                                             &verdict.status, &verdict.field, &verdict.effect);
    return verdict;
}

static void a_list_ends_after_it_begins(void **state)
{
    (void)state;
    const char *field;
    struct catalog_price_list_row list = euro_list();
    assert_null(catalog_price_list_fault(&list, &field));
    list.starts_us = 5;
    list.ends_us = 6;
    assert_null(catalog_price_list_fault(&list, &field));
    list.ends_us = 5;
    assert_non_null(catalog_price_list_fault(&list, &field));
    assert_string_equal(field, "ends_at");
    list.ends_us = 4;
    assert_non_null(catalog_price_list_fault(&list, &field));
}

static void a_list_is_for_groups_each_named_once(void **state)
{
    (void)state;
    const char *field;
    struct catalog_price_list_row list = euro_list();
    const struct uuid twice[] = { id_of('g', 1), id_of('g', 1) };
    list.group_ids = twice;
    assert_non_null(catalog_price_list_fault(&list, &field));
    assert_string_equal(field, "group_ids");
    list.group_ids_count = 0;
    assert_non_null(catalog_price_list_fault(&list, &field));
}

static void a_price_is_below_the_variants_own(void **state)
{
    (void)state;
    const struct catalog_listed_variant variant = chair();
    const struct catalog_price_wish wishes[] = { wish_of(999), wish_of(1000), wish_of(1001) };
    assert_null(judge(wishes, 0, &variant, true).fault);
    assert_int_equal(judge(wishes, 0, &variant, true).effect, CATALOG_WISH_ADDS);
    assert_string_equal(judge(&wishes[1], 0, &variant, true).field, "unit_price");
    assert_int_equal(judge(&wishes[1], 0, &variant, true).status, STATUS_INVALID_VALUE);
    assert_non_null(judge(&wishes[2], 0, &variant, true).fault);
}

static void a_price_has_the_currency_of_the_list(void **state)
{
    (void)state;
    const struct catalog_listed_variant variant = chair();
    struct catalog_price_wish wish = wish_of(5);
    memcpy(wish.unit_price.currency, "JPY", 4);
    assert_string_equal(judge(&wish, 0, &variant, true).field, "unit_price");
    struct catalog_listed_variant unsold = chair();
    unsold.list_amount = -1;
    wish = wish_of(5);
    assert_non_null(judge(&wish, 0, &unsold, true).fault);
}

static void a_variant_and_quantity_is_named_once(void **state)
{
    (void)state;
    const struct catalog_listed_variant variant = chair();
    struct catalog_price_wish wishes[] = { wish_of(900), wish_of(800), wish_of(700) };
    wishes[1].has_from_quantity = true;
    wishes[1].from_quantity = 10;
    wishes[2].has_from_quantity = true;
    wishes[2].from_quantity = 1;
    assert_null(judge(wishes, 1, &variant, true).fault);
    assert_int_equal(judge(wishes, 2, &variant, true).status, STATUS_INVALID_VALUE);
}

static void who_is_not_known_or_not_sold_is_refused(void **state)
{
    (void)state;
    const struct catalog_price_wish wish = wish_of(900);
    assert_int_equal(judge(&wish, 0, NULL, true).status, STATUS_NOT_FOUND);
    struct catalog_listed_variant variant = chair();
    variant.is_sold = false;
    assert_int_equal(judge(&wish, 0, &variant, true).status, STATUS_INVALID_VALUE);
}

static void what_is_there_is_changed_or_taken_away_even_when_there_is_no_room(void **state)
{
    (void)state;
    const int64_t one[] = { 1 };
    struct catalog_listed_variant variant = chair();
    variant.quantities = one;
    variant.quantities_count = 1;
    variant.elsewhere = CATALOG_VARIANT_LISTED_MAX;
    struct catalog_price_wish wish = wish_of(900);
    assert_null(judge(&wish, 0, &variant, false).fault);
    assert_int_equal(judge(&wish, 0, &variant, false).effect, CATALOG_WISH_CHANGES);
    wish.has_unit_price = false;
    variant.is_sold = false;
    assert_null(judge(&wish, 0, &variant, false).fault);
    assert_int_equal(judge(&wish, 0, &variant, false).effect, CATALOG_WISH_REMOVES);
    variant.quantities_count = 0;
    assert_int_equal(judge(&wish, 0, &variant, false).effect, CATALOG_WISH_KEEPS);
}

static void lists_and_variants_have_bounds(void **state)
{
    (void)state;
    struct catalog_listed_variant variant = chair();
    struct catalog_price_wish wishes[2] = { wish_of(900), wish_of(800) };
    wishes[1].has_from_quantity = true;
    wishes[1].from_quantity = 2;
    assert_int_equal(judge(wishes, 0, &variant, false).status, STATUS_TOO_MANY_PRICES);
    variant.elsewhere = CATALOG_VARIANT_LISTED_MAX - 1;
    assert_null(judge(wishes, 0, &variant, true).fault);
    assert_int_equal(judge(wishes, 1, &variant, true).status, STATUS_TOO_MANY_PRICES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_ends_after_it_begins),
        cmocka_unit_test(a_list_is_for_groups_each_named_once),
        cmocka_unit_test(a_price_is_below_the_variants_own),
        cmocka_unit_test(a_price_has_the_currency_of_the_list),
        cmocka_unit_test(a_variant_and_quantity_is_named_once),
        cmocka_unit_test(who_is_not_known_or_not_sold_is_refused),
        cmocka_unit_test(what_is_there_is_changed_or_taken_away_even_when_there_is_no_room),
        cmocka_unit_test(lists_and_variants_have_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
