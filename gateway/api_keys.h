/* Whom API keys speak for: asked from the domain that has them, and remembered by digest for a
 * minute at most. */
#pragma once

#include "gateway/inquiry.h"

enum {
    API_KEYS_MAX = 1024,    /* remembered */
    API_KEYS_ASKED_MAX = 64 /* asked for at once */
};
#define API_KEY_REFUSED_US (INT64_C(5) * 1000000) /* so long a refusal is remembered */
#define API_KEY_AWAY_US (INT64_C(1) * 1000000)    /* and an outage */
#define API_KEY_LIFE_MAX_US (INT64_C(60) * 1000000)

struct api_key_digest {
    uint8_t bytes[32];
};

struct api_keys;

/* `on_settled` is called when something that was asked for is known, or is not to be had. */
struct api_keys *api_keys_new(const struct inquirer *inquirer, void (*on_settled)(void *context),
                              void *context);
/* Nothing may be asked for. */
void api_keys_destroy(struct api_keys **keys);

/* True for texts that look like API keys, of whatever surface. */
bool api_key_is_one(struct text token);
struct api_key_digest api_key_digest_of(struct text token);
/* What is remembered. Statuses: OK, UNAUTHENTICATED, UNAVAILABLE (the domain was away just now),
 * NOT_FOUND (ask for it). */
MUST_CHECK enum status api_keys_find(const struct api_keys *keys,
                                     const struct api_key_digest *digest,
                                     struct principal *ret_principal);
/* Asks for it, or joins those who do; on_settled() will be called. Statuses: OK, UNAUTHENTICATED
 * (no key of that surface), OVERLOADED. */
MUST_CHECK enum status api_keys_ask(struct api_keys *keys, enum principal_kind kind,
                                    struct text token, const struct api_key_digest *digest);
/* With NULL: anything. */
bool api_keys_are_asking(const struct api_keys *keys, const struct api_key_digest *digest);
