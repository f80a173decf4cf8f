/* Claims about what is told to whom, when it is tried again, and how values get into texts. */
#include "actors/notification/notification.h"
#include "actors/notification/notification_template.h"
#include "tests/support/cmocka.h"

static struct notification_fate decide(enum common_notice_kind kind,
                                       enum notification_channel channel,
                                       const struct notification_choices *choices)
{
    const struct notification_prospect prospect = {
        .kind = kind,
        .channel = channel,
        .audience = COMMON_AUDIENCE_STORE,
        .has_address = true,
        .has_transport = true,
    };
    return notification_decide(&prospect, choices);
}

static void what_matters_for_safety_is_mailed_whatever_was_chosen(void **state)
{
    (void)state;
    struct notification_choices choices = { .version = 1 };
    notification_choose(&choices, NOTIFICATION_TOPIC_ACCOUNT, NOTIFICATION_CHANNEL_EMAIL, false);
    notification_choose(&choices, NOTIFICATION_TOPIC_ORDERS, NOTIFICATION_CHANNEL_EMAIL, false);
    struct notification_fate fate =
        decide(COMMON_NOTICE_KIND_RESET_PASSWORD, NOTIFICATION_CHANNEL_EMAIL, &choices);
    assert_int_equal(fate.state, NOTIFICATION_MESSAGE_STATE_QUEUED);
    fate = decide(COMMON_NOTICE_KIND_ORDER_PLACED, NOTIFICATION_CHANNEL_EMAIL, &choices);
    assert_true(fate.is_written);
    assert_int_equal(fate.state, NOTIFICATION_MESSAGE_STATE_SUPPRESSED);
    assert_int_equal(fate.why, NOTIFICATION_SUPPRESSION_PREFERENCE);
}

static void text_messages_are_sent_to_who_asked_for_them(void **state)
{
    (void)state;
    struct notification_choices choices = { .version = 1 };
    const enum notification_channel sms = NOTIFICATION_CHANNEL_SMS;
    assert_false(decide(COMMON_NOTICE_KIND_ORDER_PLACED, sms, &choices).is_written);
    assert_false(decide(COMMON_NOTICE_KIND_ORDER_PLACED, sms, NULL).is_written);
    notification_choose(&choices, NOTIFICATION_TOPIC_ORDERS, sms, true);
    assert_int_equal(decide(COMMON_NOTICE_KIND_ORDER_PLACED, sms, &choices).state,
                     NOTIFICATION_MESSAGE_STATE_QUEUED);
    assert_false(decide(COMMON_NOTICE_KIND_VERIFY_EMAIL, sms, &choices).is_written);
}

static void nobody_has_an_inbox_before_an_account(void **state)
{
    (void)state;
    struct notification_prospect prospect = { .kind = COMMON_NOTICE_KIND_PASSWORD_CHANGED,
                                              .channel = NOTIFICATION_CHANNEL_IN_APP,
                                              .audience = COMMON_AUDIENCE_VENDOR };
    assert_int_equal(notification_decide(&prospect, NULL).state, NOTIFICATION_MESSAGE_STATE_SENT);
    prospect.is_invited = true;
    assert_false(notification_decide(&prospect, NULL).is_written);
    prospect.is_invited = false;
    prospect.audience = COMMON_AUDIENCE_ADMIN;
    assert_false(notification_decide(&prospect, NULL).is_written);
}

static void without_address_or_way_it_is_suppressed(void **state)
{
    (void)state;
    struct notification_prospect prospect = { .kind = COMMON_NOTICE_KIND_ORDER_PLACED,
                                              .channel = NOTIFICATION_CHANNEL_EMAIL,
                                              .audience = COMMON_AUDIENCE_STORE };
    assert_int_equal(notification_decide(&prospect, NULL).why, NOTIFICATION_SUPPRESSION_NO_ADDRESS);
    prospect.has_address = true;
    assert_int_equal(notification_decide(&prospect, NULL).why,
                     NOTIFICATION_SUPPRESSION_NO_TRANSPORT);
}

static void pauses_grow_and_differ_by_message(void **state)
{
    (void)state;
    struct uuid first = { { 0 } }, last = { { 0 } };
    const int64_t unit_us = 30 * 1000000;
    last.bytes[10] = UINT8_MAX;
    const int64_t seconds[] = { 30, 120, 600, 3600, 21600, 21600 };
    for (int64_t i = 0; i < 6; i++) {
        const int64_t wait_us = seconds[i] * 1000000;
        assert_int_equal(notification_backoff_us(unit_us, i + 1, first), wait_us);
        assert_int_equal(notification_backoff_us(unit_us, i + 1, last), wait_us + wait_us / 8);
    }
}

