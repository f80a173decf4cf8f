/* Sending: a sweep claims what is due, which commits that it is being sent; sends it; and writes
 * how that ended. A message whose node died in between is sent again when its lease is over, under
 * the same name, by which the other side can know it. */
#include "actors/notification/notification_delivery.h"
#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_letter.h"
#include "notification_handlers.h"
#include "runtime/metrics.h"

enum {
    DUE_MAX = 32,     /* messages of one look */
    LOOKS_MAX = 8,    /* of one sweep, while there are more messages */
    IN_FLIGHT_MAX = 8 /* messages that are being sent at once */
};

/* ---- claiming ---- */

static bool is_due(const struct notification_row *row, int64_t now_us)
{
    return row->has_next_attempt && row->next_attempt_us <= now_us;
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
    /* The last attempt was cut short, so nobody has written how it ended. */
    if (row.attempts >= NOTIFICATION_ATTEMPTS_MAX) {
        row.state = NOTIFICATION_MESSAGE_STATE_DEAD;
        row.has_next_attempt = false;
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

/* ---- how it ended ---- */

static void suppress(struct notification_row *row, enum notification_suppression why)
{
    row->state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
    row->why = why;
    row->has_next_attempt = false;
}

static void settle_failure(struct request *request, struct notification_row *row, bool is_final)
{
    assert(row->attempts >= 1);
    if (is_final || row->attempts >= NOTIFICATION_ATTEMPTS_MAX) {
        row->state = NOTIFICATION_MESSAGE_STATE_DEAD;
        row->has_next_attempt = false;
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
    assert(row->state == NOTIFICATION_MESSAGE_STATE_SENDING);
    row->last_error = result->error;
    switch (result->outcome) {
    case NOTIFICATION_SENT:
        row->state = NOTIFICATION_MESSAGE_STATE_SENT;
        row->has_next_attempt = false;
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

enum status notification_handle_deliver_message(struct request *request,
                                                const struct notification_deliver_message *command)
{
    struct notification_row row;
    TRY(notification_store_find(request, command->message_id, &row));
    /* It was claimed again since, replayed, erased, or is done: this attempt has come too late. */
    if (row.state != NOTIFICATION_MESSAGE_STATE_SENDING || row.attempts != command->attempt)
        return STATUS_OK;
    const struct common_contact *contact;
    bool is_gone;
    TRY(find_contact(request, &row, &contact, &is_gone));
    if (is_gone) {
        suppress(&row, NOTIFICATION_SUPPRESSION_ERASED);
    } else if (contact == NULL || !notification_has_address(row.channel, contact)) {
        suppress(&row, NOTIFICATION_SUPPRESSION_NO_ADDRESS);
    } else {
        struct notification_letter letter;
        struct notification_result result;
        notification_write_letter(request, &row, contact, &letter);
        TRY(notification_send(request, &row, &letter, &result));
        settle(request, &row, &result);
    }
    notification_store_save(request, &row);
    return STATUS_OK;
}

/* ---- the sweep ---- */

/* Claims some messages side by side, then sends side by side what was claimed. When an ask fails,
 * the message is due again: at once if it was not claimed, else after its lease. */
static void send_some(struct request *request, const struct uuid *ids, size_t count)
{
    assert(count <= IN_FLIGHT_MAX);
    struct request_ask *asks[IN_FLIGHT_MAX] = { NULL };
    int64_t attempts[IN_FLIGHT_MAX] = { 0 }; /* 0: not claimed */
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
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    size_t count = DUE_MAX;
    for (unsigned look = 0; look < LOOKS_MAX && count == DUE_MAX; look++) {
        const struct uuid *ids;
        TRY(notification_store_due(request, shard_first, shard_last, DUE_MAX, &ids, &count));
        for (size_t i = 0; i < count; i += IN_FLIGHT_MAX)
            send_some(request, &ids[i], count - i < IN_FLIGHT_MAX ? count - i : IN_FLIGHT_MAX);
    }
    return STATUS_OK;
}
