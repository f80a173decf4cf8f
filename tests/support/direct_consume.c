/* Events of other domains, for tests of the domain that consumes them. */
#include "tests/support/direct_internal.h"

static const struct dispatch_entry *find_consumer(const struct direct_market *market,
                                                  const struct message *event)
{
    const struct dispatch_table *table = market->domain->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++) {
        if (table->consumers[i].message == event) return &table->consumers[i];
    }
    assert(false && "no such event is consumed by this domain");
    return NULL;
}

enum status direct_consume(struct direct_market *market, const struct message *event,
                           const void *body, struct uuid event_id)
{
    struct request request = { .market = market, .message_id = event_id };
    const struct domain_intake *intake = market->domain->intake;
    request.unit = arena_allocate(market->arena, sizeof *request.unit);
    if (intake != NULL) request.intake = arena_allocate(market->arena, intake->size);
    TRY(find_consumer(market, event)->handle(&request, body, NULL));
    if (intake != NULL) TRY(intake->end(&request));
    return direct_commit_unit(market, request.unit);
}

/* ---- actors/host/request.h ---- */

struct uuid request_message_id(const struct request *request)
{
    return request->message_id;
}

void *request_intake(const struct request *request)
{
    return request->intake;
}
