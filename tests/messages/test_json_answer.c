/* Claims about answers that are not written field by field: finished JSON, and left-out secrets. */
#include "tests/support/cmocka.h"

#include "common_messages.h"
#include "messages/codec_json.h"

static struct text encode_json(const struct schema *schema, const void *value, struct arena *arena)
{
    struct text_builder out;
    text_builder_init(&out, arena, 200);
    json_encode(schema, value, &out);
    assert_false(out.is_full);
    return text_builder_view(&out);
}

static void a_text_that_is_json_is_answered_as_such(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct common_export_part part = { .json = TEXT("[{\"a\":1}]") };
    assert_true(text_equals(encode_json(&common_export_part_schema, &part, arena),
                            TEXT("{\"json\":[{\"a\":1}]}")));
    arena_destroy(&arena);
}

static void secrets_are_left_out_of_what_is_kept_for_people(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct text codes[] = { TEXT("abcd") };
    const struct common_recovery_codes answer = { .codes = codes, .codes_count = 1 };
    struct text_builder out;
    text_builder_init(&out, arena, 100);
    json_encode_open(&common_recovery_codes_schema, &answer, &out);
    assert_true(text_equals(text_builder_view(&out), TEXT("{}")));
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_json_is_answered_as_such),
        cmocka_unit_test(secrets_are_left_out_of_what_is_kept_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
