/* From owner to owner along the shards of a domain; and the row of the market's time. */
#include "actors/host/test_mode.h"

#include <string.h>

#include "actors/host/address.h"
#include "actors/host/request_internal.h"
#include "storage/market_time.h"

#define OFFSET_MAX_US ((int64_t)100 * 365 * 24 * 3600 * 1000000)

bool test_mode_is_on(const struct request *request)
{
    return config_bool(request_config(request), SETTING_TEST_MODE);
}

enum status test_mode_ask_domain(struct request *request, enum domain domain,
                                 const struct message *message, const void *body,
                                 test_mode_take *take, void *context)
{
    assert(message->domain == DOMAIN_HOST);
    assert(take != NULL);
    struct host *host = request->hosted->host;
    for (unsigned shard = 0; shard < SHARD_COUNT;) {
        struct envelope envelope, reply;
        void *answer = arena_allocate(request->arena, message->reply->size);
        TRY(address_message(message, body, request_next_ask_id(request), request->arena,
                            &envelope));
        envelope.domain = (uint8_t)domain;
        envelope.shard = (uint8_t)shard;
        envelope.key = host_random_uuid(host); /* a key sends it to the shard's owner */
        TRY(bus_ask(host->bus, &envelope, request->deadline_us, request->arena, &reply));
        TRY(address_read_reply(message, &reply, request->arena, answer));
        const int64_t last = take(context, answer);
        if (last < (int64_t)shard || last >= SHARD_COUNT) return STATUS_CORRUPT;
        shard = (unsigned)last + 1;
    }
    return STATUS_OK;
}

static bool is_served(enum domain domain)
{
    return domain != DOMAIN_HOST && strcmp(domain_name(domain), "unknown") != 0;
}

enum status test_mode_ask_all(struct request *request, const struct message *message,
                              const void *body, test_mode_take *take, void *context)
{
    for (int domain = 1; domain < DOMAIN_LIMIT; domain++)
        if (is_served((enum domain)domain))
            TRY(test_mode_ask_domain(request, (enum domain)domain, message, body, take, context));
    return STATUS_OK;
}

enum status test_mode_move_clock(struct request *request, int64_t by_us, int64_t *ret_offset_us)
{
    assert(by_us >= 0);
    int64_t offset_us;
    struct arena *arena = request->arena;
    TRY(market_time_load(request->hosted->database, arena, request->deadline_us, &offset_us));
    if (by_us > OFFSET_MAX_US - offset_us) return STATUS_OUT_OF_RANGE;
    market_time_move(request_unit(request), arena, offset_us, offset_us + by_us);
    *ret_offset_us = offset_us + by_us;
    return STATUS_OK;
}
