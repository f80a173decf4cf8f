/* Passwords, tokens, digests, base64url. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/secret.h"
#include "tests/support/cmocka.h"

static bool matches(const char *hash, struct text password)
{
    bool is_right;
    assert_int_equal(password_verify(hash, password, &is_right), STATUS_OK);
    return is_right;
}

static void password_matches_its_own_hash_only(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX];
    assert_int_equal(password_hash(TEXT("correct horse"), 1, PASSWORD_MEMORY_BYTES_MIN, hash),
                     STATUS_OK);
    assert_memory_equal(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27);
    assert_true(matches(hash, TEXT("correct horse")));
    assert_false(matches(hash, TEXT("correct horsf")));
    assert_false(matches(hash, TEXT("")));
    assert_false(matches("no hash", TEXT("correct horse")));
    assert_false(matches("", TEXT("")));
}

static void hashes_of_one_password_differ(void **state)
{
    (void)state;
    char a[PASSWORD_HASH_MAX], b[PASSWORD_HASH_MAX];
    assert_int_equal(password_hash(TEXT("x"), 1, PASSWORD_MEMORY_BYTES_MIN, a), STATUS_OK);
    assert_int_equal(password_hash(TEXT("x"), 1, PASSWORD_MEMORY_BYTES_MIN, b), STATUS_OK);
    assert_string_not_equal(a, b);
}

static void password_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    static char password[PASSWORD_LENGTH_MAX + 1];
    char hash[PASSWORD_HASH_MAX] = "untouched";
    memset(password, 'a', sizeof password);
    assert_int_equal(password_hash((struct text){ password, sizeof password }, 1,
                                   PASSWORD_MEMORY_BYTES_MIN, hash),
                     STATUS_OUT_OF_RANGE);
    assert_string_equal(hash, "untouched");
}

static void base64url_reads_what_it_writes_and_nothing_else(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    struct text bytes = TEXT("untouched");
    assert_int_equal(base64url_decode(arena, TEXT("-_8"), &bytes), STATUS_OK);
    assert_text_equal(bytes, TEXT("\xFB\xFF"));
    assert_text_equal(base64url_encode(arena, bytes), TEXT("-_8"));
    assert_int_equal(base64url_decode(arena, TEXT(""), &bytes), STATUS_OK);
    assert_int_equal(bytes.length, 0);
    assert_int_equal(base64url_decode(arena, TEXT("-_8="), &bytes), STATUS_MALFORMED);
    assert_int_equal(base64url_decode(arena, TEXT("+/8"), &bytes), STATUS_MALFORMED);
    assert_int_equal(base64url_decode(arena, TEXT("-_9"), &bytes), STATUS_MALFORMED);
    assert_int_equal(base64url_decode(arena, TEXT("A"), &bytes), STATUS_MALFORMED);
    assert_int_equal(base64url_decode(arena, TEXT("AA A"), &bytes), STATUS_MALFORMED);
    arena_destroy(&arena);
}

static void digest_is_blake2b(void **state)
{
    (void)state;
    /* RFC 7693, appendix A. */
    static const uint8_t expected[8] = { 0xBA, 0x80, 0xA5, 0x3F, 0x98, 0x1C, 0x4D, 0x0D };
    uint8_t digest[64], keyed[64];
    const uint8_t key[SECRET_KEY_BYTES] = { 1 };
    secret_digest(TEXT("abc"), digest, sizeof digest);
    assert_memory_equal(digest, expected, sizeof expected);
    secret_digest_keyed(key, TEXT("abc"), keyed, sizeof keyed);
    assert_memory_not_equal(digest, keyed, sizeof digest);
}

static void secrets_are_compared_whole_and_wiped(void **state)
{
    (void)state;
    char secret[4] = { 's', 'o', 'u', 'k' };
    assert_true(secret_equals((struct text){ secret, 4 }, TEXT("souk")));
    assert_false(secret_equals((struct text){ secret, 4 }, TEXT("soul")));
    assert_false(secret_equals((struct text){ secret, 4 }, TEXT("sou")));
    assert_true(secret_equals(TEXT(""), (struct text){ 0 }));
    secret_wipe(secret, sizeof secret);
    assert_memory_equal(secret, "\0\0\0", 4);
}

static int open_secret(void **state)
{
    (void)state;
    secret_open();
    return 0;
}

