/* Ids, shards, money and time, against vectors made by an independent implementation
 * (tests/vectors/ids.json). */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "messages/values.h"
#include "tests/support/cmocka.h"

static json_t *vectors;

static int load_vectors(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/ids.json", 0, NULL);
    return vectors == NULL ? -1 : 0;
}

static int free_vectors(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static const char *string_at(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

static unsigned number_at(const json_t *row, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(row, name));
}

static struct uuid uuid_at(const json_t *row, const char *name)
{
    struct uuid id;
    size_t length = 0;
    const char *hex = string_at(row, name);
    assert_int_equal(sodium_hex2bin(id.bytes, 16, hex, strlen(hex), NULL, &length, NULL), 0);
    assert_int_equal(length, 16);
    return id;
}

static void ids_match_the_vectors(void **state)
{
    (void)state;
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(vectors, "ids"), index, row)
    {
        const struct uuid id = uuid_at(row, "hex");
        char text[ID_TEXT_MAX + 1];
        const size_t length = id_format(string_at(row, "prefix"), id, text);
        assert_string_equal(text, string_at(row, "text"));
        assert_int_equal(length, strlen(text));
        struct uuid again;
        assert_int_equal(id_parse(text_of(text), string_at(row, "prefix"), &again), STATUS_OK);
        assert_true(uuid_equals(id, again));
        assert_int_equal(uuid_shard(id), number_at(row, "shard"));
    }
}

static void text_keys_and_derived_ids_match_the_vectors(void **state)
{
    (void)state;
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(vectors, "texts"), index, row)
    {
        const struct text text = text_of(string_at(row, "text"));
        assert_int_equal(shard_of_text(text), number_at(row, "shard"));
        assert_true(uuid_equals(key_of_text(text), uuid_at(row, "key")));
    }
    json_array_foreach(json_object_get(vectors, "derived"), index, row)
    {
        const struct uuid parent = uuid_at(row, "parent");
        const unsigned number = number_at(row, "number");
        const char *name = string_at(row, "name");
        const struct uuid id = name == NULL ? uuid_derive(parent, number)
                                            : uuid_derive_named(parent, text_of(name), number);
        assert_true(uuid_equals(id, uuid_at(row, "id")));
    }
}

