/* Claims about what is told to whom, what people choose, and when it is tried again. */
#include "actors/notification/notification.h"
#include "tests/support/cmocka.h"

#define KIND(kind) COMMON_NOTICE_KIND_##kind
#define BY(channel) NOTIFICATION_CHANNEL_##channel
#define TO(audience) COMMON_AUDIENCE_##audience
#define WHY(why) NOTIFICATION_SUPPRESSION_##why

/* ---- what becomes of a message ---- */

enum outcome { NO_ROW, QUEUED, IN_INBOX, SUPPRESSED };
enum wish { NEVER_CHOSEN, WANTED, REFUSED }; /* of the kind's topic by the channel */

struct prospect_case {
    const char *name;
    enum common_notice_kind kind;
    enum notification_channel channel;
    enum common_audience audience;
    enum wish wish;
    bool has_address, has_transport;
    enum outcome outcome;
    enum notification_suppression why;
};

static const struct prospect_case prospect_cases[] = {
    /* By default mails are sent and text messages are not. */
    { "a mail that nobody refused", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), NEVER_CHOSEN, true,
      true, QUEUED, 0 },
    { "a mail that was asked for", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), WANTED, true, true,
      QUEUED, 0 },
    { "a mail that was refused", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), REFUSED, true, true,
      SUPPRESSED, WHY(PREFERENCE) },
    { "a text message that nobody asked for", KIND(ORDER_PLACED), BY(SMS), TO(STORE), NEVER_CHOSEN,
      true, true, NO_ROW, 0 },
    { "a text message that was asked for", KIND(ORDER_PLACED), BY(SMS), TO(STORE), WANTED, true,
      true, QUEUED, 0 },
    { "a text message that was refused", KIND(ORDER_PLACED), BY(SMS), TO(STORE), REFUSED, true,
      true, SUPPRESSED, WHY(PREFERENCE) },

    /* What matters for safety is mailed, and only mailed, whatever was chosen. */
    { "a critical mail that was refused", KIND(RESET_PASSWORD), BY(EMAIL), TO(STORE), REFUSED, true,
      true, QUEUED, 0 },
    { "a critical entry that was refused", KIND(PASSWORD_CHANGED), BY(IN_APP), TO(STORE), REFUSED,
      true, true, SUPPRESSED, WHY(PREFERENCE) },
    { "a critical text message that nobody asked for", KIND(PASSWORD_CHANGED), BY(SMS), TO(STORE),
      NEVER_CHOSEN, true, true, NO_ROW, 0 },
    { "a critical mail without an address", KIND(RESET_PASSWORD), BY(EMAIL), TO(STORE), REFUSED,
      false, true, SUPPRESSED, WHY(NO_ADDRESS) },

    /* A kind goes by its own channels. */
    { "a text message of a kind that has none", KIND(VERIFY_EMAIL), BY(SMS), TO(STORE), WANTED,
      true, true, NO_ROW, 0 },
    { "an entry of a kind that has none", KIND(VERIFY_EMAIL), BY(IN_APP), TO(STORE), WANTED, true,
      true, NO_ROW, 0 },

    /* Inboxes are for people with an account in the market. */
    { "an entry of a shopper", KIND(ORDER_PLACED), BY(IN_APP), TO(STORE), NEVER_CHOSEN, false,
      false, IN_INBOX, 0 },
    { "an entry of a team", KIND(PASSWORD_CHANGED), BY(IN_APP), TO(VENDOR), NEVER_CHOSEN, false,
      false, IN_INBOX, 0 },
    { "an entry that was refused", KIND(ORDER_PLACED), BY(IN_APP), TO(STORE), REFUSED, false, false,
      SUPPRESSED, WHY(PREFERENCE) },
    { "an entry of staff", KIND(PASSWORD_CHANGED), BY(IN_APP), TO(ADMIN), NEVER_CHOSEN, true, true,
      NO_ROW, 0 },
    { "an entry of a guest", KIND(ORDER_PLACED), BY(IN_APP), TO(GUEST), NEVER_CHOSEN, true, true,
      NO_ROW, 0 },
    { "a mail of staff", KIND(PASSWORD_CHANGED), BY(EMAIL), TO(ADMIN), NEVER_CHOSEN, true, true,
      QUEUED, 0 },
    { "a mail of a guest", KIND(GUEST_ORDER_PLACED), BY(EMAIL), TO(GUEST), NEVER_CHOSEN, true, true,
      QUEUED, 0 },

    /* What is missing is said, the address first, since staff cannot help there. */
    { "a mail without an address", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), NEVER_CHOSEN, false,
      true, SUPPRESSED, WHY(NO_ADDRESS) },
    { "a mail without a way", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), NEVER_CHOSEN, true, false,
      SUPPRESSED, WHY(NO_TRANSPORT) },
    { "a mail without both", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), NEVER_CHOSEN, false, false,
      SUPPRESSED, WHY(NO_ADDRESS) },
    { "a refused mail without both", KIND(ORDER_PLACED), BY(EMAIL), TO(STORE), REFUSED, false,
      false, SUPPRESSED, WHY(PREFERENCE) },
};

