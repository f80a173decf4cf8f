/* From notices that other domains raise to messages: one per person and channel, once. Handlers of
 * events only collect; the messages of a batch of events are written together at its end. */
#include "actors/notification/notification_allowance.h"
#include "actors/notification/notification_intake.h"
#include "actors/notification/notification_letter.h"
#include "actors/notification/notification_reach.h"
#include "messages/locale.h"
#include "notification_handlers.h"

enum {
    SHOPPER_FACTS_MAX = 7,
    VENDORS_TEXT_MAX = 300, /* bytes of the names of an order's vendors */
    NOTICES_MAX = 1024,     /* of one batch; an event has 51 at most: 50 vendors and the shopper */
    CAPTURED_AT_ONCE_MAX =
        256 /* messages of one batch that are finished at once; others are queued */
};

/* ---- what was raised ---- */

/* A notice of the batch, with the event that it came with. */
struct collected {
    struct uuid event_id;
    struct common_notice notice;
    struct collected *previous;
};

/* A batch that is too large is refused; then the host halves it. */
static enum status collect(struct request *request, const struct common_notice *notice)
{
    struct notification_intake *intake = request_intake(request);
    if (intake->count == NOTICES_MAX) return STATUS_OUT_OF_RANGE;
    struct collected *collected = arena_allocate(request_arena(request), sizeof *collected);
    *collected = (struct collected){ .event_id = request_message_id(request),
                                     .notice = *notice,
                                     .previous = intake->last };
    intake->last = collected;
    intake->count++;
    return STATUS_OK;
}

enum status notification_on_told_notice_was_raised(struct request *request,
                                                   const struct told_notice_was_raised *event)
{
    return collect(request, &event->notice);
}

/* ---- orders: the shopper and each vendor's team ---- */

static struct text money_text(struct request *request, struct money money)
{
    char text[MONEY_TEXT_MAX + 1];
    (void)money_format(money, text);
    return text_copy(request_arena(request), text_of(text));
}

/* As it is written anywhere: 2026-05-03. */
static struct text day_text(struct request *request, int64_t at_us)
{
    enum { DAY_BYTES = 10 };
    char *text = arena_allocate(request_arena(request), TIME_TEXT_MAX + 1);
    const size_t length = time_format(at_us, text);
    return (struct text){ text, length < DAY_BYTES ? length : DAY_BYTES };
}

/* As many names as there is room for, and a sign that there are more. */
static struct text vendors_text(struct request *request, const struct order_group_was_placed *event)
{
    struct text_builder names;
    text_builder_init(&names, request_arena(request), VENDORS_TEXT_MAX);
    for (size_t i = 0; i < event->orders_count; i++) {
        const struct text name = event->orders[i].vendor_name;
        if (names.length + name.length + 6 > VENDORS_TEXT_MAX) {
            text_builder_add(&names, TEXT(", …"));
            break;
        }
        if (i > 0) text_builder_add(&names, TEXT(", "));
        text_builder_add(&names, name);
    }
    return text_builder_view(&names);
}

/* How what no wallet pays is to be paid, if it is paid to the market. */
static void add_payment(struct request *request, const struct order_group_was_placed *event,
                        struct text_pair *facts, size_t *count)
{
    if (!event->has_offline || !event->offline.has_due_at) return;
    const struct order_offline_payment *offline = &event->offline;
    facts[(*count)++] = (struct text_pair){ TEXT("owed"), money_text(request, offline->owed) };
    facts[(*count)++] =
        (struct text_pair){ TEXT("pay_until"), day_text(request, offline->due_at_us) };
    facts[(*count)++] = (struct text_pair){ TEXT("pay_to"), offline->account };
    facts[(*count)++] = (struct text_pair){ TEXT("reference"), offline->reference };
}

static void tell_shopper(struct request *request, const struct order_group_was_placed *event,
                         struct common_notice *ret_notice)
{
    struct text_pair *facts =
        arena_allocate_array(request_arena(request), SHOPPER_FACTS_MAX, sizeof *facts);
    size_t count = 3;
    facts[0] = (struct text_pair){ TEXT("number"), event->number };
    facts[1] = (struct text_pair){ TEXT("total"), money_text(request, event->total) };
    facts[2] = (struct text_pair){ TEXT("vendors"), vendors_text(request, event) };
    add_payment(request, event, facts, &count);
    /* A guest is known by the checkout, whose id also names the token that claims it. */
    const bool is_guest = !event->has_user_id;
    *ret_notice = (struct common_notice){
        .kind = is_guest ? COMMON_NOTICE_KIND_GUEST_ORDER_PLACED : COMMON_NOTICE_KIND_ORDER_PLACED,
        .recipient_id = is_guest ? event->group_id : event->user_id,
        .audience = is_guest ? COMMON_AUDIENCE_GUEST : COMMON_AUDIENCE_STORE,
        .has_ticket_id = is_guest,
        .ticket_id = event->group_id,
        .has_subject_id = true,
        .subject_id = notification_id_text(request, "og", event->group_id),
        .facts = facts,
        .facts_count = count,
    };
}

