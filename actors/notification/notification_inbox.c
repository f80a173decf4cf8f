/* The inbox in the market, of shoppers and of members of vendors' teams, and what shoppers want to
 * be told. */
#include "actors/notification/notification_choice_store.h"
#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_page.h"
#include "actors/notification/notification_store.h"
#include "actors/notification/notification_template.h"
#include "notification_handlers.h"

enum { PAGE_DEFAULT = 20 };

/* Who reads: the shopper, or the member of the team who is signed in. */
static struct text reader(struct request *request)
{
    const struct principal *principal = request_principal(request);
    if (principal->kind == PRINCIPAL_VENDOR)
        return notification_id_text(request, "mbr", principal->actor);
    return notification_id_text(request, "usr", principal->id);
}

/* The texts are made when the inbox is read, so that a better template reaches old entries, too. */
static void describe(struct request *request, const struct notification_row *row,
                     struct notification_notification *ret_notification)
{
    struct arena *arena = request_arena(request);
    const struct notification_template *template = notification_template_of(row->kind, row->locale);
    const size_t count = row->facts_count + 1;
    struct text_pair *values = arena_allocate_array(arena, count, sizeof *values);
    values[0] =
        (struct text_pair){ TEXT("market"),
                            text_of(config_text(request_config(request), SETTING_MARKET_NAME)) };
    notification_say_facts(arena, row->facts, row->facts_count, row->locale, values + 1);
    *ret_notification = (struct notification_notification){
        .id = row->id,
        .kind = row->kind,
        .title = notification_render(arena, template->title, values, count,
                                     NOTIFICATION_FORMAT_LINE, NOTIFICATION_SUBJECT_MAX),
        .text = text_trim(notification_render(arena, template->in_app, values, count,
                                              NOTIFICATION_FORMAT_TEXT, NOTIFICATION_INBOX_MAX)),
        .has_subject_id = row->subject_id.length > 0,
        .subject_id = row->subject_id,
        .created_at_us = row->created_us,
        .has_read_at = row->is_read,
        .read_at_us = row->read_us,
    };
}

static enum status list_inbox(struct request *request,
                              const struct notification_list_notifications *query,
                              struct notification_inbox_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : PAGE_DEFAULT);
    const struct text person = reader(request);
    struct uuid before;
    struct notification_rows rows;
    TRY(notification_page_start(request, query->has_after, query->after, &before));
    TRY(notification_store_inbox(request, person, query->has_unread && query->unread, before,
                                 (int64_t)limit + 1, &rows));
    TRY(notification_store_unread(request, person, &ret_reply->unread_count));
    ret_reply->has_more = rows.count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : rows.count;
    struct notification_notification *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        describe(request, &rows.rows[i], &data[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next)
        ret_reply->next = notification_page_next(request, rows.rows[limit - 1].id);
    return STATUS_OK;
}

enum status
notification_handle_list_notifications(struct request *request,
                                       const struct notification_list_notifications *query,
                                       struct notification_inbox_page *ret_reply)
{
    return list_inbox(request, query, ret_reply);
}

enum status notification_handle_list_vendor_notifications(
    struct request *request, const struct notification_list_vendor_notifications *query,
    struct notification_inbox_page *ret_reply)
{
    const struct notification_list_notifications same = {
        .has_unread = query->has_unread,
        .unread = query->unread,
        .has_limit = query->has_limit,
        .limit = query->limit,
        .has_after = query->has_after,
        .after = query->after,
    };
    return list_inbox(request, &same, ret_reply);
}

/* ---- what changes in it ---- */

struct wish {
    bool has_after;
    struct text after;
    bool is_from_now;
    int64_t limit;
};
#define WISH_OF(query)                                                                             \
    (&(struct wish){ (query)->has_after, (query)->after,                                           \
                     (query)->has_from && (query)->from == NOTIFICATION_CHANGES_FROM_NOW,          \
                     (query)->has_limit ? (query)->limit : PAGE_DEFAULT })

static enum status find_place(struct request *request, const struct wish *wish, struct text person,
                              int64_t *ret_place)
{
    *ret_place = 0;
    if (wish->has_after) {
        const enum status status = text_parse_int(wish->after, ret_place);
        return status == STATUS_OK && *ret_place >= 0 ? STATUS_OK : request_refuse_cursor(request);
    }
    return wish->is_from_now ? notification_store_find_end(request, person, ret_place) : STATUS_OK;
}

static struct text place_text(struct request *request, int64_t place)
{
    return text_format(request_arena(request), "%lld", (long long)place);
}

