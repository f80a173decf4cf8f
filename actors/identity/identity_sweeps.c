/* What the clock does in the schema identity: it turns signing keys, and deletes. */
#include "actors/identity/identity_sweeps.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_throttle_store.h"
#include "actors/identity/identity_ticket.h"
#include "identity_handlers.h"

/* The place of the actor that does it; false when another node owns its shard. */
static bool find_place(const struct request *request, unsigned shard_first, unsigned shard_last,
                       struct text *ret_place)
{
    assert(shard_first <= shard_last && shard_last < SHARD_COUNT);
    *ret_place = text_of(common_audience_names[identity_audience_here(request)]);
    const unsigned shard = shard_of_text(*ret_place);
    return shard >= shard_first && shard <= shard_last;
}

/* Gateways must know the key before anybody signs in with it, so the first is made as soon as the
 * domain is served. */
enum status identity_keys_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct identity_make_signing_key make;
    if (!find_place(request, shard_first, shard_last, &make.surface)) return STATUS_OK;
    return request_ask(request, identity_messages_here(request)->make_signing_key, &make, NULL);
}

/* Every minute a bounded number: a backlog is worked off without holding the shard. */
enum status identity_trim_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct identity_trim_failures trim;
    if (!find_place(request, shard_first, shard_last, &trim.surface)) return STATUS_OK;
    return request_ask(request, identity_messages_here(request)->trim_failures, &trim, NULL);
}

enum status identity_handle_trim_failures(struct request *request,
                                          const struct identity_domain *domain,
                                          const struct identity_trim_failures *command)
{
    (void)command;
    identity_throttle_trim(request);
    identity_sessions_trim(request);
    identity_tickets_trim(request);
    identity_api_keys_trim(request);
    if (domain->trim != NULL) domain->trim(request);
    return STATUS_OK;
}