static void sid_is_found_or_is_none(void **state)
{
    (void)state;
    assert_text_equal(notification_find_sid(TEXT("{\"a\":1, \"sid\": \"SM12\", \"b\":2}")),
                      TEXT("SM12"));
    assert_int_equal(notification_find_sid(TEXT("{\"sid\":12}")).length, 0);
    assert_int_equal(notification_find_sid(TEXT("{\"sid\":\"SM1")).length, 0);
    assert_int_equal(notification_find_sid(TEXT("{\"sid\":\"a<b\"}")).length, 0);
    assert_int_equal(notification_find_sid(TEXT("\"sid\"")).length, 0);
    assert_int_equal(notification_find_sid((struct text){ 0 }).length, 0);
}

/* ---- texts ---- */

static const struct text_pair values[] = {
    { { "name", 4 }, { "A\r\nBcc: x@y <b>&{{link}}\xe2\x80\xae", 27 } },
    { { "link", 4 }, { "https://m/?token=t&a=\"b", 23 } },
    { { "reason", 6 }, { "", 0 } },
};

static void values_are_put_in_once_and_end_no_line(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct text line =
        notification_render(arena, "Hello {{name}}!", values, 3, NOTIFICATION_FORMAT_LINE, 500);
    assert_text_equal(line, TEXT("Hello A  Bcc: x@y <b>&{{link}} !"));
    arena_destroy(&arena);
}

static void lines_without_their_value_are_left_out(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct text text =
        notification_render(arena, "One\n\nReason: {{reason}}\nNone: {{unknown}}\n\nTwo {{\n",
                            values, 3, NOTIFICATION_FORMAT_TEXT, 500);
    assert_text_equal(text, TEXT("One\n\nTwo {{\n"));
    arena_destroy(&arena);
}

static void pages_escape_whatever_is_put_in(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct text page = notification_render(arena, "To {{name}}\n{{link}}\n", values, 3,
                                                 NOTIFICATION_FORMAT_HTML, 2000);
    assert_text_equal(page, TEXT("<!DOCTYPE html>\n<html><body>\n"
                                 "<p>To A  Bcc: x@y &lt;b&gt;&amp;{{link}} <br>\n"
                                 "<a href=\"https://m/?token=t&amp;a=&quot;b\">"
                                 "https://m/?token=t&amp;a=&quot;b</a></p>\n</body></html>\n"));
    arena_destroy(&arena);
}

static void long_lines_are_cut_at_the_end_of_a_character(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct text_pair name = { TEXT("name"), TEXT("\xc3\xa4\xc3\xa4\xc3\xa4") };
    const struct text line =
        notification_render(arena, "{{name}}.", &name, 1, NOTIFICATION_FORMAT_LINE, 5);
    assert_text_equal(line, TEXT("\xc3\xa4\xc3\xa4"));
    arena_destroy(&arena);
}

static void every_kind_has_its_words_in_every_language(void **state)
{
    (void)state;
    assert_true(notification_locales_count >= 2);
    for (size_t i = 0; i < notification_locales_count; i++) {
        for (unsigned kind = 0; kind < COMMON_NOTICE_KIND_COUNT; kind++) {
            const struct notification_template *template = notification_template_of(
                (enum common_notice_kind)kind, text_of(notification_locales[i].name));
            const unsigned ways = notification_kind_of((enum common_notice_kind)kind)->channels;
            assert_non_null(template->subject);
            assert_non_null(template->text);
            assert_true((template->sms != NULL) == ((ways & 1u << NOTIFICATION_CHANNEL_SMS) != 0));
            assert_true((template->in_app != NULL) ==
                        ((ways & 1u << NOTIFICATION_CHANNEL_IN_APP) != 0));
        }
    }
    assert_ptr_equal(notification_template_of(COMMON_NOTICE_KIND_ORDER_PLACED, TEXT("xx")),
                     notification_template_of(COMMON_NOTICE_KIND_ORDER_PLACED, TEXT("en")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matters_for_safety_is_mailed_whatever_was_chosen),
        cmocka_unit_test(text_messages_are_sent_to_who_asked_for_them),
        cmocka_unit_test(nobody_has_an_inbox_before_an_account),
        cmocka_unit_test(without_address_or_way_it_is_suppressed),
        cmocka_unit_test(pauses_grow_and_differ_by_message),
        cmocka_unit_test(sid_is_found_or_is_none),
        cmocka_unit_test(values_are_put_in_once_and_end_no_line),
        cmocka_unit_test(lines_without_their_value_are_left_out),
        cmocka_unit_test(pages_escape_whatever_is_put_in),
        cmocka_unit_test(long_lines_are_cut_at_the_end_of_a_character),
        cmocka_unit_test(every_kind_has_its_words_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
