/* What staff see of deliveries and may do about them, what teams see of their own, what tests see
 * of what was sent, and what is deleted by the clock. */
#include "actors/host/test_mode.h"
#include "actors/notification/notification_allowance.h"
#include "actors/notification/notification_capture_store.h"
#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_delivery.h"
#include "actors/notification/notification_page.h"
#include "actors/notification/notification_store.h"
#include "notification_handlers.h"
#include "runtime/plain_text.h"

enum { PAGE_DEFAULT = 20 };

static void describe(struct request *request, const struct notification_row *row,
                     struct notification_delivery *ret_delivery)
{
    *ret_delivery = (struct notification_delivery){
        .id = row->id,
        .kind = row->kind,
        .topic = row->topic,
        .channel = row->channel,
        .recipient_id = notification_recipient_text(request, row->audience, row->recipient_id),
        .person_id = row->person,
        .locale = row->locale,
        .status = row->state,
        .has_suppressed_why = row->state == NOTIFICATION_MESSAGE_STATE_SUPPRESSED,
        .suppressed_why = row->why,
        .attempts = row->attempts,
        .has_next_attempt_at = row->has_next_attempt,
        .next_attempt_at_us = row->next_attempt_us,
        .has_last_error = row->last_error.length > 0,
        .last_error = row->last_error,
        .has_provider_id = row->provider_id.length > 0,
        .provider_id = row->provider_id,
        .has_subject_id = row->subject_id.length > 0,
        .subject_id = row->subject_id,
        .created_at_us = row->created_us,
        .has_sent_at = row->is_sent,
        .sent_at_us = row->sent_us,
        .has_read_at = row->is_read,
        .read_at_us = row->read_us,
    };
}

static enum status list_deliveries(struct request *request,
                                   const struct notification_list_deliveries *query,
                                   struct notification_delivery_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : PAGE_DEFAULT);
    struct uuid before;
    struct notification_rows rows;
    TRY(notification_page_start(request, query->has_after, query->after, &before));
    TRY(notification_store_deliveries(request, query, before, (int64_t)limit + 1, &rows));
    ret_reply->has_more = rows.count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : rows.count;
    struct notification_delivery *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        describe(request, &rows.rows[i], &data[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next)
        ret_reply->next = notification_page_next(request, rows.rows[limit - 1].id);
    return STATUS_OK;
}

enum status notification_handle_list_deliveries(struct request *request,
                                                const struct notification_list_deliveries *query,
                                                struct notification_delivery_page *ret_reply)
{
    return list_deliveries(request, query, ret_reply);
}

/* A team sees its own vendor's messages, whatever it asks for. */
enum status
notification_handle_list_vendor_deliveries(struct request *request,
                                           const struct notification_list_vendor_deliveries *query,
                                           struct notification_delivery_page *ret_reply)
{
    const struct notification_list_deliveries own = {
        .has_status = query->has_status,
        .status = query->status,
        .has_channel = query->has_channel,
        .channel = query->channel,
        .has_recipient = true,
        .recipient = request_principal(request)->id,
        .has_limit = query->has_limit,
        .limit = query->limit,
        .has_after = query->has_after,
        .after = query->after,
    };
    return list_deliveries(request, &own, ret_reply);
}

/* A reason stands in the audit trail, so it must be something that can be read. */
static enum status check_reason(struct request *request, struct text reason)
{
    if (reason.length == 0 || plain_text_is_reason(reason)) return STATUS_OK;
    return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
}

static struct text state_json(struct request *request, const struct notification_row *row)
{
    return text_format(request_arena(request), "{\"state\":\"%s\",\"attempts\":%lld}",
                       notification_message_state_names[row->state], (long long)row->attempts);
}

enum status notification_handle_replay_message(struct request *request,
                                               const struct notification_replay_message *command)
{
    struct notification_row row;
    if (command->has_reason) TRY(check_reason(request, command->reason));
    TRY(notification_store_find(request, command->notification_id, &row));
    /* What lacked a transport may go when there is one; other suppressions are somebody's wish. */
    const bool lacked_transport = row.state == NOTIFICATION_MESSAGE_STATE_SUPPRESSED &&
                                  row.why == NOTIFICATION_SUPPRESSION_NO_TRANSPORT;
    if (row.state != NOTIFICATION_MESSAGE_STATE_DEAD && !lacked_transport)
        return STATUS_ILLEGAL_TRANSITION;
    request_audit(request, "ntf", row.id, state_json(request, &row));
    row.state = NOTIFICATION_MESSAGE_STATE_QUEUED;
    row.attempts = 0;
    row.has_next_attempt = true;
    row.next_attempt_us = request_now_us(request);
    notification_store_save(request, &row);
    return STATUS_OK;
}

/* ---- what was sent, in tests and demonstrations ---- */

/* Outside of test mode the route does not exist, whatever is captured. */
enum status notification_handle_list_outbox(struct request *request,
                                            const struct notification_list_outbox *query,
                                            struct notification_outbox_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : PAGE_DEFAULT);
    int64_t before;
    const int64_t *seqs;
    size_t count;
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    TRY(notification_page_start_seq(request, query->has_after, query->after, &before));
    TRY(notification_capture_store_list(request, query, before, (int64_t)limit + 1,
                                        &ret_reply->data, &seqs, &count));
    ret_reply->has_more = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next) ret_reply->next = notification_page_next_seq(request, seqs[limit - 1]);
    return STATUS_OK;
}

enum status notification_handle_trim_messages(struct request *request,
                                              const struct notification_trim_messages *command)
{
    (void)command;
    const int64_t kept_us = config_duration_us(request_config(request), SETTING_NOTIFICATION_KEPT);
    notification_store_trim_messages(request, request_real_us(request) - kept_us);
    notification_allowances_trim(request);
    notification_capture_store_trim(request);
    return STATUS_OK;
}

enum status notification_sweep_old(struct request *request, unsigned shard_first,
                                   unsigned shard_last)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    static const struct notification_trim_messages trim = { .what = TEXT("messages") };
    /* Every node runs the sweep; the one that owns the shard of this key does the work. */
    const unsigned shard = shard_of_text(trim.what);
    if (shard < shard_first || shard > shard_last) return STATUS_OK;
    return request_ask(request, &notification_trim_messages_message, &trim, NULL);
}
