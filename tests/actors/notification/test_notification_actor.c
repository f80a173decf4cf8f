/* Claims about messages from the notice to the other side: written once, sent as often as it takes,
 * never to more than one address at a time, forgotten. */
#include "tests/actors/notification/post_office.h"

#include "order_messages.h"
#include "user_messages.h"

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
        .user_id = post.user_id,
        .number = TEXT("17"),
        .total = money_make(1000, "EUR"),
        .orders = orders,
        .orders_count = 2,
    };
    post.questions = 0;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            direct_consume(post.market, &order_group_was_placed_message, &event, make_uuid(1)),
            STATUS_OK);
    assert_int_equal(post.questions, 4);
    /* The shopper, and the one vendor of the two that has a team. */
    assert_cell("SELECT string_agg(kind || ' ' || channel, ',' ORDER BY kind, channel)"
                " FROM notification.message",
                "order_placed email,order_placed in_app,vendor_order_placed email,"
                "vendor_order_placed in_app");
}

static void who_is_erased_while_a_message_is_written_leaves_no_facts(void **state)
{
    (void)state;
    const struct notification_forget_shopper command = { .user_id = post.user_id };
    assert_int_equal(
        direct_call(post.market, NULL, &notification_forget_shopper_message, &command, NULL),
        STATUS_OK);
    tell_order(1); /* whose contacts were asked for just before */
    assert_cell("SELECT bool_and(facts = '') FROM notification.message", "t");
}

