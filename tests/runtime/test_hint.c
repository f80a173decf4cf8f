/* Hints carry what they are about, and say so when that is anything. */
#include <string.h>

#include "runtime/hint.h"
#include "tests/support/cmocka.h"

static struct uuid id_of(unsigned number)
{
    return (struct uuid){ { [0] = 1, [13] = (uint8_t)number, [14] = (uint8_t)(number >> 8) } };
}

static struct hint hint_of(size_t count)
{
    struct hint hint;
    hint_begin(&hint, 5, 77);
    hint.domain = 3;
    for (unsigned i = 0; i < count; i++)
        hint_add(&hint, id_of(i));
    return hint;
}

static void what_a_hint_is_about_arrives(void **state)
{
    (void)state;
    const struct hint hint = hint_of(HINT_IDS_MAX);
    const struct envelope envelope = hint_write(&hint);
    struct hint read;
    assert_int_equal(hint_read(&envelope, &read), STATUS_OK);
    assert_int_equal(read.domain, 3);
    assert_int_equal(read.shard, 5);
    assert_int_equal(read.sequence, 77);
    assert_false(read.is_about_any);
    assert_int_equal(read.ids_count, HINT_IDS_MAX);
    assert_memory_equal(read.ids, hint.ids, sizeof hint.ids);
}

static void what_is_named_twice_travels_once(void **state)
{
    (void)state;
    struct hint hint = hint_of(2);
    hint_add(&hint, id_of(1));
    assert_int_equal(hint.ids_count, 2);
}

static void too_much_news_is_about_any(void **state)
{
    (void)state;
    struct hint hint = hint_of(HINT_IDS_MAX + 1), read;
    hint_add(&hint, id_of(1)); /* one name would hide the others */
    const struct envelope envelope = hint_write(&hint);
    assert_int_equal(hint_read(&envelope, &read), STATUS_OK);
    assert_true(read.is_about_any);
    assert_true(hint_marks(&read) == UINT64_MAX);
}

static void news_of_nobody_is_about_any(void **state)
{
    (void)state;
    struct hint hint = hint_of(3);
    hint_add(&hint, (struct uuid){ { 0 } });
    assert_true(hint.is_about_any);
    assert_true(hint_marks(&hint) == UINT64_MAX);
}

static void half_an_id_is_none(void **state)
{
    (void)state;
    const struct hint hint = hint_of(2);
    struct envelope envelope = hint_write(&hint);
    struct hint read;
    envelope.body.length--;
    assert_int_equal(hint_read(&envelope, &read), STATUS_CORRUPT);
}

static void more_ids_than_there_may_be_are_refused(void **state)
{
    (void)state;
    static const char body[(HINT_IDS_MAX + 1) * sizeof(struct uuid)];
    const struct envelope envelope = { .kind = ENVELOPE_HINT, .body = { body, sizeof body } };
    struct hint read;
    assert_int_equal(hint_read(&envelope, &read), STATUS_CORRUPT);
}

static void marks_have_every_id_of_the_hint(void **state)
{
    (void)state;
    const struct hint hint = hint_of(5);
    for (unsigned i = 0; i < 5; i++)
        assert_true((hint_marks(&hint) & hint_mark(id_of(i))) != 0);
    assert_true((hint_marks(&hint) & hint_mark(id_of(40))) == 0);
}

static void marks_of_many_ids_are_spread(void **state)
{
    (void)state;
    uint64_t marks = 0;
    for (unsigned i = 0; i < 4096; i += 16)
        marks |= hint_mark(id_of(i));
    int bits = 0;
    for (; marks != 0; marks &= marks - 1)
        bits++;
    assert_true(bits >= 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_hint_is_about_arrives),
        cmocka_unit_test(what_is_named_twice_travels_once),
        cmocka_unit_test(too_much_news_is_about_any),
        cmocka_unit_test(news_of_nobody_is_about_any),
        cmocka_unit_test(half_an_id_is_none),
        cmocka_unit_test(more_ids_than_there_may_be_are_refused),
        cmocka_unit_test(marks_have_every_id_of_the_hint),
        cmocka_unit_test(marks_of_many_ids_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
