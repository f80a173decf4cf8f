/* Claims about what people see of their messages: the inbox, preferences, deliveries, exports. */
#include "tests/actors/notification/post_office.h"

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
        direct_call(post.market, &other, &notification_read_notification_message, &read, NULL),
        STATUS_NOT_FOUND);
    assert_int_equal(
        direct_call(post.market, &owner, &notification_read_notification_message, &read, NULL),
        STATUS_OK);
    assert_int_equal(inbox(&owner).unread_count, 0);
    assert_true(inbox(&owner).data[0].has_read_at);
}

static void members_of_a_team_have_inboxes_of_their_own(void **state)
{
    (void)state;
    const struct principal signed_in = join_team(100);
    struct principal colleague = signed_in;
    colleague.actor = make_uuid(101);
    tell(1, COMMON_NOTICE_KIND_VENDOR_ORDER_PLACED, COMMON_AUDIENCE_VENDOR);
    const struct notification_inbox_page page = inbox(&signed_in);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(inbox(&colleague).data_count, 0);
    const struct notification_read_vendor_notification read = { .notification_id =
                                                                    page.data[0].id };
    assert_int_equal(direct_call(post.market, &colleague,
                                 &notification_read_vendor_notification_message, &read, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(post.market, &signed_in,
                                 &notification_read_vendor_notification_message, &read, NULL),
                     STATUS_OK);
}

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
    assert_int_equal(page.data[0].state, NOTIFICATION_MESSAGE_STATE_SENT);
    assert_text_equal(page.data[0].person_id, post.contact.person_id);
    assert_int_equal(direct_call(post.market, &other, &notification_list_vendor_deliveries_message,
                                 &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 0);
}

/* While a new version is rolled out, older nodes read what newer ones have written. */
static void a_kind_of_a_newer_version_stops_no_node(void **state)
{
    (void)state;
    const struct principal owner = shopper(), staff = { .kind = PRINCIPAL_ADMIN };
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

static void an_export_is_json_of_everything(void **state)
{
    (void)state;
    tell_order(1);
    const struct people_export_shopper query = { .user_id = post.user_id };
    struct common_export_part part;
    assert_int_equal(
        direct_call(post.market, NULL, &notification_export_shopper_message, &query, &part),
        STATUS_OK);
    assert_true(text_starts_with(part.json, TEXT("{\"preferences\":[{\"topic\":\"account\"")));
    assert_true(contains(part.json, "\"total\":\"9.00  EUR\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(inboxes_are_read_by_their_owners_only),
        POST_TEST(members_of_a_team_have_inboxes_of_their_own),
        POST_TEST(a_team_sees_the_deliveries_of_its_own_vendor_only),
        POST_TEST(a_kind_of_a_newer_version_stops_no_node),
        POST_TEST(an_export_is_json_of_everything),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
