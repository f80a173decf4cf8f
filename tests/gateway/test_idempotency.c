/* Idempotency-Keys: who is told apart by what, and where they are refused. */
#include <string.h>

#include "tests/gateway/fixture.h"

static void a_required_idempotency_key_must_be_there(void **state)
{
    const struct answer answer = post_thing(*state, "", "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&answer, 400, "idempotency_key_required");
}

static void bare_and_quoted_idempotency_keys_are_the_same(void **state)
{
    struct fixture *fixture = *state;
    uint8_t first[32];
    assert_int_equal(
        post_thing(fixture, "Idempotency-Key: k1\r\n", "{\"name\":\"Lamp\",\"quantity\":3}").status,
        201);
    assert_true(fixture->seen.last.has_idempotency);
    memcpy(first, fixture->seen.last.idempotency_key, sizeof first);
    assert_int_equal(
        post_thing(fixture, "Idempotency-Key: \"k1\"\r\n", "{\"name\":\"Lamp\",\"quantity\":3}")
            .status,
        201);
    assert_memory_equal(fixture->seen.last.idempotency_key, first, sizeof first);
}

static void another_body_has_another_fingerprint(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[32], fingerprint[16];
    assert_int_equal(
        post_thing(fixture, "Idempotency-Key: k1\r\n", "{\"name\":\"Lamp\",\"quantity\":3}").status,
        201);
    memcpy(key, fixture->seen.last.idempotency_key, sizeof key);
    memcpy(fingerprint, fixture->seen.last.idempotency_fingerprint, sizeof fingerprint);
    assert_int_equal(
        post_thing(fixture, "Idempotency-Key: k1\r\n", "{\"name\":\"Lamp\",\"quantity\":4}").status,
        201);
    assert_memory_equal(fixture->seen.last.idempotency_key, key, sizeof key);
    assert_memory_not_equal(fixture->seen.last.idempotency_fingerprint, fingerprint,
                            sizeof fingerprint);
}

static void a_malformed_idempotency_key_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char header[320];
    memset(header, 'k', sizeof header);
    memcpy(header, "Idempotency-Key: ", 17);
    memcpy(header + 17 + 256, "\r\n", 3);
    const struct answer too_long =
        post_thing(fixture, header, "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&too_long, 400, "malformed");
    const struct answer empty =
        post_thing(fixture, "Idempotency-Key: \"\"\r\n", "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&empty, 400, "malformed");
    const struct answer two = post_thing(fixture, "Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
                                         "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&two, 400, "malformed");
    const struct answer space =
        post_thing(fixture, "Idempotency-Key: a b\r\n", "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&space, 400, "malformed");
}

static void a_key_that_cannot_be_honoured_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer answer =
        client_ask(fixture, "POST", "/v1/things/open",
                   "Idempotency-Key: k\r\nContent-Type: application/json\r\n",
                   "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&answer, 400, "idempotency_key_refused");
    assert_int_equal(fixture->seen.asks, asks);
}

/* ---- guests ---- */

static void guests_are_told_apart_by_the_tokens_of_their_carts(void **state)
{
    struct fixture *fixture = *state;
    uint8_t keys[3][32];
    const char *headers[] = { "X-Cart-Token: one\r\nIdempotency-Key: k\r\n",
                              "X-Cart-Token: two\r\nIdempotency-Key: k\r\n",
                              "X-Cart-Token: one\r\nIdempotency-Key: k\r\n" };
    for (size_t i = 0; i < 3; i++) {
        (void)client_ask(fixture, "PATCH", fixture->thing_path, headers[i], "");
        assert_true(fixture->seen.last.has_idempotency);
        memcpy(keys[i], fixture->seen.last.idempotency_key, sizeof keys[i]);
    }
    assert_memory_not_equal(keys[0], keys[1], sizeof keys[0]);
    assert_memory_equal(keys[0], keys[2], sizeof keys[0]);
}

/* POSTs the return with these header lines. */
static struct answer return_thing(struct fixture *fixture, const char *headers)
{
    const struct text path = text_format(fixture->arena, "%s/return", fixture->thing_path);
    return client_ask(fixture, "POST", path.data, headers, "{}");
}

static void guests_are_told_apart_by_the_tokens_of_their_orders(void **state)
{
    struct fixture *fixture = *state;
    uint8_t keys[3][32];
    const char *headers[] = {
        "X-Order-Token: one\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n",
        "X-Order-Token: two\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n",
        /* In brackets: clang takes two literals side by side for a forgotten comma. */
        ("X-Order-Token: one\r\nX-Cart-Token: two\r\nIdempotency-Key: k\r\n"
         "Content-Type: application/json\r\n"),
    };
    for (size_t i = 0; i < 3; i++) {
        const size_t asks = fixture->seen.asks;
        (void)return_thing(fixture, headers[i]);
        assert_int_equal(fixture->seen.asks, asks + 1);
        assert_true(fixture->seen.last.has_idempotency);
        memcpy(keys[i], fixture->seen.last.idempotency_key, sizeof keys[i]);
    }
    assert_memory_not_equal(keys[0], keys[1], sizeof keys[0]);
    assert_memory_equal(keys[0], keys[2], sizeof keys[0]);
}

static void a_refused_key_points_at_the_token_that_is_missing(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer order = return_thing(
        fixture, "X-Cart-Token: one\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n");
    assert_refused(&order, 400, "idempotency_key_refused");
    assert_true(answer_contains(&order, "X-Order-Token"));
    const struct answer cart = client_ask(fixture, "PATCH", fixture->thing_path,
                                          "X-Order-Token: one\r\nIdempotency-Key: k\r\n", "");
    assert_refused(&cart, 400, "idempotency_key_refused");
    assert_true(answer_contains(&cart, "X-Cart-Token"));
    assert_int_equal(fixture->seen.asks, asks);
}

static void keys_of_guests_whom_nobody_knows_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer without =
        client_ask(fixture, "PATCH", fixture->thing_path, "Idempotency-Key: k\r\n", "");
    assert_refused(&without, 400, "idempotency_key_refused");
    const struct answer empty = client_ask(fixture, "PATCH", fixture->thing_path,
                                           "X-Cart-Token: \r\nIdempotency-Key: k\r\n", "");
    assert_refused(&empty, 400, "idempotency_key_refused");
    const struct answer useless = client_ask(fixture, "POST", "/v1/things/start",
                                             "X-Cart-Token: one\r\nIdempotency-Key: k\r\n"
                                             "Content-Type: application/json\r\n",
                                             "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_refused(&useless, 400, "idempotency_key_refused");
    assert_int_equal(fixture->seen.asks, asks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_required_idempotency_key_must_be_there),
        cmocka_unit_test(bare_and_quoted_idempotency_keys_are_the_same),
        cmocka_unit_test(another_body_has_another_fingerprint),
        cmocka_unit_test(a_malformed_idempotency_key_is_refused),
        cmocka_unit_test(a_key_that_cannot_be_honoured_is_refused),
        cmocka_unit_test(guests_are_told_apart_by_the_tokens_of_their_carts),
        cmocka_unit_test(guests_are_told_apart_by_the_tokens_of_their_orders),
        cmocka_unit_test(a_refused_key_points_at_the_token_that_is_missing),
        cmocka_unit_test(keys_of_guests_whom_nobody_knows_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
