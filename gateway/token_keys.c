/* Asks user.get_token_keys in a fiber, one at a time and at most once a second. */
#include "gateway/token_keys.h"

#include <stdlib.h>
#include <string.h>

#include "messages/codec_msgpack.h"
#include "user_messages.h"

enum { KEYS_DEADLINE_US = 5000000, KEYS_BODY_MAX = 256, KEYS_ARENA_BYTES = 4096 };

struct token_keys {
    const struct backend *backend;
    struct fibers *fibers;
    struct clock *clock;
    struct rng *rng;
    void (*on_settled)(void *context);
    void *context;
    struct token_key list[TOKEN_KEYS_MAX];
    size_t count;
    int64_t asked_us;
    bool was_asked;
    bool is_asking;
    bool are_known;
};

struct token_keys *token_keys_new(const struct backend *backend, struct fibers *fibers,
                                  struct clock *clock, struct rng *rng,
                                  void (*on_settled)(void *context), void *context)
{
    struct token_keys *keys = calloc(1, sizeof(*keys));
    if (keys == NULL) abort();
    keys->backend = backend;
    keys->fibers = fibers;
    keys->clock = clock;
    keys->rng = rng;
    keys->on_settled = on_settled;
    keys->context = context;
    return keys;
}

void token_keys_destroy(struct token_keys **keys)
{
    if (*keys == NULL) return;
    assert(!(*keys)->is_asking);
    free(*keys);
    *keys = NULL;
}

const struct token_key *token_keys_find(const struct token_keys *keys, struct text kid)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (text_equals_string(kid, keys->list[i].kid)) return &keys->list[i];
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
    }
    return PRINCIPAL_NONE;
}

static void token_keys_replace(struct token_keys *keys, const struct common_token_keys *reply)
{
    keys->count = 0;
    for (size_t i = 0; i < reply->keys_count && keys->count < TOKEN_KEYS_MAX; i++) {
        const struct common_token_key *from = &reply->keys[i];
        struct token_key *to = &keys->list[keys->count];
        if (from->kid.length > TOKEN_KID_MAX || from->public_key.length != sizeof(to->public_key))
            continue;
        memset(to, 0, sizeof(*to));
        memcpy(to->kid, from->kid.data, from->kid.length);
        memcpy(to->public_key, from->public_key.data, sizeof(to->public_key));
        to->audience = audience_principal(from->audience);
        keys->count++;
    }
}

static enum status token_keys_ask(struct token_keys *keys, struct arena *arena)
{
    const struct message *message = &user_get_token_keys_message;
    const struct user_get_token_keys question = { 0 };
    struct envelope *request = arena_allocate(arena, sizeof(*request));
    struct envelope *reply = arena_allocate(arena, sizeof(*reply));
    struct common_token_keys *answer = arena_allocate(arena, sizeof(*answer));
    uint8_t random[10];
    keys->rng->fill(keys->rng->context, random, sizeof(random));
    request->kind = ENVELOPE_REQUEST;
    request->domain = (uint8_t)message->domain;
    request->number = message->number;
    request->msg_id = uuid_make(keys->clock->real_us(keys->clock->context), random, 0);
    TRY(msgpack_encode(message->body, &question, arena, KEYS_BODY_MAX, &request->body));
    const int64_t deadline_us = keys->clock->monotonic_us(keys->clock->context) + KEYS_DEADLINE_US;
    TRY(keys->backend->ask(keys->backend->context, request, deadline_us, arena, reply));
    if (reply->status != STATUS_OK) return reply->status;
    TRY(msgpack_decode(message->reply, reply->body, arena, answer));
    token_keys_replace(keys, answer);
    return STATUS_OK;
}

static void token_keys_fetch(void *argument)
{
    struct token_keys *keys = argument;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(KEYS_ARENA_BYTES);
    const enum status status = token_keys_ask(keys, arena);
    /* A market that was just made has no key for a moment. */
    keys->are_known = status == STATUS_OK && keys->count > 0;
    keys->is_asking = false;
    keys->on_settled(keys->context);
}

bool token_keys_refresh(struct token_keys *keys)
{
    if (keys->is_asking) return true;
    const int64_t now_us = keys->clock->monotonic_us(keys->clock->context);
    const int64_t interval_us = keys->are_known ? TOKEN_KEYS_INTERVAL_US : TOKEN_KEYS_RETRY_US;
    if (keys->was_asked && now_us - keys->asked_us < interval_us) return false;
    keys->was_asked = true;
    keys->asked_us = now_us;
    keys->is_asking = true;
    if (fiber_spawn(keys->fibers, token_keys_fetch, keys) == STATUS_OK) return true;
    keys->is_asking = false;
    return false;
}

bool token_keys_is_refreshing(const struct token_keys *keys)
{
    return keys->is_asking;
}

bool token_keys_are_known(const struct token_keys *keys)
{
    return keys->are_known;
}
