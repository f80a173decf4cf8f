/* Claims about messages from the notice to the inbox: written once, sent as often as it takes,
 * never to more than one address at a time, forgotten. The mail server is played by this file. */
#include <stdio.h>
#include <string.h>

#include "common_messages.h"
#include "notification_handlers.h"
#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"
#include "user_messages.h"
#include "vendor_messages.h"

extern const struct domain_definition notification_domain;

enum { SECOND_US = 1000000, SENT_MAX = 16, MAIL_MAX = 8192 };

static struct direct_market *market;
static struct uuid user_id;

/* ---- the others ---- */

static struct arena *arena;
static struct common_contact contact;
static bool is_gone;
static size_t questions;

static struct {
    enum transfer_outcome outcome;
    const char *reply;
    size_t count;
    char to[SENT_MAX][64];
    char mails[SENT_MAX][MAIL_MAX];
} server;

static enum status answer(void *context, const struct message *message, const void *body,
                          void *ret_reply)
{
    (void)context;
    questions++;
    if (message == &vendor_get_many_contacts_message) {
        struct vendor_team_contact *team = arena_allocate(arena, sizeof *team);
        const struct vendor_get_many_contacts *query = body;
        *team =
            (struct vendor_team_contact){ .vendor_id = query->vendor_ids[0], .contact = contact };
        if (text_starts_with(contact.person_id, TEXT("usr_")))
            team->contact.person_id = TEXT("mbr_00000000000000000000000001");
        *(struct vendor_many_contacts *)ret_reply =
            (struct vendor_many_contacts){ .contacts = team, .contacts_count = is_gone ? 0 : 1 };
        return STATUS_OK;
    }
    assert_true(message == &user_get_contacts_message || message == &vendor_get_contacts_message ||
                message == &user_get_many_contacts_message);
    struct common_contacts *contacts = ret_reply;
    *contacts = (struct common_contacts){ .contacts = &contact, .contacts_count = is_gone ? 0 : 1 };
    return STATUS_OK;
}

enum status request_transfer_mail(struct request *request, const struct transfer_mail *mail,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    assert_true(server.count < SENT_MAX && mail->message.length < MAIL_MAX);
    memcpy(server.to[server.count], mail->to.data, mail->to.length);
    memcpy(server.mails[server.count++], mail->message.data, mail->message.length);
    *ret_answer = (struct transfer_answer){ .outcome = server.outcome };
    (void)snprintf(ret_answer->reply, sizeof ret_answer->reply, "%s", server.reply);
    return STATUS_OK;
}

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    (void)http;
    (void)ret_answer;
    return STATUS_UNAVAILABLE;
}

/* ---- what is done ---- */

static struct uuid make_uuid(uint8_t number)
{
    const uint8_t random[10] = { number };
    return uuid_make(direct_now_us(market), random, 7);
}

static void tell(uint8_t event, enum common_notice_kind kind, enum common_audience audience)
{
    static const struct text_pair facts[] = { { { "number", 6 }, { "17", 2 } },
                                              { { "total", 5 }, { "9.00\x1f EUR", 9 } } };
    const struct uuid event_id = make_uuid(event);
    const struct common_notice notice = {
        .kind = kind,
        .recipient_id = user_id,
        .audience = audience,
        .facts = facts,
        .facts_count = 2,
    };
    const struct told_notice_was_raised raised = { .notice = notice };
    assert_int_equal(direct_consume(market, &order_notice_was_raised_message, &raised, event_id),
                     STATUS_OK);
}

static void tell_order(uint8_t event)
{
    tell(event, COMMON_NOTICE_KIND_ORDER_PLACED, COMMON_AUDIENCE_STORE);
}

static void sweep(void)
{
    assert_int_equal(direct_sweep(market, 0), STATUS_OK);
}

static void assert_cell(const char *sql, const char *expected)
{
    assert_text_equal(direct_sql(market, sql), text_of(expected));
}

#define MAILS_SQL "FROM notification.message WHERE channel = 'email'"

static void assert_state(const char *state)
{
    assert_cell("SELECT state " MAILS_SQL, state);
}

static struct principal shopper(void)
{
    return (struct principal){ .kind = PRINCIPAL_SHOPPER, .id = user_id };
}

static struct notification_inbox_page inbox(const struct principal *principal)
{
    const struct notification_list_notifications query = { 0 };
    const struct notification_list_vendor_notifications of_vendor = { 0 };
    struct notification_inbox_page page;
    const bool is_vendor = principal->kind == PRINCIPAL_VENDOR;
    const enum status status =
        is_vendor ? direct_call(market, principal, &notification_list_vendor_notifications_message,
                                &of_vendor, &page)
                  : direct_call(market, principal, &notification_list_notifications_message, &query,
                                &page);
    assert_int_equal(status, STATUS_OK);
    return page;
}

