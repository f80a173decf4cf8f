/* Notices to shoppers and guests, from rows of history. */
#include "actors/order/order_life_notice.h"

#include "actors/order/order_offline_store.h"
#include "common_messages.h"
#include "told_messages.h"

enum { FACTS_MAX = 8 };

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

/* What a notice says beside the order's number and its vendor's name. */
struct news {
    enum common_notice_kind kind;
    const struct shipment *shipment; /* that has left, or NULL */
    struct text reason;              /* the vendor's, may be empty */
    struct text number;              /* of the checkout, instead of the order and its vendor */
    bool has_due;                    /* what is `due` is to be paid, as `offline` says */
    int64_t due;
    struct order_offline_payment offline;
    int64_t amount;                     /* that goes back; 0: not said */
    const struct order_back_ways *ways; /* where it goes; NULL: nothing does */
};

static void add_amount(struct arena *arena, struct text_pair *facts, size_t *count,
                       struct text name, struct money amount)
{
    if (amount.amount == 0) return;
    char *text = arena_allocate(arena, MONEY_TEXT_MAX + 1);
    (void)money_format(amount, text);
    add_fact(facts, count, name, text_of(text));
}

/* Each way with what goes it: who has paid by card and wallet hears of both. */
static void add_ways(struct arena *arena, const struct order_back_ways *ways, const char *currency,
                     struct text_pair *facts, size_t *count)
{
    add_amount(arena, facts, count, TEXT("to_card"), money_make(ways->card, currency));
    add_amount(arena, facts, count, TEXT("to_wallet"),
               money_make(ways->wallet + ways->credit, currency));
    add_amount(arena, facts, count, TEXT("by_hand"),
               money_make(ways->offline + ways->by_hand, currency));
    add_amount(arena, facts, count, TEXT("waived"), money_make(ways->waived, currency));
}

/* Day and amount, as they are written anywhere. */
static void add_due(struct request *request, const struct news *news, const char *currency,
                    struct text_pair *facts, size_t *count)
{
    enum { DAY_BYTES = 10 };
    struct arena *arena = request_arena(request);
    char *amount = arena_allocate(arena, MONEY_TEXT_MAX + 1);
    char *day = arena_allocate(arena, TIME_TEXT_MAX + 1);
    (void)money_format(money_make(news->due, currency), amount);
    const size_t length = time_format(news->offline.due_at_us, day);
    add_fact(facts, count, TEXT("owed"), text_of(amount));
    add_fact(facts, count, TEXT("pay_until"),
             (struct text){ day, length < DAY_BYTES ? length : DAY_BYTES });
    add_fact(facts, count, TEXT("pay_to"), news->offline.account);
    add_fact(facts, count, TEXT("reference"), news->offline.reference);
}

