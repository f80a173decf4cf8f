/* Plays everybody whom the notification domain talks to. */
#include "tests/actors/notification/post_office.h"

#include <stdio.h>
#include <string.h>

#include "admin_messages.h"
#include "order_messages.h"
#include "user_messages.h"
#include "vendor_messages.h"

extern const struct domain_definition notification_domain;

struct post_office post;

/* ---- the others ---- */

static enum status answer_teams(const struct vendor_get_many_contacts *query,
                                struct vendor_many_contacts *reply)
{
    struct vendor_team_contact *team = arena_allocate(post.arena, sizeof *team);
    *team =
        (struct vendor_team_contact){ .vendor_id = query->vendor_ids[0], .contact = post.contact };
    if (text_starts_with(post.contact.person_id, TEXT("usr_")))
        team->contact.person_id = TEXT("mbr_00000000000000000000000001");
    *reply = (struct vendor_many_contacts){ .contacts = team,
                                            .contacts_count = post.is_gone ? 0 : 1,
                                            .is_cut = post.are_many };
    return STATUS_OK;
}

/* Ada's contact for each shopper who is asked for. */
static enum status answer_shoppers(const struct user_get_many_contacts *query,
                                   struct common_contacts *reply)
{
    struct common_contact *contacts =
        arena_allocate_array(post.arena, query->user_ids_count, sizeof *contacts);
    for (size_t i = 0; i < query->user_ids_count; i++) {
        char *person = arena_allocate(post.arena, ID_TEXT_MAX + 1);
        contacts[i] = post.contact;
        contacts[i].person_id =
            (struct text){ person, id_format("usr", query->user_ids[i], person) };
    }
    *reply = (struct common_contacts){ .contacts = contacts,
                                       .contacts_count = post.is_gone ? 0 : query->user_ids_count };
    return STATUS_OK;
}

static enum status answer(void *context, const struct message *message, const void *body,
                          void *ret_reply)
{
    (void)context;
    post.questions++;
    if (post.refusal != STATUS_OK) return post.refusal;
    if (message == &vendor_get_many_contacts_message) return answer_teams(body, ret_reply);
    if (message == &user_get_many_contacts_message) return answer_shoppers(body, ret_reply);
    assert_true(message == &user_get_contacts_message || message == &vendor_get_contacts_message ||
                message == &admin_get_contacts_message || message == &order_get_contacts_message);
    post.questions_alone++;
    struct common_contacts *contacts = ret_reply;
    *contacts = (struct common_contacts){ .contacts = &post.contact,
                                          .contacts_count = post.is_gone ? 0 : 1 };
    return STATUS_OK;
}

enum status request_transfer_mail(struct request *request, const struct transfer_mail *mail,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    if (post.server.status != STATUS_OK) return post.server.status;
    assert_true(post.server.count < SENT_MAX && mail->message.length < MAIL_MAX);
    memcpy(post.server.to[post.server.count], mail->to.data, mail->to.length);
    memcpy(post.server.mails[post.server.count++], mail->message.data, mail->message.length);
    post.server.tls = mail->tls;
    post.server.has_password = mail->password.length > 0;
    *ret_answer = (struct transfer_answer){ .outcome = post.server.outcome };
    (void)snprintf(ret_answer->reply, sizeof ret_answer->reply, "%s", post.server.reply);
    return STATUS_OK;
}

static void copy(char *to, size_t size, struct text text)
{
    assert_true(text.length < size);
    if (text.length > 0) memcpy(to, text.data, text.length);
    to[text.length] = '\0';
}

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    if (post.api.status != STATUS_OK) return post.api.status;
    post.api.count++;
    copy(post.api.url, sizeof post.api.url, http->url);
    copy(post.api.form, sizeof post.api.form, http->body);
    assert_int_equal(http->headers_count, 1);
    assert_text_equal(http->headers[0].name, TEXT("Idempotency-Key"));
    copy(post.api.key, sizeof post.api.key, http->headers[0].value);
    *ret_answer = (struct transfer_answer){ .outcome = post.api.outcome,
                                            .code = post.api.code,
                                            .body = text_of(post.api.body) };
    return STATUS_OK;
}

/* ---- what is done ---- */

struct uuid make_uuid(uint8_t number)
{
    const uint8_t random[10] = { number, number }; /* of the first byte four bits remain */
    return uuid_make(direct_now_us(post.market), random, 7);
}

enum status raise_notice(uint8_t event, const struct common_notice *notice)
{
    const struct told_notice_was_raised raised = { .notice = *notice };
    return direct_consume(post.market, &order_notice_was_raised_message, &raised, make_uuid(event));
}

