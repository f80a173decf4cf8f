/* Claims about the inbox in the market, and about what people want to be told. */
#include "tests/actors/notification/post_office.h"

enum { MANY = 5, PAGE = 2 }; /* entries, and how many of them are asked for at once */

/* ---- the inbox ---- */

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

static struct notification_inbox_page
inbox_page(const struct notification_list_notifications *query)
{
    const struct principal owner = shopper();
    struct notification_inbox_page page;
    assert_int_equal(
        direct_call(post.market, &owner, &notification_list_notifications_message, query, &page),
        STATUS_OK);
    return page;
}

static void an_inbox_is_read_in_pages_the_newest_first(void **state)
{
    (void)state;
    tell_orders(MANY);
    struct notification_list_notifications query = { .has_limit = true, .limit = PAGE };
    struct uuid last = { { 0 } };
    size_t seen = 0;
    for (bool has_more = true; has_more; query.has_after = true) {
        const struct notification_inbox_page page = inbox_page(&query);
        for (size_t i = 0; i < page.data_count; i++) {
            if (seen++ > 0) assert_true(uuid_compare(page.data[i].id, last) < 0);
            last = page.data[i].id;
        }
        assert_int_equal(page.unread_count, MANY); /* of the whole inbox */
        assert_int_equal(page.has_more, page.has_next);
        assert_int_equal(page.has_more, seen < MANY);
        has_more = page.has_more;
        query.after = page.next;
    }
    assert_int_equal(seen, MANY);
}

/* ---- what changes in it ---- */

static struct notification_inbox_changes changes_behind(const struct principal *who,
                                                        const char *after)
{
    const struct notification_list_inbox_changes query = {
        .has_after = after != NULL, .after = text_of(after), .has_limit = true, .limit = MANY + 1
    };
    struct notification_inbox_changes found;
    assert_int_equal(
        direct_call(post.market, who, &notification_list_inbox_changes_message, &query, &found),
        STATUS_OK);
    return found;
}

/* Where the inbox stands; what other tests have told is behind it. */
static const char *now_of(const struct principal *who)
{
    const struct notification_list_inbox_changes from_now = { .has_from = true,
                                                              .from =
                                                                  NOTIFICATION_CHANGES_FROM_NOW };
    struct notification_inbox_changes found;
    assert_int_equal(
        direct_call(post.market, who, &notification_list_inbox_changes_message, &from_now, &found),
        STATUS_OK);
    assert_int_equal(found.data_count, 0);
    return text_string(post.arena, found.next);
}

static void what_is_new_is_told_once_in_its_order(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    const char *start = now_of(&owner);
    assert_int_equal(changes_behind(&owner, start).data_count, 0);
    tell_orders(MANY);
    const struct notification_inbox_changes all = changes_behind(&owner, start);
    assert_int_equal(all.data_count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(all.data[i].unread_count, MANY);
        const char *cursor = text_string(post.arena, all.data[i].cursor);
        assert_int_equal(changes_behind(&owner, cursor).data_count, MANY - 1 - i);
    }
    assert_text_equal(all.next, all.data[MANY - 1].cursor);
    assert_string_equal(now_of(&owner), text_string(post.arena, all.next));
    assert_int_equal(changes_behind(&owner, NULL).data_count, MANY);
    const struct principal other = { .kind = PRINCIPAL_SHOPPER, .id = make_uuid(200) };
    assert_int_equal(changes_behind(&other, NULL).data_count, 0);
}

