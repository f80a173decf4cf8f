/* What is forgotten when a shopper is erased, and what the export of a shopper's data says. */
#include "actors/notification/notification_choice_store.h"
#include "actors/notification/notification_page.h"
#include "actors/notification/notification_store.h"
#include "messages/codec_json.h"
#include "notification_handlers.h"

enum {
    EXPORT_BYTES_MAX = 200 * 1024,
    EXPORT_END_BYTES = 64 /* kept free for the end of the text */
};

enum status notification_on_user_user_was_erased(struct request *request,
                                                 const struct user_user_was_erased *event)
{
    const struct notification_forget_shopper command = { .user_id = event->user_id };
    return request_ask(request, &notification_forget_shopper_message, &command, NULL);
}

enum status notification_handle_forget_shopper(struct request *request,
                                               const struct notification_forget_shopper *command)
{
    notification_store_forget(request, command->user_id);
    return STATUS_OK;
}

static void add_name(struct text_builder *json, const char *name, struct text value)
{
    text_builder_add(json, text_of(name));
    json_encode_text(value, json);
}

static void add_time(struct text_builder *json, const char *name, int64_t time_us)
{
    char text[TIME_TEXT_MAX + 1];
    add_name(json, name, (struct text){ text, time_format(time_us, text) });
}

static void add_message(struct text_builder *json, const struct notification_row *row)
{
    char id[ID_TEXT_MAX + 1];
    add_name(json, "{\"id\":", (struct text){ id, id_format("ntf", row->id, id) });
    add_name(json, ",\"kind\":", text_of(common_notice_kind_names[row->kind]));
    add_name(json, ",\"channel\":", text_of(notification_channel_names[row->channel]));
    add_name(json, ",\"status\":", text_of(notification_message_state_names[row->state]));
    add_time(json, ",\"created_at\":", row->created_us);
    if (row->is_sent) add_time(json, ",\"sent_at\":", row->sent_us);
    if (row->is_read) add_time(json, ",\"read_at\":", row->read_us);
    text_builder_add(json, TEXT(",\"facts\":{"));
    for (size_t i = 0; i < row->facts_count; i++) {
        if (i > 0) text_builder_add_byte(json, ',');
        json_encode_text(row->facts[i].name, json);
        add_name(json, ":", row->facts[i].value);
    }
    text_builder_add(json, TEXT("}}"));
}

static void add_choices(struct text_builder *json, const struct notification_choices *choices)
{
    text_builder_add(json, TEXT("{\"preferences\":["));
    for (unsigned i = 0; i < NOTIFICATION_CHOICES_MAX; i++) {
        const enum notification_topic topic =
            (enum notification_topic)(i / NOTIFICATION_CHANNEL_COUNT);
        const enum notification_channel channel =
            (enum notification_channel)(i % NOTIFICATION_CHANNEL_COUNT);
        if (i > 0) text_builder_add_byte(json, ',');
        add_name(json, "{\"topic\":", text_of(notification_topic_names[topic]));
        add_name(json, ",\"channel\":", text_of(notification_channel_names[channel]));
        text_builder_add(json, notification_choice(choices, topic, channel)
                                   ? TEXT(",\"is_enabled\":true}")
                                   : TEXT(",\"is_enabled\":false}"));
    }
    text_builder_add(json, TEXT("],\"messages\":["));
}

/* Adds the newest messages, as many as fit; returns how many. */
static size_t add_messages(struct text_builder *json, const struct notification_rows *rows)
{
    size_t written = 0;
    while (written < rows->count && written < NOTIFICATION_EXPORTED_MAX) {
        const size_t length = json->length;
        if (written > 0) text_builder_add_byte(json, ',');
        add_message(json, &rows->rows[written]);
        if (json->is_full || json->length + EXPORT_END_BYTES >= EXPORT_BYTES_MAX) {
            json->length = length; /* as if it had not been added */
            json->is_full = false;
            break;
        }
        written++;
    }
    return written;
}

enum status notification_handle_export_shopper(struct request *request,
                                               const struct people_export_shopper *query,
                                               struct common_export_part *ret_reply)
{
    struct notification_choices choices;
    struct notification_rows rows;
    const struct notification_list_deliveries list = { .has_recipient = true,
                                                       .recipient = query->user_id };
    struct uuid before;
    TRY(notification_page_start(request, false, (struct text){ 0 }, &before));
    TRY(notification_choice_store_find(request, query->user_id, &choices));
    TRY(notification_store_deliveries(request, &list, before, NOTIFICATION_EXPORTED_MAX + 1,
                                      &rows));
    struct text_builder json;
    text_builder_init(&json, request_arena(request), EXPORT_BYTES_MAX);
    add_choices(&json, &choices);
    text_builder_add(&json, add_messages(&json, &rows) < rows.count
                                ? TEXT("],\"has_more\":true}")
                                : TEXT("],\"has_more\":false}"));
    ret_reply->json = text_builder_view(&json);
    return STATUS_OK;
}
