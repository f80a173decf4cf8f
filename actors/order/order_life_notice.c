/* Notices to shoppers and guests, from rows of history. */
#include "actors/order/order_life_notice.h"

#include "common_messages.h"
#include "told_messages.h"

enum { FACTS_MAX = 5 };

static void add_fact(struct text_pair *facts, size_t *count, struct text name, struct text value)
{
    assert(*count < FACTS_MAX);
    if (value.length > 0) facts[(*count)++] = (struct text_pair){ .name = name, .value = value };
}

/* The link is cut off at the length of a fact: half of one leads nowhere. */
static struct text short_url(struct text url)
{
    enum { FACT_MAX = 500 };
    return url.length > FACT_MAX ? TEXT("") : url;
}

static enum status tell(struct request *request, const struct order_life *life,
                        enum common_notice_kind kind, const struct shipment *shipment)
{
    struct arena *arena = request_arena(request);
    struct text_pair *facts = arena_allocate_array(arena, FACTS_MAX, sizeof *facts);
    char *subject = arena_allocate(arena, ID_TEXT_MAX + 1);
    size_t count = 0;
    add_fact(facts, &count, TEXT("number"), life->number);
    add_fact(facts, &count, TEXT("vendor"), life->vendor_name);
    if (shipment != NULL) {
        add_fact(facts, &count, TEXT("carrier"), shipment->carrier);
        add_fact(facts, &count, TEXT("tracking_number"), shipment->tracking_number);
        add_fact(facts, &count, TEXT("tracking_url"), short_url(shipment->tracking_url));
    }
    /* A guest is known by the checkout, whose id also names the token that opens it. */
    const bool is_guest = uuid_is_zero(life->user_id);
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = is_guest ? life->group_id : life->user_id,
                    .audience = is_guest ? COMMON_AUDIENCE_GUEST : COMMON_AUDIENCE_STORE,
                    .has_ticket_id = is_guest,
                    .ticket_id = life->group_id,
                    .has_subject_id = true,
                    .subject_id = { subject, id_format("ord", life->order_id, subject) },
                    .facts = facts,
                    .facts_count = count }
    };
    return request_publish(request, &order_notice_was_raised_message, &event);
}

enum status order_life_tell(struct request *request, const struct order_life *life,
                            const struct shipment *shipment)
{
    for (size_t i = 0; i < life->changes_count; i++) {
        const struct order_change *change = &life->changes[i];
        if (change->is_late) continue;
        if (change->to == ORDER_STATE_VENDOR_ORDER_ACCEPTED)
            TRY(tell(request, life, COMMON_NOTICE_KIND_ORDER_ACCEPTED, NULL));
        if (change->to == ORDER_STATE_SHIPMENT_HANDED_OVER) {
            assert(shipment != NULL);
            TRY(tell(request, life, COMMON_NOTICE_KIND_ORDER_SHIPPED, shipment));
        }
        if (change->to == ORDER_STATE_VENDOR_ORDER_DELIVERED)
            TRY(tell(request, life, COMMON_NOTICE_KIND_ORDER_DELIVERED, NULL));
    }
    return STATUS_OK;
}
