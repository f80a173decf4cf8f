/* The surfaces, and one question: encoded, sent through the backend, decoded. Envelopes and replies
 * are made in the arena, because they would take too much of a fiber's stack. */
#include "gateway/inquiry.h"

#include <string.h>

#include "messages/codec_msgpack.h"

enum { DEADLINE_US = 5000000, BODY_MAX = 8192 };

const struct surface surfaces[SURFACES] = {
    { PRINCIPAL_SHOPPER, "store", "usr", "adm", "sk_store_", &user_identity_messages },
    { PRINCIPAL_VENDOR, "vendor", "ven", "mbr", "sk_vendor_", &vendor_identity_messages },
    { PRINCIPAL_ADMIN, "admin", "adm", "adm", "sk_admin_", &admin_identity_messages },
};

const struct surface *surface_of(enum principal_kind kind)
{
    for (size_t i = 0; i < SURFACES; i++) {
        if (surfaces[i].kind == kind) return &surfaces[i];
    }
    return NULL;
}

int64_t inquirer_now_us(const struct inquirer *inquirer)
{
    return clock_now_us(inquirer->clock);
}

int64_t inquirer_real_us(const struct inquirer *inquirer)
{
    return clock_real_us(inquirer->clock);
}

enum status inquire(const struct inquirer *inquirer, const struct message *message,
                    const void *body, struct arena *arena, void *ret_reply)
{
    assert(message->reply != NULL);
    struct envelope *request = arena_allocate(arena, sizeof *request);
    struct envelope *reply = arena_allocate(arena, sizeof *reply);
    void *answer = arena_allocate(arena, message->reply->size);
    uint8_t random[10];
    unsigned shard = 0;
    inquirer->rng->fill(inquirer->rng->context, random, sizeof random);
    request->kind = ENVELOPE_REQUEST;
    request->domain = (uint8_t)message->domain;
    request->number = message->number;
    request->msg_id = uuid_make(inquirer_real_us(inquirer), random, 0);
    if (message_key_of(message, body, (struct uuid){ { 0 } }, &request->key, &shard))
        request->shard = (uint8_t)shard;
    TRY(msgpack_encode(message->body, body, arena, BODY_MAX, &request->body));
    const struct backend *backend = inquirer->backend;
    TRY(backend->ask(backend->context, request, inquirer_now_us(inquirer) + DEADLINE_US, arena,
                     reply));
    if (reply->status != STATUS_OK) return reply->status;
    if (message->reply->fields_count == 0) return STATUS_OK; /* its body is empty */
    if (msgpack_decode(message->reply, reply->body, arena, answer) != STATUS_OK)
        return STATUS_CORRUPT;
    memcpy(ret_reply, answer, message->reply->size);
    return STATUS_OK;
}
