/* Sending: a sweep claims what is due, commits that it is being sent, sends it, and writes what
 * came of it. A message whose node died in between is sent again when its lease is over, under the
 * same name. */
#include "actors/notification/notification_delivery.h"
#include "actors/identity/identity_ticket.h"
#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_template.h"
#include "actors/notification/notification_transport.h"
#include "notification_handlers.h"
#include "runtime/metrics.h"

enum {
    DUE_MAX = 32,      /* at a look */
    LOOKS_MAX = 8,     /* while there is more */
    IN_FLIGHT_MAX = 8, /* being sent at once */
    VALUES_FIXED = 3,  /* name, market, link */
    SUBJECT_ID_MAX = 40,
    NOTIFICATION_NAME_MAX = 200
};

/* ---- claiming ---- */

static bool is_due(const struct notification_row *row, int64_t now_us)
{
    return row->is_due_some_time && row->next_attempt_us <= now_us;
}

static void count_dead(struct request *request, const struct notification_row *row)
{
    const bool is_mail = row->channel == NOTIFICATION_CHANNEL_EMAIL;
    metric_add(is_mail ? METRIC_MAILS_DEAD : METRIC_TEXTS_DEAD, 1);
    log_error("notification_died", LOG_UUID("notification", row->id),
              LOG_STRING("kind", common_notice_kind_names[row->kind]),
              LOG_STRING("channel", notification_channel_names[row->channel]),
              LOG_INT("attempts", row->attempts), LOG_TEXT("request", request_id_text(request)));
}

enum status notification_handle_claim_message(struct request *request,
                                              const struct notification_claim_message *command,
                                              struct notification_message_claimed *ret_reply)
{
    struct notification_row row;
    const int64_t now_us = request_now_us(request);
    TRY(notification_store_find(request, command->message_id, &row));
    if (!is_due(&row, now_us)) return STATUS_OK;
    if (row.attempts >= NOTIFICATION_ATTEMPTS_MAX) { /* the last one was cut short */
        row.state = NOTIFICATION_MESSAGE_STATE_DEAD;
        row.is_due_some_time = false;
        notification_store_save(request, &row);
        count_dead(request, &row);
        return STATUS_OK;
    }
    row.attempts++;
    row.state = NOTIFICATION_MESSAGE_STATE_SENDING;
    row.next_attempt_us =
        now_us + config_duration_us(request_config(request), SETTING_NOTIFICATION_LEASE);
    notification_store_save(request, &row);
    *ret_reply =
        (struct notification_message_claimed){ .is_claimed = true, .attempt = row.attempts };
    return STATUS_OK;
}

/* ---- writing ---- */

static enum domain domain_of(enum common_audience audience)
{
    static const enum domain domains[COMMON_AUDIENCE_COUNT] = {
        [COMMON_AUDIENCE_STORE] = DOMAIN_USER,
        [COMMON_AUDIENCE_VENDOR] = DOMAIN_VENDOR,
        [COMMON_AUDIENCE_ADMIN] = DOMAIN_ADMIN,
    };
    return domains[audience];
}

/* Ids are letters, digits and underscores; anything else must not steer an address. */
static bool is_path_part(struct text text)
{
    if (text.length == 0 || text.length > SUBJECT_ID_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i], lower = (char)(byte | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(byte >= '0' && byte <= '9') && byte != '_')
            return false;
    }
    return true;
}

static struct text link_of(struct request *request, const struct notification_row *row)
{
    static const char *const places[COMMON_AUDIENCE_COUNT] = {
        [COMMON_AUDIENCE_STORE] = "account",
        [COMMON_AUDIENCE_VENDOR] = "vendor",
        [COMMON_AUDIENCE_ADMIN] = "admin",
    };
    struct arena *arena = request_arena(request);
    const struct notification_kind *kind = notification_kind_of(row->kind);
    const struct text page =
        text_format(arena, "%s/%s%s%s", config_text(request_config(request), SETTING_MARKET_URL),
                    places[row->audience], kind->path[0] == '\0' ? "" : "/", kind->path);
    if (kind->link == NOTIFICATION_LINK_TOKEN) {
        if (!row->has_ticket) return (struct text){ 0 };
        const struct text token =
            identity_ticket_token(request, domain_of(row->audience), row->ticket_id);
        return text_format(arena, "%s?token=%.*s", page.data, (int)token.length, token.data);
    }
    if (kind->link == NOTIFICATION_LINK_SUBJECT && is_path_part(row->subject_id))
        return text_format(arena, "%s/%.*s", page.data, (int)row->subject_id.length,
                           row->subject_id.data);
    return page;
}

