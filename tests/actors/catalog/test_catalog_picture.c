/* The order of a product's pictures, and where they are read. */
#include <string.h>

#include "actors/catalog/catalog_picture.h"
#include "tests/support/cmocka.h"

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(1 << 16);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct uuid id_of(uint8_t number)
{
    return (struct uuid){ .bytes = { number } };
}

static struct catalog_picture picture_of(uint8_t number)
{
    return (struct catalog_picture){
        .id = id_of(number),
        .digest = text_format(arena, DIGITS "%x", number % 16),
        .width = 800,
        .height = 600,
    };
}

static struct catalog_item item_with(uint8_t pictures, size_t images)
{
    static const struct text links[CATALOG_PICTURES_MAX] = { { "https://cdn.example/a", 21 } };
    struct catalog_item item = { .images = links, .images_count = images };
    for (uint8_t i = 1; i <= pictures; i++) {
        const struct catalog_picture picture = picture_of(i);
        assert_int_equal(catalog_picture_add(arena, &item, &picture), STATUS_OK);
    }
    return item;
}

static void twenty_pictures_with_links_are_full(void **state)
{
    (void)state;
    const struct catalog_picture one_more = picture_of(21);
    struct catalog_item item = item_with(12, 8), before = item;
    assert_int_equal(catalog_picture_add(arena, &item, &one_more), STATUS_TOO_MANY_PICTURES);
    assert_memory_equal(&item, &before, sizeof item);
    item.images_count = 7;
    assert_int_equal(catalog_picture_add(arena, &item, &one_more), STATUS_OK);
}

static void an_order_has_all_of_them_once(void **state)
{
    (void)state;
    struct catalog_item item = item_with(3, 0);
    const struct uuid good[] = { id_of(3), id_of(1), id_of(2) };
    const struct uuid twice[] = { id_of(3), id_of(1), id_of(3) };
    const struct uuid strange[] = { id_of(3), id_of(1), id_of(9) };
    assert_int_equal(catalog_picture_order(arena, &item, twice, 3), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_picture_order(arena, &item, strange, 3), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_picture_order(arena, &item, good, 2), STATUS_INVALID_VALUE);
    assert_true(uuid_equals(item.pictures[0].id, id_of(1)));
    assert_int_equal(catalog_picture_order(arena, &item, good, 3), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_true(uuid_equals(item.pictures[i].id, good[i]));
}

static void one_is_taken_away_and_the_others_stay(void **state)
{
    (void)state;
    struct catalog_item item = item_with(3, 0);
    assert_int_equal(catalog_picture_remove(arena, &item, id_of(2)), STATUS_OK);
    assert_int_equal(item.pictures_count, 2);
    assert_true(uuid_equals(item.pictures[1].id, id_of(3)));
    assert_int_equal(catalog_picture_remove(arena, &item, id_of(2)), STATUS_NOT_FOUND);
}

static void words_are_of_one_picture(void **state)
{
    (void)state;
    struct catalog_item item = item_with(2, 0);
    assert_int_equal(catalog_picture_describe(arena, &item, id_of(2), TEXT("A lamp")), STATUS_OK);
    assert_int_equal(item.pictures[0].alt.length, 0);
    assert_text_equal(item.pictures[1].alt, TEXT("A lamp"));
    assert_int_equal(catalog_picture_describe(arena, &item, id_of(7), TEXT("")), STATUS_NOT_FOUND);
}

static void uploads_are_shown_before_links(void **state)
{
    (void)state;
    const struct catalog_item item = item_with(1, 1);
    size_t count;
    const struct common_shown_picture *shown = catalog_picture_show(arena, &item, &count);
    assert_int_equal(count, 2);
    assert_text_equal(shown[0].url, TEXT("/media/" DIGITS "1/2048.webp"));
    assert_int_equal(shown[0].sizes_count, 3);
    assert_int_equal(shown[0].width, 800);
    assert_false(shown[0].has_alt);
    assert_text_equal(shown[1].url, TEXT("https://cdn.example/a"));
    assert_false(shown[1].has_id);
    assert_int_equal(shown[1].sizes_count, 0);
    assert_text_equal(catalog_picture_first(arena, &item), TEXT("/media/" DIGITS "1/400.webp"));
    const struct text *addresses = catalog_picture_addresses(arena, &item, &count);
    assert_text_equal(addresses[1], shown[1].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_pictures_with_links_are_full),
        cmocka_unit_test(an_order_has_all_of_them_once),
        cmocka_unit_test(one_is_taken_away_and_the_others_stay),
        cmocka_unit_test(words_are_of_one_picture),
        cmocka_unit_test(uploads_are_shown_before_links),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
