/* Claims about mails to addresses that nobody has proved to be his: how many go there, and what
 * they say; against a scratch database. */
#include "actors/notification/notification_allowance.h"

#include "tests/actors/notification/post_office.h"

#define DAY_US (INT64_C(86400) * SECOND_US)
#define COUNTS_SQL                                                                                 \
    "SELECT count(*) FILTER (WHERE state = 'queued') || ' ' ||"                                    \
    " count(*) FILTER (WHERE suppressed_why = 'unproved_limit') " MAILS_SQL

static void raise_many(uint8_t first, uint8_t count, const struct common_notice *notice)
{
    for (uint8_t i = 0; i < count; i++)
        assert_int_equal(raise_notice((uint8_t)(first + i), notice), STATUS_OK);
}

static struct common_notice about_ada(enum common_notice_kind kind)
{
    return (struct common_notice){ .kind = kind,
                                   .recipient_id = post.user_id,
                                   .audience = COMMON_AUDIENCE_STORE };
}

static void an_unproved_address_gets_few_mails_a_day(void **state)
{
    (void)state;
    const struct common_notice notice = about_ada(COMMON_NOTICE_KIND_API_KEY_MADE);
    post.contact.is_proved = false;
    raise_many(1, NOTIFICATION_UNPROVED_MAX + 5, &notice);
    assert_cell(COUNTS_SQL, "20 5");
    direct_advance(post.market, DAY_US);
    raise_many(101, 1, &notice);
    assert_cell(COUNTS_SQL, "21 5");
}

static void a_batch_takes_no_more_than_is_left(void **state)
{
    (void)state;
    post.contact.is_proved = false;
    tell_orders(NOTIFICATION_UNPROVED_MAX + 3);
    assert_cell(COUNTS_SQL, "20 3");
    assert_cell("SELECT string_agg(used::text, ',') FROM notification.allowance", "20");
}

static void a_proved_address_gets_them_all(void **state)
{
    (void)state;
    const struct common_notice notice = about_ada(COMMON_NOTICE_KIND_API_KEY_MADE);
    raise_many(1, NOTIFICATION_UNPROVED_MAX + 5, &notice);
    assert_cell(COUNTS_SQL, "25 0");
    assert_cell("SELECT count(*) FROM notification.allowance", "0");
}

/* Otherwise somebody who has opened an account with another's address could keep him from taking it
 * back. */
static void noise_does_not_use_up_what_proves_the_address(void **state)
{
    (void)state;
    const struct common_notice noise = about_ada(COMMON_NOTICE_KIND_API_KEY_MADE);
    struct common_notice proof = about_ada(COMMON_NOTICE_KIND_RESET_PASSWORD);
    proof.has_ticket_id = true;
    proof.ticket_id = make_uuid(7);
    post.contact.is_proved = false;
    raise_many(1, NOTIFICATION_UNPROVED_MAX + 1, &noise);
    raise_many(101, NOTIFICATION_UNPROVED_MAX + 1, &proof);
    assert_cell(COUNTS_SQL, "40 2");
}

/* A team's limit falls again when invitations are taken back, so it is no limit of mails. */
static void a_vendor_writes_to_few_strangers_a_day(void **state)
{
    (void)state;
    char email[] = "stranger-00@example.com";
    const struct common_notice invitation = { .kind = COMMON_NOTICE_KIND_MEMBER_INVITED,
                                              .recipient_id = post.user_id,
                                              .audience = COMMON_AUDIENCE_VENDOR,
                                              .has_ticket_id = true,
                                              .ticket_id = make_uuid(7) };
    post.contact.person_id = TEXT("tic_00000000000000000000000001");
    post.contact.is_proved = false;
    post.contact.email = text_of(email);
    for (uint8_t i = 0; i < NOTIFICATION_STRANGERS_MAX + 2; i++) {
        email[9] = (char)('0' + i / 10);
        email[10] = (char)('0' + i % 10);
        assert_int_equal(raise_notice((uint8_t)(i + 1), &invitation), STATUS_OK);
    }
    assert_cell(COUNTS_SQL, "50 2");
}

static void counts_of_days_that_are_over_are_trimmed(void **state)
{
    (void)state;
    const struct common_notice notice = about_ada(COMMON_NOTICE_KIND_API_KEY_MADE);
    const struct notification_trim_messages trim = { .what = TEXT("messages") };
    post.contact.is_proved = false;
    raise_many(1, 1, &notice);
    for (int day = 0; day < 2; day++) {
        assert_int_equal(
            direct_call(post.market, NULL, &notification_trim_messages_message, &trim, NULL),
            STATUS_OK);
        assert_cell("SELECT count(*) FROM notification.allowance", day == 0 ? "1" : "0");
        direct_advance(post.market, DAY_US);
    }
}

static void no_words_of_people_go_to_an_unproved_address(void **state)
{
    (void)state;
    const struct text_pair facts[] = { { TEXT("key_name"), TEXT("see evil.example") } };
    struct common_notice notice = about_ada(COMMON_NOTICE_KIND_API_KEY_MADE);
    notice.facts = facts;
    notice.facts_count = ARRAY_LENGTH(facts);
    post.contact.name = TEXT("www.evil.example");
    raise_many(1, 1, &notice);
    post.contact.is_proved = false;
    raise_many(2, 1, &notice);
    sweep();
    assert_int_equal(post.server.count, 2);
    bool has_words[2];
    for (size_t i = 0; i < 2; i++) {
        const struct text mail = text_of(post.server.mails[i]);
        assert_true(contains(mail, "An API key was made for your account."));
        has_words[i] = contains(mail, "evil.example");
    }
    /* One of them was written while the address was proved, both are sent after it. */
    assert_false(has_words[0]);
    assert_false(has_words[1]);
    post.contact.is_proved = true;
    raise_many(3, 1, &notice);
    sweep();
    assert_true(contains(text_of(post.server.mails[2]), "evil.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POST_TEST(an_unproved_address_gets_few_mails_a_day),
        POST_TEST(a_batch_takes_no_more_than_is_left),
        POST_TEST(a_proved_address_gets_them_all),
        POST_TEST(noise_does_not_use_up_what_proves_the_address),
        POST_TEST(a_vendor_writes_to_few_strangers_a_day),
        POST_TEST(counts_of_days_that_are_over_are_trimmed),
        POST_TEST(no_words_of_people_go_to_an_unproved_address),
    };
    return cmocka_run_group_tests(tests, post_open, post_close);
}
