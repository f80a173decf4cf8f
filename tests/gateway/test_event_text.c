/* How entries become events, and who asks for them. */
#include <string.h>

#include "gateway/event_text.h"
#include "tests/gateway/fixture.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void an_event_source_asks_for_a_stream(void **state)
{
    (void)state;
    assert_true(event_text_is_wanted(TEXT("text/event-stream")));
    assert_true(event_text_is_wanted(TEXT(" Text/Event-Stream ; q=0.9 , */*")));
    assert_true(event_text_is_wanted(TEXT("application/json;q=0.5, text/event-stream;q=0.5")));
}

static void others_get_a_list(void **state)
{
    (void)state;
    assert_false(event_text_is_wanted(TEXT("")));
    assert_false(event_text_is_wanted(TEXT("*/*")));
    assert_false(event_text_is_wanted(TEXT("text/*")));
    assert_false(event_text_is_wanted(TEXT("application/json")));
    assert_false(event_text_is_wanted(TEXT("text/event-streams")));
    assert_false(event_text_is_wanted(TEXT("text/event-stream;q=0")));
    assert_false(event_text_is_wanted(TEXT("application/json, text/event-stream;q=0.9")));
}

static void an_entry_is_an_event_with_its_sequence(void **state)
{
    (void)state;
    const struct thing_event entries[] = { { .sequence = 7, .note = TEXT("a\nb") },
                                           { .sequence = 8, .note = TEXT("") } };
    struct thing_events reply = { entries, 2, true };
    struct event_page page;
    assert_int_equal(event_text_write(&thing_events_schema, &reply, NULL, arena, &page), STATUS_OK);
    assert_text_equal(page.bytes, TEXT("id: 7\nevent: thing_event\n"
                                       "data: {\"sequence\":7,\"note\":\"a\\nb\"}\n\n"
                                       "id: 8\nevent: thing_event\n"
                                       "data: {\"sequence\":8,\"note\":\"\"}\n\n"));
    assert_int_equal(page.count, 2);
    assert_true(page.has_more);
    assert_text_equal(page.position, TEXT("8"));
}

static void a_cursor_leaves_with_the_tag_of_its_list(void **state)
{
    (void)state;
    struct thing_event entry = { .cursor = TEXT("n1"), .note = TEXT("") };
    struct thing_events reply = { &entry, 1, false };
    const uint8_t tag[CURSOR_TAG_BYTES] = { 0 };
    struct event_page page;
    assert_int_equal(event_text_write(&thing_news_schema, &reply, tag, arena, &page), STATUS_OK);
    assert_text_equal(page.bytes, TEXT("id: AAAAAAAAn1\nevent: thing_news\n"
                                       "data: {\"cursor\":\"AAAAAAAAn1\",\"note\":\"\"}\n\n"));
    assert_text_equal(page.position, TEXT("n1"));
}

static void a_list_binds_its_cursors_alike(void **state)
{
    (void)state;
    struct thing_event entry = { .cursor = TEXT("n1"), .note = TEXT("") };
    struct thing_events reply = { &entry, 1, false };
    const uint8_t tag[CURSOR_TAG_BYTES] = { 0 };
    event_text_bind(&thing_news_schema, &reply, tag, arena);
    assert_text_equal(entry.cursor, TEXT("AAAAAAAAn1"));
    struct thing_event numbered = { .sequence = 1, .cursor = TEXT("n1") };
    reply.data = &numbered;
    event_text_bind(&thing_events_schema, &reply, tag, arena);
    assert_text_equal(numbered.cursor, TEXT("n1"));
}

static void nothing_new_is_no_event(void **state)
{
    (void)state;
    struct thing_events reply = { NULL, 0, true };
    struct event_page page;
    assert_int_equal(event_text_write(&thing_events_schema, &reply, NULL, arena, &page), STATUS_OK);
    assert_int_equal(page.bytes.length, 0);
    assert_false(page.has_more); /* it would be asked for without end */
}

static void the_place_of_a_query_is_taken_out_of_it(void **state)
{
    (void)state;
    struct list_events query = { .has_after = true, .after = 12 };
    assert_text_equal(event_text_take_after(&list_events_schema, &query, arena), TEXT("12"));
    assert_false(query.has_after);
    assert_int_equal(event_text_take_after(&list_events_schema, &query, arena).length, 0);
}

static void the_end_has_a_reason(void **state)
{
    (void)state;
    assert_text_equal(event_text_end(arena, "timeout"),
                      TEXT("event: end\ndata: {\"reason\":\"timeout\"}\n\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_source_asks_for_a_stream),
        cmocka_unit_test(others_get_a_list),
        cmocka_unit_test(an_entry_is_an_event_with_its_sequence),
        cmocka_unit_test(a_cursor_leaves_with_the_tag_of_its_list),
        cmocka_unit_test(a_list_binds_its_cursors_alike),
        cmocka_unit_test(nothing_new_is_no_event),
        cmocka_unit_test(the_place_of_a_query_is_taken_out_of_it),
        cmocka_unit_test(the_end_has_a_reason),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
