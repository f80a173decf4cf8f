/* Whom API keys speak for: asked of the domain that has them, and remembered by digest for a minute
 * at most. A refusal and an outage are remembered, too, for a shorter time, so that a client that
 * repeats a bad key does not make a question of each request. */
#pragma once

#include "gateway/inquiry.h"

enum {
    API_KEYS_MAX = 1024,    /* remembered at once */
    API_KEYS_ASKED_MAX = 64 /* questions under way at once */
};
/* How long a refusal, an outage and a good answer are remembered. */
#define API_KEY_REFUSED_US (INT64_C(5) * 1000000)
#define API_KEY_AWAY_US (INT64_C(1) * 1000000)
#define API_KEY_LIFE_MAX_US (INT64_C(60) * 1000000)

/* What a key is remembered by: the key itself stands nowhere. */
struct api_key_digest {
    uint8_t bytes[32];
};

struct api_keys;

/* `on_settled` is called when a question has ended, with an answer or without. */
struct api_keys *api_keys_new(const struct inquirer *inquirer, void (*on_settled)(void *context),
                              void *context);
/* No question may be under way. Clears the pointer, which may be NULL. */
void api_keys_destroy(struct api_keys **keys);

/* True for texts that look like an API key of some surface, and unlike a token. */
bool api_key_is_one(struct text token);
struct api_key_digest api_key_digest_of(struct text token);
/* What is remembered of a key. Statuses: OK, UNAUTHENTICATED (its domain refuses it), UNAVAILABLE
 * (its domain did not answer just now), NOT_FOUND (nothing: ask for it). */
MUST_CHECK enum status api_keys_find(const struct api_keys *keys,
                                     const struct api_key_digest *digest,
                                     struct principal *ret_principal);
/* Asks the domain for a key, or joins a question for it that is under way. Statuses: OK
 * (on_settled() will be called, or has been during the call), UNAUTHENTICATED (not the form of a
 * key of that surface), OVERLOADED (too many questions are under way). */
MUST_CHECK enum status api_keys_ask(struct api_keys *keys, enum principal_kind kind,
                                    struct text token, const struct api_key_digest *digest);
/* True while the key is asked for; with NULL: any key. */
bool api_keys_are_asking(const struct api_keys *keys, const struct api_key_digest *digest);
/* Forgets what is remembered of keys that have ended: who sends one again is asked for. Of a
 * question that is under way the answer may be of a moment before, so it is taken for a refusal. */
void api_keys_forget(struct api_keys *keys, const struct uuid *key_ids, size_t count);
