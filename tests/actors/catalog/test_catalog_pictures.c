/* Pictures of products in the database: who may, what is in use, and that nothing in use ever goes.
 */
#include <string.h>

#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
#define HOUR_US (INT64_C(3600) * 1000000)

static struct direct_market *market;
static struct uuid product;

static int make_product(void **state)
{
    (void)state;
    market = shelf_of_all.market;
    static unsigned made;
    const struct text name = text_format(shelf_of_all.arena, "Lamp %u", made++);
    const struct catalog_create_product wish = shelf_wish(text_string(shelf_of_all.arena, name));
    product = shelf_make(&wish).id;
    return 0;
}

static struct text digest(const char *last)
{
    return text_format(shelf_of_all.arena, DIGITS "%s", last);
}

static enum status note(const char *last)
{
    const struct pictures_note_picture command = { .digest = digest(last) };
    struct empty reply;
    return direct_call(market, NULL, &catalog_note_picture_message, &command, &reply);
}

static enum status add(const struct principal *who, const char *last,
                       struct catalog_own_picture *ret_picture)
{
    const struct catalog_add_picture command = {
        .product_id = product,
        .picture = { .digest = digest(last), .width = 800, .height = 600 },
    };
    return direct_call(market, who, &catalog_add_picture_message, &command, ret_picture);
}

static enum status remove_picture(struct uuid id)
{
    const struct catalog_remove_picture command = { .product_id = product, .picture_id = id };
    struct empty reply;
    return direct_call(market, &shelf_of_all.vendor, &catalog_remove_picture_message, &command,
                       &reply);
}

static size_t retire(void)
{
    const struct pictures_retire_pictures command = { .sweep = TEXT("sweep") };
    struct common_retired_pictures reply = { .digests_count = 0 };
    assert_int_equal(direct_call(market, NULL, &catalog_retire_pictures_message, &command, &reply),
                     STATUS_OK);
    return reply.digests_count;
}

static bool is_going(const char *last)
{
    const struct text got =
        direct_sql(market, text_string(shelf_of_all.arena,
                                       text_format(shelf_of_all.arena,
                                                   "SELECT is_going FROM catalog.picture_file"
                                                   " WHERE digest = decode('" DIGITS "%s', 'hex')",
                                                   last)));
    return text_equals_string(got, "t");
}

static void a_picture_is_shown_once_its_files_are_noted(void **state)
{
    (void)state;
    struct catalog_own_picture picture;
    struct catalog_product seen;
    assert_int_equal(add(&shelf_of_all.vendor, "1", &picture), STATUS_UNAVAILABLE);
    assert_int_equal(note("1"), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.vendor, "1", &picture), STATUS_OK);
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_int_equal(seen.pictures_count, 1);
    assert_text_equal(seen.images[0], TEXT("/media/" DIGITS "1/2048.webp"));
    shelf_assert_derived(product);
}

static void the_same_picture_is_taken_once(void **state)
{
    (void)state;
    struct catalog_own_picture first, second;
    assert_int_equal(note("2"), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.vendor, "2", &first), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.vendor, "2", &second), STATUS_OK);
    assert_true(uuid_equals(first.id, second.id));
}

static void a_stranger_finds_no_product(void **state)
{
    (void)state;
    struct catalog_own_picture picture;
    assert_int_equal(note("3"), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.stranger, "3", &picture), STATUS_NOT_FOUND);
}

static void what_is_in_use_never_goes(void **state)
{
    (void)state;
    struct catalog_own_picture picture;
    assert_int_equal(note("4"), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.vendor, "4", &picture), STATUS_OK);
    direct_advance(market, 100 * HOUR_US);
    (void)retire();
    assert_false(is_going("4"));
    assert_int_equal(remove_picture(picture.id), STATUS_OK);
    (void)retire();
    assert_true(is_going("4"));
}

static void what_nobody_used_goes_after_a_day_and_is_not_taken_meanwhile(void **state)
{
    (void)state;
    struct catalog_own_picture picture;
    assert_int_equal(note("5"), STATUS_OK);
    direct_advance(market, 23 * HOUR_US);
    (void)retire();
    assert_false(is_going("5"));
    direct_advance(market, 2 * HOUR_US);
    (void)retire();
    assert_true(is_going("5"));
    assert_int_equal(note("5"), STATUS_UNAVAILABLE);
    assert_int_equal(add(&shelf_of_all.vendor, "5", &picture), STATUS_UNAVAILABLE);
    assert_true(retire() > 0); /* it is told of, once */
    const struct text digests[] = { digest("5") };
    assert_int_equal(retire(), 0);
    direct_advance(market, HOUR_US);
    assert_true(retire() > 0); /* again, when whoever was told has died */
    const struct pictures_retire_pictures command = { TEXT("sweep"), digests, 1 };
    struct common_retired_pictures reply;
    assert_int_equal(direct_call(market, NULL, &catalog_retire_pictures_message, &command, &reply),
                     STATUS_OK);
    assert_int_equal(note("5"), STATUS_OK);
    assert_int_equal(add(&shelf_of_all.vendor, "5", &picture), STATUS_OK);
}

/* Both have looked before either has written. */
static void whoever_begins_to_use_it_while_it_is_retired_keeps_it_or_is_refused(void **state)
{
    (void)state;
    struct catalog_own_picture picture;
    assert_int_equal(note("6"), STATUS_OK);
    direct_advance(market, 25 * HOUR_US);
    direct_queue_units(market);
    assert_int_equal(add(&shelf_of_all.vendor, "6", &picture), STATUS_OK);
    (void)retire();
    assert_int_equal(direct_commit_units(market), 0); /* the use comes first: it stays */
    assert_false(is_going("6"));
    assert_int_equal(note("7"), STATUS_OK);
    direct_advance(market, 25 * HOUR_US);
    direct_queue_units(market);
    (void)retire();
    assert_int_equal(add(&shelf_of_all.vendor, "7", &picture), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1); /* it is going: the use has failed */
    assert_true(is_going("7"));
    assert_int_equal(add(&shelf_of_all.vendor, "7", &picture), STATUS_UNAVAILABLE);
}

static void digits_of_nothing_are_refused(void **state)
{
    (void)state;
    const struct pictures_note_picture command = { .digest = text_format(shelf_of_all.arena,
                                                                         DIGITS "'") };
    struct empty reply;
    assert_int_equal(direct_call(market, NULL, &catalog_note_picture_message, &command, &reply),
                     STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_picture_is_shown_once_its_files_are_noted, make_product),
        cmocka_unit_test_setup(the_same_picture_is_taken_once, make_product),
        cmocka_unit_test_setup(a_stranger_finds_no_product, make_product),
        cmocka_unit_test_setup(what_is_in_use_never_goes, make_product),
        cmocka_unit_test_setup(what_nobody_used_goes_after_a_day_and_is_not_taken_meanwhile,
                               make_product),
        cmocka_unit_test_setup(whoever_begins_to_use_it_while_it_is_retired_keeps_it_or_is_refused,
                               make_product),
        cmocka_unit_test_setup(digits_of_nothing_are_refused, make_product),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