static void write_letter(struct request *request, const struct notification_row *row,
                         const struct common_contact *contact,
                         struct notification_letter *ret_letter)
{
    struct arena *arena = request_arena(request);
    const struct notification_template *template = notification_template_of(row->kind, row->locale);
    const size_t count = VALUES_FIXED + row->facts_count;
    struct text_pair *values = arena_allocate_array(arena, count, sizeof(*values));
    values[0] = (struct text_pair){ TEXT("name"), contact->name };
    values[1] =
        (struct text_pair){ TEXT("market"),
                            text_of(config_text(request_config(request), SETTING_MARKET_NAME)) };
    values[2] = (struct text_pair){ TEXT("link"), link_of(request, row) };
    for (size_t i = 0; i < row->facts_count; i++)
        values[VALUES_FIXED + i] = row->facts[i];
    *ret_letter =
        (struct notification_letter){ .message_id = notification_message_id(request, row) };
    if (row->channel == NOTIFICATION_CHANNEL_SMS) {
        ret_letter->to = contact->phone;
        ret_letter->text = notification_render(arena, template->sms, values, count,
                                               NOTIFICATION_FORMAT_TEXT, NOTIFICATION_SMS_MAX);
        ret_letter->text = text_trim(ret_letter->text);
        return;
    }
    ret_letter->to = contact->email;
    ret_letter->name = notification_render(arena, "{{name}}", values, count,
                                           NOTIFICATION_FORMAT_LINE, NOTIFICATION_NAME_MAX);
    ret_letter->subject = notification_render(arena, template->subject, values, count,
                                              NOTIFICATION_FORMAT_LINE, NOTIFICATION_SUBJECT_MAX);
    ret_letter->text = notification_render(arena, template->text, values, count,
                                           NOTIFICATION_FORMAT_TEXT, NOTIFICATION_TEXT_MAX);
    ret_letter->html = notification_render(arena, template->text, values, count,
                                           NOTIFICATION_FORMAT_HTML, NOTIFICATION_HTML_MAX);
}

/* ---- what came of it ---- */

static void suppress(struct notification_row *row, enum notification_suppression why)
{
    row->state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row->why = why;
    row->is_due_some_time = false;
}

static void settle_failure(struct request *request, struct notification_row *row, bool is_final)
{
    if (is_final || row->attempts >= NOTIFICATION_ATTEMPTS_MAX) {
        row->state = NOTIFICATION_MESSAGE_STATE_DEAD;
        row->is_due_some_time = false;
        count_dead(request, row);
        return;
    }
    const int64_t unit_us = config_duration_us(request_config(request), SETTING_NOTIFICATION_RETRY);
    const bool is_mail = row->channel == NOTIFICATION_CHANNEL_EMAIL;
    row->state = NOTIFICATION_MESSAGE_STATE_RETRYING;
    row->next_attempt_us =
        request_now_us(request) + notification_backoff_us(unit_us, row->attempts, row->id);
    metric_add(is_mail ? METRIC_MAILS_FAILED : METRIC_TEXTS_FAILED, 1);
}

static void settle(struct request *request, struct notification_row *row,
                   const struct notification_result *result)
{
    row->last_error = result->error;
    switch (result->outcome) {
    case NOTIFICATION_SENT:
        row->state = NOTIFICATION_MESSAGE_STATE_SENT;
        row->is_due_some_time = false;
        row->is_sent = true;
        row->sent_us = request_now_us(request);
        row->provider_id = result->provider_id;
        metric_add(
            row->channel == NOTIFICATION_CHANNEL_EMAIL ? METRIC_MAILS_SENT : METRIC_TEXTS_SENT, 1);
        break;
    case NOTIFICATION_FAILED:
        settle_failure(request, row, false);
        break;
    case NOTIFICATION_REFUSED:
        settle_failure(request, row, true);
        break;
    case NOTIFICATION_NO_TRANSPORT:
        suppress(row, NOTIFICATION_SUPPRESSION_NO_TRANSPORT);
        break;
    }
}