static enum outcome outcome_of(const struct notification_fate *fate)
{
    if (!fate->is_written) return NO_ROW;
    if (fate->state == NOTIFICATION_MESSAGE_STATE_QUEUED) return QUEUED;
    if (fate->state == NOTIFICATION_MESSAGE_STATE_SENT) return IN_INBOX;
    assert_int_equal(fate->state, NOTIFICATION_MESSAGE_STATE_SUPPRESSED);
    return SUPPRESSED;
}

static void fate_of_a_message_is_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(prospect_cases); i++) {
        const struct prospect_case *one = &prospect_cases[i];
        const struct notification_prospect prospect = { .kind = one->kind,
                                                        .channel = one->channel,
                                                        .audience = one->audience,
                                                        .has_address = one->has_address,
                                                        .has_transport = one->has_transport };
        struct notification_choices choices = { .version = 1 };
        const enum notification_topic topic = notification_kind_of(one->kind)->topic;
        if (one->wish != NEVER_CHOSEN)
            notification_choose(&choices, topic, one->channel, one->wish == WANTED);
        const struct notification_fate fate = notification_decide(&prospect, &choices);
        const enum outcome outcome = outcome_of(&fate);
        if (outcome != one->outcome || (outcome == SUPPRESSED && fate.why != one->why))
            fail_msg("%s: outcome %d, why %d", one->name, (int)outcome, (int)fate.why);
    }
}

static void without_choices_it_is_as_if_nothing_was_ever_chosen(void **state)
{
    (void)state;
    const struct notification_choices untouched = { .version = 1 };
    for (unsigned kind = 0; kind < COMMON_NOTICE_KIND_COUNT; kind++) {
        for (unsigned channel = 0; channel < NOTIFICATION_CHANNEL_COUNT; channel++) {
            const struct notification_prospect prospect = {
                .kind = (enum common_notice_kind)kind,
                .channel = (enum notification_channel)channel,
                .audience = COMMON_AUDIENCE_VENDOR,
                .has_address = true,
                .has_transport = true,
            };
            const struct notification_fate of_none = notification_decide(&prospect, NULL);
            const struct notification_fate of_untouched =
                notification_decide(&prospect, &untouched);
            assert_int_equal(outcome_of(&of_none), outcome_of(&of_untouched));
        }
    }
}

static void somebody_who_is_invited_has_mails_only(void **state)
{
    (void)state;
    struct notification_prospect prospect = { .kind = KIND(PASSWORD_CHANGED),
                                              .channel = BY(IN_APP),
                                              .audience = TO(VENDOR),
                                              .is_invited = true,
                                              .has_address = true,
                                              .has_transport = true };
    assert_false(notification_decide(&prospect, NULL).is_written);
    prospect.channel = BY(EMAIL);
    assert_int_equal(notification_decide(&prospect, NULL).state, NOTIFICATION_MESSAGE_STATE_QUEUED);
}

