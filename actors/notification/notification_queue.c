/* From what was raised in some domain to messages: one per person and channel, once. */
#include <string.h>

#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_letter.h"
#include "notification_handlers.h"

enum {
    VENDORS_TEXT_MAX = 300,
    NOTICES_MAX = 51, /* of one event: 50 vendors and the shopper */
    CAPTURED_AT_ONCE_MAX = 16
};

/* ---- what was raised ---- */

static enum status pass_on_all(struct request *request, const struct common_notice *notices,
                               size_t count)
{
    const struct uuid event_id = request_message_id(request);
    const struct notification_queue_notices command = {
        .recipient_id = notices[0].recipient_id,
        .event_id = { (const char *)event_id.bytes, sizeof(event_id.bytes) },
        .notices = notices,
        .notices_count = count,
    };
    return request_ask(request, &notification_queue_notices_message, &command, NULL);
}

static enum status pass_on(struct request *request, const struct common_notice *notice)
{
    return pass_on_all(request, notice, 1);
}

enum status notification_on_user_notice_was_raised(struct request *request,
                                                   const struct user_notice_was_raised *event)
{
    return pass_on(request, &event->notice);
}

enum status notification_on_vendor_notice_was_raised(struct request *request,
                                                     const struct vendor_notice_was_raised *event)
{
    return pass_on(request, &event->notice);
}

enum status notification_on_catalog_notice_was_raised(struct request *request,
                                                      const struct catalog_notice_was_raised *event)
{
    return pass_on(request, &event->notice);
}

enum status notification_on_order_notice_was_raised(struct request *request,
                                                    const struct order_notice_was_raised *event)
{
    return pass_on(request, &event->notice);
}

enum status notification_on_admin_notice_was_raised(struct request *request,
                                                    const struct admin_notice_was_raised *event)
{
    return pass_on(request, &event->notice);
}

/* ---- orders: the shopper and each vendor's team ---- */

static struct text money_text(struct request *request, struct money money)
{
    int64_t divisor = 1;
    const int digits = currency_exponent(money.currency);
    for (int i = 0; i < digits; i++)
        divisor *= 10;
    const long long whole = (long long)(money.amount / divisor);
    if (digits <= 0) return text_format(request_arena(request), "%lld %s", whole, money.currency);
    return text_format(request_arena(request), "%lld.%0*lld %s", whole, digits,
                       (long long)(money.amount % divisor), money.currency);
}

/* As many names as there is room for. */
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

static struct text typed_id(struct request *request, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    return (struct text){ text, id_format(prefix, id, text) };
}

static void tell_shopper(struct request *request, const struct order_group_was_placed *event,
                         struct common_notice *ret_notice)
{
    struct text_pair *facts = arena_allocate_array(request_arena(request), 3, sizeof(*facts));
    facts[0] = (struct text_pair){ TEXT("number"), event->number };
    facts[1] = (struct text_pair){ TEXT("total"), money_text(request, event->total) };
    facts[2] = (struct text_pair){ TEXT("vendors"), vendors_text(request, event) };
    /* A guest is known by the checkout, which also names the token that claims it. */
    const bool is_guest = !event->has_user_id;
    *ret_notice = (struct common_notice){
        .kind = is_guest ? COMMON_NOTICE_KIND_GUEST_ORDER_PLACED : COMMON_NOTICE_KIND_ORDER_PLACED,
        .recipient_id = is_guest ? event->group_id : event->user_id,
        .audience = is_guest ? COMMON_AUDIENCE_GUEST : COMMON_AUDIENCE_STORE,
        .has_ticket_id = is_guest,
        .ticket_id = event->group_id,
        .has_subject_id = true,
        .subject_id = typed_id(request, "og", event->group_id),
        .facts = facts,
        .facts_count = 3,
    };
}

static void tell_vendor(struct request *request, const struct order_placed_order *order,
                        struct common_notice *ret_notice)
{
    struct text_pair *facts = arena_allocate_array(request_arena(request), 2, sizeof(*facts));
    facts[0] = (struct text_pair){ TEXT("number"), order->number };
    facts[1] = (struct text_pair){ TEXT("total"), money_text(request, order->total) };
    *ret_notice = (struct common_notice){
        .kind = COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED,
        .recipient_id = order->vendor_id,
        .audience = COMMON_AUDIENCE_VENDOR,
        .has_subject_id = true,
        .subject_id = typed_id(request, "ord", order->id),
        .facts = facts,
        .facts_count = 2,
    };
}

/* All in one command, whose unit writes for everybody; the first is the shopper or guest. */
enum status notification_on_order_group_was_placed(struct request *request,
                                                   const struct order_group_was_placed *event)
{
    struct common_notice *notices =
        arena_allocate_array(request_arena(request), event->orders_count + 1, sizeof(*notices));
    tell_shopper(request, event, &notices[0]);
    for (size_t i = 0; i < event->orders_count; i++)
        tell_vendor(request, &event->orders[i], &notices[i + 1]);
    return pass_on_all(request, notices, event->orders_count + 1);
}

