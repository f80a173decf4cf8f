/* Claims about shipping profiles, and about the terms that carts are priced with, against a scratch
 * database. */
#include <stdlib.h>

#include "actors/vendor/vendor.h"
#include "tests/actors/vendor/vendor_people.h"

static const struct vendor_add_shipping_method parcel = { .name = TEXT("Parcel"),
                                                          .kind = VENDOR_SHIPPING_KIND_FLAT,
                                                          .price = { .amount = 490,
                                                                     .currency = "EUR" } };

static const char *pointer(void)
{
    return direct_last_fault(shops).pointer;
}

static struct vendor_shipping_method add_method(const struct shop *shop,
                                                const struct vendor_add_shipping_method *command)
{
    struct vendor_shipping_method method;
    assert_int_equal(shops_call(shop, &vendor_add_shipping_method_message, command, &method),
                     STATUS_OK);
    return method;
}

static struct vendor_shipping_profile add_profile(const struct shop *shop, const char *name,
                                                  bool is_default)
{
    const struct vendor_add_shipping_profile command = { .name = text_of(name),
                                                         .has_is_default = true,
                                                         .is_default = is_default };
    struct vendor_shipping_profile profile;
    assert_int_equal(shops_call(shop, &vendor_add_shipping_profile_message, &command, &profile),
                     STATUS_OK);
    return profile;
}

static struct vendor_shipping_profiles list_profiles(const struct shop *shop)
{
    const struct vendor_list_shipping_profiles query = { 0 };
    struct vendor_shipping_profiles list;
    assert_int_equal(shops_call(shop, &vendor_list_shipping_profiles_message, &query, &list),
                     STATUS_OK);
    return list;
}

static enum status remove_profile(const struct shop *shop, struct uuid profile_id)
{
    const struct vendor_remove_shipping_profile command = { .profile_id = profile_id };
    return shops_call(shop, &vendor_remove_shipping_profile_message, &command, NULL);
}

static struct vendor_many_terms terms_of(const struct uuid *vendors, size_t count,
                                         const char *country)
{
    const struct vendor_get_terms query = { .vendor_ids = vendors,
                                            .vendor_ids_count = count,
                                            .currency = TEXT("EUR"),
                                            .has_country = country != NULL,
                                            .country = text_of(country) };
    struct vendor_many_terms terms;
    assert_int_equal(direct_call(shops, NULL, &vendor_get_terms_message, &query, &terms),
                     STATUS_OK);
    return terms;
}

/* ---- profiles ---- */

static void the_default_profile_comes_with_the_first_method(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    assert_int_equal(list_profiles(&shop).data_count, 0);
    const struct vendor_shipping_method method = add_method(&shop, &parcel);
    const struct vendor_shipping_profiles list = list_profiles(&shop);
    assert_int_equal(list.data_count, 1);
    assert_true(list.data[0].is_default);
    assert_true(uuid_equals(list.data[0].id, method.profile_id));
    assert_true(uuid_equals(add_method(&shop, &parcel).profile_id, method.profile_id));
}

static void there_is_one_default_whoever_becomes_it(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_shipping_profile first = add_profile(&shop, "Small", false);
    assert_true(first.is_default);
    const struct vendor_shipping_profile second = add_profile(&shop, "Large", false);
    assert_false(second.is_default);
    const struct vendor_shipping_profile third = add_profile(&shop, "Frozen", true);
    struct vendor_shipping_profiles list = list_profiles(&shop);
    assert_int_equal(list.data_count, 3);
    assert_true(uuid_equals(list.data[0].id, third.id));
    assert_false(list.data[1].is_default || list.data[2].is_default);
    struct vendor_change_shipping_profile change = { .profile_id = second.id,
                                                     .has_is_default = true,
                                                     .is_default = true };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_profile_message, &change, NULL),
                     STATUS_OK);
    list = list_profiles(&shop);
    assert_true(uuid_equals(list.data[0].id, second.id));
    assert_false(list.data[1].is_default || list.data[2].is_default);
    change.is_default = false;
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_profile_message, &change, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/is_default");
}

