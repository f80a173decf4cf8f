/* The public keys that access tokens are verified with, asked from the domains and kept in memory.
 */
#pragma once

#include "gateway/backend.h"
#include "runtime/fiber.h"
#include "runtime/platform.h"

enum {
    TOKEN_KEYS_MAX = 16,
    TOKEN_KID_MAX = 64,
    TOKEN_KEYS_INTERVAL_US = 1000000,
    TOKEN_KEYS_RETRY_US = 20000
};

struct token_key {
    char kid[TOKEN_KID_MAX + 1];
    uint8_t public_key[32];
    enum principal_kind audience; /* whose tokens it signs */
};

struct token_keys;

/* `on_settled` is called when a refresh has ended, well or not. */
struct token_keys *token_keys_new(const struct backend *backend, struct fibers *fibers,
                                  struct clock *clock, struct rng *rng,
                                  void (*on_settled)(void *context), void *context);
/* No refresh may be under way. */
void token_keys_destroy(struct token_keys **keys);
/* NULL if it is not known (yet). */
const struct token_key *token_keys_find(const struct token_keys *keys, struct text kid);
/* Asks for the keys, unless that happened within the last second (20 ms while none are known);
 * joins a refresh that is under way. True when on_settled() will be called. */
bool token_keys_refresh(struct token_keys *keys);
bool token_keys_is_refreshing(const struct token_keys *keys);
/* True when the last refresh worked and there are keys. */
bool token_keys_are_known(const struct token_keys *keys);
