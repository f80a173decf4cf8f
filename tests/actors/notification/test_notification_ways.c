/* Claims about the ways out: what the mail server and the API for text messages are told, and what
 * becomes of a message by what they say. */
#include "tests/actors/notification/post_office.h"

#include <stdio.h>
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

/* ---- text messages ---- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(a_sender_that_is_none_is_our_fault_and_is_waited_for),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