/* ---- claims ---- */

static void an_event_is_told_once_per_person_and_channel(void **state)
{
    (void)state;
    tell_order(1);
    tell_order(1);
    assert_cell("SELECT count(*) || ' ' || count(DISTINCT channel) FROM notification.message",
                "2 2");
    tell_order(2);
    assert_cell("SELECT count(*) FROM notification.message", "4");
}

static void everybody_of_an_order_is_found_by_two_questions_and_told_once(void **state)
{
    (void)state;
    struct order_placed_order orders[2] = {
        { .id = make_uuid(50), .vendor_id = make_uuid(60), .number = TEXT("17-1") },
        { .id = make_uuid(51), .vendor_id = make_uuid(61), .number = TEXT("17-2") },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++) {
        orders[i].total = money_make(500, "EUR");
        orders[i].vendor_name = TEXT("A vendor");
    }
    const struct order_group_was_placed event = {
        .group_id = make_uuid(40),
        .has_user_id = true,
        .user_id = user_id,
        .number = TEXT("17"),
        .total = money_make(1000, "EUR"),
        .orders = orders,
        .orders_count = 2,
    };
    questions = 0;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            direct_consume(market, &order_group_was_placed_message, &event, make_uuid(1)),
            STATUS_OK);
    assert_int_equal(questions, 4);
    /* The shopper, and the one vendor of the two that has a team. */
    assert_cell("SELECT string_agg(kind || ' ' || channel, ',' ORDER BY kind, channel)"
                " FROM notification.message",
                "order_placed email,order_placed in_app,vendor_order_placed email,"
                "vendor_order_placed in_app");
}

static void who_is_erased_while_a_message_is_written_leaves_no_facts(void **state)
{
    (void)state;
    const struct notification_forget_shopper command = { .user_id = user_id };
    assert_int_equal(
        direct_call(market, NULL, &notification_forget_shopper_message, &command, NULL), STATUS_OK);
    tell_order(1); /* whose contacts were asked for just before */
    assert_cell("SELECT bool_and(facts = '') FROM notification.message", "t");
}

