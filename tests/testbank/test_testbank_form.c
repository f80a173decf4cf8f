/* Forms: what is read, what is refused, and numbers of cards. */
#include <string.h>

#include "tests/support/cmocka.h"
#include "tests/testbank/form.h"

static int setup(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int teardown(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

static enum status parse(void **state, const char *text, struct form *form)
{
    return form_parse(*state, text_of(text), form);
}

static void assert_field(const struct form *form, const char *name, const char *value)
{
    const struct text found = form_find(form, name);
    assert_non_null(found.data);
    assert_string_equal(found.data, value);
}

static void fields_are_decoded(void **state)
{
    struct form form;
    assert_int_equal(parse(state, "amount=100&metadata%5Border%5D=a+b%26c&x=&y", &form), STATUS_OK);
    assert_int_equal(form.count, 4);
    assert_field(&form, "amount", "100");
    assert_field(&form, "metadata[order]", "a b&c");
    assert_field(&form, "x", "");
    assert_field(&form, "y", "");
    assert_null(form_find(&form, "z").data);
}

static void an_empty_text_is_an_empty_form(void **state)
{
    struct form form;
    assert_int_equal(parse(state, "", &form), STATUS_OK);
    assert_int_equal(form.count, 0);
    assert_int_equal(parse(state, "&&", &form), STATUS_OK);
    assert_int_equal(form.count, 0);
}

static void lists_may_repeat_their_name(void **state)
{
    struct form form;
    assert_int_equal(parse(state, "expand[]=a&expand[]=b&expand[0]=c", &form), STATUS_OK);
    assert_int_equal(form.count, 3);
    assert_int_equal(parse(state, "amount=1&amount=2", &form), STATUS_MALFORMED);
    assert_int_equal(parse(state, "a[0]=1&a[0]=2", &form), STATUS_MALFORMED);
}

static void names_with_wrong_brackets_are_refused(void **state)
{
    struct form form;
    const char *const wrong[] = { "[a]=1", "a[=1", "a]=1", "a[b=1", "a[b]c=1", "a[b[c]]=1", "=1" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(parse(state, wrong[i], &form), STATUS_MALFORMED);
    assert_int_equal(parse(state, "a[b][c][d][e][f]=1", &form), STATUS_OK);
    assert_int_equal(parse(state, "a[b][c][d][e][f][g]=1", &form), STATUS_OUT_OF_RANGE);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    struct form form;
    const char *const wrong[] = { "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "a%c3=1" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(parse(state, wrong[i], &form), STATUS_MALFORMED);
    assert_int_equal(parse(state, "a=%c3%a4", &form), STATUS_OK);
}

static void what_is_too_long_is_refused(void **state)
{
    struct arena *arena = *state;
    char *bytes = arena_allocate(arena, FORM_BYTES_MAX + 2);
    struct form form;
    memset(bytes, 'a', FORM_BYTES_MAX + 1);
    bytes[1] = '=';
    const struct text value = { bytes, FORM_VALUE_MAX + 2 };
    assert_int_equal(form_parse(arena, value, &form), STATUS_OK);
    assert_int_equal(form_parse(arena, (struct text){ bytes, value.length + 1 }, &form),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(form_parse(arena, (struct text){ bytes, FORM_BYTES_MAX + 1 }, &form),
                     STATUS_OUT_OF_RANGE);
    for (size_t i = 0; i < FORM_BYTES_MAX; i++)
        bytes[i] = "a[]&"[i % 4];
    assert_int_equal(form_parse(arena, (struct text){ bytes, 4 * FORM_FIELDS_MAX }, &form),
                     STATUS_OK);
    assert_int_equal(form_parse(arena, (struct text){ bytes, 4 * FORM_FIELDS_MAX + 4 }, &form),
                     STATUS_OUT_OF_RANGE);
}

static void children_are_those_of_one_bracket(void **state)
{
    (void)state;
    assert_true(text_equals(form_child(TEXT("metadata[order]"), "metadata"), TEXT("order")));
    assert_null(form_child(TEXT("metadata"), "metadata").data);
    assert_null(form_child(TEXT("metadata[a][b]"), "metadata").data);
    assert_null(form_child(TEXT("metadatas[a]"), "metadata").data);
}

static void allowed_names_may_leave_a_bracket_open(void **state)
{
    (void)state;
    const char *allowed = "amount metadata[] card[token]";
    assert_true(form_name_is_allowed(TEXT("amount"), allowed));
    assert_true(form_name_is_allowed(TEXT("metadata[x]"), allowed));
    assert_true(form_name_is_allowed(TEXT("card[token]"), allowed));
    assert_false(form_name_is_allowed(TEXT("card[number]"), allowed));
    assert_false(form_name_is_allowed(TEXT("metadata"), allowed));
    assert_false(form_name_is_allowed(TEXT("metadata[x][y]"), allowed));
    assert_false(form_name_is_allowed(TEXT("amoun"), allowed));
    assert_false(form_name_is_allowed(TEXT(""), allowed));
}

static void numbers_of_cards_are_seen(void **state)
{
    (void)state;
    assert_true(form_holds_card_number(TEXT("4242424242424242")));
    assert_true(form_holds_card_number(TEXT("4242 4242 4242 4242")));
    assert_true(form_holds_card_number(TEXT("my card is 4000-0000-0000-0002!")));
    assert_true(form_holds_card_number(TEXT("378282246310005")));
}

static void other_numbers_are_none_of_a_card(void **state)
{
    (void)state;
    assert_false(form_holds_card_number(TEXT("4242424242424241")));
    assert_false(form_holds_card_number(TEXT("1796093207")));
    assert_false(form_holds_card_number(TEXT("x4242424242424242")));
    assert_false(form_holds_card_number(TEXT("42424242424242424242424242424242")));
    assert_false(form_holds_card_number(TEXT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_decoded, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_text_is_an_empty_form, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_may_repeat_their_name, setup, teardown),
        cmocka_unit_test_setup_teardown(names_with_wrong_brackets_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_text_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_refused, setup, teardown),
        cmocka_unit_test(children_are_those_of_one_bracket),
        cmocka_unit_test(allowed_names_may_leave_a_bracket_open),
        cmocka_unit_test(numbers_of_cards_are_seen),
        cmocka_unit_test(other_numbers_are_none_of_a_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
