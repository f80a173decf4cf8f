/* Claims about the operators' queue: its order, its places, its actions, and whose items they are.
 */
#include "actors/admin/admin_queue_page.h"

#include <string.h>

#include "tests/support/cmocka.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void oldest_comes_first_then_the_id(void **state)
{
    (void)state;
    struct common_stuck_item items[] = { { .since_us = 2, .id = TEXT("a") },
                                         { .since_us = 1, .id = TEXT("c") },
                                         { .since_us = 1, .id = TEXT("b.2") } };
    admin_queue_sort(items, 3);
    assert_text_equal(items[0].id, TEXT("b.2"));
    assert_text_equal(items[1].id, TEXT("c"));
    assert_text_equal(items[2].id, TEXT("a"));
    admin_queue_sort(NULL, 0);
}

static void place_is_read_as_it_was_written(void **state)
{
    (void)state;
    const struct admin_queue_place place = { .since_us = 1700000000000000,
                                             .id = TEXT("event_parked.order.3.user.17") };
    struct admin_queue_place read;
    assert_int_equal(admin_queue_place_read(admin_queue_place_write(arena, &place), &read),
                     STATUS_OK);
    assert_int_equal(read.since_us, place.since_us);
    assert_text_equal(read.id, place.id);
}

static void what_is_no_place_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "",     ".",   "1",   "1.",    ".a",
                                       "-1.a", "x.a", "1.A", "1.a/b", "9223372036854775808.a" };
    struct admin_queue_place read;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_int_equal(admin_queue_place_read(text_of(bad[i]), &read), STATUS_INVALID_PARAMETER);
}

static void every_cause_has_an_action_whose_path_is_whole(void **state)
{
    (void)state;
    for (int cause = 0; cause < (int)COMMON_STUCK_CAUSE_COUNT; cause++) {
        const struct common_stuck_item item = { .id = TEXT("the.id"),
                                                .cause = (enum common_stuck_cause)cause,
                                                .subject = TEXT("ord_1"),
                                                .has_part = true,
                                                .part = TEXT("shp_2"),
                                                .since_us = 3000000 };
        const struct admin_queue_item told = admin_queue_describe(arena, &item, 8000000);
        assert_int_equal(told.age_seconds, 5);
        assert_true(told.actions_count >= 1);
        for (size_t i = 0; i < told.actions_count; i++) {
            const struct text path = told.actions[i].path;
            assert_true(text_starts_with(path, TEXT("/v1/admin/")));
            assert_null(memchr(path.data, '%', path.length));
        }
    }
}

static void path_names_the_order_and_its_part(void **state)
{
    (void)state;
    const struct common_stuck_item item = { .cause = COMMON_STUCK_CAUSE_RETURN_UNANSWERED,
                                            .subject = TEXT("ord_1"),
                                            .has_part = true,
                                            .part = TEXT("ret_2"),
                                            .since_us = 9 };
    const struct admin_queue_item told = admin_queue_describe(arena, &item, 1);
    assert_text_equal(told.actions[1].path, TEXT("/v1/admin/orders/ord_1/returns/ret_2/approve"));
    assert_int_equal(told.age_seconds, 0); /* a clock that is behind */
}

static void owner_of_an_item_is_its_shards(void **state)
{
    (void)state;
    enum domain domain;
    unsigned shard;
    assert_true(
        admin_queue_find_owner(TEXT("event_parked.notification.63.user.17"), &domain, &shard));
    assert_int_equal(domain, DOMAIN_NOTIFICATION);
    assert_int_equal(shard, 63);
    assert_true(admin_queue_find_owner(TEXT("process_late.order.0.00ff"), &domain, &shard));
    assert_int_equal(domain, DOMAIN_ORDER);
    static const char *const bad[] = { "",
                                       "event_parked",
                                       "event_parked.notification",
                                       "event_parked.notification.1",
                                       "event_parked.notification.64.user.1",
                                       "event_parked.notification.-1.user.1",
                                       "event_parked.nobody.1.user.1",
                                       "unpaid.order.1.00",
                                       "event_parked.order.1.USER.1" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(admin_queue_find_owner(text_of(bad[i]), &domain, &shard));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(oldest_comes_first_then_the_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(place_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_place_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_cause_has_an_action_whose_path_is_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(path_names_the_order_and_its_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(owner_of_an_item_is_its_shards, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