static void a_new_id_is_a_uuid_of_version_7_with_its_shard(void **state)
{
    (void)state;
    const uint8_t random[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    const struct uuid id = uuid_make(INT64_C(1795358724123456), random, 5);
    assert_int_equal(id.bytes[6] >> 4, 7);
    assert_int_equal(id.bytes[8] >> 6, 2);
    assert_int_equal(uuid_shard(id), 5);
    assert_true(uuid_compare(uuid_make(INT64_C(1795358724124456), random, 0), id) > 0);
}

static void assert_no_id(const char *text)
{
    struct uuid id = { .bytes = { 9 } };
    assert_int_equal(id_parse(text_of(text), "usr", &id), STATUS_MALFORMED);
    assert_int_equal(id.bytes[0], 9);
}

static void malformed_ids_are_refused_and_change_nothing(void **state)
{
    (void)state;
    assert_no_id("");
    assert_no_id("usr_");
    assert_no_id("ven_01h455vb4pex5vsknk084sn02q");
    assert_no_id("usr-01h455vb4pex5vsknk084sn02q");
    assert_no_id("usr_01h455vb4pex5vsknk084sn02");
    assert_no_id("usr_01h455vb4pex5vsknk084sn02qq");
    assert_no_id("usr_81h455vb4pex5vsknk084sn02q");
    assert_no_id("usr_01H455vb4pex5vsknk084sn02q");
    assert_no_id("usr_01h455vb4pex5vsknk084sn02l");
}

static void currencies_have_their_minor_units(void **state)
{
    (void)state;
    assert_int_equal(currency_exponent("EUR"), 2);
    assert_int_equal(currency_exponent("AED"), 2);
    assert_int_equal(currency_exponent("ZWG"), 2);
    assert_int_equal(currency_exponent("JPY"), 0);
    assert_int_equal(currency_exponent("BIF"), 0);
    assert_int_equal(currency_exponent("XPF"), 0);
    assert_int_equal(currency_exponent("KWD"), 3);
    assert_int_equal(currency_exponent("CLF"), 4);
    assert_int_equal(currency_exponent("XXX"), -1);
    assert_int_equal(currency_exponent("eur"), -1);
    assert_int_equal(currency_exponent("EU"), -1);
    assert_int_equal(currency_exponent("EURO"), -1);
    assert_int_equal(currency_exponent(""), -1);
}

static void assert_written(struct money money, const char *expected)
{
    char text[MONEY_TEXT_MAX + 1];
    assert_int_equal(money_format(money, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void money_is_written_in_the_currency_s_own_units(void **state)
{
    (void)state;
    assert_written(money_make(100000, "EUR"), "1000.00 EUR");
    assert_written(money_make(5, "EUR"), "0.05 EUR");
    assert_written(money_make(5, "JPY"), "5 JPY");
    assert_written(money_make(12345, "KWD"), "12.345 KWD");
    assert_written(money_make(12345, "CLF"), "1.2345 CLF");
    assert_written(money_make(7, "ABC"), "7 ABC");
}

static void money_below_zero_has_its_sign_in_front(void **state)
{
    (void)state;
    assert_written(money_make(-5, "EUR"), "-0.05 EUR");
    assert_written(money_make(-105, "EUR"), "-1.05 EUR");
    assert_written(money_make(INT64_MIN, "EUR"), "-92233720368547758.08 EUR");
    assert_written(money_make(INT64_MAX, "CLF"), "922337203685477.5807 CLF");
    assert_written(money_make(INT64_MIN, "JPY"), "-9223372036854775808 JPY");
}

static void money_overflow_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct money result = money_make(7, "USD");
    const struct money most = money_make(INT64_MAX, "EUR"), least = money_make(INT64_MIN, "EUR");
    const struct money one = money_make(1, "EUR");
    assert_int_equal(money_add(most, one, &result), STATUS_OUT_OF_RANGE);
    assert_int_equal(money_subtract(least, one, &result), STATUS_OUT_OF_RANGE);
    assert_int_equal(money_multiply(least, -1, &result), STATUS_OUT_OF_RANGE);
    assert_int_equal(money_add(one, money_make(1, "USD"), &result), STATUS_INVALID_VALUE);
    assert_true(money_equals(result, money_make(7, "USD")));
    assert_int_equal(money_add(most, money_make(0, "EUR"), &result), STATUS_OK);
    assert_true(money_equals(result, most));
}

static void an_allocation_sums_to_its_total(void **state)
{
    (void)state;
    int64_t parts[3] = { 0 };
    const int64_t thirds[3] = { 1, 1, 1 };
    assert_int_equal(money_allocate(money_make(100, "EUR"), thirds, 3, parts), STATUS_OK);
    assert_int_equal(parts[0], 34);
    assert_int_equal(parts[1], 33);
    assert_int_equal(parts[2], 33);
    assert_int_equal(money_allocate(money_make(-101, "EUR"), thirds, 3, parts), STATUS_OK);
    assert_int_equal(parts[0], -34);
    assert_int_equal(parts[1], -34);
    assert_int_equal(parts[2], -33);
    const int64_t mixed[3] = { 1, 0, 3 };
    assert_int_equal(money_allocate(money_make(10, "EUR"), mixed, 3, parts), STATUS_OK);
    assert_int_equal(parts[0], 3);
    assert_int_equal(parts[1], 0);
    assert_int_equal(parts[2], 7);
    const int64_t huge[3] = { INT64_MAX, INT64_MAX, INT64_MAX };
    assert_int_equal(money_allocate(money_make(INT64_MAX, "EUR"), huge, 3, parts), STATUS_OK);
    assert_true(parts[0] + parts[1] + parts[2] == INT64_MAX);
}

static void an_allocation_without_weights_is_refused(void **state)
{
    (void)state;
    int64_t parts[2] = { 4, 4 };
    const int64_t zero[2] = { 0, 0 }, negative[2] = { 2, -1 };
    assert_int_equal(money_allocate(money_make(1, "EUR"), zero, 2, parts), STATUS_OUT_OF_RANGE);
    assert_int_equal(money_allocate(money_make(1, "EUR"), negative, 2, parts), STATUS_OUT_OF_RANGE);
    assert_int_equal(parts[0], 4);
}

/* The sum of amount * divisor + remainder is the exact product. */
static void assert_scaled(int64_t amount, int64_t factor, int64_t divisor, int64_t expected)
{
    int64_t scaled, remainder;
    assert_int_equal(amount_scale(amount, factor, divisor, &scaled, &remainder), STATUS_OK);
    assert_int_equal(scaled, expected);
    assert_true((__int128)amount * factor == (__int128)scaled * divisor + remainder);
}

static void a_product_is_rounded_to_the_nearest_and_halves_up(void **state)
{
    (void)state;
    assert_scaled(2499, 107500, 1000000, 269); /* 268.6425 */
    assert_scaled(5, 1, 2, 3);
    assert_scaled(1, 1, 2, 1);
    assert_scaled(7, 1, 3, 2);
    assert_scaled(8, 1, 3, 3);
    assert_scaled(0, 7, 3, 0);
    assert_scaled(INT64_MAX, 1, 1, INT64_MAX);
    assert_scaled(INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
    assert_scaled(INT64_MAX, 1000000, 2000000, INT64_MAX / 2 + 1);
}

static void a_product_beyond_int64_is_refused(void **state)
{
    (void)state;
    int64_t scaled = 7, remainder = 7;
    assert_int_equal(amount_scale(INT64_MAX, 2, 1, &scaled, &remainder), STATUS_OUT_OF_RANGE);
    /* 2^64 - 1 halves: rounded down they would fit. */
    assert_int_equal(amount_scale(INT64_C(4294967295), INT64_C(4294967297), 2, &scaled, &remainder),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(scaled, 7);
    assert_int_equal(remainder, 7);
}

static void shares_say_what_was_rounded_away(void **state)
{
    (void)state;
    const int64_t weights[4] = { 1, 0, 3, 3 };
    int64_t amounts[4], remainders[4];
    assert_int_equal(amount_allocate(10, weights, 4, amounts, remainders), STATUS_OK);
    /* 1.43, 0, 4.29, 4.29: the only unit that is left over goes to the largest remainder. */
    assert_int_equal(amounts[0], 2);
    assert_int_equal(amounts[1], 0);
    assert_int_equal(amounts[2], 4);
    assert_int_equal(amounts[3], 4);
    assert_int_equal(remainders[0], -4);
    assert_int_equal(remainders[1], 0);
    assert_int_equal(remainders[2], 2);
    assert_int_equal(remainders[3], 2);
}

static void shares_are_those_of_an_allocation_of_money(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 1000; i++) {
        int64_t weights[7], amounts[7], remainders[7], expected[7], sum = 0;
        for (unsigned k = 0; k < 7; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            weights[k] = (int64_t)(seed >> (i % 2 == 0 ? 50 : 8));
            sum += weights[k];
        }
        const int64_t total = (int64_t)(seed >> 12) % (sum + 1);
        assert_int_equal(amount_allocate(total, weights, 7, amounts, remainders), STATUS_OK);
        assert_int_equal(money_allocate(money_make(total, "EUR"), weights, 7, expected), STATUS_OK);
        assert_memory_equal(amounts, expected, sizeof amounts);
        for (unsigned k = 0; k < 7; k++)
            assert_true(amounts[k] <= weights[k]);
    }
}

static void nothing_is_shared_among_nothing_and_something_is_not(void **state)
{
    (void)state;
    const int64_t zero[2] = { 0, 0 }, huge[2] = { INT64_MAX, 1 };
    int64_t amounts[2] = { 4, 4 }, remainders[2] = { 4, 4 };
    assert_int_equal(amount_allocate(1, zero, 2, amounts, remainders), STATUS_OUT_OF_RANGE);
    assert_int_equal(amount_allocate(1, huge, 2, amounts, remainders), STATUS_OUT_OF_RANGE);
    assert_int_equal(amounts[0], 4);
    assert_int_equal(amount_allocate(0, zero, 2, amounts, remainders), STATUS_OK);
    assert_int_equal(amounts[0], 0);
    assert_int_equal(amounts[1], 0);
}

static void assert_time(int64_t time_us, const char *expected)
{
    char text[TIME_TEXT_MAX + 1];
    int64_t again_us = 0;
    assert_int_equal(time_format(time_us, text), strlen(expected));
    assert_string_equal(text, expected);
    assert_int_equal(time_parse(text_of(text), &again_us), STATUS_OK);
    assert_true(again_us == time_us);
}

static void times_have_as_many_decimals_as_needed(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00Z");
    assert_time(-1, "1969-12-31T23:59:59.999999Z");
    assert_time(INT64_C(1795358724123456), "2026-11-22T14:45:24.123456Z");
    assert_time(INT64_C(951782400120000), "2000-02-29T00:00:00.120Z");
    assert_time(TIME_MIN_US, "0000-01-01T00:00:00Z");
    assert_time(TIME_MAX_US, "9999-12-31T23:59:59.999999Z");
}

static void offsets_and_long_fractions_are_read(void **state)
{
    (void)state;
    int64_t time_us = 0;
    assert_int_equal(time_parse(TEXT("1970-01-01t02:00:00.1234567+01:30"), &time_us), STATUS_OK);
    assert_true(time_us == INT64_C(1800123456));
    assert_int_equal(time_parse(TEXT("1969-12-31T23:00:00-01:00"), &time_us), STATUS_OK);
    assert_true(time_us == 0);
}

static void assert_no_time(const char *text)
{
    int64_t time_us = 77;
    assert_int_equal(time_parse(text_of(text), &time_us), STATUS_MALFORMED);
    assert_true(time_us == 77);
}

static void malformed_times_are_refused_and_change_nothing(void **state)
{
    (void)state;
    assert_no_time("");
    assert_no_time("2026-11-22");
    assert_no_time("2026-02-29T00:00:00Z");
    assert_no_time("2026-13-01T00:00:00Z");
    assert_no_time("2026-00-01T00:00:00Z");
    assert_no_time("2026-01-01T24:00:00Z");
    assert_no_time("2026-12-31T23:59:60Z");
    assert_no_time("2026-01-01T00:00:00");
    assert_no_time("2026-01-01T00:00:00.Z");
    assert_no_time("2026-01-01T00:00:00+0100");
    assert_no_time("2026-01-01T00:00:00Zz");
    assert_no_time("0000-01-01T00:00:00+00:01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_match_the_vectors),
        cmocka_unit_test(text_keys_and_derived_ids_match_the_vectors),
        cmocka_unit_test(a_new_id_is_a_uuid_of_version_7_with_its_shard),
        cmocka_unit_test(malformed_ids_are_refused_and_change_nothing),
        cmocka_unit_test(currencies_have_their_minor_units),
        cmocka_unit_test(money_is_written_in_the_currency_s_own_units),
        cmocka_unit_test(money_below_zero_has_its_sign_in_front),
        cmocka_unit_test(money_overflow_is_refused_and_changes_nothing),
        cmocka_unit_test(an_allocation_sums_to_its_total),
        cmocka_unit_test(an_allocation_without_weights_is_refused),
        cmocka_unit_test(a_product_is_rounded_to_the_nearest_and_halves_up),
        cmocka_unit_test(a_product_beyond_int64_is_refused),
        cmocka_unit_test(shares_say_what_was_rounded_away),
        cmocka_unit_test(shares_are_those_of_an_allocation_of_money),
        cmocka_unit_test(nothing_is_shared_among_nothing_and_something_is_not),
        cmocka_unit_test(times_have_as_many_decimals_as_needed),
        cmocka_unit_test(offsets_and_long_fractions_are_read),
        cmocka_unit_test(malformed_times_are_refused_and_change_nothing),
    };
    return cmocka_run_group_tests(tests, load_vectors, free_vectors);
}