static enum status tell(struct request *request, const struct order_life *life,
                        const struct news *news)
{
    const struct shipment *shipment = news->shipment;
    struct arena *arena = request_arena(request);
    struct text_pair *facts = arena_allocate_array(arena, FACTS_MAX, sizeof *facts);
    char *subject = arena_allocate(arena, ID_TEXT_MAX + 1);
    size_t count = 0;
    const bool is_of_checkout = news->number.length > 0;
    add_fact(facts, &count, TEXT("number"), is_of_checkout ? news->number : life->number);
    if (!is_of_checkout) add_fact(facts, &count, TEXT("vendor"), life->vendor_name);
    if (news->has_due) add_due(request, news, life->currency, facts, &count);
    if (shipment != NULL) {
        add_fact(facts, &count, TEXT("carrier"), shipment->carrier);
        add_fact(facts, &count, TEXT("tracking_number"), shipment->tracking_number);
        add_fact(facts, &count, TEXT("tracking_url"), short_url(shipment->tracking_url));
    }
    add_amount(arena, facts, &count, TEXT("amount"), money_make(news->amount, life->currency));
    if (news->ways != NULL) add_ways(arena, news->ways, life->currency, facts, &count);
    add_fact(facts, &count, TEXT("vendor_reason"), news->reason);
    /* A guest is known by the checkout, whose id also names the token that opens it. */
    const bool is_guest = uuid_is_zero(life->user_id);
    const struct told_notice_was_raised event = {
        .notice = { .kind = news->kind,
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

/* The vendor's team, of what somebody else has done to its order. */
static enum status tell_vendor(struct request *request, const struct order_life *life,
                               enum common_notice_kind kind, struct text reason)
{
    struct arena *arena = request_arena(request);
    struct text_pair *facts = arena_allocate_array(arena, 2, sizeof *facts);
    char *subject = arena_allocate(arena, ID_TEXT_MAX + 1);
    size_t count = 0;
    add_fact(facts, &count, TEXT("number"), life->number);
    add_fact(facts, &count, TEXT("reason"), reason);
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = life->vendor_id,
                    .audience = COMMON_AUDIENCE_VENDOR,
                    .has_subject_id = true,
                    .subject_id = { subject, id_format("ord", life->order_id, subject) },
                    .facts = facts,
                    .facts_count = count }
    };
    return request_publish(request, &order_notice_was_raised_message, &event);
}

static enum common_notice_kind kind_of_end(const struct order_change *change)
{
    if (change->trigger == ORDER_TRIGGER_CANCEL_UNITS)
        return COMMON_NOTICE_KIND_ORDER_UNITS_CANCELLED;
    return change->to == ORDER_STATE_VENDOR_ORDER_REFUSED ? COMMON_NOTICE_KIND_ORDER_REFUSED
                                                          : COMMON_NOTICE_KIND_ORDER_CANCELLED;
}

enum status order_life_tell_paid(struct request *request, const struct order_life *life,
                                 struct text number)
{
    if (life->offline_method == ORDER_OFFLINE_METHOD_ON_DELIVERY) return STATUS_OK;
    const struct news news = { .kind = COMMON_NOTICE_KIND_PAYMENT_RECEIVED, .number = number };
    return tell(request, life, &news);
}

enum status order_life_tell_due(struct request *request, const struct order_life *life,
                                int64_t owed)
{
    const struct order_offline_state state = { .method = life->offline_method,
                                               .agreed = life->on_delivery,
                                               .due_at_us = life->payment_due_at_us,
                                               .number = life->number };
    struct news news = { .kind = life->offline_method == ORDER_OFFLINE_METHOD_INVOICE
                                     ? COMMON_NOTICE_KIND_INVOICE_DUE
                                     : COMMON_NOTICE_KIND_PAYMENT_DUE,
                         .number = order_offline_reference(life->number),
                         .has_due = true,
                         .due = owed };
    if (!order_offline_show(request, &state, life->currency, &news.offline)) return STATUS_OK;
    return tell(request, life, &news);
}

enum status order_life_tell_refund(struct request *request, const struct order_life *life,
                                   enum common_notice_kind kind, int64_t amount,
                                   const struct order_back_ways *ways, struct text reason)
{
    const struct news news = { .kind = kind, .reason = reason, .amount = amount, .ways = ways };
    return tell(request, life, &news);
}

/* Of a checkout that was not paid its buyer is told once, when the last order of it ends so. */
static enum status tell_missing(struct request *request, const struct order_life *life)
{
    struct order_offline_waiting waiting;
    TRY(order_offline_store_find_waiting(request, life, &waiting));
    if (waiting.count > 0) return STATUS_OK;
    const struct news news = { .kind = COMMON_NOTICE_KIND_PAYMENT_MISSING,
                               .number = order_offline_reference(life->number) };
    return tell(request, life, &news);
}

/* Whoever has ended an order, or a part of it, knows it; the others are told, and why. */
static enum status tell_end(struct request *request, const struct order_life *life,
                            const struct order_change *change, const struct order_back_ways *ways)
{
    const enum principal_kind who = request_principal(request)->kind;
    const bool is_buyer = who == PRINCIPAL_SHOPPER || who == PRINCIPAL_NONE;
    const struct news news = { .kind = kind_of_end(change),
                               .reason = is_buyer ? TEXT("") : change->note,
                               .ways = ways };
    const bool is_missing =
        who == PRINCIPAL_NODE && change->from == ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT;
    TRY(is_missing ? tell_missing(request, life) : tell(request, life, &news));
    if (who == PRINCIPAL_VENDOR) return STATUS_OK;
    return tell_vendor(request, life,
                       change->trigger == ORDER_TRIGGER_CANCEL_UNITS
                           ? COMMON_NOTICE_KIND_VENDOR_ORDER_UNITS_CANCELLED
                           : COMMON_NOTICE_KIND_VENDOR_ORDER_CANCELLED,
                       change->note);
}

enum status order_life_tell_decided(struct request *request, const struct order_life *life,
                                    struct text reason)
{
    return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_CLAIM_DECIDED, reason);
}