/* Who sells hears when the order waits for a transfer, and until when. */
static void tell_vendor(struct request *request, const struct order_group_was_placed *event,
                        const struct order_placed_order *order, struct common_notice *ret_notice)
{
    const bool waits = event->has_offline && event->offline.method == ORDER_OFFLINE_METHOD_TRANSFER;
    struct text_pair *facts = arena_allocate_array(request_arena(request), 3, sizeof *facts);
    facts[0] = (struct text_pair){ TEXT("number"), order->number };
    facts[1] = (struct text_pair){ TEXT("total"), money_text(request, order->total) };
    if (waits)
        facts[2] =
            (struct text_pair){ TEXT("pay_until"), day_text(request, event->offline.due_at_us) };
    *ret_notice = (struct common_notice){
        .kind = COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED,
        .recipient_id = order->vendor_id,
        .audience = COMMON_AUDIENCE_VENDOR,
        .has_subject_id = true,
        .subject_id = notification_id_text(request, "ord", order->id),
        .facts = facts,
        .facts_count = waits ? 3 : 2,
    };
}

enum status notification_on_order_group_was_placed(struct request *request,
                                                   const struct order_group_was_placed *event)
{
    struct common_notice notice;
    tell_shopper(request, event, &notice);
    TRY(collect(request, &notice));
    for (size_t i = 0; i < event->orders_count; i++) {
        tell_vendor(request, event, &event->orders[i], &notice);
        TRY(collect(request, &notice));
    }
    return STATUS_OK;
}

/* ---- messages ---- */

/* What the rows of a notice share. */
static void describe_row(struct request *request, const struct notification_told *told,
                         struct notification_row *ret_row)
{
    const struct common_notice *notice = told->notice;
    *ret_row = (struct notification_row){
        .event_id = told->event_id,
        .recipient_id = notice->recipient_id,
        .kind = notice->kind,
        .topic = notification_kind_of(notice->kind)->topic,
        .audience = notice->audience,
        .has_ticket = notice->has_ticket_id,
        .ticket_id = notice->has_ticket_id ? notice->ticket_id : (struct uuid){ { 0 } },
        .subject_id = notice->has_subject_id ? notice->subject_id : (struct text){ 0 },
        .facts = notice->facts,
        .facts_count = notice->facts_count,
        .created_us = request_now_us(request),
    };
}

/* The rows of a batch while they are collected. */
struct batch {
    struct notification_row *rows;
    size_t count, room;
    struct notification_capture *captured;
    size_t captured_count;
    struct notification_allowances *allowances;
};

/* A message that goes no further than the list of what was sent is finished here and now: tests and
 * demonstrations see it at once, and there is nothing that could fail. */
static void capture_at_once(struct request *request, struct batch *batch,
                            const struct common_contact *contact, struct notification_row *row)
{
    if (row->state != NOTIFICATION_MESSAGE_STATE_QUEUED ||
        batch->captured_count == CAPTURED_AT_ONCE_MAX ||
        !notification_only_captures(request, row->channel))
        return;
    struct notification_letter letter;
    notification_write_letter(request, row, contact, &letter);
    batch->captured[batch->captured_count++] = notification_capture_of(request, row, &letter);
    row->state = NOTIFICATION_MESSAGE_STATE_SENT;
}

/* A mail to an address that nobody has proved is one of few a day. */
static void limit_mail(struct request *request, struct batch *batch,
                       const struct common_notice *notice, const struct common_contact *contact,
                       struct notification_row *row)
{
    if (row->channel != NOTIFICATION_CHANNEL_EMAIL ||
        row->state != NOTIFICATION_MESSAGE_STATE_QUEUED ||
        notification_allowances_take(request, batch->allowances, notice, contact))
        return;
    row->state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row->why = NOTIFICATION_SUPPRESSION_UNPROVED_LIMIT;
}