/* ---- the table of kinds ---- */

/* Anything else could be switched off, and with it the only way back into an account. */
static void what_carries_a_token_is_critical_and_only_mailed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COMMON_NOTICE_KIND_COUNT; i++) {
        const struct notification_kind *kind = notification_kind_of((enum common_notice_kind)i);
        if (kind->link != NOTIFICATION_LINK_TOKEN) continue;
        if (!kind->is_critical || kind->channels != 1u << BY(EMAIL))
            fail_msg("%s", common_notice_kind_names[i]);
    }
}

static void every_kind_is_mailed_and_says_where_its_link_leads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COMMON_NOTICE_KIND_COUNT; i++) {
        const struct notification_kind *kind = notification_kind_of((enum common_notice_kind)i);
        const bool needs_path = kind->link != NOTIFICATION_LINK_PLAIN;
        /* The code that proves a telephone is of use nowhere else. */
        const bool is_mailed =
            i == COMMON_NOTICE_KIND_VERIFY_PHONE || (kind->channels & 1u << BY(EMAIL)) != 0;
        if (!is_mailed || kind->path == NULL || kind->path[0] == '/' ||
            (needs_path && kind->path[0] == '\0'))
            fail_msg("%s", common_notice_kind_names[i]);
    }
}

/* ---- choices ---- */

static void marketing_and_text_messages_are_off_until_they_are_chosen(void **state)
{
    (void)state;
    for (unsigned topic = 0; topic < NOTIFICATION_TOPIC_COUNT; topic++) {
        for (unsigned channel = 0; channel < NOTIFICATION_CHANNEL_COUNT; channel++) {
            const bool is_on = topic != NOTIFICATION_TOPIC_MARKETING && channel != BY(SMS);
            assert_int_equal(notification_choice(NULL, (enum notification_topic)topic,
                                                 (enum notification_channel)channel),
                             is_on);
        }
    }
}

/* Sets every topic and channel against its default, one by one, and looks at all of them. */
static void a_choice_changes_its_own_topic_and_channel_only(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NOTIFICATION_CHOICES_MAX; i++) {
        struct notification_choices choices = { .version = 7 };
        for (unsigned turn = 0; turn < 2; turn++) {
            for (unsigned k = 0; k < NOTIFICATION_CHOICES_MAX; k++) {
                const enum notification_topic topic =
                    (enum notification_topic)(k / NOTIFICATION_CHANNEL_COUNT);
                const enum notification_channel channel =
                    (enum notification_channel)(k % NOTIFICATION_CHANNEL_COUNT);
                const bool by_default = notification_choice(NULL, topic, channel);
                if (turn == 0 && k == i) notification_choose(&choices, topic, channel, !by_default);
                if (turn == 1)
                    assert_int_equal(notification_choice(&choices, topic, channel),
                                     k == i ? !by_default : by_default);
            }
        }
        assert_int_equal(choices.version, 7);
    }
}

static void the_last_choice_counts(void **state)
{
    (void)state;
    struct notification_choices choices = { .version = 1 };
    const enum notification_topic topic = NOTIFICATION_TOPIC_ORDERS;
    for (int i = 0; i < 3; i++) {
        notification_choose(&choices, topic, BY(SMS), true);
        assert_true(notification_choice(&choices, topic, BY(SMS)));
        notification_choose(&choices, topic, BY(SMS), false);
        assert_false(notification_choice(&choices, topic, BY(SMS)));
    }
}

/* ---- pauses, names, sids ---- */

static void pauses_grow_and_differ_by_message(void **state)
{
    (void)state;
    static const struct {
        int64_t attempts, seconds;
    } cases[] = {
        { 1, 30 }, { 2, 120 }, { 3, 600 }, { 4, 3600 }, { 5, 21600 }, { 6, 21600 }, { 99, 21600 },
    };
    struct uuid first = { { 0 } }, last = { { 0 } };
    const int64_t unit_us = 30 * 1000000;
    last.bytes[10] = UINT8_MAX;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const int64_t wait_us = cases[i].seconds * 1000000;
        const int64_t least_us = notification_backoff_us(unit_us, cases[i].attempts, first);
        const int64_t most_us = notification_backoff_us(unit_us, cases[i].attempts, last);
        if (least_us != wait_us || most_us != wait_us + wait_us / 8)
            fail_msg("after %lld: %lld to %lld us", (long long)cases[i].attempts,
                     (long long)least_us, (long long)most_us);
    }
}