static void sealed_message_opens_with_its_key_only(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    static const uint8_t key[SECRET_KEY_BYTES] = { 1 }, other[SECRET_KEY_BYTES] = { 2 },
                         nonce[SECRET_NONCE_BYTES] = { 3 };
    struct text opened = TEXT("untouched");
    const struct text sealed = secret_seal(arena, key, nonce, TEXT("message"));
    assert_null(memmem(sealed.data, sealed.length, "message", 7));
    assert_int_equal(secret_unseal(arena, other, sealed, &opened), STATUS_CORRUPT);
    for (size_t i = 0; i < sealed.length; i++) {
        char *changed = arena_copy(arena, sealed.data, sealed.length);
        changed[i] ^= 1;
        assert_int_equal(
            secret_unseal(arena, key, (struct text){ changed, sealed.length }, &opened),
            STATUS_CORRUPT);
        assert_int_equal(secret_unseal(arena, key, (struct text){ sealed.data, i }, &opened),
                         STATUS_CORRUPT);
    }
    assert_text_equal(opened, TEXT("untouched"));
    assert_int_equal(secret_unseal(arena, key, sealed, &opened), STATUS_OK);
    assert_text_equal(opened, TEXT("message"));
}

/* NULL: the file is refused. */
static void assert_first_line(const char *content, const char *line)
{
    char path[] = "/tmp/souk-test-secret-XXXXXX";
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct text secret = TEXT("untouched");
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    (void)close(file);
    const enum status status = secret_read_line(arena, path, &secret);
    (void)unlink(path);
    assert_int_equal(status, line == NULL ? STATUS_UNAVAILABLE : STATUS_OK);
    assert_text_equal(secret, text_of(line == NULL ? "untouched" : line));
}

#define FIRST_LINE(name, content, line)                                                            \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_first_line(content, line);                                                          \
    }

FIRST_LINE(secret_of_a_file_is_its_first_line, "one\ntwo\n", "one")
FIRST_LINE(carriage_return_is_not_of_the_secret, "one\r\n", "one")
FIRST_LINE(spaces_are_of_the_secret, "a b", "a b")
FIRST_LINE(empty_first_line_is_no_secret, "\nno", NULL)
FIRST_LINE(empty_file_is_no_secret, "", NULL)

static void file_that_is_not_there_is_no_secret(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct text secret;
    assert_int_equal(secret_read_line(arena, "/nowhere/secret", &secret), STATUS_UNAVAILABLE);
}

/* Who is told that his password is wrong because there is no memory is locked out in the end. */
static void without_memory_nobody_knows_whether_a_password_is_right(void **state)
{
    (void)state;
#ifndef SOUK_SANITIZED /* whose own memory is beyond any limit */
    char hash[PASSWORD_HASH_MAX];
    struct rlimit before, little;
    bool is_right = true;
    assert_int_equal(password_hash(TEXT("correct horse"), 1, 64 << 20, hash), STATUS_OK);
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    little = before;
    little.rlim_cur = 32 << 20;
    assert_int_equal(setrlimit(RLIMIT_DATA, &little), 0);
    const enum status status = password_verify(hash, TEXT("correct horse"), &is_right);
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
    assert_int_equal(status, STATUS_UNAVAILABLE);
    assert_false(is_right);
    assert_true(matches(hash, TEXT("correct horse")));
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_matches_its_own_hash_only),
        cmocka_unit_test(without_memory_nobody_knows_whether_a_password_is_right),
        cmocka_unit_test(hashes_of_one_password_differ),
        cmocka_unit_test(password_beyond_the_limit_is_refused),
        cmocka_unit_test(base64url_reads_what_it_writes_and_nothing_else),
        cmocka_unit_test(digest_is_blake2b),
        cmocka_unit_test(secrets_are_compared_whole_and_wiped),
        cmocka_unit_test(sealed_message_opens_with_its_key_only),
        cmocka_unit_test(secret_of_a_file_is_its_first_line),
        cmocka_unit_test(carriage_return_is_not_of_the_secret),
        cmocka_unit_test(spaces_are_of_the_secret),
        cmocka_unit_test(empty_first_line_is_no_secret),
        cmocka_unit_test(empty_file_is_no_secret),
        cmocka_unit_test(file_that_is_not_there_is_no_secret),
    };
    return cmocka_run_group_tests(tests, open_secret, NULL);
}