static void a_profile_in_use_stays(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_shipping_profile standard = add_profile(&shop, "Standard", true);
    const struct vendor_shipping_profile frozen = add_profile(&shop, "Frozen", false);
    struct vendor_add_shipping_method add = parcel;
    add.has_profile_id = true;
    add.profile_id = frozen.id;
    const struct vendor_shipping_method method = add_method(&shop, &add);
    assert_true(uuid_equals(method.profile_id, frozen.id));
    assert_int_equal(remove_profile(&shop, frozen.id), STATUS_SHIPPING_PROFILE_IN_USE);
    assert_int_equal(remove_profile(&shop, standard.id), STATUS_SHIPPING_PROFILE_IN_USE);
    const struct vendor_change_shipping_method move = { .method_id = method.id,
                                                        .has_profile_id = true,
                                                        .profile_id = standard.id };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &move, NULL),
                     STATUS_OK);
    assert_int_equal(remove_profile(&shop, frozen.id), STATUS_OK);
    assert_int_equal(remove_profile(&shop, frozen.id), STATUS_NOT_FOUND);
    assert_int_equal(list_profiles(&shop).data_count, 1);
}

static void another_vendors_profile_is_not_found(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct vendor_shipping_profile foreign = add_profile(&other, "Theirs", true);
    const struct vendor_get_shipping_profile get = { .profile_id = foreign.id };
    const struct vendor_change_shipping_profile change = { .profile_id = foreign.id };
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_profile_message, &get, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_profile_message, &change, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(remove_profile(&shop, foreign.id), STATUS_NOT_FOUND);
    struct vendor_add_shipping_method add = parcel;
    add.has_profile_id = true;
    add.profile_id = foreign.id;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                     STATUS_NOT_FOUND);
    assert_string_equal(pointer(), "/profile_id");
    const struct vendor_change_shipping_method move = { .method_id = add_method(&shop, &parcel).id,
                                                        .has_profile_id = true,
                                                        .profile_id = foreign.id };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &move, NULL),
                     STATUS_NOT_FOUND);
    struct vendor_find_shipping_profile find = { .vendor_id = other.principal.id,
                                                 .profile_id = foreign.id };
    assert_int_equal(direct_call(shops, NULL, &vendor_find_shipping_profile_message, &find, NULL),
                     STATUS_OK);
    find.vendor_id = shop.principal.id;
    assert_int_equal(direct_call(shops, NULL, &vendor_find_shipping_profile_message, &find, NULL),
                     STATUS_NOT_FOUND);
}

static void an_origin_is_a_country_and_a_region_of_it(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_add_shipping_profile add = { .name = TEXT(" Here "),
                                               .has_origin_country = true,
                                               .origin_country = TEXT("XX"),
                                               .has_origin_region = true,
                                               .origin_region = TEXT("BY") };
    struct vendor_shipping_profile profile;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_profile_message, &add, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/origin_country");
    add.has_origin_country = false;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_profile_message, &add, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/origin_region");
    add.has_origin_country = true;
    add.origin_country = TEXT("DE");
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_profile_message, &add, &profile),
                     STATUS_OK);
    assert_text_equal(profile.name, TEXT("Here"));
    assert_text_equal(list_profiles(&shop).data[0].origin_region, TEXT("BY"));
    const struct vendor_change_shipping_profile nowhere = { .profile_id = profile.id,
                                                            .has_origin_country = true };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_profile_message, &nowhere, &profile),
                     STATUS_OK);
    assert_false(profile.has_origin_country);
    assert_false(list_profiles(&shop).data[0].has_origin_region);
}

static void there_are_at_most_twenty_profiles(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    for (int i = 0; i < 20; i++)
        (void)add_profile(&shop, "One of many", false);
    const struct vendor_add_shipping_profile add = { .name = TEXT("One too many") };
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_profile_message, &add, NULL),
                     STATUS_TOO_MANY_SHIPPING_PROFILES);
    assert_int_equal(direct_last_fault(shops).maximum, 20);
}

/* ---- methods ---- */

