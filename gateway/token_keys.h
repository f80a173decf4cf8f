/* The public keys that access tokens are verified with, asked from the domains and kept in memory.
 * Each domain is asked by itself: while one is away, the keys of the others and its own last ones
 * stay. */
#pragma once

#include "gateway/inquiry.h"

enum {
    TOKEN_KEYS_MAX = 8, /* of a surface */
    TOKEN_KID_MAX = 64,
    TOKEN_KEYS_INTERVAL_US = 1000000,
    TOKEN_KEYS_RETRY_US = 20000
};

struct token_key {
    char kid[TOKEN_KID_MAX + 1];
    uint8_t public_key[32];
    enum principal_kind audience; /* whose tokens it signs: those of the domain that named it */
};

struct token_keys;

/* `on_settled` is called when a refresh has ended, well or not. */
struct token_keys *token_keys_new(const struct inquirer *inquirer,
                                  void (*on_settled)(void *context), void *context);
/* No refresh may be under way. */
void token_keys_destroy(struct token_keys **keys);
/* NULL if it is not known (yet). */
const struct token_key *token_keys_find(const struct token_keys *keys, struct text kid);
/* Asks for the keys of a surface, unless that happened within the last second (20 ms while none are
 * known); joins a refresh that is under way. True when on_settled() will be called. */
bool token_keys_refresh(struct token_keys *keys, enum principal_kind kind);
bool token_keys_is_refreshing(const struct token_keys *keys, enum principal_kind kind);
/* True when the last refresh worked and there are keys, or the domain has none to give. */
bool token_keys_are_known(const struct token_keys *keys, enum principal_kind kind);
