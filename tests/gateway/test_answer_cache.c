/* What is kept of public answers, for how long, and in how much memory. */
#include "gateway/answer_cache.h"

#include <string.h>

#include "tests/support/cmocka.h"

enum { DOMAIN = 3, OTHER_DOMAIN = 4, ROOM = 64 * 1024, KIB = 1024 };

static const struct answer_subject thing = { DOMAIN, { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } } };
static const struct answer_subject other_thing = { DOMAIN, { { 9, 8, 7 } } };
static const struct answer_subject list = { DOMAIN, { { 0 } } };

static int setup(void **state)
{
    *state = answer_cache_new(ROOM);
    return 0;
}

static int teardown(void **state)
{
    struct answer_cache *cache = *state;
    answer_cache_destroy(&cache);
    return 0;
}

static void keep(struct answer_cache *cache, const struct answer_subject *subject, int64_t asked_us)
{
    answer_cache_keep(cache, TEXT("/v1/a?"), subject, asked_us, TEXT("{}"), TEXT("\"t\""));
}

static bool has(struct answer_cache *cache, struct text target, int64_t now_us)
{
    const struct kept_answer *answer = answer_cache_find(cache, target, now_us);
    if (answer != NULL) answer_cache_release(cache, answer);
    return answer != NULL;
}

static bool is_kept(struct answer_cache *cache, int64_t now_us)
{
    return has(cache, TEXT("/v1/a?"), now_us);
}

static void hint_at(struct answer_cache *cache, unsigned domain, struct uuid id, int64_t now_us)
{
    struct hint hint;
    hint_begin(&hint, 0, 1);
    hint.domain = domain;
    hint_add(&hint, id);
    answer_cache_on_hint(cache, &hint, now_us);
}

static void an_answer_is_found_by_its_target_only(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &thing, 100);
    const struct kept_answer *answer = answer_cache_find(cache, TEXT("/v1/a?"), 200);
    assert_non_null(answer);
    assert_text_equal(answer->body, TEXT("{}"));
    assert_text_equal(answer->tag, TEXT("\"t\""));
    answer_cache_release(cache, answer);
    assert_false(has(cache, TEXT("/v1/a?x"), 200));
    assert_false(has(cache, TEXT("/v1/a"), 200));
}

static void a_hint_about_the_thing_ends_its_answer_and_no_other(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &thing, 100);
    hint_at(cache, DOMAIN, other_thing.id, 150);
    hint_at(cache, OTHER_DOMAIN, (struct uuid){ { 0 } }, 150);
    assert_true(is_kept(cache, 200));
    hint_at(cache, DOMAIN, thing.id, 250);
    assert_false(is_kept(cache, 300));
}

static void a_hint_about_anything_ends_all_answers_of_its_domain(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &thing, 100);
    hint_at(cache, DOMAIN, (struct uuid){ { 0 } }, 250);
    assert_false(is_kept(cache, 300));
}

/* The domain may have read before the change, and answer after the hint. */
static void what_was_asked_for_before_the_hint_is_not_good_when_it_comes_after_it(void **state)
{
    struct answer_cache *cache = *state;
    hint_at(cache, DOMAIN, thing.id, 250);
    keep(cache, &thing, 250);
    assert_false(is_kept(cache, 300));
    keep(cache, &thing, 251);
    assert_true(is_kept(cache, 300));
}

static void a_list_is_good_for_less_than_a_second_whatever_is_heard(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &list, 0);
    hint_at(cache, DOMAIN, thing.id, 1);
    assert_true(is_kept(cache, ANSWER_CACHE_LIST_US - 1));
    assert_false(is_kept(cache, ANSWER_CACHE_LIST_US));
}

static void lost_hints_and_age_end_everything(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &thing, 100);
    answer_cache_forget(cache, 100);
    assert_false(is_kept(cache, 101));
    keep(cache, &thing, 200);
    assert_true(is_kept(cache, 200 + ANSWER_CACHE_AGE_US));
    assert_false(is_kept(cache, 201 + ANSWER_CACHE_AGE_US));
}

static void memory_is_bounded_and_the_least_recently_used_goes_first(void **state)
{
    struct answer_cache *cache = *state;
    static char body[8 * KIB];
    memset(body, ' ', sizeof body);
    char target[16];
    for (int i = 0; i < 100; i++) {
        const int length = snprintf(target, sizeof target, "/%d", i);
        answer_cache_keep(cache, (struct text){ target, (size_t)length }, &thing, i,
                          (struct text){ body, sizeof body }, TEXT("\"t\""));
        assert_true(answer_cache_bytes(cache) <= ROOM);
        if (i > 0) assert_true(has(cache, TEXT("/0"), i));
    }
    assert_true(has(cache, TEXT("/99"), 100));
    assert_false(has(cache, TEXT("/50"), 100));
    for (int i = 0; i < 100; i++)
        keep(cache, &thing, i);
    assert_true(answer_cache_bytes(cache) <= ROOM);
}

static void a_held_answer_outlives_its_place(void **state)
{
    struct answer_cache *cache = *state;
    keep(cache, &thing, 100);
    const struct kept_answer *held = answer_cache_find(cache, TEXT("/v1/a?"), 200);
    assert_non_null(held);
    answer_cache_keep(cache, TEXT("/v1/a?"), &thing, 300, TEXT("[]"), TEXT("\"u\""));
    answer_cache_keep_packed(cache, held, CODING_BR, TEXT("packed"));
    assert_text_equal(held->body, TEXT("{}"));
    assert_int_equal(held->packed[CODING_BR].length, 0);
    answer_cache_release(cache, held);
    const struct kept_answer *now = answer_cache_find(cache, TEXT("/v1/a?"), 400);
    answer_cache_keep_packed(cache, now, CODING_BR, TEXT("packed"));
    assert_text_equal(now->body, TEXT("[]"));
    assert_text_equal(now->packed[CODING_BR], TEXT("packed"));
    answer_cache_release(cache, now);
}

static void what_is_too_long_is_not_kept(void **state)
{
    struct answer_cache *cache = *state;
    static char target[ANSWER_CACHE_KEY_MAX + 1];
    memset(target, 'a', sizeof target);
    answer_cache_keep(cache, (struct text){ target, sizeof target }, &thing, 1, TEXT("{}"),
                      TEXT("\"t\""));
    assert_int_equal(answer_cache_bytes(cache), 0);
    struct answer_cache *none = answer_cache_new(0);
    keep(none, &thing, 1);
    assert_false(is_kept(none, 1));
    answer_cache_destroy(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_is_found_by_its_target_only, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hint_about_the_thing_ends_its_answer_and_no_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hint_about_anything_ends_all_answers_of_its_domain, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            what_was_asked_for_before_the_hint_is_not_good_when_it_comes_after_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_is_good_for_less_than_a_second_whatever_is_heard,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(lost_hints_and_age_end_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_bounded_and_the_least_recently_used_goes_first,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_held_answer_outlives_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_not_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