static void what_was_read_is_a_change_of_its_own_and_stands_once(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    tell_orders(MANY);
    const char *told = now_of(&owner);
    const struct notification_inbox_changes before = changes_behind(&owner, NULL);
    const struct notification_read_notification read = { .notification_id =
                                                             before.data[1].notification.id };
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            direct_call(post.market, &owner, &notification_read_notification_message, &read, NULL),
            STATUS_OK);
    const struct notification_inbox_changes after = changes_behind(&owner, told);
    assert_int_equal(after.data_count, 1);
    assert_true(uuid_equals(after.data[0].notification.id, read.notification_id));
    assert_true(after.data[0].notification.has_read_at);
    assert_int_equal(after.data[0].unread_count, MANY - 1);
    assert_int_equal(changes_behind(&owner, NULL).data_count, MANY);
    const char *one_read = now_of(&owner);
    const struct notification_read_all_notifications read_all = { 0 };
    assert_int_equal(direct_call(post.market, &owner, &notification_read_all_notifications_message,
                                 &read_all, NULL),
                     STATUS_OK);
    assert_int_equal(changes_behind(&owner, one_read).data_count, MANY - 1);
    assert_int_equal(changes_behind(&owner, one_read).unread_count, 0);
}

static void what_is_no_place_in_an_inbox_is_refused(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    static const char *const bad[] = { "", "x", "-1", "1.5", "9223372036854775808" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        const struct notification_list_inbox_changes query = { .has_after = true,
                                                               .after = text_of(bad[i]) };
        struct notification_inbox_changes found;
        assert_int_equal(direct_call(post.market, &owner, &notification_list_inbox_changes_message,
                                     &query, &found),
                         STATUS_INVALID_PARAMETER);
    }
}

static void a_page_that_is_just_full_is_the_last(void **state)
{
    (void)state;
    tell_orders(PAGE);
    const struct notification_list_notifications query = { .has_limit = true, .limit = PAGE };
    const struct notification_inbox_page page = inbox_page(&query);
    assert_int_equal(page.data_count, PAGE);
    assert_false(page.has_more);
    assert_false(page.has_next);
}

static void what_is_read_can_be_left_out(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    tell_orders(3);
    const struct notification_read_notification read = { .notification_id =
                                                             inbox(&owner).data[1].id };
    for (int i = 0; i < 2; i++) /* again is no failure */
        assert_int_equal(
            direct_call(post.market, &owner, &notification_read_notification_message, &read, NULL),
            STATUS_OK);
    struct notification_list_notifications query = { .has_unread = true, .unread = true };
    struct notification_inbox_page page = inbox_page(&query);
    assert_int_equal(page.data_count, 2);
    assert_int_equal(page.unread_count, 2);
    assert_false(page.data[0].has_read_at);
    query.unread = false; /* all, not the read ones alone */
    page = inbox_page(&query);
    assert_int_equal(page.data_count, 3);
    assert_true(page.data[1].has_read_at);
}

static void everything_is_read_at_once_but_not_that_of_others(void **state)
{
    (void)state;
    static const struct notification_read_all_notifications all = { .unused = 0 };
    const struct principal owner = shopper();
    const struct principal other = { .kind = PRINCIPAL_SHOPPER, .id = make_uuid(200) };
    tell_orders(3);
    assert_int_equal(
        direct_call(post.market, &other, &notification_read_all_notifications_message, &all, NULL),
        STATUS_OK);
    assert_int_equal(inbox(&owner).unread_count, 3);
    assert_int_equal(
        direct_call(post.market, &owner, &notification_read_all_notifications_message, &all, NULL),
        STATUS_OK);
    assert_int_equal(inbox(&owner).unread_count, 0);
    assert_cell("SELECT count(*) " MAILS_SQL " AND read_at IS NOT NULL", "0");
}

/* What goes by mail is no entry, even for who knows its id. */
static void a_mail_cannot_be_read_in_the_market(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    tell_order(1);
    struct notification_read_notification read = { .notification_id = mail_id() };
    assert_int_equal(
        direct_call(post.market, &owner, &notification_read_notification_message, &read, NULL),
        STATUS_NOT_FOUND);
    read.notification_id = make_uuid(201);
    assert_int_equal(
        direct_call(post.market, &owner, &notification_read_notification_message, &read, NULL),
        STATUS_NOT_FOUND);
}

