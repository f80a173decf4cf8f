/* Events of other domains, for tests of the domain that consumes them. */
#include "actors/host/address.h"
#include "messages/codec_msgpack.h"
#include "tests/support/direct_internal.h"

static const struct dispatch_entry *find_consumer(const struct direct_market *market,
                                                  const struct message *event)
{
    const struct dispatch_table *table = market->hosted.definition->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++) {
        if (table->consumers[i].message == event) return &table->consumers[i];
    }
    assert(false && "no such event is consumed by this domain");
    return NULL;
}

enum status direct_consume(struct direct_market *market, const struct message *event,
                           const void *body, struct uuid event_id)
{
    const struct dispatch_entry *entry = find_consumer(market, event);
    const struct domain_intake *intake =
        entry->is_batched ? market->hosted.definition->intake : NULL;
    struct envelope envelope = {
        .domain = (uint8_t)market->hosted.domain,
        .msg_id = address_consumed(event_id, market->hosted.domain),
        .principal = { .kind = PRINCIPAL_NODE },
    };
    struct text bytes;
    void *decoded = arena_allocate(market->arena, event->body->size);
    TRY(msgpack_encode(event->body, body, market->arena, ENVELOPE_BODY_MAX, &bytes));
    TRY(msgpack_decode(event->body, bytes, market->arena, decoded));
    struct request request;
    direct_init(market, &request, &envelope);
    if (intake == NULL) return entry->handle(&request, decoded, NULL);
    request.intake = arena_allocate(market->arena, intake->size);
    request.unit = unit_new(market->arena, market->fibers, 0, envelope.msg_id, 0, market->now_us);
    TRY(entry->handle(&request, decoded, NULL));
    TRY(intake->end(&request));
    return direct_commit(market, request.unit, (struct uuid){ { 0 } });
}
