/* Asks each domain for its keys in a fiber: one question at a time, and one per interval, because
 * every token with an unknown key id, also a made-up one, wants a refresh. */
#include "gateway/token_keys.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_ARENA_BYTES = 4096 };

/* What one domain has said. */
struct key_source {
    struct token_keys *keys;
    const struct surface *surface;
    struct token_key list[TOKEN_KEYS_MAX];
    size_t count;
    int64_t asked_us;
    bool was_asked;
    bool is_asking;
    bool are_known;
};

struct token_keys {
    const struct inquirer *inquirer;
    void (*on_settled)(void *context);
    void *context;
    struct key_source sources[SURFACES];
};

const struct token_key *token_keys_list(const struct token_keys *keys, enum principal_kind kind,
                                        size_t *ret_count)
{
    const struct surface *surface = surface_of(kind);
    assert(surface != NULL);
    const struct key_source *source = &keys->sources[surface - surfaces];
    *ret_count = source->count;
    return source->list;
}

struct token_keys *token_keys_new(const struct inquirer *inquirer,
                                  void (*on_settled)(void *context), void *context)
{
    assert(inquirer != NULL);
    assert(on_settled != NULL);
    struct token_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) abort();
    keys->inquirer = inquirer;
    keys->on_settled = on_settled;
    keys->context = context;
    for (size_t i = 0; i < SURFACES; i++) {
        keys->sources[i].keys = keys;
        keys->sources[i].surface = &surfaces[i];
    }
    return keys;
}

void token_keys_destroy(struct token_keys **keys)
{
    if (*keys == NULL) return;
    for (size_t i = 0; i < SURFACES; i++)
        assert(!(*keys)->sources[i].is_asking);
    free(*keys);
    *keys = NULL;
}

const struct token_key *token_keys_find(const struct token_keys *keys, struct text kid)
{
    for (size_t i = 0; i < SURFACES; i++) {
        const struct key_source *source = &keys->sources[i];
        for (size_t k = 0; k < source->count; k++) {
            if (text_equals_string(kid, source->list[k].kid)) return &source->list[k];
        }
    }
    return NULL;
}

static enum principal_kind audience_principal(enum common_audience audience)
{
    switch (audience) {
    case COMMON_AUDIENCE_STORE:
        return PRINCIPAL_SHOPPER;
    case COMMON_AUDIENCE_VENDOR:
        return PRINCIPAL_VENDOR;
    case COMMON_AUDIENCE_ADMIN:
        return PRINCIPAL_ADMIN;
    case COMMON_AUDIENCE_GUEST:
        break;
    }
    return PRINCIPAL_NONE;
}

/* A domain's word counts for its own surface only: one that was broken into cannot sign for staff.
 */
static void source_replace(struct key_source *source, const struct common_token_keys *reply)
{
    source->count = 0;
    for (size_t i = 0; i < reply->keys_count && source->count < TOKEN_KEYS_MAX; i++) {
        const struct common_token_key *from = &reply->keys[i];
        struct token_key *to = &source->list[source->count];
        if (from->kid.length > TOKEN_KID_MAX || from->public_key.length != sizeof to->public_key ||
            audience_principal(from->audience) != source->surface->kind)
            continue;
        memset(to, 0, sizeof *to); /* ends the id, too */
        memcpy(to->kid, from->kid.data, from->kid.length);
        memcpy(to->public_key, from->public_key.data, sizeof to->public_key);
        to->audience = source->surface->kind;
        source->count++;
    }
}

static void source_fetch(void *argument)
{
    struct key_source *source = argument;
    struct token_keys *keys = source->keys;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(KEYS_ARENA_BYTES);
    const struct identity_get_token_keys question = { 0 };
    struct common_token_keys answer;
    const enum status status = inquire(keys->inquirer, source->surface->messages->get_token_keys,
                                       &question, arena, &answer);
    if (status == STATUS_OK) source_replace(source, &answer);
    /* A market that was just made has no key for a moment. A domain of an older version does not
     * know the question, and has no tokens. */
    source->are_known = (status == STATUS_OK && source->count > 0) || status == STATUS_UNSUPPORTED;
    source->is_asking = false;
    keys->on_settled(keys->context);
}

static struct key_source *source_of(struct token_keys *keys, enum principal_kind kind)
{
    for (size_t i = 0; i < SURFACES; i++) {
        if (keys->sources[i].surface->kind == kind) return &keys->sources[i];
    }
    assert(false && "tokens are of shoppers, vendors and staff");
    return NULL;
}

bool token_keys_refresh(struct token_keys *keys, enum principal_kind kind)
{
    struct key_source *source = source_of(keys, kind);
    if (source->is_asking) return true;
    const int64_t now_us = inquirer_now_us(keys->inquirer);
    const int64_t interval_us = source->are_known ? TOKEN_KEYS_INTERVAL_US : TOKEN_KEYS_RETRY_US;
    if (source->was_asked && now_us - source->asked_us < interval_us) return false;
    source->was_asked = true;
    source->asked_us = now_us;
    source->is_asking = true;
    if (fiber_spawn(keys->inquirer->fibers, source_fetch, source) == STATUS_OK) return true;
    source->is_asking = false;
    return false;
}

bool token_keys_is_refreshing(const struct token_keys *keys, enum principal_kind kind)
{
    return source_of((struct token_keys *)(uintptr_t)keys, kind)->is_asking;
}

bool token_keys_are_known(const struct token_keys *keys, enum principal_kind kind)
{
    return source_of((struct token_keys *)(uintptr_t)keys, kind)->are_known;
}