void tell(uint8_t event, enum common_notice_kind kind, enum common_audience audience)
{
    static const struct text_pair facts[] = { { { "number", 6 }, { "17", 2 } },
                                              { { "total", 5 }, { "9.00\x1f EUR", 9 } } };
    const struct common_notice notice = {
        .kind = kind,
        .recipient_id = post.user_id,
        .audience = audience,
        .facts = facts,
        .facts_count = 2,
    };
    assert_int_equal(raise_notice(event, &notice), STATUS_OK);
}

void tell_order(uint8_t event)
{
    tell(event, COMMON_NOTICE_KIND_ORDER_PLACED, COMMON_AUDIENCE_STORE);
}

void tell_orders(uint8_t count)
{
    for (uint8_t event = 1; event <= count; event++)
        tell_order(event);
}

void sweep(void)
{
    assert_int_equal(direct_sweep(post.market, "notification_due"), STATUS_OK);
}

struct uuid mail_id(void)
{
    const struct principal staff = { .kind = PRINCIPAL_ADMIN };
    const struct notification_list_deliveries query = { .has_channel = true,
                                                        .channel = NOTIFICATION_CHANNEL_EMAIL };
    struct notification_delivery_page page;
    assert_int_equal(
        direct_call(post.market, &staff, &notification_list_deliveries_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    return page.data[0].id;
}

enum status replay(struct text reason)
{
    const struct notification_replay_message command = { .notification_id = mail_id(),
                                                         .has_reason = reason.length > 0,
                                                         .reason = reason };
    const struct principal staff = { .kind = PRINCIPAL_ADMIN, .id = post.user_id };
    return direct_call(post.market, &staff, &notification_replay_message_message, &command, NULL);
}

void say(const char *setting)
{
    direct_set(post.market, setting);
}

void assert_cell(const char *sql, const char *expected)
{
    assert_text_equal(direct_sql(post.market, sql), text_of(expected));
}

void assert_state(const char *state)
{
    assert_cell("SELECT state " MAILS_SQL, state);
}

struct principal shopper(void)
{
    return (struct principal){ .kind = PRINCIPAL_SHOPPER, .id = post.user_id };
}

struct notification_inbox_page inbox(const struct principal *principal)
{
    const struct notification_list_notifications query = { 0 };
    const struct notification_list_vendor_notifications of_vendor = { 0 };
    struct notification_inbox_page page;
    const bool is_vendor = principal->kind == PRINCIPAL_VENDOR;
    const enum status status =
        is_vendor ? direct_call(post.market, principal,
                                &notification_list_vendor_notifications_message, &of_vendor, &page)
                  : direct_call(post.market, principal, &notification_list_notifications_message,
                                &query, &page);
    assert_int_equal(status, STATUS_OK);
    return page;
}

struct principal join_team(uint8_t member)
{
    static char person[ID_TEXT_MAX + 1];
    const struct principal signed_in = { .kind = PRINCIPAL_VENDOR,
                                         .id = post.user_id,
                                         .actor = make_uuid(member) };
    post.contact.person_id = (struct text){ person, id_format("mbr", signed_in.actor, person) };
    return signed_in;
}

bool contains(struct text text, const char *part)
{
    return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

/* ---- frame ---- */

int post_open(void **state)
{
    (void)state;
    post.arena = arena_new(4096);
    post.market = direct_market_new(&notification_domain);
    direct_set_peer(post.market, answer, NULL);
    return 0;
}

int post_close(void **state)
{
    (void)state;
    direct_market_destroy(&post.market);
    arena_destroy(&post.arena);
    return 0;
}

static void reset_settings(void)
{
    say("--notification.smtp_url=smtp://127.0.0.1:25");
    say("--notification.smtp_user=");
    say("--notification.smtp_tls=opportunistic");
    say("--notification.mail_from=souk@localhost");
    say("--notification.sms_url=");
    say("--notification.sms_account=AC123");
    say("--notification.sms_from=Souk");
    say("--notification.capture=false");
    say("--test-mode=true");
}

int post_clear(void **state)
{
    static char person[ID_TEXT_MAX + 1];
    (void)state;
    const struct post_office kept = { .market = post.market, .arena = post.arena };
    memset(&post, 0, sizeof post);
    post.market = kept.market;
    post.arena = kept.arena;
    post.user_id = make_uuid(99);
    post.server.outcome = TRANSFER_ACCEPTED;
    post.server.reply = "";
    post.api.outcome = TRANSFER_ACCEPTED;
    post.api.code = 201;
    post.api.body = "{\"sid\":\"SM1\"}";
    post.contact = (struct common_contact){
        .person_id = { person, id_format("usr", post.user_id, person) },
        .name = TEXT("Ada"),
        .email = TEXT("ada@example.com"),
        .has_is_proved = true,
        .is_proved = true,
        .locale = TEXT("en"),
    };
    (void)direct_sql(post.market, "TRUNCATE notification.message, notification.choices,"
                                  " notification.captured, notification.erased,"
                                  " notification.allowance");
    direct_forget(post.market);
    reset_settings();
    return 0;
}
