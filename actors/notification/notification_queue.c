/* From what was raised in some domain to messages: one per person and channel, once. */
#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_transport.h"
#include "notification_handlers.h"

enum { VENDORS_TEXT_MAX = 300, ASKS_MAX = 51 /* 50 vendors and the shopper */ };

/* ---- what was raised ---- */

static void describe_queue(const struct uuid *event_id, const struct common_notice *notice,
                           struct notification_queue_notice *ret_command)
{
    *ret_command = (struct notification_queue_notice){
        .recipient_id = notice->recipient_id,
        .event_id = { (const char *)event_id->bytes, sizeof(event_id->bytes) },
        .notice = *notice,
    };
}

static enum status pass_on(struct request *request, const struct common_notice *notice)
{
    const struct uuid event_id = request_message_id(request);
    struct notification_queue_notice command;
    describe_queue(&event_id, notice, &command);
    return request_ask(request, &notification_queue_notice_message, &command, NULL);
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
    *ret_notice = (struct common_notice){
        .kind = COMMON_NOTICE_KIND_ORDER_PLACED,
        .recipient_id = event->user_id,
        .audience = COMMON_AUDIENCE_STORE,
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

/* All at once: each recipient is an actor of its own. */
enum status notification_on_order_group_was_placed(struct request *request,
                                                   const struct order_group_was_placed *event)
{
    const struct uuid event_id = request_message_id(request);
    struct request_ask *asks[ASKS_MAX] = { NULL };
    enum status first = STATUS_OK;
    assert(event->orders_count < ASKS_MAX);
    for (size_t i = 0; i <= event->orders_count; i++) {
        struct common_notice notice;
        struct notification_queue_notice command;
        if (i == event->orders_count)
            tell_shopper(request, event, &notice);
        else
            tell_vendor(request, &event->orders[i], &notice);
        describe_queue(&event_id, &notice, &command);
        const enum status status =
            request_ask_begin(request, &notification_queue_notice_message, &command, &asks[i]);
        if (status != STATUS_OK) asks[i] = NULL;
        if (first == STATUS_OK) first = status;
    }
    for (size_t i = 0; i <= event->orders_count; i++) {
        if (asks[i] == NULL) continue;
        const enum status status = request_ask_end(request, &asks[i], NULL);
        if (first == STATUS_OK) first = status;
    }
    return first;
}

/* ---- one recipient ---- */

/* What the rows of a notice share. */
static void describe_row(struct request *request, const struct notification_queue_notice *command,
                         struct notification_row *ret_row)
{
    const struct common_notice *notice = &command->notice;
    *ret_row = (struct notification_row){
        .recipient_id = notice->recipient_id,
        .kind = notice->kind,
        .topic = notification_kind_of(notice->kind)->topic,
        .audience = notice->audience,
        .has_ticket = notice->has_ticket_id,
        .ticket_id = notice->ticket_id,
        .subject_id = notice->has_subject_id ? notice->subject_id : (struct text){ 0 },
        .facts = notice->facts,
        .facts_count = notice->facts_count,
        .created_us = request_now_us(request),
    };
    for (size_t i = 0; i < sizeof(ret_row->event_id.bytes); i++)
        ret_row->event_id.bytes[i] = (uint8_t)command->event_id.data[i];
}

/* Adds the rows of one person behind `count` others; returns how many there are then. */
static size_t add_person(struct request *request, const struct notification_row *common,
                         const struct common_contact *contact,
                         const struct notification_choices *choices, struct notification_row *rows,
                         size_t count)
{
    for (unsigned i = 0; i < NOTIFICATION_CHANNEL_COUNT; i++) {
        const enum notification_channel channel = (enum notification_channel)i;
        const struct text address =
            channel == NOTIFICATION_CHANNEL_EMAIL
                ? contact->email
                : (contact->has_phone ? contact->phone : (struct text){ 0 });
        const struct notification_prospect prospect = {
            .kind = common->kind,
            .channel = channel,
            .audience = common->audience,
            .is_invited = text_starts_with(contact->person_id, TEXT("tic_")),
            .has_address = notification_address_is_good(channel, address),
            .has_transport = notification_can_send(request, channel),
        };
        const struct notification_fate fate = notification_decide(&prospect, choices);
        if (!fate.is_written) continue;
        rows[count] = *common;
        rows[count].id = request_new_id(request);
        rows[count].person = contact->person_id;
        rows[count].locale = contact->locale;
        rows[count].channel = channel;
        rows[count].state = fate.state;
        rows[count].why = fate.why;
        count++;
    }
    return count;
}

/* Nobody is there any more; a row says so. */
static void add_nobody(struct request *request, const struct notification_row *common)
{
    struct notification_row row = *common;
    row.id = request_new_id(request);
    row.person = notification_recipient_text(request, row.audience, row.recipient_id);
    row.locale = TEXT("en");
    row.channel = NOTIFICATION_CHANNEL_EMAIL;
    row.state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row.why = NOTIFICATION_SUPPRESSION_ERASED;
    notification_store_add(request, &row, 1);
}

enum status notification_handle_queue_notice(struct request *request,
                                             const struct notification_queue_notice *command)
{
    const struct common_notice *notice = &command->notice;
    const struct notification_audience whom = {
        .audience = notice->audience,
        .recipient_id = notice->recipient_id,
        .has_member = notice->has_person_id,
        .member_id = notice->person_id,
        .has_ticket = notice->has_ticket_id,
        .ticket_id = notice->ticket_id,
    };
    const bool is_shopper = notice->audience == COMMON_AUDIENCE_STORE;
    struct notification_row common;
    struct common_contacts contacts;
    struct notification_choices choices;
    describe_row(request, command, &common);
    TRY(notification_ask_contacts(request, &whom, &contacts));
    if (is_shopper) TRY(notification_store_choices(request, notice->recipient_id, &choices));
    if (contacts.contacts_count == 0) {
        add_nobody(request, &common);
        return STATUS_OK;
    }
    struct notification_row *rows =
        arena_allocate_array(request_arena(request),
                             contacts.contacts_count * NOTIFICATION_CHANNEL_COUNT, sizeof(*rows));
    size_t count = 0;
    for (size_t i = 0; i < contacts.contacts_count; i++)
        count = add_person(request, &common, &contacts.contacts[i], is_shopper ? &choices : NULL,
                           rows, count);
    if (count > 0) notification_store_add(request, rows, count);
    return STATUS_OK;
}