static enum status list_changes(struct request *request, const struct wish *wish,
                                struct notification_inbox_changes *ret_reply)
{
    const struct text person = reader(request);
    struct notification_rows rows;
    int64_t place, *positions;
    TRY(find_place(request, wish, person, &place));
    TRY(notification_store_changes(request, person, place, wish->limit + 1, &rows, &positions));
    TRY(notification_store_unread(request, person, &ret_reply->unread_count));
    ret_reply->has_more = rows.count > (size_t)wish->limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)wish->limit : rows.count;
    struct notification_inbox_change *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++) {
        place = positions[i];
        data[i] = (struct notification_inbox_change){ .cursor = place_text(request, place),
                                                      .unread_count = ret_reply->unread_count };
        describe(request, &rows.rows[i], &data[i].notification);
    }
    ret_reply->data = data;
    ret_reply->has_next = true;
    ret_reply->next = place_text(request, place);
    return STATUS_OK;
}

enum status
notification_handle_list_inbox_changes(struct request *request,
                                       const struct notification_list_inbox_changes *query,
                                       struct notification_inbox_changes *ret_reply)
{
    return list_changes(request, WISH_OF(query), ret_reply);
}

enum status notification_handle_list_vendor_inbox_changes(
    struct request *request, const struct notification_list_vendor_inbox_changes *query,
    struct notification_inbox_changes *ret_reply)
{
    return list_changes(request, WISH_OF(query), ret_reply);
}

/* ---- read ---- */

static enum status read_one(struct request *request, struct uuid id)
{
    struct notification_row row;
    TRY(notification_store_find(request, id, &row));
    const bool is_own = text_equals(row.person, reader(request)) &&
                        row.channel == NOTIFICATION_CHANNEL_IN_APP &&
                        row.state == NOTIFICATION_MESSAGE_STATE_SENT;
    if (!is_own) return STATUS_NOT_FOUND;
    if (!row.is_read) notification_store_read(request, row.person, id);
    return STATUS_OK;
}

enum status
notification_handle_read_notification(struct request *request,
                                      const struct notification_read_notification *command)
{
    return read_one(request, command->notification_id);
}

enum status notification_handle_read_vendor_notification(
    struct request *request, const struct notification_read_vendor_notification *command)
{
    return read_one(request, command->notification_id);
}

enum status notification_handle_read_all_notifications(
    struct request *request, const struct notification_read_all_notifications *command)
{
    (void)command;
    notification_store_read_all(request, reader(request));
    return STATUS_OK;
}

/* ---- preferences ---- */

static void describe_choices(struct request *request, const struct notification_choices *choices,
                             struct notification_preferences *ret_reply)
{
    struct notification_preference *preferences =
        arena_allocate_array(request_arena(request), NOTIFICATION_CHOICES_MAX, sizeof *preferences);
    for (unsigned i = 0; i < NOTIFICATION_CHOICES_MAX; i++) {
        preferences[i].topic = (enum notification_topic)(i / NOTIFICATION_CHANNEL_COUNT);
        preferences[i].channel = (enum notification_channel)(i % NOTIFICATION_CHANNEL_COUNT);
        preferences[i].is_enabled =
            notification_choice(choices, preferences[i].topic, preferences[i].channel);
    }
    *ret_reply = (struct notification_preferences){ .preferences = preferences,
                                                    .preferences_count = NOTIFICATION_CHOICES_MAX,
                                                    .version = choices->version };
}

enum status notification_handle_get_preferences(struct request *request,
                                                const struct notification_get_preferences *query,
                                                struct notification_preferences *ret_reply)
{
    (void)query;
    struct notification_choices choices;
    TRY(notification_choice_store_find(request, request_principal(request)->id, &choices));
    describe_choices(request, &choices, ret_reply);
    return STATUS_OK;
}

static enum status refuse_twice(struct request *request, size_t index)
{
    const struct request_fault fault = {
        .pointer = text_format(request_arena(request), "/preferences/%zu", index).data,
        .code = STATUS_DUPLICATE_FIELD,
        .detail = TEXT("A topic and channel is named twice."),
    };
    request_add_fault(request, &fault);
    return STATUS_DUPLICATE_FIELD;
}

enum status
notification_handle_change_preferences(struct request *request,
                                       const struct notification_change_preferences *command,
                                       struct notification_preferences *ret_reply)
{
    struct notification_choices before, choices;
    struct notification_choices named = { 0 };
    if (!request_recall(request, &before, sizeof before))
        TRY(notification_choice_store_find(request, request_principal(request)->id, &before));
    if (!versions_have(VERSIONS_OF(command), before.version)) return STATUS_PRECONDITION_FAILED;
    choices = before;
    for (size_t i = 0; i < command->preferences_count; i++) {
        const struct notification_preference *preference = &command->preferences[i];
        const int64_t chosen = named.chosen;
        notification_choose(&named, preference->topic, preference->channel, true);
        if (named.chosen == chosen) return refuse_twice(request, i);
        notification_choose(&choices, preference->topic, preference->channel,
                            preference->is_enabled);
    }
    if (choices.chosen != before.chosen || choices.enabled != before.enabled) {
        choices.version++;
        notification_choice_store_save(request, &choices);
        request_remember(request, &choices, sizeof choices);
    }
    describe_choices(request, &choices, ret_reply);
    return STATUS_OK;
}