static void a_busy_server_is_asked_again_with_the_same_bytes(void **state)
{
    (void)state;
    post.server.outcome = TRANSFER_TEMPORARY;
    post.server.reply = "450 not now";
    tell_order(1);
    sweep();
    assert_state("retrying");
    assert_cell("SELECT last_error " MAILS_SQL, "450 not now");
    direct_advance(post.market, 29 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(post.server.count, 1);
    direct_advance(post.market, 10 * (int64_t)SECOND_US);
    post.server.outcome = TRANSFER_ACCEPTED;
    sweep();
    assert_state("sent");
    assert_int_equal(post.server.count, 2);
    assert_string_equal(post.server.mails[0], post.server.mails[1]);
    sweep();
    assert_int_equal(post.server.count, 2);
    assert_cell("SELECT count(*) FROM notification.captured", "1");
}

static void what_is_done_is_kept_for_its_time_and_what_is_not_for_longer(void **state)
{
    (void)state;
    tell_order(1); /* a mail that is never sent here, and an entry of the inbox */
    direct_advance(post.market, 179 * INT64_C(86400) * SECOND_US);
    assert_int_equal(direct_sweep(post.market, "notification_old"), STATUS_OK);
    assert_cell("SELECT count(*) FROM notification.message", "2");
    direct_advance(post.market, 2 * INT64_C(86400) * SECOND_US);
    assert_int_equal(direct_sweep(post.market, "notification_old"), STATUS_OK);
    assert_cell("SELECT string_agg(state, ' ') FROM notification.message", "queued");
}

static void a_corrected_address_counts_at_the_next_attempt(void **state)
{
    (void)state;
    post.server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    sweep();
    post.contact.email = TEXT("new@example.com");
    direct_advance(post.market, 60 * (int64_t)SECOND_US);
    sweep();
    assert_string_equal(post.server.to[0], "ada@example.com");
    assert_string_equal(post.server.to[1], "new@example.com");
    assert_cell("SELECT count(*) FROM notification.message m WHERE m::text LIKE '%@%'", "0");
}

static void the_sixth_failure_is_the_last(void **state)
{
    (void)state;
    post.server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    for (int i = 0; i < 8; i++) {
        sweep();
        direct_advance(post.market, 8 * 3600 * (int64_t)SECOND_US);
    }
    assert_state("dead");
    assert_int_equal(post.server.count, 6);
}

static void what_is_refused_for_good_waits_for_staff_and_names_no_address(void **state)
{
    (void)state;
    post.server.outcome = TRANSFER_PERMANENT;
    post.server.reply = "550 <ADA@example.com> unknown";
    tell_order(1);
    sweep();
    assert_state("dead");
    assert_cell("SELECT last_error " MAILS_SQL, "550 <(address)> unknown");
    post.server.outcome = TRANSFER_ACCEPTED;
    static const char *const no_reasons[] = { " ", "a\ab", "\xe2\x80\xae" };
    for (size_t i = 0; i < ARRAY_LENGTH(no_reasons); i++) {
        assert_int_equal(replay(text_of(no_reasons[i])), STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(post.market).pointer, "/reason");
    }
    assert_state("dead");
    assert_int_equal(replay(TEXT("mended")), STATUS_OK);
    sweep();
    assert_state("sent");
    assert_int_equal(replay(TEXT("mended")), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(post.server.mails[0], post.server.mails[1]);
}

static void what_was_cut_short_is_sent_after_its_lease(void **state)
{
    (void)state;
    tell_order(1);
    const struct notification_list_deliveries query = { .has_status = true };
    struct notification_delivery_page page;
    assert_int_equal(
        direct_call(post.market, NULL, &notification_list_deliveries_message, &query, &page),
        STATUS_OK);
    const struct notification_claim_message claim = { .message_id = page.data[0].id };
    struct notification_message_claimed claimed;
    assert_int_equal(
        direct_call(post.market, NULL, &notification_claim_message_message, &claim, &claimed),
        STATUS_OK);
    assert_true(claimed.is_claimed);
    assert_int_equal(
        direct_call(post.market, NULL, &notification_claim_message_message, &claim, &claimed),
        STATUS_OK);
    assert_false(claimed.is_claimed);
    sweep();
    assert_int_equal(post.server.count, 0);
    direct_advance(post.market, 61 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(post.server.count, 1);
    assert_cell("SELECT state || attempts " MAILS_SQL, "sent2");
    const struct notification_deliver_message late = { .message_id = page.data[0].id,
                                                       .attempt = 1 };
    assert_int_equal(
        direct_call(post.market, NULL, &notification_deliver_message_message, &late, NULL),
        STATUS_OK);
    assert_int_equal(post.server.count, 1);
}

static void who_is_gone_gets_nothing_and_leaves_nothing(void **state)
{
    (void)state;
    post.server.outcome = TRANSFER_TEMPORARY;
    tell_order(1);
    sweep();
    const struct notification_forget_shopper command = { .user_id = post.user_id };
    assert_int_equal(
        direct_call(post.market, NULL, &notification_forget_shopper_message, &command, NULL),
        STATUS_OK);
    assert_cell("SELECT state || ' ' || suppressed_why || facts FROM notification.message",
                "suppressed erased");
    post.is_gone = true;
    tell_order(2);
    assert_cell("SELECT count(*) FROM notification.message WHERE state = 'suppressed'"
                " AND suppressed_why = 'erased' AND facts = ''",
                "2");
    direct_advance(post.market, 3600 * (int64_t)SECOND_US);
    sweep();
    assert_int_equal(post.server.count, 1);
}

/* ---- whom notices reach ---- */

static enum status place_order(uint8_t event, const struct uuid *user, size_t vendors)
{
    static struct order_placed_order orders[50];
    for (uint8_t i = 0; i < vendors; i++)
        orders[i] = (struct order_placed_order){ .id = make_uuid((uint8_t)(50 + i)),
                                                 .number = TEXT("17-1"),
                                                 .vendor_id = make_uuid((uint8_t)(110 + i)),
                                                 .vendor_name = TEXT("Teapots & Sons"),
                                                 .total = money_make(500, "EUR") };
    const struct order_group_was_placed placed = {
        .group_id = make_uuid(40),
        .has_user_id = user != NULL,
        .user_id = user != NULL ? *user : (struct uuid){ { 0 } },
        .number = TEXT("17"),
        .total = money_make(12345, "EUR"),
        .orders = orders,
        .orders_count = vendors,
    };
    return direct_consume(post.market, &order_group_was_placed_message, &placed, make_uuid(event));
}

static void teams_that_do_not_fit_into_an_answer_are_asked_for_one_by_one(void **state)
{
    (void)state;
    (void)join_team(100);
    post.are_many = true;
    assert_int_equal(place_order(1, &post.user_id, 50), STATUS_OK);
    assert_int_equal(post.questions, 1 + 1 + 50); /* the shopper, all teams, each team */
    assert_int_equal(post.questions_alone, 50);
    assert_cell("SELECT count(*) FROM notification.message WHERE kind = 'vendor_order_placed'"
                " AND channel = 'email'",
                "1"); /* one person in all of them, who is told once */
}

static void names_of_vendors_end_where_there_is_no_room(void **state)
{
    (void)state;
    assert_int_equal(place_order(1, &post.user_id, 50), STATUS_OK);
    assert_cell("SELECT count(*) FROM notification.message WHERE kind = 'order_placed'"
                " AND channel = 'email' AND facts::text LIKE '%Teapots & Sons, …%'",
                "1");
    sweep();
    const struct text mail = text_of(post.server.mails[0]);
    assert_true(contains(mail, "Sold by: Teapots & Sons, Teapots & Sons, "));
    assert_true(contains(mail, "Total: 123.45 EUR\r\n"));
}

static void a_guest_is_mailed_the_token_that_claims_the_order(void **state)
{
    (void)state;
    char person[ID_TEXT_MAX + 1];
    post.contact.person_id = (struct text){ person, id_format("og", make_uuid(40), person) };
    assert_int_equal(place_order(1, NULL, 1), STATUS_OK);
    assert_cell("SELECT string_agg(kind || ' ' || audience || ' ' || channel, ',')"
                " FROM notification.message WHERE audience = 'guest'",
                "guest_order_placed guest email");
    sweep();
    const struct text mail = text_of(post.server.mails[0]);
    assert_true(contains(mail, "/guest/claim-order?token=3Dtic_"));
}

static struct common_notice notice_about(enum common_notice_kind kind,
                                         enum common_audience audience)
{
    return (
        struct common_notice){ .kind = kind, .recipient_id = post.user_id, .audience = audience };
}

static void a_link_with_a_token_needs_its_ticket(void **state)
{
    (void)state;
    struct common_notice notice =
        notice_about(COMMON_NOTICE_KIND_VERIFY_EMAIL, COMMON_AUDIENCE_STORE);
    notice.has_ticket_id = true;
    notice.ticket_id = make_uuid(7);
    assert_int_equal(raise_notice(1, &notice), STATUS_OK);
    assert_int_equal(post.questions_alone, 1); /* the ticket knows the address */
    sweep();
    assert_true(contains(text_of(post.server.mails[0]), "/account/verify-email?token=3Dtic_"));
    notice.has_ticket_id = false;
    assert_int_equal(raise_notice(2, &notice), STATUS_OK);
    sweep();
    assert_int_equal(post.server.count, 2);
    assert_false(contains(text_of(post.server.mails[1]), "verify-email"));
}

static void a_link_leads_to_its_subject_and_nowhere_else(void **state)
{
    (void)state;
    struct common_notice notice =
        notice_about(COMMON_NOTICE_KIND_ORDER_PLACED, COMMON_AUDIENCE_STORE);
    notice.has_subject_id = true;
    notice.subject_id = TEXT("og_01h455vb4pex5vsknk084sn02q");
    assert_int_equal(raise_notice(1, &notice), STATUS_OK);
    notice.subject_id = TEXT("../../evil?x=");
    assert_int_equal(raise_notice(2, &notice), STATUS_OK);
    sweep();
    assert_int_equal(post.server.count, 2);
    const bool is_first = contains(text_of(post.server.mails[0]), "01h455vb4pex5vsknk084sn02q");
    const struct text good = text_of(post.server.mails[is_first ? 0 : 1]),
                      bad = text_of(post.server.mails[is_first ? 1 : 0]);
    assert_true(contains(good, "/account/orders/og_01h455vb4pex5vsknk084sn02q"));
    assert_true(contains(bad, "/account/orders\r\n"));
    assert_false(contains(bad, "evil"));
}

static void staff_is_told_by_mail_and_has_no_inbox(void **state)
{
    (void)state;
    tell(1, COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_ADMIN);
    assert_cell("SELECT string_agg(channel, ',') FROM notification.message", "email");
    assert_int_equal(post.questions_alone, 1);
}

static void somebody_who_is_invited_has_no_inbox_yet(void **state)
{
    (void)state;
    post.contact.person_id = TEXT("tic_00000000000000000000000001");
    tell(1, COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_ADMIN);
    tell(2, COMMON_NOTICE_KIND_VENDOR_APPROVED, COMMON_AUDIENCE_VENDOR);
    assert_cell("SELECT string_agg(channel, ',') FROM notification.message", "email,email");
}

static void one_member_of_a_team_is_asked_for_alone(void **state)
{
    (void)state;
    const struct principal member = join_team(100);
    struct common_notice notice =
        notice_about(COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_VENDOR);
    notice.has_person_id = true;
    notice.person_id = member.actor;
    assert_int_equal(raise_notice(1, &notice), STATUS_OK);
    assert_int_equal(post.questions_alone, 1);
    assert_cell("SELECT string_agg(channel, ',' ORDER BY channel) FROM notification.message",
                "email,in_app");
}

static void a_vendor_without_a_team_misses_nothing_but_gone_staff_leaves_a_row(void **state)
{
    (void)state;
    post.is_gone = true;
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    assert_cell("SELECT count(*) FROM notification.message", "0");
    tell(2, COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_ADMIN);
    assert_cell("SELECT left(person, 4) || state || ' ' || suppressed_why"
                " FROM notification.message",
                "adm_suppressed erased");
}

static void a_question_that_fails_writes_nothing(void **state)
{
    (void)state;
    const struct common_notice notices[] = {
        notice_about(COMMON_NOTICE_KIND_ORDER_PLACED, COMMON_AUDIENCE_STORE),
        notice_about(COMMON_NOTICE_KIND_VENDOR_APPROVED, COMMON_AUDIENCE_VENDOR),
        notice_about(COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_ADMIN),
    };
    static const char *const names[] = { "a shopper", "a team", "staff" };
    post.refusal = STATUS_UNAVAILABLE;
    for (uint8_t i = 0; i < ARRAY_LENGTH(notices); i++)
        if (raise_notice(i, &notices[i]) != STATUS_UNAVAILABLE) fail_msg("%s", names[i]);
    assert_cell("SELECT count(*) FROM notification.message", "0");
}

static void an_account_that_is_not_there_is_gone(void **state)
{
    (void)state;
    post.refusal = STATUS_NOT_FOUND;
    tell(1, COMMON_NOTICE_KIND_PASSWORD_CHANGED, COMMON_AUDIENCE_ADMIN);
    assert_cell("SELECT suppressed_why FROM notification.message", "erased");
}

static void the_last_message_of_an_erased_account_is_still_sent(void **state)
{
    (void)state;
    struct common_notice notice =
        notice_about(COMMON_NOTICE_KIND_ACCOUNT_ERASED, COMMON_AUDIENCE_STORE);
    notice.has_ticket_id = true;
    notice.ticket_id = make_uuid(7);
    assert_int_equal(raise_notice(1, &notice), STATUS_OK);
    tell_order(2);
    const struct user_user_was_erased erased = { .user_id = post.user_id };
    assert_int_equal(
        direct_consume(post.market, &user_user_was_erased_message, &erased, make_uuid(3)),
        STATUS_OK);
    assert_cell("SELECT string_agg(kind || ' ' || state, ',' ORDER BY kind)"
                " FROM notification.message",
                "account_erased queued,order_placed suppressed");
    sweep();
    assert_int_equal(post.server.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(an_event_is_told_once_per_person_and_channel),
        POST_TEST(everybody_of_an_order_is_found_by_two_questions_and_told_once),
        POST_TEST(who_is_erased_while_a_message_is_written_leaves_no_facts),
        POST_TEST(a_busy_server_is_asked_again_with_the_same_bytes),
        POST_TEST(what_is_done_is_kept_for_its_time_and_what_is_not_for_longer),
        POST_TEST(a_corrected_address_counts_at_the_next_attempt),
        POST_TEST(the_sixth_failure_is_the_last),
        POST_TEST(what_is_refused_for_good_waits_for_staff_and_names_no_address),
        POST_TEST(what_was_cut_short_is_sent_after_its_lease),
        POST_TEST(who_is_gone_gets_nothing_and_leaves_nothing),
        POST_TEST(teams_that_do_not_fit_into_an_answer_are_asked_for_one_by_one),
        POST_TEST(names_of_vendors_end_where_there_is_no_room),
        POST_TEST(a_guest_is_mailed_the_token_that_claims_the_order),
        POST_TEST(a_link_with_a_token_needs_its_ticket),
        POST_TEST(a_link_leads_to_its_subject_and_nowhere_else),
        POST_TEST(staff_is_told_by_mail_and_has_no_inbox),
        POST_TEST(somebody_who_is_invited_has_no_inbox_yet),
        POST_TEST(one_member_of_a_team_is_asked_for_alone),
        POST_TEST(a_vendor_without_a_team_misses_nothing_but_gone_staff_leaves_a_row),
        POST_TEST(a_question_that_fails_writes_nothing),
        POST_TEST(an_account_that_is_not_there_is_gone),
        POST_TEST(the_last_message_of_an_erased_account_is_still_sent),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