/* What a claim comes to is told its buyer, and its vendor when staff has decided. */
static enum status tell_claim_end(struct request *request, const struct order_life *life,
                                  const struct order_change *change,
                                  const struct order_back_ways *ways)
{
    struct news news = { .kind = COMMON_NOTICE_KIND_CLAIM_DENIED,
                         .reason = change->note,
                         .ways = ways };
    if (change->to == ORDER_STATE_CLAIM_RESOLVED_REFUND)
        news.kind = COMMON_NOTICE_KIND_CLAIM_REFUNDED;
    if (change->to == ORDER_STATE_CLAIM_RESOLVED_REPLACEMENT)
        news.kind = COMMON_NOTICE_KIND_CLAIM_REPLACED;
    TRY(tell(request, life, &news));
    if (request_principal(request)->kind != PRINCIPAL_ADMIN) return STATUS_OK;
    return order_life_tell_decided(request, life, change->note);
}

static enum status tell_claim(struct request *request, const struct order_life *life,
                              const struct order_change *change, const struct order_back_ways *ways)
{
    const struct news news = { .kind = COMMON_NOTICE_KIND_CLAIM_REJECTED, .reason = change->note };
    switch (change->to) {
    case ORDER_STATE_CLAIM_OPEN:
    case ORDER_STATE_CLAIM_WITHDRAWN: /* whoever withdraws it knows it, and there is nothing to do
                                       */
        if (change->trigger != ORDER_TRIGGER_FILE) return STATUS_OK;
        return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_CLAIM_FILED, change->note);
    case ORDER_STATE_CLAIM_VENDOR_RESPONSE:
        return tell(request, life, &news);
    case ORDER_STATE_CLAIM_ESCALATED:
        return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_CLAIM_ESCALATED, TEXT(""));
    default:
        return tell_claim_end(request, life, change, ways);
    }
}

/* The vendor hears of it where staff has done it. */
static enum status tell_withdrawn(struct request *request, const struct order_life *life,
                                  const struct order_change *change)
{
    const struct news news = { .kind = COMMON_NOTICE_KIND_ORDER_EDIT_WITHDRAWN,
                               .reason = change->note };
    TRY(tell(request, life, &news));
    if (request_principal(request)->kind != PRINCIPAL_ADMIN) return STATUS_OK;
    return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_ORDER_EDIT_ANSWERED, change->note);
}

