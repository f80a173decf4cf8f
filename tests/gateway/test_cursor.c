/* Cursors are good for the list, and the filters, that they came from. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "catalog_messages.h"
#include "gateway/cursor.h"
#include "user_messages.h"

static struct arena *arena;

static void tag_of(const struct message *message, void *body, uint8_t tag[CURSOR_TAG_BYTES])
{
    assert_true(cursor_tag(message, body, arena, tag));
}

static void the_same_question_has_the_same_tag_whatever_its_page(void **state)
{
    (void)state;
    uint8_t first[CURSOR_TAG_BYTES], next[CURSOR_TAG_BYTES];
    struct catalog_list_products query = { .has_q = true, .q = TEXT("tea") };
    tag_of(&catalog_list_products_message, &query, first);
    query.has_limit = true;
    query.limit = 7;
    query.has_after = true;
    query.after = TEXT("abc");
    tag_of(&catalog_list_products_message, &query, next);
    assert_memory_equal(first, next, sizeof first);
    assert_true(query.has_limit && query.has_after); /* put back */
}

static void another_filter_or_list_has_another_tag(void **state)
{
    (void)state;
    uint8_t tea[CURSOR_TAG_BYTES], pot[CURSOR_TAG_BYTES], all[CURSOR_TAG_BYTES],
        users[CURSOR_TAG_BYTES];
    struct catalog_list_products query = { .has_q = true, .q = TEXT("tea") };
    tag_of(&catalog_list_products_message, &query, tea);
    query.q = TEXT("pot");
    tag_of(&catalog_list_products_message, &query, pot);
    assert_memory_not_equal(tea, pot, sizeof tea);
    struct catalog_list_products nothing = { .has_q = false };
    struct user_list_users nobody = { .has_q = false };
    tag_of(&catalog_list_products_message, &nothing, all);
    tag_of(&user_list_users_message, &nobody, users);
    assert_memory_not_equal(all, users, sizeof all);
}

static void a_cursor_comes_back_as_it_was_made_and_no_other_does(void **state)
{
    (void)state;
    const uint8_t tag[CURSOR_TAG_BYTES] = { 1, 2, 3, 4, 5, 6 }, other[CURSOR_TAG_BYTES] = { 1 };
    const struct text bound = cursor_bind(arena, tag, TEXT("abc"));
    struct text cursor;
    assert_int_equal(cursor_open(arena, tag, bound, &cursor), STATUS_OK);
    assert_text_equal(cursor, TEXT("abc"));
    assert_int_equal(cursor_open(arena, other, bound, &cursor), STATUS_INVALID_PARAMETER);
    assert_int_equal(cursor_open(arena, tag, TEXT("abc"), &cursor), STATUS_INVALID_PARAMETER);
    assert_int_equal(cursor_open(arena, tag, TEXT(""), &cursor), STATUS_INVALID_PARAMETER);
}

static void what_has_no_pages_has_no_tag(void **state)
{
    (void)state;
    uint8_t tag[CURSOR_TAG_BYTES];
    struct user_get_me query = { 0 };
    assert_false(cursor_tag(&user_get_me_message, &query, arena, tag));
}

/* Whoever lists pages has both fields, or the gateway could not bind its cursors. */
static void whatever_answers_with_next_takes_after(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_table_count; i++) {
        const struct message *message = route_table[i].message;
        if (cursor_field(message->reply, "next") == NULL) continue;
        if (cursor_field(message->body, "after") == NULL) fail_msg("%s", message->name);
    }
}

static int start(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_question_has_the_same_tag_whatever_its_page),
        cmocka_unit_test(another_filter_or_list_has_another_tag),
        cmocka_unit_test(a_cursor_comes_back_as_it_was_made_and_no_other_does),
        cmocka_unit_test(what_has_no_pages_has_no_tag),
        cmocka_unit_test(whatever_answers_with_next_takes_after),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