/* Where the person is reached now; the address may have been corrected since. */
static enum status find_contact(struct request *request, const struct notification_row *row,
                                const struct common_contact **ret_contact, bool *ret_is_gone)
{
    struct notification_audience whom = {
        .audience = row->audience,
        .recipient_id = row->recipient_id,
        .has_ticket = row->has_ticket,
        .ticket_id = row->ticket_id,
    };
    struct common_contacts contacts;
    whom.has_member = id_parse(row->person, "mbr", &whom.member_id) == STATUS_OK;
    TRY(notification_ask_contacts(request, &whom, &contacts));
    *ret_contact = notification_find_contact(&contacts, row->person);
    *ret_is_gone = contacts.contacts_count == 0;
    return STATUS_OK;
}

static bool has_address(const struct notification_row *row, const struct common_contact *contact)
{
    if (contact == NULL) return false;
    if (row->channel == NOTIFICATION_CHANNEL_EMAIL)
        return notification_address_is_good(row->channel, contact->email);
    return contact->has_phone && notification_address_is_good(row->channel, contact->phone);
}

enum status notification_handle_deliver_message(struct request *request,
                                                const struct notification_deliver_message *command)
{
    struct notification_row row;
    TRY(notification_store_find(request, command->message_id, &row));
    /* Claimed again since, replayed, erased, or done: this attempt is over. */
    if (row.state != NOTIFICATION_MESSAGE_STATE_SENDING || row.attempts != command->attempt)
        return STATUS_OK;
    const struct common_contact *contact;
    bool is_gone;
    TRY(find_contact(request, &row, &contact, &is_gone));
    if (is_gone) {
        suppress(&row, NOTIFICATION_SUPPRESSION_ERASED);
    } else if (!has_address(&row, contact)) {
        suppress(&row, NOTIFICATION_SUPPRESSION_NO_ADDRESS);
    } else {
        struct notification_letter letter;
        struct notification_result result;
        write_letter(request, &row, contact, &letter);
        TRY(notification_send(request, &row, &letter, &result));
        settle(request, &row, &result);
    }
    notification_store_save(request, &row);
    return STATUS_OK;
}

/* ---- the sweep ---- */

/* Claims a handful side by side, then sends what was claimed side by side. A failed ask leaves its
 * message to the lease. */
static void send_some(struct request *request, const struct uuid *ids, size_t count)
{
    struct request_ask *asks[IN_FLIGHT_MAX] = { NULL };
    int64_t attempts[IN_FLIGHT_MAX] = { 0 };
    assert(count <= IN_FLIGHT_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct notification_claim_message claim = { .message_id = ids[i] };
        if (request_ask_begin(request, &notification_claim_message_message, &claim, &asks[i]) !=
            STATUS_OK)
            asks[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct notification_message_claimed claimed = { 0 };
        if (asks[i] != NULL && request_ask_end(request, &asks[i], &claimed) == STATUS_OK &&
            claimed.is_claimed)
            attempts[i] = claimed.attempt;
    }
    for (size_t i = 0; i < count; i++) {
        const struct notification_deliver_message deliver = { .message_id = ids[i],
                                                              .attempt = attempts[i] };
        asks[i] = NULL;
        if (attempts[i] > 0 && request_ask_begin(request, &notification_deliver_message_message,
                                                 &deliver, &asks[i]) != STATUS_OK)
            asks[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (asks[i] != NULL) (void)!request_ask_end(request, &asks[i], NULL);
    }
}

enum status notification_sweep_due(struct request *request, unsigned shard_first,
                                   unsigned shard_last)
{
    size_t count = DUE_MAX;
    for (unsigned look = 0; look < LOOKS_MAX && count == DUE_MAX; look++) {
        const struct uuid *ids;
        TRY(notification_store_due(request, shard_first, shard_last, DUE_MAX, &ids, &count));
        for (size_t i = 0; i < count; i += IN_FLIGHT_MAX)
            send_some(request, &ids[i], count - i < IN_FLIGHT_MAX ? count - i : IN_FLIGHT_MAX);
    }
    return STATUS_OK;
}
