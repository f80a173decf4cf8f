/* Passwords, tokens, digests: thin and bounded covers of libsodium. */
#include "runtime/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "libsodium's PHC strings fit");
static_assert(PASSWORD_MEMORY_BYTES_MIN == crypto_pwhash_MEMLIMIT_MIN, "libsodium's least memory");
static_assert(SECRET_DIGEST_BYTES_MAX == crypto_generichash_BYTES_MAX, "longest BLAKE2b");
static_assert(SECRET_DIGEST_BYTES_MIN == crypto_generichash_BYTES_MIN, "shortest BLAKE2b");
static_assert(SECRET_KEY_BYTES == crypto_generichash_KEYBYTES, "key of BLAKE2b");
static_assert(SECRET_KEY_BYTES == crypto_secretbox_KEYBYTES, "key of secretbox");
static_assert(SECRET_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "nonce of secretbox");

void secret_open(void)
{
    if (sodium_init() < 0) abort();
}

enum status password_hash(struct text password, uint64_t passes, size_t memory_bytes,
                          char ret_hash[PASSWORD_HASH_MAX])
{
    assert(passes >= 1);
    assert(memory_bytes >= PASSWORD_MEMORY_BYTES_MIN);
    if (password.length > PASSWORD_LENGTH_MAX) return STATUS_OUT_OF_RANGE;
    char hash[PASSWORD_HASH_MAX];
    const char *bytes = password.length > 0 ? password.data : "";
    if (crypto_pwhash_str_alg(hash, bytes, password.length, passes, memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return STATUS_UNAVAILABLE;
    memcpy(ret_hash, hash, sizeof hash);
    return STATUS_OK;
}

enum { PASSWORD_DIGEST_BYTES = 32 }; /* of libsodium's strings */

/* The parts of a PHC string as password_hash() makes it. */
struct password_parts {
    unsigned long long passes;
    size_t memory_bytes;
    uint8_t salt[crypto_pwhash_SALTBYTES], digest[PASSWORD_DIGEST_BYTES];
};

static bool decode_part(const char *text, size_t length, uint8_t *ret_bytes, size_t bytes)
{
    size_t decoded;
    return sodium_base642bin(ret_bytes, bytes, text, length, NULL, &decoded, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           decoded == bytes;
}

static bool password_parts_read(const char *hash, struct password_parts *ret_parts)
{
    unsigned long memory_kib, passes;
    int length = 0;
    if (sscanf(hash, "$argon2id$v=19$m=%9lu,t=%9lu,p=1$%n", &memory_kib, &passes, &length) != 2 ||
        length == 0)
        return false;
    const char *salt = hash + length, *end = strchr(salt, '$');
    if (end == NULL) return false;
    ret_parts->passes = passes;
    ret_parts->memory_bytes = (size_t)memory_kib * 1024;
    return decode_part(salt, (size_t)(end - salt), ret_parts->salt, sizeof ret_parts->salt) &&
           decode_part(end + 1, strlen(end + 1), ret_parts->digest, sizeof ret_parts->digest);
}

/* crypto_pwhash_str_verify() has one answer for a wrong password and for memory that cannot be had,
 * so the digest is made anew and compared here. */
enum status password_verify(const char *hash, struct text password, bool *ret_matches)
{
    struct password_parts parts;
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    *ret_matches = false;
    if (password.length > PASSWORD_LENGTH_MAX || !password_parts_read(hash, &parts))
        return STATUS_OK;
    const char *bytes = password.length > 0 ? password.data : "";
    errno = 0;
    if (crypto_pwhash(digest, sizeof digest, bytes, password.length, parts.salt, parts.passes,
                      parts.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return errno == ENOMEM ? STATUS_UNAVAILABLE : STATUS_OK;
    *ret_matches = sodium_memcmp(digest, parts.digest, sizeof digest) == 0;
    sodium_memzero(digest, sizeof digest);
    return STATUS_OK;
}

void secret_digest(struct text message, void *ret_digest, size_t digest_bytes)
{
    const int result =
        crypto_generichash(ret_digest, digest_bytes, (const unsigned char *)message.data,
                           message.length, NULL /* no key */, 0);
    assert(result == 0);
}

void secret_digest_keyed(const uint8_t key[SECRET_KEY_BYTES], struct text message, void *ret_digest,
                         size_t digest_bytes)
{
    const int result =
        crypto_generichash(ret_digest, digest_bytes, (const unsigned char *)message.data,
                           message.length, key, SECRET_KEY_BYTES);
    assert(result == 0);
}

bool secret_equals(struct text a, struct text b)
{
    if (a.length != b.length) return false;
    return a.length == 0 || sodium_memcmp(a.data, b.data, a.length) == 0;
}

struct text secret_seal(struct arena *arena, const uint8_t key[SECRET_KEY_BYTES],
                        const uint8_t nonce[SECRET_NONCE_BYTES], struct text message)
{
    const size_t length = SECRET_NONCE_BYTES + crypto_secretbox_MACBYTES + message.length;
    unsigned char *sealed = arena_allocate(arena, length);
    memcpy(sealed, nonce, SECRET_NONCE_BYTES);
    const int result =
        crypto_secretbox_easy(sealed + SECRET_NONCE_BYTES, (const unsigned char *)message.data,
                              message.length, nonce, key);
    assert(result == 0);
    return (struct text){ (const char *)sealed, length };
}

enum status secret_unseal(struct arena *arena, const uint8_t key[SECRET_KEY_BYTES],
                          struct text sealed, struct text *ret_message)
{
    const size_t overhead = SECRET_NONCE_BYTES + crypto_secretbox_MACBYTES;
    if (sealed.length < overhead) return STATUS_CORRUPT;
    const size_t length = sealed.length - overhead;
    const unsigned char *bytes = (const unsigned char *)sealed.data;
    unsigned char *message = arena_allocate(arena, length);
    if (crypto_secretbox_open_easy(message, bytes + SECRET_NONCE_BYTES,
                                   sealed.length - SECRET_NONCE_BYTES, bytes, key) != 0)
        return STATUS_CORRUPT;
    *ret_message = (struct text){ (const char *)message, length };
    return STATUS_OK;
}

void secret_wipe(void *data, size_t size)
{
    sodium_memzero(data, size);
}

struct text base64url_encode(struct arena *arena, struct text bytes)
{
    const size_t size =
        sodium_base64_encoded_len(bytes.length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = arena_allocate(arena, size);
    (void)sodium_bin2base64(encoded, size, (const unsigned char *)bytes.data, bytes.length,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (struct text){ .data = encoded, .length = size - 1 };
}

enum status base64url_decode(struct arena *arena, struct text text, struct text *ret_bytes)
{
    assert(ret_bytes != NULL);
    const size_t capacity = text.length / 4 * 3 + 3;
    unsigned char *decoded = arena_allocate(arena, capacity);
    size_t length = 0;
    if (text.length > 0 &&
        sodium_base642bin(decoded, capacity, text.data, text.length, NULL /* skip nothing */,
                          &length, NULL /* the whole text */,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STATUS_MALFORMED;
    *ret_bytes = (struct text){ .data = (const char *)decoded, .length = length };
    return STATUS_OK;
}

enum status secret_read_line(struct arena *arena, const char *path, struct text *ret_secret)
{
    char line[SECRET_LINE_MAX];
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return STATUS_UNAVAILABLE;
    const ssize_t length = read(file, line, sizeof line);
    (void)close(file);
    size_t end = 0;
    while (length > 0 && end < (size_t)length && line[end] != '\n' && line[end] != '\r')
        end++;
    if (end == 0) return STATUS_UNAVAILABLE;
    *ret_secret = text_copy(arena, (struct text){ line, end });
    secret_wipe(line, sizeof line);
    return STATUS_OK;
}
