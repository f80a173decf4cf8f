/* Signatures of events, against known answers of OpenSSL. */
#include "tests/support/cmocka.h"
#include "tests/testbank/signature.h"

/* printf '1614000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_one */
static const char of_one[] = "69ba7ecb82831e367a505e06a889416ad83b884a75c080847de2767b6f5a87fc";
static const char of_two[] = "56b578e5535ed27573178bbf2eac4fd53bd466180ad2a4cc362992f199c9fdf0";

static void a_signature_is_that_of_openssl(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    const char *const secrets[] = { "whsec_one" };
    const struct text text =
        signature_of(arena, secrets, 1, 1614000000, TEXT("{\"id\":\"evt_1\"}"));
    char expected[128];
    (void)snprintf(expected, sizeof expected, "t=1614000000,v1=%s", of_one);
    assert_text_equal(text, text_of(expected));
    arena_destroy(&arena);
}

static void two_secrets_make_two_signatures(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    const char *const secrets[] = { "whsec_two", "whsec_one" };
    const struct text text =
        signature_of(arena, secrets, 2, 1614000000, TEXT("{\"id\":\"evt_1\"}"));
    char expected[256];
    (void)snprintf(expected, sizeof expected, "t=1614000000,v1=%s,v1=%s", of_two, of_one);
    assert_text_equal(text, text_of(expected));
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_that_of_openssl),
        cmocka_unit_test(two_secrets_make_two_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
