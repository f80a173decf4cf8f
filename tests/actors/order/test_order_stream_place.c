/* Claims about places in lists of many orders' changes. */
#include "actors/order/order_stream_place.h"

#include <string.h>

#include "runtime/secret.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    secret_open();
    arena = arena_new(4096);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void a_place_comes_back_as_it_was(void **state)
{
    (void)state;
    struct order_stream_place place = { { 0 } }, read;
    place.after[0] = 1;
    place.after[7] = 127;
    place.after[8] = 128;
    place.after[62] = 1000000;
    place.after[63] = INT64_MAX;
    const struct text text = order_stream_place_write(&place, arena);
    assert_int_equal(order_stream_place_read(text, arena, &read), STATUS_OK);
    assert_memory_equal(&read, &place, sizeof place);
}

static void the_longest_place_fits_its_field(void **state)
{
    (void)state;
    struct order_stream_place place;
    for (size_t i = 0; i < SHARD_COUNT; i++)
        place.after[i] = INT64_MAX;
    assert_in_range(order_stream_place_write(&place, arena).length, 1, 900 - 8);
}

static void what_is_no_place_is_malformed(void **state)
{
    (void)state;
    struct order_stream_place place = { { 0 } }, read;
    const struct text whole = order_stream_place_write(&place, arena);
    assert_int_equal(order_stream_place_read(TEXT(""), arena, &read), STATUS_MALFORMED);
    assert_int_equal(order_stream_place_read(TEXT("*"), arena, &read), STATUS_MALFORMED);
    const struct text less = { whole.data, whole.length - 2 };
    assert_int_equal(order_stream_place_read(less, arena, &read), STATUS_MALFORMED);
    const struct text more = text_format(arena, "%.*sAAAA", (int)whole.length, whole.data);
    assert_int_equal(order_stream_place_read(more, arena, &read), STATUS_MALFORMED);
    uint8_t endless[SHARD_COUNT * 10];
    memset(endless, 0xff, sizeof endless);
    const struct text numbers = { (const char *)endless, sizeof endless };
    assert_int_equal(order_stream_place_read(base64url_encode(arena, numbers), arena, &read),
                     STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_comes_back_as_it_was),
        cmocka_unit_test(the_longest_place_fits_its_field),
        cmocka_unit_test(what_is_no_place_is_malformed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
