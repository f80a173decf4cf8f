/* PASETO v4.public against the official vectors (tests/vectors/paseto-v4.json), and refusals of our
 * own. */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "runtime/paseto.h"
#include "runtime/secret.h"
#include "tests/support/cmocka.h"

static const char vectors_path[] = "tests/vectors/paseto-v4.json";

struct keys {
    uint8_t public_key[PASETO_PUBLIC_KEY_BYTES];
    uint8_t secret_key[PASETO_SECRET_KEY_BYTES];
};

static struct text member_text(const json_t *vector, const char *name)
{
    return text_of(json_string_value(json_object_get(vector, name)));
}

static bool read_hexadecimal(const json_t *vector, const char *name, uint8_t *ret_bytes,
                             size_t size)
{
    const struct text text = member_text(vector, name);
    size_t length = 0;
    return text.length > 0 &&
           sodium_hex2bin(ret_bytes, size, text.data, text.length, NULL, &length, NULL) == 0 &&
           length == size;
}

static struct keys counting_keys(void)
{
    uint8_t seed[PASETO_SEED_BYTES];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    struct keys keys;
    paseto_v4_keys(seed, keys.public_key, keys.secret_key);
    return keys;
}

static void check_good_vector(struct arena *arena, const json_t *vector)
{
    struct keys keys;
    assert_true(read_hexadecimal(vector, "public-key", keys.public_key, sizeof keys.public_key));
    assert_true(read_hexadecimal(vector, "secret-key", keys.secret_key, sizeof keys.secret_key));
    const struct text payload = member_text(vector, "payload"),
                      token = member_text(vector, "token");
    const struct text footer = member_text(vector, "footer");
    const struct text implicit = member_text(vector, "implicit-assertion");
    struct text signed_token, read_payload, read_footer;
    assert_int_equal(
        paseto_v4_sign(arena, keys.secret_key, payload, footer, implicit, &signed_token),
        STATUS_OK);
    assert_text_equal(signed_token, token);
    assert_int_equal(
        paseto_v4_verify(arena, keys.public_key, token, implicit, &read_payload, &read_footer),
        STATUS_OK);
    assert_text_equal(read_payload, payload);
    assert_int_equal(read_footer.length, footer.length);
    assert_true(text_equals(read_footer, footer));
    assert_int_equal(paseto_v4_footer(arena, token, &read_footer), STATUS_OK);
    assert_true(text_equals(read_footer, footer));
}

/* Failing vectors are of other versions or purposes, or signed by nobody: none may pass, whatever
 * the key. */
static void check_bad_vector(struct arena *arena, const json_t *vector)
{
    struct keys keys = counting_keys();
    (void)read_hexadecimal(vector, "public-key", keys.public_key, sizeof keys.public_key);
    struct text payload = { 0 }, footer = { 0 };
    assert_int_not_equal(paseto_v4_verify(arena, keys.public_key, member_text(vector, "token"),
                                          member_text(vector, "implicit-assertion"), &payload,
                                          &footer),
                         STATUS_OK);
    assert_null(payload.data);
    assert_null(footer.data);
}

static void official_vectors_hold(void **state)
{
    (void)state;
    json_t *file = json_load_file(vectors_path, 0, NULL);
    assert_non_null(file);
    struct arena *arena = arena_new(4096);
    size_t index, good = 0, bad = 0;
    json_t *vector;
    json_array_foreach(json_object_get(file, "tests"), index, vector)
    {
        const struct text name = member_text(vector, "name");
        if (text_starts_with(name, TEXT("4-S-"))) {
            check_good_vector(arena, vector);
            good++;
        } else if (text_starts_with(name, TEXT("4-F-"))) {
            check_bad_vector(arena, vector);
            bad++;
        }
    }
    assert_int_equal(good, 3);
    assert_int_equal(bad, 5);
    arena_destroy(&arena);
    json_decref(file);
}

static void token_with_any_changed_byte_is_refused(void **state)
{
    (void)state;
    const struct keys keys = counting_keys();
    struct arena *arena = arena_new(4096);
    struct text token, payload, footer;
    assert_int_equal(paseto_v4_sign(arena, keys.secret_key, TEXT("{\"sub\":\"usr_1\"}"),
                                    TEXT("{\"kid\":\"a\"}"), TEXT(""), &token),
                     STATUS_OK);
    for (size_t i = 0; i < token.length; i++) {
        char *changed = arena_copy(arena, token.data, token.length);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(paseto_v4_verify(arena, keys.public_key,
                                              (struct text){ changed, token.length }, TEXT(""),
                                              &payload, &footer),
                             STATUS_OK);
    }
    for (size_t length = 0; length < token.length; length++)
        assert_int_not_equal(paseto_v4_verify(arena, keys.public_key,
                                              (struct text){ token.data, length }, TEXT(""),
                                              &payload, &footer),
                             STATUS_OK);
    arena_destroy(&arena);
}

static void other_key_or_assertion_is_unauthenticated(void **state)
{
    (void)state;
    struct keys keys = counting_keys();
    struct arena *arena = arena_new(4096);
    struct text token, payload, footer;
    assert_int_equal(
        paseto_v4_sign(arena, keys.secret_key, TEXT("{}"), TEXT(""), TEXT("store"), &token),
        STATUS_OK);
    assert_int_equal(
        paseto_v4_verify(arena, keys.public_key, token, TEXT("admin"), &payload, &footer),
        STATUS_UNAUTHENTICATED);
    keys.public_key[0] ^= 1;
    assert_int_equal(
        paseto_v4_verify(arena, keys.public_key, token, TEXT("store"), &payload, &footer),
        STATUS_UNAUTHENTICATED);
    arena_destroy(&arena);
}

static void tokens_longer_than_the_limit_are_refused(void **state)
{
    (void)state;
    const struct keys keys = counting_keys();
    struct arena *arena = arena_new(4096);
    static char big[PASETO_TOKEN_MAX + 100];
    memset(big, 'a', sizeof big);
    struct text token, payload, footer;
    /* 10 of header, then (payload + 64) * 4/3: 3000 bytes just fit. */
    assert_int_equal(paseto_v4_sign(arena, keys.secret_key, (struct text){ big, 3000 }, TEXT(""),
                                    TEXT(""), &token),
                     STATUS_OK);
    assert_int_equal(paseto_v4_verify(arena, keys.public_key, token, TEXT(""), &payload, &footer),
                     STATUS_OK);
    assert_int_equal(paseto_v4_sign(arena, keys.secret_key, (struct text){ big, 3001 }, TEXT(""),
                                    TEXT(""), &token),
                     STATUS_OUT_OF_RANGE);
    memcpy(big, "v4.public.", 10);
    assert_int_equal(paseto_v4_verify(arena, keys.public_key, (struct text){ big, sizeof big },
                                      TEXT(""), &payload, &footer),
                     STATUS_MALFORMED);
    arena_destroy(&arena);
}

static int open_secret(void **state)
{
    (void)state;
    secret_open();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official_vectors_hold),
        cmocka_unit_test(token_with_any_changed_byte_is_refused),
        cmocka_unit_test(other_key_or_assertion_is_unauthenticated),
        cmocka_unit_test(tokens_longer_than_the_limit_are_refused),
    };
    return cmocka_run_group_tests(tests, open_secret, NULL);
}
