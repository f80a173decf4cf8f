/* Claims about the ways out: what the mail server and the API for text messages are told, and what
 * becomes of a message by what they say. */
#include "tests/actors/notification/post_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXTS_SQL "FROM notification.message WHERE channel = 'sms'"

/* Ada wants text messages about her orders, and has a telephone. */
static void want_texts(void)
{
    const struct principal ada = shopper();
    const struct notification_preference wish = { .topic = NOTIFICATION_TOPIC_ORDERS,
                                                  .channel = NOTIFICATION_CHANNEL_SMS,
                                                  .is_enabled = true };
    const struct notification_change_preferences command = { .preferences = &wish,
                                                             .preferences_count = 1 };
    struct notification_preferences reply;
    assert_int_equal(
        direct_call(post.market, &ada, &notification_change_preferences_message, &command, &reply),
        STATUS_OK);
    post.contact.has_phone = true;
    post.contact.phone = TEXT("+4930123456");
    say("--notification.sms_url=https://api.example.com");
}

/* The first line of a file is a password; the caller removes it. */
static void write_secret(char *path)
{
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, "geheim\nmore\n", 12), 12);
    assert_int_equal(close(file), 0);
}

/* ---- text messages ---- */

static void a_text_message_is_posted_under_its_own_name(void **state)
{
    (void)state;
    want_texts();
    say("--notification.sms_from=+15005550006");
    tell_order(1);
    sweep();
    assert_int_equal(post.api.count, 1);
    assert_string_equal(post.api.url,
                        "https://api.example.com/2010-04-01/Accounts/AC123/Messages.json");
    assert_true(contains(text_of(post.api.form), "To=%2B4930123456&From=%2B15005550006&Body="));
    assert_true(contains(text_of(post.api.form), "thank+you+for+order+17"));
    assert_true(text_starts_with(text_of(post.api.key), TEXT("ntf_")));
    assert_cell("SELECT state || ' ' || provider_id || ' ' || attempts " TEXTS_SQL, "sent SM1 1");
    assert_cell("SELECT recipient || ' ' || subject FROM notification.captured"
                " WHERE channel = 'sms'",
                "+4930123456 ");
}

static void the_same_attempt_again_has_the_same_name(void **state)
{
    (void)state;
    char first[sizeof post.api.key];
    want_texts();
    post.api.outcome = TRANSFER_TEMPORARY;
    post.api.code = 503;
    tell_order(1);
    sweep();
    memcpy(first, post.api.key, sizeof first);
    direct_advance(post.market, 60 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(post.api.count, 2);
    assert_string_equal(post.api.key, first);
}

/* Answers of the API, and what becomes of the message. */
static const struct api_answer {
    const char *name;
    enum transfer_outcome outcome;
    int code;
    const char *body, *cell;
} api_answers[] = {
    { "accepted", TRANSFER_ACCEPTED, 201, "{\"sid\": \"SMabc\"}", "sent SMabc -" },
    { "accepted without a sid", TRANSFER_ACCEPTED, 200, "", "sent - -" },
    { "busy", TRANSFER_TEMPORARY, 429, "", "retrying - HTTP 429" },
    { "broken", TRANSFER_TEMPORARY, 500, "", "retrying - HTTP 500" },
    { "refused", TRANSFER_PERMANENT, 400, "", "dead - HTTP 400" },
    { "refused with a number", TRANSFER_PERMANENT, 400,
      "{\"code\": 21211, \"message\": \"The 'To' number is not a valid phone number.\"}",
      "dead - HTTP 400, code 21211" },
    { "refused for our password", TRANSFER_PERMANENT, 401, "", "retrying - HTTP 401" },
    { "refused for our account", TRANSFER_PERMANENT, 403, "", "retrying - HTTP 403" },
};

static void what_the_api_answers_decides(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(api_answers); i++) {
        assert_int_equal(post_clear(state), 0);
        want_texts();
        post.api.outcome = api_answers[i].outcome;
        post.api.code = api_answers[i].code;
        post.api.body = api_answers[i].body;
        tell_order(1);
        sweep();
        const struct text cell =
            direct_sql(post.market, "SELECT concat_ws(' ', state, coalesce(provider_id, '-'),"
                                    " coalesce(last_error, '-')) " TEXTS_SQL);
        if (!text_equals_string(cell, api_answers[i].cell))
            fail_msg("%s: %.*s", api_answers[i].name, (int)cell.length, cell.data);
    }
}

/* What our own side says when it does not come to an answer. */
static const struct own_failure {
    const char *name;
    enum status status;
    const char *cell;
} own_failures[] = {
    { "out of reach", STATUS_UNAVAILABLE, "retrying unavailable" },
    { "too slow", STATUS_DEADLINE_EXCEEDED, "retrying deadline_exceeded" },
    { "too many at once", STATUS_OVERLOADED, "retrying overloaded" },
    { "cannot be sent", STATUS_INVALID_VALUE, "dead invalid_value" },
};