static void a_busy_server_is_asked_again_with_the_same_bytes(void **state)
{
    (void)state;
    server.outcome = TRANSFER_TEMPORARY;
    server.reply = "450 not now";
    tell_order(1);
    sweep();
    assert_state("retrying");
    assert_cell("SELECT last_error " MAILS_SQL, "450 not now");
    direct_advance(market, 29 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(server.count, 1);
    direct_advance(market, 10 * (int64_t)SECOND_US);
    server.outcome = TRANSFER_ACCEPTED;
    sweep();
    assert_state("sent");
    assert_int_equal(server.count, 2);
    assert_string_equal(server.mails[0], server.mails[1]);
    sweep();
    assert_int_equal(server.count, 2);
    assert_cell("SELECT count(*) FROM notification.captured", "1");
}

static void what_is_done_is_kept_for_its_time_and_what_is_not_for_longer(void **state)
{
    (void)state;
    tell_order(1); /* a mail that is never sent here, and an entry of the inbox */
    direct_advance(market, 179 * INT64_C(86400) * SECOND_US);
    assert_int_equal(direct_sweep(market, 1), STATUS_OK);
    assert_cell("SELECT count(*) FROM notification.message", "2");
    direct_advance(market, 2 * INT64_C(86400) * SECOND_US);
    assert_int_equal(direct_sweep(market, 1), STATUS_OK);
    assert_cell("SELECT string_agg(state, ' ') FROM notification.message", "queued");
}

static void a_corrected_address_counts_at_the_next_attempt(void **state)
{
    (void)state;
    server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    sweep();
    contact.email = TEXT("new@example.com");
    direct_advance(market, 60 * (int64_t)SECOND_US);
    sweep();
    assert_string_equal(server.to[0], "ada@example.com");
    assert_string_equal(server.to[1], "new@example.com");
    assert_cell("SELECT count(*) FROM notification.message m WHERE m::text LIKE '%@%'", "0");
}

static void the_sixth_failure_is_the_last(void **state)
{
    (void)state;
    server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    for (int i = 0; i < 8; i++) {
        sweep();
        direct_advance(market, 8 * 3600 * (int64_t)SECOND_US);
    }
    assert_state("dead");
    assert_int_equal(server.count, 6);
}

static enum status replay(struct text reason)
{
    struct notification_replay_message command = { .reason = reason };
    const struct principal staff = { .kind = PRINCIPAL_ADMIN, .id = user_id };
    const struct notification_list_deliveries query = { .has_channel = true,
                                                        .channel = NOTIFICATION_CHANNEL_EMAIL };
    struct notification_delivery_page page;
    assert_int_equal(
        direct_call(market, &staff, &notification_list_deliveries_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    command.notification_id = page.data[0].id;
    return direct_call(market, &staff, &notification_replay_message_message, &command, NULL);
}

static void what_is_refused_for_good_waits_for_staff_and_names_no_address(void **state)
{
    (void)state;
    server.outcome = TRANSFER_PERMANENT;
    server.reply = "550 <ADA@example.com> unknown";
    tell_order(1);
    sweep();
    assert_state("dead");
    assert_cell("SELECT last_error " MAILS_SQL, "550 <(address)> unknown");
    server.outcome = TRANSFER_ACCEPTED;
    static const char *const no_reasons[] = { " ", "a\nb", "\xe2\x80\xae" };
    for (size_t i = 0; i < ARRAY_LENGTH(no_reasons); i++) {
        assert_int_equal(replay(text_of(no_reasons[i])), STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(market).pointer, "/reason");
    }
    assert_state("dead");
    assert_int_equal(replay(TEXT("mended")), STATUS_OK);
    sweep();
    assert_state("sent");
    assert_int_equal(replay(TEXT("mended")), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(server.mails[0], server.mails[1]);
}

static void what_was_cut_short_is_sent_after_its_lease(void **state)
{
    (void)state;
    tell_order(1);
    const struct notification_list_deliveries query = { .has_state = true };
    struct notification_delivery_page page;
    assert_int_equal(
        direct_call(market, NULL, &notification_list_deliveries_message, &query, &page), STATUS_OK);
    const struct notification_claim_message claim = { .message_id = page.data[0].id };
    struct notification_message_claimed claimed;
    assert_int_equal(
        direct_call(market, NULL, &notification_claim_message_message, &claim, &claimed),
        STATUS_OK);
    assert_true(claimed.is_claimed);
    assert_int_equal(
        direct_call(market, NULL, &notification_claim_message_message, &claim, &claimed),
        STATUS_OK);
    assert_false(claimed.is_claimed);
    sweep();
    assert_int_equal(server.count, 0);
    direct_advance(market, 61 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(server.count, 1);
    assert_cell("SELECT state || attempts " MAILS_SQL, "sent2");
    const struct notification_deliver_message late = { .message_id = page.data[0].id,
                                                       .attempt = 1 };
    assert_int_equal(direct_call(market, NULL, &notification_deliver_message_message, &late, NULL),
                     STATUS_OK);
    assert_int_equal(server.count, 1);
}

static void who_is_gone_gets_nothing_and_leaves_nothing(void **state)
{
    (void)state;
    server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    sweep();
    const struct notification_forget_shopper command = { .user_id = user_id };
    assert_int_equal(
        direct_call(market, NULL, &notification_forget_shopper_message, &command, NULL), STATUS_OK);
    assert_cell("SELECT state || ' ' || suppressed_why || facts FROM notification.message",
                "suppressed erased");
    is_gone = true;
    tell_order(2);
    assert_cell("SELECT count(*) FROM notification.message WHERE state = 'suppressed'"
                " AND suppressed_why = 'erased' AND facts = ''",
                "2");
    direct_advance(market, 3600 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(server.count, 1);
}

static void inboxes_are_read_by_their_owners_only(void **state)
{
    (void)state;
    tell_order(1);
    const struct principal owner = shopper();
    const struct principal other = { .kind = PRINCIPAL_SHOPPER, .id = make_uuid(200) };
    const struct notification_inbox_page page = inbox(&owner);
    assert_int_equal(page.unread_count, 1);
    assert_int_equal(page.data_count, 1);
    assert_text_equal(page.data[0].title, TEXT("Order 17 was placed"));
    assert_int_equal(inbox(&other).data_count, 0);
    const struct notification_read_notification read = { .notification_id = page.data[0].id };
    assert_int_equal(
        direct_call(market, &other, &notification_read_notification_message, &read, NULL),
        STATUS_NOT_FOUND);
    assert_int_equal(
        direct_call(market, &owner, &notification_read_notification_message, &read, NULL),
        STATUS_OK);
    assert_int_equal(inbox(&owner).unread_count, 0);
    assert_true(inbox(&owner).data[0].has_read_at);
}

static void members_of_a_team_have_inboxes_of_their_own(void **state)
{
    (void)state;
    char member[ID_TEXT_MAX + 1];
    const struct principal signed_in = { .kind = PRINCIPAL_VENDOR,
                                         .id = user_id,
                                         .actor = make_uuid(100) };
    struct principal colleague = signed_in;
    colleague.actor = make_uuid(101);
    contact.person_id = (struct text){ member, id_format("mbr", signed_in.actor, member) };
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    const struct notification_inbox_page page = inbox(&signed_in);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(inbox(&colleague).data_count, 0);
    const struct notification_read_vendor_notification read = { .notification_id =
                                                                    page.data[0].id };
    assert_int_equal(direct_call(market, &colleague, &notification_read_vendor_notification_message,
                                 &read, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, &signed_in, &notification_read_vendor_notification_message,
                                 &read, NULL),
                     STATUS_OK);
}

static void a_team_sees_the_deliveries_of_its_own_vendor_only(void **state)
{
    (void)state;
    char member[ID_TEXT_MAX + 1];
    const struct principal ours = { .kind = PRINCIPAL_VENDOR,
                                    .id = user_id,
                                    .actor = make_uuid(100) };
    const struct principal other = { .kind = PRINCIPAL_VENDOR,
                                     .id = make_uuid(201),
                                     .actor = make_uuid(102) };
    const struct notification_list_vendor_deliveries query = { .has_channel = true };
    struct notification_delivery_page page;
    contact.person_id = (struct text){ member, id_format("mbr", ours.actor, member) };
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    sweep();
    assert_int_equal(
        direct_call(market, &ours, &notification_list_vendor_deliveries_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(page.data[0].state, NOTIFICATION_MESSAGE_STATE_SENT);
    assert_text_equal(page.data[0].person_id, contact.person_id);
    assert_int_equal(
        direct_call(market, &other, &notification_list_vendor_deliveries_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 0);
}

static void an_export_is_json_of_everything(void **state)
{
    (void)state;
    tell_order(1);
    const struct people_export_shopper query = { .user_id = user_id };
    struct common_export_part part;
    assert_int_equal(direct_call(market, NULL, &notification_export_shopper_message, &query, &part),
                     STATUS_OK);
    assert_true(text_starts_with(part.json, TEXT("{\"preferences\":[{\"topic\":\"account\"")));
    assert_non_null(memmem(part.json.data, part.json.length, "\"total\":\"9.00  EUR\"", 19));
}

/* ---- frame ---- */

static int set_up(void **state)
{
    static char person[ID_TEXT_MAX + 1];
    (void)state;
    user_id = make_uuid(99);
    memset(&server, 0, sizeof server);
    server.outcome = TRANSFER_ACCEPTED;
    server.reply = "";
    is_gone = false;
    contact = (struct common_contact){
        .person_id = { person, id_format("usr", user_id, person) },
        .name = TEXT("Ada"),
        .email = TEXT("ada@example.com"),
        .locale = TEXT("en"),
    };
    (void)direct_sql(market, "TRUNCATE notification.message, notification.choices,"
                             " notification.captured, notification.erased");
    direct_forget(market);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_event_is_told_once_per_person_and_channel, set_up),
        cmocka_unit_test_setup(everybody_of_an_order_is_found_by_two_questions_and_told_once,
                               set_up),
        cmocka_unit_test_setup(who_is_erased_while_a_message_is_written_leaves_no_facts, set_up),
        cmocka_unit_test_setup(a_busy_server_is_asked_again_with_the_same_bytes, set_up),
        cmocka_unit_test_setup(what_is_done_is_kept_for_its_time_and_what_is_not_for_longer,
                               set_up),
        cmocka_unit_test_setup(a_corrected_address_counts_at_the_next_attempt, set_up),
        cmocka_unit_test_setup(the_sixth_failure_is_the_last, set_up),
        cmocka_unit_test_setup(what_is_refused_for_good_waits_for_staff_and_names_no_address,
                               set_up),
        cmocka_unit_test_setup(what_was_cut_short_is_sent_after_its_lease, set_up),
        cmocka_unit_test_setup(who_is_gone_gets_nothing_and_leaves_nothing, set_up),
        cmocka_unit_test_setup(inboxes_are_read_by_their_owners_only, set_up),
        cmocka_unit_test_setup(members_of_a_team_have_inboxes_of_their_own, set_up),
        cmocka_unit_test_setup(a_team_sees_the_deliveries_of_its_own_vendor_only, set_up),
        cmocka_unit_test_setup(an_export_is_json_of_everything, set_up),
    };
    arena = arena_new(4096);
    market = direct_market_new(&notification_domain);
    direct_set(market, "--notification.smtp_url=smtp://127.0.0.1:25");
    direct_set_peer(market, answer, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    arena_destroy(&arena);
    return failed;
}