static void an_inbox_speaks_the_language_of_its_owner(void **state)
{
    (void)state;
    const struct principal owner = shopper();
    post.contact.locale = TEXT("de");
    tell_order(1);
    const struct notification_inbox_page page = inbox(&owner);
    assert_text_equal(page.data[0].title, TEXT("Bestellung 17 ist eingegangen"));
    assert_text_equal(page.data[0].text, TEXT("Danke f\xc3\xbcr Ihre Bestellung.\n"
                                              "Summe: 9,00  EUR")); /* no vendors were told */
}

/* ---- preferences ---- */

static struct notification_preferences preferences_now(void)
{
    static const struct notification_get_preferences query = { .unused = 0 };
    const struct principal owner = shopper();
    struct notification_preferences preferences;
    assert_int_equal(direct_call(post.market, &owner, &notification_get_preferences_message, &query,
                                 &preferences),
                     STATUS_OK);
    return preferences;
}

static enum status change(const struct notification_preference *preferences, size_t count,
                          int64_t version, struct notification_preferences *ret_reply)
{
    const struct notification_change_preferences command = {
        .preferences = preferences,
        .preferences_count = count,
        .versions = &version,
        .versions_count = version > 0,
    };
    const struct principal owner = shopper();
    return direct_call(post.market, &owner, &notification_change_preferences_message, &command,
                       ret_reply);
}

static bool is_wanted(const struct notification_preferences *preferences,
                      enum notification_topic topic, enum notification_channel channel)
{
    for (size_t i = 0; i < preferences->preferences_count; i++) {
        const struct notification_preference *one = &preferences->preferences[i];
        if (one->topic == topic && one->channel == channel) return one->is_enabled;
    }
    fail_msg("no preference of topic %d and channel %d", (int)topic, (int)channel);
    return false;
}

static const struct notification_preference no_order_mails = { NOTIFICATION_TOPIC_ORDERS,
                                                               NOTIFICATION_CHANNEL_EMAIL, false };
static const struct notification_preference order_texts = { NOTIFICATION_TOPIC_ORDERS,
                                                            NOTIFICATION_CHANNEL_SMS, true };

static void preferences_name_every_topic_and_channel(void **state)
{
    (void)state;
    const struct notification_preferences preferences = preferences_now();
    assert_int_equal(preferences.preferences_count,
                     NOTIFICATION_TOPIC_COUNT * NOTIFICATION_CHANNEL_COUNT);
    assert_int_equal(preferences.version, 1);
    for (unsigned topic = 0; topic < NOTIFICATION_TOPIC_COUNT; topic++) {
        for (unsigned channel = 0; channel < NOTIFICATION_CHANNEL_COUNT; channel++)
            (void)is_wanted(&preferences, (enum notification_topic)topic,
                            (enum notification_channel)channel);
    }
}

static void a_change_keeps_what_it_does_not_name_and_counts_as_one(void **state)
{
    (void)state;
    const struct notification_preference both[] = { no_order_mails, order_texts };
    struct notification_preferences reply;
    assert_int_equal(change(both, 2, 1, &reply), STATUS_OK);
    assert_int_equal(reply.version, 2);
    const struct notification_preferences now = preferences_now();
    assert_int_equal(now.version, 2);
    assert_false(is_wanted(&now, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_EMAIL));
    assert_true(is_wanted(&now, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_SMS));
    assert_true(is_wanted(&now, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_IN_APP));
    assert_true(is_wanted(&now, NOTIFICATION_TOPIC_ACCOUNT, NOTIFICATION_CHANNEL_EMAIL));
}

static void what_changes_nothing_has_no_version(void **state)
{
    (void)state;
    struct notification_preferences reply;
    assert_int_equal(change(&no_order_mails, 1, 0, &reply), STATUS_OK);
    assert_int_equal(change(&no_order_mails, 1, 0, &reply), STATUS_OK);
    assert_int_equal(reply.version, 2);
    assert_int_equal(change(NULL, 0, 2, &reply), STATUS_OK);
    assert_int_equal(reply.version, 2);
}

