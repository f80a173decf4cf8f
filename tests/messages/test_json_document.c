/* Claims about JSON that strangers wrote: what is read of it, and what is refused unread. */
#include "messages/json_document.h"

#include <string.h>

#include "tests/support/cmocka.h"

static enum status read_object(struct text text)
{
    json_t *json = NULL;
    const enum status status = json_document_read(text, &json);
    if (status == STATUS_OK) json_document_release(&json);
    return status;
}

static void an_object_is_taken_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(read_object(TEXT("{}")), STATUS_OK);
    assert_int_equal(read_object(TEXT(" {\"a\": [1, null, \"b\"]} ")), STATUS_OK);
    static const char *const refused[] = {
        "",
        " ",
        "{",
        "[]",
        "\"text\"",
        "1",
        "null",
        "{} {}",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"\xff\"}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_int_equal(read_object(text_of(refused[i])), STATUS_MALFORMED);
}

/* An object with `depth` levels of arrays in it. */
static enum status read_nested(size_t depth)
{
    char text[16 + 2 * 64] = "{\"a\":";
    const size_t lead = strlen(text);
    assert_true(depth <= 64);
    memset(text + lead, '[', depth);
    memset(text + lead + depth, ']', depth);
    text[lead + 2 * depth] = '}';
    return read_object((struct text){ text, lead + 2 * depth + 1 });
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_nested(JSON_DOCUMENT_DEPTH_MAX - 1), STATUS_OK);
    assert_int_equal(read_nested(JSON_DOCUMENT_DEPTH_MAX), STATUS_MALFORMED);
}

static void a_member_is_read_as_a_text_within_its_bound(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct text text;
    json_t *json;
    assert_int_equal(json_document_read(
                         TEXT("{\"sub\":\"ada\",\"none\":null,\"n\":1,\"list\":[\"ada\"]}"), &json),
                     STATUS_OK);
    assert_int_equal(json_document_text(json, "sub", 3, arena, &text), STATUS_OK);
    assert_text_equal(text, TEXT("ada"));
    assert_int_equal(json_document_text(json, "sub", 2, arena, &text), STATUS_MALFORMED);
    assert_int_equal(json_document_text(json, "none", 3, arena, &text), STATUS_NOT_FOUND);
    assert_int_equal(json_document_text(json, "other", 3, arena, &text), STATUS_NOT_FOUND);
    assert_int_equal(json_document_text(json, "n", 3, arena, &text), STATUS_MALFORMED);
    assert_int_equal(json_document_text(json, "list", 3, arena, &text), STATUS_MALFORMED);
    json_document_release(&json);
    arena_destroy(&arena);
}

static void a_list_is_asked_for_the_very_text(void **state)
{
    (void)state;
    json_t *json;
    assert_int_equal(
        json_document_read(TEXT("{\"aud\":[1,\"souk\",\"b\\u0000c\"],\"one\":\"souk\"}"), &json),
        STATUS_MALFORMED); /* a zero byte ends no text unseen */
    assert_int_equal(json_document_read(TEXT("{\"aud\":[1,\"souk\"],\"one\":\"souk\"}"), &json),
                     STATUS_OK);
    assert_true(json_document_lists(json, "aud", TEXT("souk")));
    assert_false(json_document_lists(json, "aud", TEXT("sou")));
    assert_false(json_document_lists(json, "aud", TEXT("1")));
    assert_false(json_document_lists(json, "one", TEXT("souk")));
    assert_false(json_document_lists(json, "other", TEXT("souk")));
    json_document_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_taken_whole_or_not_at_all),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_member_is_read_as_a_text_within_its_bound),
        cmocka_unit_test(a_list_is_asked_for_the_very_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
