/* Claims about the lists of what was told: the delivery log, what was sent, exports, and what staff
 * sends once more. */
#include "tests/actors/notification/post_office.h"

#include <string.h>

enum { MANY = 5 };

static const struct principal staff = { .kind = PRINCIPAL_ADMIN };

/* ---- deliveries ---- */

static void a_team_sees_the_deliveries_of_its_own_vendor_only(void **state)
{
    (void)state;
    const struct principal ours = join_team(100);
    const struct principal other = { .kind = PRINCIPAL_VENDOR,
                                     .id = make_uuid(201),
                                     .actor = make_uuid(102) };
    const struct notification_list_vendor_deliveries query = { .has_channel = true };
    struct notification_delivery_page page;
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    sweep();
    assert_int_equal(direct_call(post.market, &ours, &notification_list_vendor_deliveries_message,
                                 &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(page.data[0].status, NOTIFICATION_MESSAGE_STATE_SENT);
    assert_text_equal(page.data[0].person_id, post.contact.person_id);
    assert_int_equal(direct_call(post.market, &other, &notification_list_vendor_deliveries_message,
                                 &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 0);
}

static size_t count_deliveries(const struct notification_list_deliveries *query)
{
    struct notification_delivery_page page;
    assert_int_equal(
        direct_call(post.market, &staff, &notification_list_deliveries_message, query, &page),
        STATUS_OK);
    assert_false(page.has_more);
    return page.data_count;
}

static void staff_finds_deliveries_by_state_channel_and_recipient(void **state)
{
    (void)state;
    enum { EMAIL = NOTIFICATION_CHANNEL_EMAIL, IN_APP = NOTIFICATION_CHANNEL_IN_APP };
    enum {
        SENT = NOTIFICATION_MESSAGE_STATE_SENT,
        QUEUED = NOTIFICATION_MESSAGE_STATE_QUEUED,
        RETRYING = NOTIFICATION_MESSAGE_STATE_RETRYING,
        SUPPRESSED = NOTIFICATION_MESSAGE_STATE_SUPPRESSED,
        ANY = -1
    };
    const struct uuid ada = post.user_id, nobody = make_uuid(200);
    const struct {
        const char *name;
        int state, channel;
        const struct uuid *recipient;
        size_t count;
    } cases[] = {
        { "all", ANY, ANY, NULL, 6 },
        { "sent", SENT, ANY, NULL, 4 },
        { "queued", QUEUED, ANY, NULL, 1 },
        { "retrying", RETRYING, ANY, NULL, 0 },
        { "suppressed", SUPPRESSED, ANY, NULL, 1 },
        { "mails", ANY, EMAIL, NULL, 3 },
        { "entries", ANY, IN_APP, NULL, 3 },
        { "mails that are sent", SENT, EMAIL, NULL, 1 },
        { "queued mails", QUEUED, EMAIL, NULL, 1 },
        { "queued entries", QUEUED, IN_APP, NULL, 0 },
        { "all of Ada", ANY, ANY, &ada, 6 },
        { "queued mails of Ada", QUEUED, EMAIL, &ada, 1 },
        { "entries of Ada", ANY, IN_APP, &ada, 3 },
        { "all of nobody", ANY, ANY, &nobody, 0 },
    };
    tell_order(1);
    sweep();
    tell_order(2);
    say("--notification.smtp_url=");
    say("--test-mode=false"); /* nor is it captured */
    tell_order(3);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct notification_list_deliveries query = {
            .has_status = cases[i].state != ANY,
            .status = (enum notification_message_state)(cases[i].state != ANY ? cases[i].state : 0),
            .has_channel = cases[i].channel != ANY,
            .channel = (enum notification_channel)(cases[i].channel != ANY ? cases[i].channel : 0),
            .has_recipient = cases[i].recipient != NULL,
            .recipient = cases[i].recipient != NULL ? *cases[i].recipient : nobody,
        };
        const size_t count = count_deliveries(&query);
        if (count != cases[i].count) fail_msg("%s: %zu", cases[i].name, count);
    }
}

static void deliveries_are_read_in_pages_the_newest_first(void **state)
{
    (void)state;
    tell_orders(MANY);
    struct notification_list_deliveries query = { .has_limit = true, .limit = 3 };
    struct uuid last = { { 0 } };
    size_t seen = 0;
    for (bool has_more = true; has_more; query.has_after = true) {
        struct notification_delivery_page page;
        assert_int_equal(
            direct_call(post.market, &staff, &notification_list_deliveries_message, &query, &page),
            STATUS_OK);
        for (size_t i = 0; i < page.data_count; i++) {
            if (seen++ > 0) assert_true(uuid_compare(page.data[i].id, last) < 0);
            last = page.data[i].id;
        }
        has_more = page.has_more;
        query.after = page.next;
    }
    assert_int_equal(seen, 2 * MANY); /* a mail and an entry each */
}

/* ---- replay ---- */

static void what_had_no_way_is_sent_when_there_is_one(void **state)
{
    (void)state;
    say("--notification.smtp_url=");
    say("--test-mode=false"); /* nor is it captured */
    tell_order(1);
    assert_cell("SELECT suppressed_why " MAILS_SQL, "no_transport");
    say("--notification.smtp_url=smtp://127.0.0.1:25");
    assert_int_equal(replay(TEXT("The server is back.")), STATUS_OK);
    sweep();
    assert_int_equal(post.server.count, 1);
    assert_state("sent");
}

static void only_what_is_over_is_replayed(void **state)
{
    (void)state;
    tell_order(1);
    assert_int_equal(replay(TEXT("Once more.")), STATUS_ILLEGAL_TRANSITION); /* queued */
    sweep();
    assert_int_equal(replay(TEXT("Once more.")), STATUS_ILLEGAL_TRANSITION); /* sent */
    (void)direct_sql(post.market, "UPDATE notification.message SET state = 'suppressed',"
                                  " suppressed_why = 'preference', sent_at = NULL"
                                  " WHERE channel = 'email'");
    assert_state("suppressed");
    assert_int_equal(replay(TEXT("Once more.")), STATUS_ILLEGAL_TRANSITION); /* a wish */
}

/* ---- what was sent ---- */

static enum status list_sent(const struct notification_list_outbox *query,
                             struct notification_outbox_page *ret_page)
{
    return direct_call(post.market, NULL, &notification_list_outbox_message, query, ret_page);
}

/* Mails to Ada and, from then on, to Bob; all are captured. */
static void capture_mails(uint8_t to_ada, uint8_t to_bob)
{
    say("--notification.capture=true");
    for (uint8_t i = 1; i <= to_ada + to_bob; i++) {
        if (i > to_ada) post.contact.email = TEXT("bob@example.com");
        tell_order(i);
        sweep();
    }
}

static void what_was_sent_is_read_in_pages_and_by_address(void **state)
{
    (void)state;
    struct notification_outbox_page page;
    capture_mails(3, 2);
    struct notification_list_outbox query = { .has_limit = true, .limit = 2 };
    size_t seen = 0;
    for (bool has_more = true; has_more; query.has_after = true) {
        assert_int_equal(list_sent(&query, &page), STATUS_OK);
        for (size_t i = 0; i < page.data_count; i++)
            assert_text_equal(page.data[i].to,
                              seen++ < 2 ? TEXT("bob@example.com") : TEXT("ada@example.com"));
        has_more = page.has_more;
        query.after = page.next;
    }
    assert_int_equal(seen, 5);
    query = (struct notification_list_outbox){ .has_recipient = true,
                                               .recipient = TEXT("ada@example.com"),
                                               .has_channel = true,
                                               .channel = NOTIFICATION_CHANNEL_EMAIL };
    assert_int_equal(list_sent(&query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 3);
    assert_text_equal(page.data[0].subject, TEXT("Your order 17"));
    query.channel = NOTIFICATION_CHANNEL_SMS;
    assert_int_equal(list_sent(&query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 0);
}

static void outside_of_tests_nobody_reads_what_was_sent(void **state)
{
    (void)state;
    const struct notification_list_outbox query = { 0 };
    struct notification_outbox_page page;
    capture_mails(1, 0);
    say("--test-mode=false");
    assert_int_equal(list_sent(&query, &page), STATUS_NOT_FOUND);
    say("--test-mode=true");
    assert_int_equal(list_sent(&query, &page), STATUS_OK);
    assert_int_equal(page.data_count, 1);
}

/* ---- lists of any kind ---- */

/* Each list refuses what it has not given out itself. */
static void a_cursor_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const cursors[] = { "", "!", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    const struct principal owner = shopper();
    for (size_t i = 0; i < ARRAY_LENGTH(cursors); i++) {
        const struct text after = text_of(cursors[i]);
        const struct notification_list_notifications of_inbox = { .has_after = true,
                                                                  .after = after };
        const struct notification_list_deliveries deliveries = { .has_after = true,
                                                                 .after = after };
        const struct notification_list_outbox outbox = { .has_after = true, .after = after };
        struct notification_inbox_page page;
        struct notification_delivery_page log;
        struct notification_outbox_page sent;
        assert_int_equal(direct_call(post.market, &owner, &notification_list_notifications_message,
                                     &of_inbox, &page),
                         STATUS_INVALID_PARAMETER);
        assert_int_equal(direct_call(post.market, &staff, &notification_list_deliveries_message,
                                     &deliveries, &log),
                         STATUS_INVALID_PARAMETER);
        assert_int_equal(
            direct_call(post.market, &staff, &notification_list_outbox_message, &outbox, &sent),
            STATUS_INVALID_PARAMETER);
        assert_string_equal(direct_last_fault(post.market).pointer, "/after");
    }
}

/* While a new version is rolled out, older nodes read what newer ones have written. */
static void a_kind_of_a_newer_version_stops_no_node(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    const struct notification_list_notifications of_inbox = { 0 };
    const struct notification_list_deliveries deliveries = { 0 };
    const struct notification_list_outbox outbox = { 0 };
    struct notification_inbox_page page;
    struct notification_delivery_page log;
    struct notification_outbox_page sent;
    say("--notification.smtp_url=");
    tell_order(1); /* captured */
    say("--notification.smtp_url=smtp://127.0.0.1:25");
    tell_order(2);
    (void)direct_sql(post.market, "UPDATE notification.message SET kind = 'of_tomorrow'");
    (void)direct_sql(post.market, "UPDATE notification.captured SET kind = 'of_tomorrow'");
    assert_int_equal(direct_call(post.market, &owner, &notification_list_notifications_message,
                                 &of_inbox, &page),
                     STATUS_CORRUPT);
    assert_int_equal(
        direct_call(post.market, &staff, &notification_list_deliveries_message, &deliveries, &log),
        STATUS_CORRUPT);
    assert_int_equal(
        direct_call(post.market, &staff, &notification_list_outbox_message, &outbox, &sent),
        STATUS_CORRUPT);
    sweep();
    assert_int_equal(post.server.count, 0);
    assert_cell("SELECT count(*) FROM notification.message WHERE state = 'queued'", "1");
}

/* ---- exports ---- */

static struct text export_of_ada(void)
{
    const struct people_export_shopper query = { .user_id = post.user_id };
    struct common_export_part part;
    assert_int_equal(
        direct_call(post.market, NULL, &notification_export_shopper_message, &query, &part),
        STATUS_OK);
    return part.json;
}

static void an_export_is_json_of_everything(void **state)
{
    (void)state;
    tell_order(1);
    const struct text json = export_of_ada();
    assert_true(text_starts_with(json, TEXT("{\"preferences\":[{\"topic\":\"account\"")));
    assert_true(contains(json, "\"total\":\"9.00  EUR\""));
}

static bool ends_with(struct text text, const char *end)
{
    const size_t length = strlen(end);
    return text.length >= length && memcmp(text.data + text.length - length, end, length) == 0;
}

static void a_cut_export_is_whole_json_that_says_so(void **state)
{
    (void)state;
    tell_order(1);
    assert_true(ends_with(export_of_ada(), "}],\"has_more\":false}"));
    (void)direct_sql(post.market,
                     "INSERT INTO notification.message SELECT (jsonb_populate_record(m,"
                     " jsonb_build_object('id', gen_random_uuid(), 'event_id',"
                     " gen_random_uuid(), 'position', NULL))).* FROM notification.message m,"
                     " generate_series(1, 3000) WHERE channel = 'in_app'");
    const struct text json = export_of_ada();
    assert_true(ends_with(json, "}}],\"has_more\":true}"));
    assert_true(json.length > 100 * 1024);
    assert_cell("SELECT count(*) FROM notification.message", "3002");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(a_team_sees_the_deliveries_of_its_own_vendor_only),
        POST_TEST(staff_finds_deliveries_by_state_channel_and_recipient),
        POST_TEST(deliveries_are_read_in_pages_the_newest_first),
        POST_TEST(what_had_no_way_is_sent_when_there_is_one),
        POST_TEST(only_what_is_over_is_replayed),
        POST_TEST(what_was_sent_is_read_in_pages_and_by_address),
        POST_TEST(outside_of_tests_nobody_reads_what_was_sent),
        POST_TEST(a_cursor_that_is_none_is_refused),
        POST_TEST(a_kind_of_a_newer_version_stops_no_node),
        POST_TEST(an_export_is_json_of_everything),
        POST_TEST(a_cut_export_is_whole_json_that_says_so),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