static void limits_of_a_method_come_and_go(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_add_shipping_method add = parcel;
    add.has_handling_days = add.has_weight_max_grams = true;
    add.handling_days = 3;
    add.weight_max_grams = 30000;
    add.has_transit_days_min = add.has_transit_days_max = true;
    add.transit_days_min = 5;
    add.transit_days_max = 4;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/transit_days_max");
    add.transit_days_max = 5;
    const struct vendor_shipping_method made = add_method(&shop, &add);
    const struct vendor_get_shipping_method get = { .method_id = made.id };
    struct vendor_shipping_method kept;
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &get, &kept),
                     STATUS_OK);
    assert_int_equal(kept.handling_days, 3);
    assert_int_equal(kept.weight_max_grams, 30000);
    assert_int_equal(kept.transit_days_max, 5);
    const struct vendor_change_shipping_method change = { .method_id = made.id,
                                                          .has_remove_weight_max = true,
                                                          .remove_weight_max = true,
                                                          .has_remove_transit_days = true,
                                                          .remove_transit_days = true };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &change, &kept),
                     STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &get, &kept),
                     STATUS_OK);
    assert_false(kept.has_weight_max_grams);
    assert_false(kept.has_transit_days_min);
    assert_int_equal(kept.handling_days, 3);
}

static void a_profile_offers_at_most_twenty_methods_of_a_currency(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    for (int i = 0; i < 20; i++)
        (void)add_method(&shop, &parcel);
    struct vendor_add_shipping_method add = parcel;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                     STATUS_TOO_MANY_SHIPPING_METHODS);
    assert_int_equal(direct_last_fault(shops).maximum, 20);
    add.has_is_active = true;
    const struct vendor_shipping_method idle = add_method(&shop, &add);
    const struct vendor_change_shipping_method offer = { .method_id = idle.id,
                                                         .has_is_active = true,
                                                         .is_active = true };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &offer, NULL),
                     STATUS_TOO_MANY_SHIPPING_METHODS);
    add.has_is_active = false;
    add.price = (struct money){ 490, "USD" };
    (void)add_method(&shop, &add);
}

/* ---- terms ---- */

static void terms_have_the_active_methods_of_the_currency_by_profile(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_shipping_profile frozen = add_profile(&shop, "Frozen", false);
    const struct vendor_shipping_profile standard = add_profile(&shop, "Standard", true);
    struct vendor_add_shipping_method add = parcel;
    add.name = TEXT("Courier");
    add.kind = VENDOR_SHIPPING_KIND_WEIGHT;
    add.has_price_per_kg = add.has_weight_max_grams = add.has_handling_days = true;
    add.price_per_kg = (struct money){ 90, "EUR" };
    add.weight_max_grams = 31500;
    add.handling_days = 2;
    const struct vendor_shipping_method courier = add_method(&shop, &add);
    (void)add_method(&shop, &parcel);
    struct vendor_add_shipping_method other = parcel;
    other.price = (struct money){ 1, "USD" };
    (void)add_method(&shop, &other);
    other.price = parcel.price;
    other.has_is_active = true;
    (void)add_method(&shop, &other);
    const struct vendor_many_terms all = terms_of(&shop.principal.id, 1, NULL);
    assert_int_equal(all.terms_count, 1);
    const struct vendor_terms *terms = &all.terms[0];
    assert_false(terms->needs_acceptance);
    assert_false(terms->has_order_min);
    assert_int_equal(terms->profiles_count, 2);
    assert_true(uuid_equals(terms->profiles[0].id, standard.id));
    assert_true(terms->profiles[0].is_default);
    assert_int_equal(terms->profiles[0].methods_count, 2);
    const struct vendor_method_terms *method = &terms->profiles[0].methods[0];
    assert_true(uuid_equals(method->id, courier.id));
    assert_int_equal(method->kind, VENDOR_SHIPPING_KIND_WEIGHT);
    assert_int_equal(method->price_per_kg.amount, 90);
    assert_int_equal(method->weight_max_grams, 31500);
    assert_int_equal(method->handling_days, 2);
    assert_false(method->has_free_above);
    assert_false(method->has_transit_days_min);
    assert_text_equal(terms->profiles[0].methods[1].name, TEXT("Parcel"));
    assert_true(uuid_equals(terms->profiles[1].id, frozen.id));
    assert_int_equal(terms->profiles[1].methods_count, 0);
}

