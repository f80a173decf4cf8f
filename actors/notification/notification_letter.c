/* Writes messages: template, values, link. */
#include "actors/notification/notification_letter.h"

#include "actors/host/mail_token.h"
#include "actors/notification/notification_template.h"

enum {
    VALUES_FIXED = 4, /* name, market, link, code */
    SUBJECT_ID_MAX = 40,
    NOTIFICATION_NAME_MAX = 200
};

bool notification_has_address(enum notification_channel channel,
                              const struct common_contact *contact)
{
    if (channel == NOTIFICATION_CHANNEL_EMAIL)
        return notification_address_is_good(channel, contact->email);
    return contact->has_phone && notification_address_is_good(channel, contact->phone);
}

/* Where the tickets of an audience are made, which decides the key of their tokens. */
static enum domain domain_of(enum common_audience audience)
{
    static const enum domain domains[COMMON_AUDIENCE_COUNT] = {
        [COMMON_AUDIENCE_STORE] = DOMAIN_USER,
        [COMMON_AUDIENCE_VENDOR] = DOMAIN_VENDOR,
        [COMMON_AUDIENCE_ADMIN] = DOMAIN_ADMIN,
        [COMMON_AUDIENCE_GUEST] = DOMAIN_ORDER,
    };
    assert((unsigned)audience < COMMON_AUDIENCE_COUNT);
    return domains[audience];
}

/* Ids are letters, digits and underscores. Anything else in a subject could turn the link to
 * another place, so it is left out of it. */
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

/* A guest has no pages of his own: what is told of his checkout leads to where its token opens it.
 */
static bool is_about_a_guests_order(const struct notification_row *row)
{
    return row->audience == COMMON_AUDIENCE_GUEST && row->has_ticket &&
           notification_kind_of(row->kind)->link == NOTIFICATION_LINK_SUBJECT;
}

static struct text link_of(struct request *request, const struct notification_row *row)
{
    static const char *const places[COMMON_AUDIENCE_COUNT] = {
        [COMMON_AUDIENCE_STORE] = "account",
        [COMMON_AUDIENCE_VENDOR] = "vendor",
        [COMMON_AUDIENCE_ADMIN] = "admin",
        [COMMON_AUDIENCE_GUEST] = "guest",
    };
    assert((unsigned)row->audience < COMMON_AUDIENCE_COUNT);
    struct arena *arena = request_arena(request);
    const struct notification_kind *kind = notification_kind_of(
        is_about_a_guests_order(row) ? COMMON_NOTICE_KIND_GUEST_ORDER_PLACED : row->kind);
    const struct text page =
        text_format(arena, "%s/%s%s%s", config_text(request_config(request), SETTING_MARKET_URL),
                    places[row->audience], kind->path[0] == '\0' ? "" : "/", kind->path);
    if (kind->link == NOTIFICATION_LINK_TOKEN) {
        /* Without its token the link is of no use; the template's line then is left out. */
        if (!row->has_ticket) return (struct text){ 0 };
        const struct text token =
            mail_token_make(request, domain_of(row->audience), row->ticket_id);
        return text_format(arena, "%s?token=%.*s", page.data, (int)token.length, token.data);
    }
    if (kind->link == NOTIFICATION_LINK_SUBJECT && is_path_part(row->subject_id))
        return text_format(arena, "%s/%.*s", page.data, (int)row->subject_id.length,
                           row->subject_id.data);
    return page;
}

/* The code that proves a telephone: it stands in no row. */
static struct text code_of(struct request *request, const struct notification_row *row)
{
    if (row->kind != COMMON_NOTICE_KIND_VERIFY_PHONE || !row->has_ticket) return TEXT("");
    return mail_code_make(request, domain_of(row->audience), row->ticket_id);
}

/* Words that people write themselves. To an address that nobody has proved they do not go: it may
 * be a stranger's, and a name can be an advertisement with a link. What others invite somebody with
 * was looked at by whoever has raised the notice. */
static bool is_free_text(struct text name)
{
    static const char *const names[] = { "vendor",       "key_name",        "product",
                                         "carrier",      "tracking_number", "tracking_url",
                                         "vendor_reason" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (text_equals_string(name, names[i])) return true;
    }
    return false;
}

/* What the row's template may use; the fixed ones first, so that no fact can replace them. A line
 * whose value is empty is left out. */
static struct text_pair *collect_values(struct request *request, const struct notification_row *row,
                                        const struct common_contact *contact)
{
    struct text_pair *values = arena_allocate_array(
        request_arena(request), VALUES_FIXED + row->facts_count, sizeof *values);
    const bool is_proved = contact->has_is_proved && contact->is_proved;
    const bool is_invited = text_starts_with(contact->person_id, TEXT("tic_"));
    values[0] = (struct text_pair){ TEXT("name"), is_proved ? contact->name : TEXT("") };
    values[1] =
        (struct text_pair){ TEXT("market"),
                            text_of(config_text(request_config(request), SETTING_MARKET_NAME)) };
    values[2] = (struct text_pair){ TEXT("link"), link_of(request, row) };
    values[3] = (struct text_pair){ TEXT("code"), code_of(request, row) };
    notification_say_facts(request_arena(request), row->facts, row->facts_count, row->locale,
                           values + VALUES_FIXED);
    for (size_t i = 0; i < row->facts_count; i++) {
        if (!is_proved && !is_invited && is_free_text(row->facts[i].name))
            values[VALUES_FIXED + i].value = TEXT("");
    }
    return values;
}

void notification_write_letter(struct request *request, const struct notification_row *row,
                               const struct common_contact *contact,
                               struct notification_letter *ret_letter)
{
    assert(row->channel != NOTIFICATION_CHANNEL_IN_APP);
    struct arena *arena = request_arena(request);
    const struct notification_template *template = notification_template_of(row->kind, row->locale);
    const struct text_pair *values = collect_values(request, row, contact);
    const size_t count = VALUES_FIXED + row->facts_count;
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