static void add_person(struct request *request, struct batch *batch,
                       const struct notification_row *common, const struct common_notice *notice,
                       const struct common_contact *contact,
                       const struct notification_choices *choices)
{
    for (unsigned i = 0; i < NOTIFICATION_CHANNEL_COUNT; i++) {
        const enum notification_channel channel = (enum notification_channel)i;
        const struct notification_prospect prospect = {
            .kind = common->kind,
            .channel = channel,
            .audience = common->audience,
            .is_invited = text_starts_with(contact->person_id, TEXT("tic_")),
            .has_address = notification_has_address(channel, contact),
            .has_transport = notification_can_send(request, channel),
        };
        const struct notification_fate fate = notification_decide(&prospect, choices);
        if (!fate.is_written) continue;
        assert(batch->count < batch->room);
        struct notification_row *row = &batch->rows[batch->count++];
        *row = *common;
        row->id = request_new_id_beside(request, row->recipient_id);
        row->person = contact->person_id;
        row->locale = contact->locale;
        row->channel = channel;
        row->state = fate.state;
        row->why = fate.why;
        limit_mail(request, batch, notice, contact, row);
        capture_at_once(request, batch, contact, row);
    }
}

/* The account is gone; a row says so. */
static void add_nobody(struct request *request, struct batch *batch,
                       const struct notification_row *common)
{
    assert(batch->count < batch->room);
    struct notification_row *row = &batch->rows[batch->count++];
    *row = *common;
    row->id = request_new_id_beside(request, row->recipient_id);
    row->person = notification_recipient_text(request, row->audience, row->recipient_id);
    row->locale = locale_default();
    row->channel = NOTIFICATION_CHANNEL_EMAIL;
    row->state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row->why = NOTIFICATION_SUPPRESSION_ERASED;
}

static void add_notice(struct request *request, struct batch *batch,
                       const struct notification_told *told)
{
    struct notification_row common;
    const bool is_shopper = told->notice->audience == COMMON_AUDIENCE_STORE;
    describe_row(request, told, &common);
    if (told->contacts.contacts_count == 0) {
        /* A vendor without a team was imported and never had anybody: no message is missing. */
        if (told->notice->audience != COMMON_AUDIENCE_VENDOR) add_nobody(request, batch, &common);
        return;
    }
    for (size_t i = 0; i < told->contacts.contacts_count; i++)
        add_person(request, batch, &common, told->notice, &told->contacts.contacts[i],
                   is_shopper ? &told->choices : NULL);
}

/* The notices in the order in which they were raised. */
static struct notification_told *list_notices(struct request *request,
                                              const struct notification_intake *intake)
{
    struct notification_told *told =
        arena_allocate_array(request_arena(request), intake->count, sizeof *told);
    const struct collected *collected = intake->last;
    for (size_t i = intake->count; i-- > 0; collected = collected->previous) {
        told[i].event_id = collected->event_id;
        told[i].notice = &collected->notice;
    }
    assert(collected == NULL);
    return told;
}

static struct batch new_batch(struct request *request, const struct notification_told *told,
                              size_t count)
{
    struct arena *arena = request_arena(request);
    struct batch batch = { .room = 0 };
    for (size_t i = 0; i < count; i++)
        batch.room += told[i].contacts.contacts_count * NOTIFICATION_CHANNEL_COUNT + 1;
    batch.rows = arena_allocate_array(arena, batch.room, sizeof *batch.rows);
    batch.captured = arena_allocate_array(arena, CAPTURED_AT_ONCE_MAX, sizeof *batch.captured);
    return batch;
}

enum status notification_end_intake(struct request *request)
{
    const struct notification_intake *intake = request_intake(request);
    struct notification_told *told = list_notices(request, intake);
    TRY(notification_reach(request, told, intake->count));
    struct batch batch = new_batch(request, told, intake->count);
    TRY(notification_allowances_load(request, told, intake->count, &batch.allowances));
    for (size_t i = 0; i < intake->count; i++)
        add_notice(request, &batch, &told[i]);
    if (batch.count > NOTIFICATION_ADDED_MAX * NOTIFICATION_ADDS_MAX) return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < batch.count; i += NOTIFICATION_ADDED_MAX) {
        const size_t left = batch.count - i;
        notification_store_add(request, &batch.rows[i],
                               left < NOTIFICATION_ADDED_MAX ? left : NOTIFICATION_ADDED_MAX);
    }
    notification_allowances_save(request, batch.allowances);
    if (batch.captured_count > 0)
        notification_capture_store_add(request, batch.captured, batch.captured_count);
    return STATUS_OK;
}