static void a_country_tells_what_goes_there(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    static const struct text countries[] = { TEXT("DE"), TEXT("AT") };
    struct vendor_add_shipping_method add = parcel;
    add.name = TEXT("Abroad");
    (void)add_method(&shop, &add);
    add.name = TEXT("Home");
    add.countries = countries;
    add.countries_count = 2;
    (void)add_method(&shop, &add);
    const struct vendor_many_terms france = terms_of(&shop.principal.id, 1, "FR");
    assert_true(france.terms[0].profiles[0].methods[0].is_sent_there);
    assert_false(france.terms[0].profiles[0].methods[1].is_sent_there);
    const struct vendor_many_terms austria = terms_of(&shop.principal.id, 1, "AT");
    assert_true(austria.terms[0].profiles[0].methods[1].is_sent_there);
    const struct vendor_many_terms anywhere = terms_of(&shop.principal.id, 1, NULL);
    assert_true(anywhere.terms[0].profiles[0].methods[1].is_sent_there);
}

/* Without its profile the goods would be sent by arrangement, for nothing. */
static void who_sends_in_another_currency_has_profiles_without_methods(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_add_shipping_method add = parcel;
    add.price = (struct money){ 490, "USD" };
    (void)add_method(&shop, &add);
    const struct vendor_many_terms all = terms_of(&shop.principal.id, 1, NULL);
    assert_int_equal(all.terms[0].profiles_count, 1);
    assert_int_equal(all.terms[0].profiles[0].methods_count, 0);
}

static void who_sends_nothing_has_no_profiles(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), mute = shops_draw(), idle = shops_draw();
    (void)add_method(&shop, &parcel);
    (void)add_profile(&mute, "Empty", true);
    struct vendor_add_shipping_method add = parcel;
    add.has_is_active = true;
    (void)add_method(&idle, &add);
    const struct uuid vendors[] = {
        shop.principal.id, mute.principal.id, idle.principal.id, { { 9 } }
    };
    const struct vendor_many_terms all = terms_of(vendors, 4, NULL);
    assert_int_equal(all.terms_count, 3);
    for (size_t i = 0; i < all.terms_count; i++) {
        const bool sends = uuid_equals(all.terms[i].vendor_id, shop.principal.id);
        assert_int_equal(all.terms[i].profiles_count, sends ? 1 : 0);
    }
}

/* Each with as many methods and as long names as there may be. */
static void an_answer_about_fifty_vendors_fits_into_a_message(void **state)
{
    (void)state;
    (void)direct_sql(
        shops, "WITH v AS (INSERT INTO vendor.vendor (id, name, slug, status, created_at, shard)"
               " SELECT gen_random_uuid(), 'wordy ' || i, '', 1, 0, 0 FROM generate_series(1, 50) i"
               " RETURNING id), p AS (INSERT INTO vendor.shipping_profile"
               " (id, vendor_id, name, is_default, created_at) SELECT gen_random_uuid(), v.id,"
               " repeat(U&'\\+01F600', 100), i = 1, 0 FROM v, generate_series(1, 20) i"
               " RETURNING id, vendor_id)"
               " INSERT INTO vendor.shipping_method (id, vendor_id, name, kind, currency,"
               " price_amount, price_per_kg_amount, countries, is_active, created_at, profile_id,"
               " handling_days, weight_max_grams, transit_days_min, transit_days_max)"
               " SELECT gen_random_uuid(), p.vendor_id, repeat(U&'\\+01F600', 100), 1, 'EUR',"
               " 1000000000000, 1000000000000, '{}', true, 0, p.id, 90, 1000000000, 365, 365"
               " FROM p, generate_series(1, 20)");
    struct uuid vendors[VENDOR_TERMS_MAX];
    for (size_t i = 0; i < VENDOR_TERMS_MAX; i++) {
        const struct text id = direct_sql(
            shops, text_format(shops_arena,
                               "SELECT replace(id::text, '-', '') FROM vendor.vendor"
                               " WHERE name LIKE 'wordy %%' ORDER BY id OFFSET %zu LIMIT 1",
                               i)
                       .data);
        for (size_t k = 0; k < sizeof vendors[i].bytes; k++) {
            const char byte[] = { id.data[2 * k], id.data[2 * k + 1], '\0' };
            vendors[i].bytes[k] = (uint8_t)strtoul(byte, NULL, 16);
        }
    }
    const struct vendor_many_terms all = terms_of(vendors, VENDOR_TERMS_MAX, "DE");
    assert_int_equal(all.terms_count, VENDOR_TERMS_MAX);
    size_t methods = 0;
    for (size_t i = 0; i < all.terms_count; i++) {
        assert_int_equal(all.terms[i].profiles_count, 20);
        methods += all.terms[i].profiles[0].methods_count;
    }
    assert_true(methods >= 10 * all.terms_count); /* each has its share */
    const struct vendor_many_terms alone = terms_of(vendors, 1, "DE");
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(alone.terms[0].profiles[i].methods_count, 20);
}