/* ---- messages ---- */

/* What the rows of a notice share. */
static void describe_row(struct request *request, struct uuid event_id,
                         const struct common_notice *notice, struct notification_row *ret_row)
{
    *ret_row = (struct notification_row){
        .event_id = event_id,
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

/* The rows of one event while they are collected. */
struct batch {
    struct notification_row *rows;
    size_t count, captured;
};

/* What goes no further than the list of what was sent is sent here and now. */
static void capture_at_once(struct request *request, struct batch *batch,
                            const struct common_contact *contact, struct notification_row *row)
{
    if (row->state != NOTIFICATION_MESSAGE_STATE_QUEUED ||
        batch->captured == CAPTURED_AT_ONCE_MAX ||
        !notification_only_captures(request, row->channel))
        return;
    struct notification_letter letter;
    notification_write_letter(request, row, contact, &letter);
    notification_capture(request, row, &letter);
    row->state = NOTIFICATION_MESSAGE_STATE_SENT;
    batch->captured++;
}

static void add_person(struct request *request, struct batch *batch,
                       const struct notification_row *common, const struct common_contact *contact,
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
        struct notification_row *row = &batch->rows[batch->count++];
        *row = *common;
        row->id = request_new_id(request);
        row->person = contact->person_id;
        row->locale = contact->locale;
        row->channel = channel;
        row->state = fate.state;
        row->why = fate.why;
        capture_at_once(request, batch, contact, row);
    }
}

/* Nobody is there any more; a row says so. */
static void add_nobody(struct request *request, struct batch *batch,
                       const struct notification_row *common)
{
    struct notification_row *row = &batch->rows[batch->count++];
    *row = *common;
    row->id = request_new_id(request);
    row->person = notification_recipient_text(request, row->audience, row->recipient_id);
    row->locale = TEXT("en");
    row->channel = NOTIFICATION_CHANNEL_EMAIL;
    row->state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row->why = NOTIFICATION_SUPPRESSION_ERASED;
}

/* Asks for everybody's contacts side by side. */
static enum status ask_all(struct request *request,
                           const struct notification_queue_notices *command,
                           struct common_contacts *ret_contacts)
{
    struct request_ask *asks[NOTICES_MAX] = { NULL };
    enum status first = STATUS_OK;
    assert(command->notices_count <= NOTICES_MAX);
    for (size_t i = 0; i < command->notices_count && first == STATUS_OK; i++) {
        const struct common_notice *notice = &command->notices[i];
        const struct notification_audience whom = {
            .audience = notice->audience,
            .recipient_id = notice->recipient_id,
            .has_member = notice->has_person_id,
            .member_id = notice->person_id,
            .has_ticket = notice->has_ticket_id,
            .ticket_id = notice->ticket_id,
        };
        first = notification_ask_contacts_begin(request, &whom, &asks[i]);
        if (first != STATUS_OK) asks[i] = NULL;
    }
    for (size_t i = 0; i < command->notices_count; i++) {
        if (asks[i] == NULL) continue;
        const enum status status =
            notification_ask_contacts_end(request, &asks[i], &ret_contacts[i]);
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static enum status add_notice(struct request *request, struct batch *batch, struct uuid event_id,
                              const struct common_notice *notice,
                              const struct common_contacts *contacts)
{
    struct notification_row common;
    struct notification_choices choices;
    const bool is_shopper = notice->audience == COMMON_AUDIENCE_STORE;
    describe_row(request, event_id, notice, &common);
    if (contacts->contacts_count == 0) {
        /* An imported vendor never had a team: there is nobody whose message this would be. */
        if (notice->audience != COMMON_AUDIENCE_VENDOR) add_nobody(request, batch, &common);
        return STATUS_OK;
    }
    if (is_shopper) TRY(notification_store_choices(request, notice->recipient_id, &choices));
    for (size_t i = 0; i < contacts->contacts_count; i++)
        add_person(request, batch, &common, &contacts->contacts[i], is_shopper ? &choices : NULL);
    return STATUS_OK;
}

enum status notification_handle_queue_notices(struct request *request,
                                              const struct notification_queue_notices *command)
{
    struct arena *arena = request_arena(request);
    const size_t count = command->notices_count;
    struct common_contacts *contacts = arena_allocate_array(arena, count, sizeof(*contacts));
    struct uuid event_id;
    memcpy(event_id.bytes, command->event_id.data, sizeof(event_id.bytes));
    TRY(ask_all(request, command, contacts));
    size_t rows_max = 0;
    for (size_t i = 0; i < count; i++)
        rows_max += contacts[i].contacts_count * NOTIFICATION_CHANNEL_COUNT + 1;
    struct batch batch = { .rows = arena_allocate_array(arena, rows_max, sizeof(*batch.rows)) };
    for (size_t i = 0; i < count; i++)
        TRY(add_notice(request, &batch, event_id, &command->notices[i], &contacts[i]));
    if (batch.count > 0) notification_store_add(request, batch.rows, batch.count);
    return STATUS_OK;
}