static void a_name_is_found_at_its_place_or_behind_the_last(void **state)
{
    (void)state;
    static const char *const names[] = { "red", "green", "greener" };
    assert_int_equal(notification_find_name(names, 3, TEXT("red")), 0);
    assert_int_equal(notification_find_name(names, 3, TEXT("green")), 1);
    assert_int_equal(notification_find_name(names, 3, TEXT("greener")), 2);
    assert_int_equal(notification_find_name(names, 3, TEXT("gree")), 3);
    assert_int_equal(notification_find_name(names, 3, TEXT("")), 3);
    assert_int_equal(notification_find_name(names, 3, TEXT("red\0")), 3);
    assert_int_equal(notification_find_name(names, 0, TEXT("red")), 0);
}

static void sid_is_found_or_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *json, *sid;
    } cases[] = {
        { "{\"a\":1, \"sid\": \"SM12\", \"b\":2}", "SM12" },
        { "{\"sid\" : \"x\"}", "x" },
        { "{\"sid\":\"\"}", "" },
        { "{\"sid\":12}", "" },
        { "{\"sid\":null}", "" },
        { "{\"sid\":\"SM1", "" },
        { "{\"sid\":\"", "" },
        { "{\"sid\":", "" },
        { "\"sid\"", "" },
        { "{\"sid\":\"a<b\"}", "" },
        { "{\"sid\":\"a\\u0041\"}", "" },
        { "{\"account_sid\":\"AC1\"}", "" },
        { "sid", "" },
        { "", "" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct text sid = notification_find_sid(text_of(cases[i].json));
        if (!text_equals_string(sid, cases[i].sid))
            fail_msg("%s: '%.*s'", cases[i].json, (int)sid.length, sid.data);
    }
    assert_int_equal(notification_find_sid((struct text){ 0 }).length, 0);
}

static void a_sid_has_a_longest(void **state)
{
    (void)state;
    const struct text longest =
        TEXT("{\"sid\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}");
    const struct text longer =
        TEXT("{\"sid\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX\"}");
    assert_int_equal(notification_find_sid(longest).length, 64);
    assert_int_equal(notification_find_sid(longer).length, 0);
    assert_text_equal(notification_find_code(TEXT("{\"status\":400,\"code\" : 21211}")),
                      TEXT("21211"));
    static const char *const without[] = { "", "{\"code\":\"21211\"}", "{\"code\":12345678901}",
                                           "{\"code\":21211", "{\"codes\":1}" };
    for (size_t i = 0; i < ARRAY_LENGTH(without); i++)
        assert_int_equal(notification_find_code(text_of(without[i])).length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fate_of_a_message_is_as_the_table_says),
        cmocka_unit_test(without_choices_it_is_as_if_nothing_was_ever_chosen),
        cmocka_unit_test(somebody_who_is_invited_has_mails_only),
        cmocka_unit_test(what_carries_a_token_is_critical_and_only_mailed),
        cmocka_unit_test(every_kind_is_mailed_and_says_where_its_link_leads),
        cmocka_unit_test(marketing_and_text_messages_are_off_until_they_are_chosen),
        cmocka_unit_test(a_choice_changes_its_own_topic_and_channel_only),
        cmocka_unit_test(the_last_choice_counts),
        cmocka_unit_test(pauses_grow_and_differ_by_message),
        cmocka_unit_test(a_name_is_found_at_its_place_or_behind_the_last),
        cmocka_unit_test(sid_is_found_or_is_none),
        cmocka_unit_test(a_sid_has_a_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
