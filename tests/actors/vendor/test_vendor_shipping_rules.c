/* Claims about what shipping methods, shipping profiles and least values of orders may look like.
 */
#include "tests/support/cmocka.h"

#include "actors/vendor/vendor_shipping_rules.h"

static struct vendor_shipping_fault fault;

static struct vendor_shipping_method method_of(uint8_t number, uint8_t profile,
                                               const char *currency)
{
    return (struct vendor_shipping_method){ .id = { { number } },
                                            .profile_id = { { profile } },
                                            .name = TEXT("Parcel"),
                                            .price = money_make(490, currency),
                                            .is_active = true };
}

static void the_most_days_are_not_fewer_than_the_least(void **state)
{
    (void)state;
    struct vendor_shipping_method method = method_of(1, 1, "EUR");
    method.has_transit_days_max = true;
    assert_true(vendor_shipping_normalise(&method, &fault));
    method.has_transit_days_min = true;
    method.transit_days_min = 1;
    assert_false(vendor_shipping_normalise(&method, &fault));
    assert_string_equal(fault.pointer, "/transit_days_max");
    method.transit_days_max = 1;
    assert_true(vendor_shipping_normalise(&method, &fault));
}

static void a_change_of_limits_leaves_the_others(void **state)
{
    (void)state;
    struct vendor_shipping_method method = method_of(1, 1, "EUR");
    method.handling_days = 3;
    method.has_weight_max_grams = true;
    method.weight_max_grams = 500;
    const struct vendor_change_shipping_method days = { .has_transit_days_min = true,
                                                        .transit_days_min = 2 };
    vendor_shipping_change(&method, &days);
    assert_int_equal(method.handling_days, 3);
    assert_int_equal(method.weight_max_grams, 500);
    assert_true(method.has_transit_days_min);
    const struct vendor_change_shipping_method lighter = { .has_remove_weight_max = true,
                                                           .remove_weight_max = true,
                                                           .has_weight_max_grams = true,
                                                           .weight_max_grams = 20 };
    vendor_shipping_change(&method, &lighter);
    assert_int_equal(method.weight_max_grams, 20);
    const struct vendor_change_shipping_method none = { .has_remove_weight_max = true,
                                                        .remove_weight_max = true,
                                                        .has_remove_transit_days = true,
                                                        .remove_transit_days = true };
    vendor_shipping_change(&method, &none);
    assert_false(method.has_weight_max_grams || method.has_transit_days_min);
}

static void room_is_counted_by_profile_and_currency_of_what_is_active(void **state)
{
    (void)state;
    static struct vendor_shipping_method others[VENDOR_SHIPPING_OFFERED_MAX];
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        others[i] = method_of((uint8_t)(i + 1), 1, "EUR");
    struct vendor_shipping_method method = method_of(100, 1, "EUR");
    const struct vendor_shipping_method elsewhere = method_of(100, 2, "EUR"),
                                        foreign = method_of(100, 1, "USD"),
                                        one_of_them = method_of(5, 1, "EUR");
    assert_false(vendor_shipping_has_room(&method, others, ARRAY_LENGTH(others)));
    assert_true(vendor_shipping_has_room(&elsewhere, others, ARRAY_LENGTH(others)));
    assert_true(vendor_shipping_has_room(&foreign, others, ARRAY_LENGTH(others)));
    assert_true(vendor_shipping_has_room(&one_of_them, others, ARRAY_LENGTH(others)));
    method.is_active = false;
    assert_true(vendor_shipping_has_room(&method, others, ARRAY_LENGTH(others)));
    method.is_active = true;
    others[0].is_active = false;
    assert_true(vendor_shipping_has_room(&method, others, ARRAY_LENGTH(others)));
}

static const char *profile_fault(const char *name, const char *country, const char *region)
{
    struct vendor_shipping_profile profile = { .name = text_of(name),
                                               .has_origin_country = country != NULL,
                                               .origin_country = text_of(country),
                                               .has_origin_region = region != NULL,
                                               .origin_region = text_of(region) };
    return vendor_shipping_profile_normalise(&profile, &fault) ? "" : fault.pointer;
}

static void an_origin_is_a_country_and_a_region_of_it(void **state)
{
    (void)state;
    assert_string_equal(profile_fault(" Here ", NULL, NULL), "");
    assert_string_equal(profile_fault("Here", "DE", "BY"), "");
    assert_string_equal(profile_fault("Here", "AT", "9"), "");
    assert_string_equal(profile_fault(" ", NULL, NULL), "/name");
    assert_string_equal(profile_fault("Here", "XX", NULL), "/origin_country");
    assert_string_equal(profile_fault("Here", "de", NULL), "/origin_country");
    assert_string_equal(profile_fault("Here", NULL, "BY"), "/origin_region");
    assert_string_equal(profile_fault("Here", "DE", "by"), "/origin_region");
    assert_string_equal(profile_fault("Here", "DE", "ABCD"), "/origin_region");
}

static void an_empty_origin_is_taken_away_with_its_region(void **state)
{
    (void)state;
    struct vendor_shipping_profile profile = { .name = TEXT("Here"),
                                               .has_origin_country = true,
                                               .origin_country = TEXT("DE"),
                                               .has_origin_region = true,
                                               .origin_region = TEXT("BY") };
    const struct vendor_change_shipping_profile region = { .has_origin_region = true };
    vendor_shipping_profile_change(&profile, &region);
    assert_true(profile.has_origin_country);
    assert_false(profile.has_origin_region);
    profile.has_origin_region = true;
    const struct vendor_change_shipping_profile country = { .has_origin_country = true };
    vendor_shipping_profile_change(&profile, &country);
    assert_false(profile.has_origin_country || profile.has_origin_region);
}

static void a_least_value_stands_once_in_each_currency(void **state)
{
    (void)state;
    const struct money minimums[] = { { 1, "EUR" }, { 2, "USD" }, { 3, "EUR" } };
    assert_true(vendor_order_minimums_check(minimums, 2, &fault));
    assert_false(vendor_order_minimums_check(minimums, 3, &fault));
    assert_int_equal(fault.index, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_days_are_not_fewer_than_the_least),
        cmocka_unit_test(a_change_of_limits_leaves_the_others),
        cmocka_unit_test(room_is_counted_by_profile_and_currency_of_what_is_active),
        cmocka_unit_test(an_origin_is_a_country_and_a_region_of_it),
        cmocka_unit_test(an_empty_origin_is_taken_away_with_its_region),
        cmocka_unit_test(a_least_value_stands_once_in_each_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
