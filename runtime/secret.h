/* Passwords, tokens, digests and their comparison, all through libsodium. loop_new() or
 * secret_open() has run first. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum {
    PASSWORD_LENGTH_MAX = 1024, /* bytes; longer ones are refused, else hashing is a cheap attack */
    PASSWORD_HASH_MAX = 128,    /* bytes of a PHC string with its NUL */
    PASSWORD_MEMORY_BYTES_MIN = 8192, /* libsodium's least */
    SECRET_KEY_BYTES = 32,
    SECRET_NONCE_BYTES = 24,
    SECRET_DIGEST_BYTES_MIN = 16,
    SECRET_DIGEST_BYTES_MAX = 64,
    SECRET_LINE_MAX = 512,
};

/* Prepares libsodium; any number of times. */
void secret_open(void);

/* Hashes a password with Argon2id (RFC 9106) and a random salt into a PHC string. Takes tens of
 * milliseconds and needs no arena: meant for a pool thread. Statuses: OK, OUT_OF_RANGE (password
 * too long), UNAVAILABLE (no memory). */
MUST_CHECK enum status password_hash(struct text password, uint64_t passes, size_t memory_bytes,
                                     char ret_hash[PASSWORD_HASH_MAX]);
/* Whether the password belongs to the PHC string; a string that is none never matches. Likewise for
 * a pool thread. Statuses: OK, UNAVAILABLE (no memory: nobody knows). */
MUST_CHECK enum status password_verify(const char *hash, struct text password, bool *ret_matches);

/* BLAKE2b (RFC 7693) of 16 to 64 bytes. */
void secret_digest(struct text message, void *ret_digest, size_t digest_bytes);
/* The same, keyed: a message authentication code. */
void secret_digest_keyed(const uint8_t key[SECRET_KEY_BYTES], struct text message, void *ret_digest,
                         size_t digest_bytes);
/* The first line of a file, without its end, in the arena; read each time, so that a changed secret
 * counts at once. Reads from the disk, at most SECRET_LINE_MAX bytes. Statuses: OK, UNAVAILABLE (it
 * cannot be read, or is empty). */
MUST_CHECK enum status secret_read_line(struct arena *arena, const char *path,
                                        struct text *ret_secret);
/* Compares in a time that depends on the lengths only. */
bool secret_equals(struct text a, struct text b);
/* Encrypts and authenticates (XSalsa20-Poly1305, NaCl's secretbox) under a nonce that was never
 * used with this key: 24 random bytes. The result is the nonce and the box, in the arena. */
struct text secret_seal(struct arena *arena, const uint8_t key[SECRET_KEY_BYTES],
                        const uint8_t nonce[SECRET_NONCE_BYTES], struct text message);
/* Statuses: OK, CORRUPT (sealed with another key, or changed). */
MUST_CHECK enum status secret_unseal(struct arena *arena, const uint8_t key[SECRET_KEY_BYTES],
                                     struct text sealed, struct text *ret_message);
/* Overwrites memory; never optimised away. */
void secret_wipe(void *data, size_t size);

/* base64url (RFC 4648, section 5) without padding. */
struct text base64url_encode(struct arena *arena, struct text bytes);
/* Statuses: OK, MALFORMED (other characters, padding, or bits set behind the end). */
MUST_CHECK enum status base64url_decode(struct arena *arena, struct text text,
                                        struct text *ret_bytes);
