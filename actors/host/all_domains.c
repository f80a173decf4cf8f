/* From owner to owner along the shards of a domain. */
#include "actors/host/all_domains.h"

#include <string.h>

#include "actors/host/address.h"
#include "actors/host/request_internal.h"

/* One question to the owner of a shard. */
static enum status ask_owner(struct request *request, enum domain domain, unsigned shard,
                             const struct message *message, const void *body, void *ret_reply)
{
    struct host *host = request->hosted->host;
    struct envelope envelope, reply;
    TRY(address_message(message, body, request_next_ask_id(request), request->arena, &envelope));
    envelope.domain = (uint8_t)domain;
    envelope.shard = (uint8_t)shard;
    envelope.key = host_random_uuid(host); /* a key sends it to the shard's owner */
    TRY(bus_ask(host->bus, &envelope, request->deadline_us, request->arena, &reply));
    return address_read_reply(message, &reply, request->arena, ret_reply);
}

enum status domain_ask_owner(struct request *request, enum domain domain, unsigned shard,
                             const struct message *message, const void *body, void *ret_reply)
{
    assert(message->domain == DOMAIN_HOST);
    assert(shard < SHARD_COUNT);
    return ask_owner(request, domain, shard, message, body, ret_reply);
}

enum status domain_ask(struct request *request, enum domain domain, const struct message *message,
                       const void *body, domain_take *take, void *context)
{
    assert(message->domain == DOMAIN_HOST);
    assert(take != NULL);
    for (unsigned shard = 0; shard < SHARD_COUNT;) {
        void *answer = arena_allocate(request->arena, message->reply->size);
        TRY(ask_owner(request, domain, shard, message, body, answer));
        const int64_t last = take(context, domain, answer);
        if (last < (int64_t)shard || last >= SHARD_COUNT) return STATUS_CORRUPT;
        shard = (unsigned)last + 1;
    }
    return STATUS_OK;
}

bool domain_is_served(enum domain domain)
{
    return domain != DOMAIN_HOST && strcmp(domain_name(domain), "unknown") != 0;
}

enum status all_domains_ask(struct request *request, const struct message *message,
                            const void *body, domain_take *take, void *context)
{
    for (int domain = 1; domain < DOMAIN_LIMIT; domain++)
        if (domain_is_served((enum domain)domain))
            TRY(domain_ask(request, (enum domain)domain, message, body, take, context));
    return STATUS_OK;
}
