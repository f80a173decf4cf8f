/* Answers by key: again, another's, under way, forgotten. */
#include <string.h>

#include "tests/support/cmocka.h"
#include "tests/testbank/idempotency.h"

static const uint8_t one[IDEMPOTENCY_DIGEST_BYTES] = { 1 };
static const uint8_t other[IDEMPOTENCY_DIGEST_BYTES] = { 2 };
static const struct stored_answer paid = { 200, { "{\"id\":1}", 8 }, { "req_1", 5 } };
static const struct stored_answer declined = { 402, { "{\"error\":1}", 11 }, { "req_2", 5 } };

struct table {
    struct arena *arena;
    struct idempotency *answers;
};

static int setup(void **state)
{
    static struct table table;
    table.arena = arena_new(4096);
    table.answers = idempotency_new(table.arena);
    *state = &table;
    return 0;
}

static int teardown(void **state)
{
    struct table *table = *state;
    idempotency_destroy(&table->answers);
    arena_destroy(&table->arena);
    return 0;
}

static enum idempotency_case look(void **state, const char *key, const uint8_t *digest,
                                  int64_t now_us)
{
    const struct table *table = *state;
    const struct stored_answer *answer;
    return idempotency_look(table->answers, 0, text_of(key), digest, now_us, &answer);
}

static void keep(void **state, const char *key, int64_t now_us, int64_t until_us,
                 const struct stored_answer *answer)
{
    const struct table *table = *state;
    idempotency_keep(table->answers, 0, text_of(key), one, now_us, until_us, answer);
}

static void the_same_request_gets_the_same_answer(void **state)
{
    const struct table *table = *state;
    assert_int_equal(look(state, "k", one, 10), IDEMPOTENCY_NEW);
    keep(state, "k", 10, 10, &paid);
    const struct stored_answer *answer = NULL;
    assert_int_equal(idempotency_look(table->answers, 0, TEXT("k"), one, 11, &answer),
                     IDEMPOTENCY_AGAIN);
    assert_int_equal(answer->code, 200);
    assert_text_equal(answer->body, paid.body);
    assert_text_equal(answer->request_id, paid.request_id);
}

static void a_refusal_is_given_again_too(void **state)
{
    const struct table *table = *state;
    keep(state, "k", 10, 10, &declined);
    const struct stored_answer *answer = NULL;
    assert_int_equal(idempotency_look(table->answers, 0, TEXT("k"), one, 11, &answer),
                     IDEMPOTENCY_AGAIN);
    assert_int_equal(answer->code, 402);
}

static void another_request_with_the_key_is_refused(void **state)
{
    keep(state, "k", 10, 10, &paid);
    assert_int_equal(look(state, "k", other, 11), IDEMPOTENCY_OTHER);
    assert_int_equal(look(state, "l", other, 11), IDEMPOTENCY_NEW);
}

static void a_key_is_of_one_account(void **state)
{
    const struct table *table = *state;
    keep(state, "k", 10, 10, &paid);
    const struct stored_answer *answer;
    assert_int_equal(idempotency_look(table->answers, 1, TEXT("k"), one, 11, &answer),
                     IDEMPOTENCY_NEW);
}

static void a_request_under_way_is_told_so_until_it_is_answered(void **state)
{
    keep(state, "k", 10, 20, &paid);
    assert_int_equal(look(state, "k", one, 19), IDEMPOTENCY_RUNNING);
    assert_int_equal(look(state, "k", other, 19), IDEMPOTENCY_OTHER);
    assert_int_equal(look(state, "k", one, 20), IDEMPOTENCY_AGAIN);
}

static void a_key_is_free_again_after_a_day(void **state)
{
    keep(state, "k", 10, 10, &paid);
    assert_int_equal(look(state, "k", one, 9 + IDEMPOTENCY_LIFE_US), IDEMPOTENCY_AGAIN);
    assert_int_equal(look(state, "k", other, 10 + IDEMPOTENCY_LIFE_US), IDEMPOTENCY_NEW);
    keep(state, "k", 10 + IDEMPOTENCY_LIFE_US, 10 + IDEMPOTENCY_LIFE_US, &declined);
    assert_int_equal(look(state, "k", one, 11 + IDEMPOTENCY_LIFE_US), IDEMPOTENCY_AGAIN);
}

static void a_grown_table_knows_all_its_keys(void **state)
{
    char key[32];
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(key, sizeof key, "key %d", i);
        keep(state, key, 10, 10, &paid);
    }
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(key, sizeof key, "key %d", i);
        assert_int_equal(look(state, key, one, 11), IDEMPOTENCY_AGAIN);
    }
    assert_int_equal(look(state, "key 5000", one, 11), IDEMPOTENCY_NEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_request_gets_the_same_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_is_given_again_too, setup, teardown),
        cmocka_unit_test_setup_teardown(another_request_with_the_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_is_of_one_account, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_under_way_is_told_so_until_it_is_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_key_is_free_again_after_a_day, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grown_table_knows_all_its_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