static void what_our_own_side_says_decides(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(own_failures); i++) {
        assert_int_equal(post_clear(state), 0);
        want_texts();
        post.api.status = post.server.status = own_failures[i].status;
        tell_order(1);
        sweep();
        const struct text cell =
            direct_sql(post.market, "SELECT string_agg(DISTINCT state || ' ' || last_error, ',')"
                                    " FROM notification.message WHERE channel <> 'in_app'");
        if (!text_equals_string(cell, own_failures[i].cell))
            fail_msg("%s: %.*s", own_failures[i].name, (int)cell.length, cell.data);
    }
}

static void a_stop_in_between_leaves_the_message_to_its_lease(void **state)
{
    (void)state;
    post.server.status = STATUS_STOPPING;
    tell_order(1);
    sweep();
    assert_cell("SELECT state || ' ' || attempts " MAILS_SQL, "sending 1");
    post.server.status = STATUS_OK;
    sweep();
    assert_int_equal(post.server.count, 0);
    direct_advance(post.market, 61 * (int64_t)SECOND_US);
    sweep();
    assert_cell("SELECT state || ' ' || attempts " MAILS_SQL, "sent 2");
}

static void a_sender_that_is_none_is_our_fault_and_is_waited_for(void **state)
{
    (void)state;
    want_texts();
    say("--notification.sms_from=much too long!");
    tell_order(1);
    sweep();
    assert_int_equal(post.api.count, 0);
    assert_cell("SELECT state || ' ' || last_error " TEXTS_SQL, "retrying unavailable");
    say("--notification.sms_from=Souk");
    direct_advance(post.market, 60 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(post.api.count, 1);
    assert_cell("SELECT state " TEXTS_SQL, "sent");
}

static void an_address_of_the_api_that_is_none_is_our_fault(void **state)
{
    (void)state;
    want_texts();
    say("--notification.sms_account=");
    tell_order(1);
    sweep();
    assert_int_equal(post.api.count, 0);
    assert_cell("SELECT state || ' ' || last_error " TEXTS_SQL, "retrying unavailable");
}

static void a_number_that_is_none_gets_no_text_message(void **state)
{
    (void)state;
    want_texts();
    post.contact.phone = TEXT("030 12345");
    tell_order(1);
    assert_cell("SELECT state || ' ' || suppressed_why " TEXTS_SQL, "suppressed no_address");
    post.contact.has_phone = false;
    tell_order(2);
    assert_cell("SELECT count(*) " TEXTS_SQL " AND suppressed_why = 'no_address'", "2");
}

/* ---- mails ---- */

static void a_password_is_told_over_tls_only(void **state)
{
    (void)state;
    char path[] = "/tmp/souk_secret_XXXXXX", setting[128];
    tell_order(1);
    sweep();
    assert_int_equal(post.server.tls, TRANSFER_TLS_OPPORTUNISTIC);
    assert_false(post.server.has_password);
    write_secret(path);
    (void)snprintf(setting, sizeof setting, "--notification.smtp_password_file=%s", path);
    say(setting);
    say("--notification.smtp_tls=none");
    tell_order(2);
    sweep();
    assert_int_equal(post.server.tls, TRANSFER_TLS_NONE);
    assert_false(post.server.has_password); /* nobody to tell it for */
    say("--notification.smtp_user=souk");
    tell_order(3);
    sweep();
    assert_int_equal(unlink(path), 0);
    assert_int_equal(post.server.tls, TRANSFER_TLS_REQUIRED);
    assert_true(post.server.has_password);
    say("--notification.smtp_password_file=");
}

static void a_message_id_ends_with_the_domain_of_the_sender(void **state)
{
    (void)state;
    say("--notification.mail_from=market@souk.example");
    tell_order(1);
    sweep();
    const struct text mail = text_of(post.server.mails[0]);
    assert_true(contains(mail, "@souk.example>\r\n"));
    assert_true(contains(mail, "\r\nMessage-ID: <ntf_"));
    assert_true(contains(mail, "<market@souk.example>\r\n"));
}

static void who_may_choose_is_told_where(void **state)
{
    (void)state;
    say("--market.url=https://market.example");
    tell_order(1);
    tell(2, COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_STORE);
    sweep();
    assert_int_equal(post.server.count, 2);
    size_t links = 0;
    for (size_t i = 0; i < post.server.count; i++)
        links += contains(text_of(post.server.mails[i]),
                          "\r\nList-Unsubscribe: "
                          "<https://market.example/account/notifications>\r\n");
    assert_int_equal(links, 1); /* nobody chooses not to hear of his password */
}

static void an_address_that_is_none_gets_no_mail(void **state)
{
    (void)state;
    post.contact.email = TEXT("ada@example.com, eve@example.com");
    tell_order(1);
    assert_cell("SELECT state || ' ' || suppressed_why " MAILS_SQL, "suppressed no_address");
    /* One that has become bad between the notice and the sending. */
    post.contact.email = TEXT("ada@example.com");
    tell_order(2);
    post.contact.email = TEXT("no address");
    sweep();
    assert_int_equal(post.server.count, 0);
    assert_cell("SELECT count(*) " MAILS_SQL " AND suppressed_why = 'no_address'", "2");
}

static void somebody_who_left_the_team_gets_no_mail(void **state)
{
    (void)state;
    (void)join_team(100);
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    (void)join_team(101); /* whom the vendor domain tells of now */
    sweep();
    assert_int_equal(post.server.count, 0);
    assert_cell("SELECT state || ' ' || suppressed_why " MAILS_SQL, "suppressed no_address");
}

static void contacts_that_cannot_be_asked_for_leave_the_message_to_its_lease(void **state)
{
    (void)state;
    tell_order(1);
    post.refusal = STATUS_UNAVAILABLE;
    sweep();
    assert_cell("SELECT state || ' ' || attempts " MAILS_SQL, "sending 1");
    post.refusal = STATUS_OK;
    direct_advance(post.market, 61 * (int64_t)SECOND_US);
    sweep();
    assert_state("sent");
}

/* ---- ways that are not there ---- */

static void what_has_no_way_any_more_waits_for_staff(void **state)
{
    (void)state;
    say("--test-mode=false");
    tell_order(1);
    assert_state("queued");
    say("--notification.smtp_url=");
    sweep();
    assert_cell("SELECT state || ' ' || suppressed_why " MAILS_SQL, "suppressed no_transport");
    tell_order(2);
    assert_cell("SELECT count(*) " MAILS_SQL " AND suppressed_why = 'no_transport'", "2");
    assert_cell("SELECT count(*) FROM notification.captured", "0");
    say("--test-mode=true");
}

static void where_nothing_leaves_a_message_is_captured_at_once(void **state)
{
    (void)state;
    say("--notification.smtp_url=");
    tell_order(1);
    assert_state("sent");
    assert_cell("SELECT channel || ' ' || recipient || ' ' || subject || ' ' || kind"
                " FROM notification.captured",
                "email ada@example.com Your order 17 order_placed");
    assert_cell("SELECT count(*) " MAILS_SQL " AND attempts = 0 AND sent_at IS NOT NULL", "1");
    sweep();
    assert_cell("SELECT count(*) FROM notification.captured", "1");
}

static void a_way_that_vanishes_is_replaced_by_the_list(void **state)
{
    (void)state;
    tell_order(1);
    say("--notification.smtp_url=");
    sweep();
    assert_int_equal(post.server.count, 0);
    assert_state("sent");
    assert_cell("SELECT count(*) FROM notification.captured", "1");
}

/* It was asked for a moment ago, so it does not wait for what somebody has chosen. */
static void a_code_goes_to_a_telephone_whatever_was_chosen(void **state)
{
    (void)state;
    const struct common_notice notice = { .kind = COMMON_NOTICE_KIND_VERIFY_PHONE,
                                          .recipient_id = post.user_id,
                                          .audience = COMMON_AUDIENCE_STORE,
                                          .has_ticket_id = true,
                                          .ticket_id = make_uuid(7) };
    post.contact.has_phone = true;
    post.contact.phone = TEXT("+4930123456");
    post.contact.is_proved = false;
    say("--notification.sms_url=https://api.example.com");
    say("--notification.sms_from=+15005550006");
    assert_int_equal(raise_notice(1, &notice), STATUS_OK);
    sweep();
    assert_int_equal(post.api.count, 1);
    const char *digits = strstr(post.api.form, "code+is+");
    assert_non_null(digits);
    assert_int_equal(strspn(digits + strlen("code+is+"), "0123456789"), 8);
    assert_cell("SELECT facts " TEXTS_SQL, ""); /* the code stands in no row */
    assert_cell("SELECT count(*) " MAILS_SQL, "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(a_code_goes_to_a_telephone_whatever_was_chosen),
        POST_TEST(a_text_message_is_posted_under_its_own_name),
        POST_TEST(the_same_attempt_again_has_the_same_name),
        POST_TEST(what_the_api_answers_decides),
        POST_TEST(what_our_own_side_says_decides),
        POST_TEST(a_stop_in_between_leaves_the_message_to_its_lease),
        POST_TEST(a_sender_that_is_none_is_our_fault_and_is_waited_for),
        POST_TEST(an_address_of_the_api_that_is_none_is_our_fault),
        POST_TEST(a_number_that_is_none_gets_no_text_message),
        POST_TEST(a_password_is_told_over_tls_only),
        POST_TEST(a_message_id_ends_with_the_domain_of_the_sender),
        POST_TEST(who_may_choose_is_told_where),
        POST_TEST(an_address_that_is_none_gets_no_mail),
        POST_TEST(somebody_who_left_the_team_gets_no_mail),
        POST_TEST(contacts_that_cannot_be_asked_for_leave_the_message_to_its_lease),
        POST_TEST(what_has_no_way_any_more_waits_for_staff),
        POST_TEST(where_nothing_leaves_a_message_is_captured_at_once),
        POST_TEST(a_way_that_vanishes_is_replaced_by_the_list),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
