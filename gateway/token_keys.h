/* The public keys that access tokens are verified with, asked of the domains and kept in memory.
 * Each domain is asked for itself: while one is away, the keys of the others stay, and its own last
 * ones, too. */
#pragma once

#include "gateway/inquiry.h"

enum {
    TOKEN_KEYS_MAX = 8, /* of a surface */
    TOKEN_KID_MAX = 64,
    TOKEN_KEYS_INTERVAL_US = 1000000, /* between two questions to a domain */
    TOKEN_KEYS_RETRY_US = 20000       /* the same, while it has none to give: at a first start */
};

/* One key. */
struct token_key {
    char kid[TOKEN_KID_MAX + 1];
    uint8_t public_key[32];
    enum principal_kind audience; /* whose tokens it signs: those of the domain that named it */
};

struct token_keys;

/* `on_settled` is called when a refresh has ended, with keys or without. */
struct token_keys *token_keys_new(const struct inquirer *inquirer,
                                  void (*on_settled)(void *context), void *context);
/* No refresh may be under way. */
void token_keys_destroy(struct token_keys **keys);
/* The key of that id, of whatever surface; NULL if it is not known, perhaps not yet. Lent until the
 * next refresh. */
const struct token_key *token_keys_find(const struct token_keys *keys, struct text kid);
/* The keys of a surface that are known, and how many. Lent until the next refresh. */
const struct token_key *token_keys_list(const struct token_keys *keys, enum principal_kind kind,
                                        size_t *ret_count);
/* Asks for the keys of a surface, unless that was done within the interval; joins a refresh that is
 * under way. True when on_settled() will be called, or has been during the call. */
bool token_keys_refresh(struct token_keys *keys, enum principal_kind kind);
/* True while the domain of a surface is being asked. */
bool token_keys_is_refreshing(const struct token_keys *keys, enum principal_kind kind);
/* True when the last refresh brought keys, or the domain is too old to have any. */
bool token_keys_are_known(const struct token_keys *keys, enum principal_kind kind);