static void what_a_vendor_asks_of_an_order_stands_in_its_terms(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct money minimums[] = {
        { 2500, "EUR" }, { 3000, "USD" }, { 1, "EUR" }, { 1, "XXZ" }
    };
    struct vendor_change_vendor change = { .has_needs_acceptance = true,
                                           .needs_acceptance = true,
                                           .order_minimums = minimums,
                                           .order_minimums_count = 3 };
    struct vendor_own_vendor own;
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &own),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/order_minimums/2");
    change.order_minimums_count = 2;
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &own), STATUS_OK);
    const struct vendor_many_terms all = terms_of(&shop.principal.id, 1, NULL);
    assert_true(all.terms[0].needs_acceptance);
    assert_true(money_equals(all.terms[0].order_min, minimums[0]));
    const struct vendor_get_vendor get = { 0 };
    assert_int_equal(shops_call(&shop, &vendor_get_vendor_message, &get, &own), STATUS_OK);
    assert_int_equal(own.order_minimums_count, 2);
    const struct vendor_change_vendor none = { .has_remove_order_minimums = true,
                                               .remove_order_minimums = true };
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &none, &own), STATUS_OK);
    assert_int_equal(own.order_minimums_count, 0);
    assert_true(own.needs_acceptance);
    assert_false(terms_of(&shop.principal.id, 1, NULL).terms[0].has_order_min);
}

static size_t count_announced(void)
{
    return direct_events(shops, vendor_shipping_was_changed_message.number);
}

static void each_change_of_how_a_vendor_sends_is_announced(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const size_t before = count_announced();
    const struct vendor_shipping_method method = add_method(&shop, &parcel);
    assert_int_equal(count_announced(), before + 1);
    const struct vendor_change_shipping_method change = { .method_id = method.id,
                                                          .has_is_active = true,
                                                          .is_active = false };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &change, NULL),
                     STATUS_OK);
    assert_int_equal(count_announced(), before + 2);
    const struct vendor_remove_shipping_method gone = { .method_id = method.id };
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_method_message, &gone, NULL),
                     STATUS_OK);
    assert_int_equal(count_announced(), before + 3);
    const struct vendor_shipping_profile profile = add_profile(&shop, "Bulky", true);
    assert_int_equal(count_announced(), before + 4);
    const struct vendor_shipping_profile fallback = add_profile(&shop, "Letters", true);
    const struct vendor_remove_shipping_profile away = { .profile_id = profile.id };
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_profile_message, &away, NULL),
                     STATUS_OK);
    const struct vendor_change_shipping_profile rename = { .profile_id = fallback.id,
                                                           .has_name = true,
                                                           .name = TEXT("Mail") };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_profile_message, &rename, NULL),
                     STATUS_OK);
    assert_int_equal(count_announced(), before + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_profile_comes_with_the_first_method),
        cmocka_unit_test(there_is_one_default_whoever_becomes_it),
        cmocka_unit_test(each_change_of_how_a_vendor_sends_is_announced),
        cmocka_unit_test(a_profile_in_use_stays),
        cmocka_unit_test(another_vendors_profile_is_not_found),
        cmocka_unit_test(an_origin_is_a_country_and_a_region_of_it),
        cmocka_unit_test(there_are_at_most_twenty_profiles),
        cmocka_unit_test(limits_of_a_method_come_and_go),
        cmocka_unit_test(a_profile_offers_at_most_twenty_methods_of_a_currency),
        cmocka_unit_test(who_sends_in_another_currency_has_profiles_without_methods),
        cmocka_unit_test(terms_have_the_active_methods_of_the_currency_by_profile),
        cmocka_unit_test(a_country_tells_what_goes_there),
        cmocka_unit_test(who_sends_nothing_has_no_profiles),
        cmocka_unit_test(an_answer_about_fifty_vendors_fits_into_a_message),
        cmocka_unit_test(what_a_vendor_asks_of_an_order_stands_in_its_terms),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