static enum status tell_change(struct request *request, const struct order_life *life,
                               const struct order_change *change, const struct shipment *shipment,
                               const struct order_back_ways *ways)
{
    struct news news = { .kind = COMMON_NOTICE_KIND_ORDER_ACCEPTED };
    if (change->trigger == ORDER_TRIGGER_CANCEL_UNITS) return tell_end(request, life, change, ways);
    if (change->trigger == ORDER_TRIGGER_PAY)
        return request_principal(request)->kind == PRINCIPAL_VENDOR
                   ? STATUS_OK
                   : tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_ORDER_PAID, TEXT(""));
    if (change->trigger == ORDER_TRIGGER_PROPOSE_EDIT) {
        news.kind = COMMON_NOTICE_KIND_ORDER_EDIT_PROPOSED;
        news.reason = change->note;
        return tell(request, life, &news);
    }
    if (change->trigger == ORDER_TRIGGER_WITHDRAW_EDIT)
        return tell_withdrawn(request, life, change);
    if (change->trigger == ORDER_TRIGGER_APPLY_EDIT ||
        change->trigger == ORDER_TRIGGER_DECLINE_EDIT)
        return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_ORDER_EDIT_ANSWERED,
                           change->note);
    if (change->trigger == ORDER_TRIGGER_SEND_LABEL) {
        news.kind = COMMON_NOTICE_KIND_RETURN_LABEL_SENT;
        return tell(request, life, &news);
    }
    /* Of what goes on by itself, and of what stays where it is, nobody hears by that. */
    if (change->from == ORDER_STATE_VENDOR_ORDER_PLACED || change->from == change->to)
        return STATUS_OK;
    if (order_machine_of(change->to) == ORDER_MACHINE_CLAIM)
        return tell_claim(request, life, change, ways);
    switch (change->to) {
    case ORDER_STATE_VENDOR_ORDER_ACCEPTED:
        return tell(request, life, &news);
    case ORDER_STATE_SHIPMENT_HANDED_OVER:
        assert(shipment != NULL);
        news.kind = COMMON_NOTICE_KIND_ORDER_SHIPPED;
        news.shipment = shipment;
        return tell(request, life, &news);
    case ORDER_STATE_VENDOR_ORDER_DELIVERED:
        news.kind = COMMON_NOTICE_KIND_ORDER_DELIVERED;
        return tell(request, life, &news);
    case ORDER_STATE_RETURN_REQUESTED:
        return tell_vendor(request, life, COMMON_NOTICE_KIND_VENDOR_RETURN_REQUESTED, change->note);
    case ORDER_STATE_RETURN_APPROVED:
        news.kind = COMMON_NOTICE_KIND_RETURN_APPROVED;
        return tell(request, life, &news);
    case ORDER_STATE_RETURN_REJECTED:
        news.kind = COMMON_NOTICE_KIND_RETURN_REJECTED;
        news.reason = change->note;
        return tell(request, life, &news);
    case ORDER_STATE_RETURN_EXCHANGED:
        news.kind = COMMON_NOTICE_KIND_RETURN_EXCHANGED;
        return tell(request, life, &news);
    case ORDER_STATE_RETURN_REFUNDED:
        news.kind = COMMON_NOTICE_KIND_RETURN_REFUNDED;
        news.ways = ways;
        return tell(request, life, &news);
    case ORDER_STATE_VENDOR_ORDER_REFUSED:
    case ORDER_STATE_VENDOR_ORDER_CANCELLED:
        return tell_end(request, life, change, ways);
    default:
        return STATUS_OK;
    }
}

static enum status tell_changes(struct request *request, const struct order_life *life,
                                const struct shipment *shipment, const struct order_back_ways *ways)
{
    for (size_t i = 0; i < life->changes_count; i++)
        if (!life->changes[i].is_late)
            TRY(tell_change(request, life, &life->changes[i], shipment, ways));
    return STATUS_OK;
}

enum status order_life_tell(struct request *request, const struct order_life *life,
                            const struct shipment *shipment)
{
    return tell_changes(request, life, shipment, /* ways */ NULL);
}

enum status order_life_tell_back(struct request *request, const struct order_life *life,
                                 const struct order_back *back)
{
    const struct order_back *paid = back->origin != NULL ? back->origin : back;
    return tell_changes(request, life, /* shipment */ NULL, &paid->ways);
}