static void a_change_of_an_old_version_changes_nothing(void **state)
{
    (void)state;
    struct notification_preferences reply;
    assert_int_equal(change(&no_order_mails, 1, 1, &reply), STATUS_OK);
    assert_int_equal(change(&order_texts, 1, 1, &reply), STATUS_PRECONDITION_FAILED);
    assert_int_equal(preferences_now().version, 2);
    direct_forget(post.market); /* from the row, as after a restart */
    assert_int_equal(change(&order_texts, 1, 1, &reply), STATUS_PRECONDITION_FAILED);
    assert_int_equal(change(&order_texts, 1, 2, &reply), STATUS_OK);
    assert_int_equal(reply.version, 3);
}

/* Two changes whose units are still on their way build on one another. */
static void a_change_builds_on_one_that_is_not_committed_yet(void **state)
{
    (void)state;
    struct notification_preferences reply;
    direct_queue_units(post.market);
    assert_int_equal(change(&no_order_mails, 1, 0, &reply), STATUS_OK);
    assert_int_equal(change(&order_texts, 1, 0, &reply), STATUS_OK);
    assert_int_equal(direct_commit_units(post.market), 0);
    const struct notification_preferences now = preferences_now();
    assert_int_equal(now.version, 3);
    assert_false(is_wanted(&now, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_EMAIL));
    assert_true(is_wanted(&now, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_SMS));
}

static void a_preference_that_is_named_twice_is_refused(void **state)
{
    (void)state;
    struct notification_preference twice[] = { no_order_mails, order_texts, no_order_mails };
    struct notification_preferences reply;
    twice[2].is_enabled = true;
    assert_int_equal(change(twice, 3, 0, &reply), STATUS_DUPLICATE_FIELD);
    assert_string_equal(direct_last_fault(post.market).pointer, "/preferences/2");
    assert_int_equal(preferences_now().version, 1);
}

static void who_refuses_mails_of_orders_gets_none(void **state)
{
    (void)state;
    struct notification_preferences reply;
    const struct principal owner = shopper();
    assert_int_equal(change(&no_order_mails, 1, 0, &reply), STATUS_OK);
    tell_order(1);
    sweep();
    assert_int_equal(post.server.count, 0);
    assert_cell("SELECT state || ' ' || suppressed_why " MAILS_SQL, "suppressed preference");
    assert_int_equal(inbox(&owner).data_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(inboxes_are_read_by_their_owners_only),
        POST_TEST(members_of_a_team_have_inboxes_of_their_own),
        POST_TEST(what_is_new_is_told_once_in_its_order),
        POST_TEST(what_was_read_is_a_change_of_its_own_and_stands_once),
        POST_TEST(what_is_no_place_in_an_inbox_is_refused),
        POST_TEST(an_inbox_is_read_in_pages_the_newest_first),
        POST_TEST(a_page_that_is_just_full_is_the_last),
        POST_TEST(what_is_read_can_be_left_out),
        POST_TEST(everything_is_read_at_once_but_not_that_of_others),
        POST_TEST(a_mail_cannot_be_read_in_the_market),
        POST_TEST(an_inbox_speaks_the_language_of_its_owner),
        POST_TEST(preferences_name_every_topic_and_channel),
        POST_TEST(a_change_keeps_what_it_does_not_name_and_counts_as_one),
        POST_TEST(what_changes_nothing_has_no_version),
        POST_TEST(a_change_of_an_old_version_changes_nothing),
        POST_TEST(a_change_builds_on_one_that_is_not_committed_yet),
        POST_TEST(a_preference_that_is_named_twice_is_refused),
        POST_TEST(who_refuses_mails_of_orders_gets_none),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
