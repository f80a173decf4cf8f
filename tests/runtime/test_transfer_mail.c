/* Outgoing mail: what the server says decides, what it does not say ends in time. */
#include <string.h>

#include "tests/runtime/transfer_stage.h"
#include "tests/support/cmocka.h"

static void mail_is_accepted(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.outcome, TRANSFER_ACCEPTED);
    assert_int_equal(call->answer.code, 250);
    assert_string_equal(call->answer.reply, "250 queued as 1");
    const char *seen = stage->peer.seen;
    assert_non_null(strstr(seen, "MAIL FROM:<shop@example.org>\r\nRCPT TO:<ann@example.com>\r\n"
                                 "DATA\r\nSubject: hello\r\n\r\n..dot\r\nlast\r\n.\r\nQUIT\r\n"));
    stage_close(stage);
}

static void long_message_arrives_whole(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    enum { LINES = 4000, LINE = 100 };
    char *message = arena_allocate(stage->arena, LINES * LINE);
    for (size_t i = 0; i < LINES; i++) {
        memset(message + i * LINE, 'a' + (int)(i % 26), LINE - 2);
        memcpy(message + i * LINE + LINE - 2, "\r\n", 2);
    }
    stage->mail.message = (struct text){ message, LINES * LINE };
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->answer.outcome, TRANSFER_ACCEPTED);
    const char *data = strstr(stage->peer.seen, "DATA\r\n");
    assert_non_null(data);
    assert_memory_equal(data + 6, message, LINES * LINE);
    assert_memory_equal(data + 6 + LINES * LINE, ".\r\n", 3);
    stage_close(stage);
}

static const struct transfer_answer *mail_with(struct transfer_stage *stage, const char *verb,
                                               const char *reply)
{
    stage->peer.rules[0] = (struct peer_rule){ verb, reply, 0 };
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    assert_int_equal(call->status, STATUS_OK);
    return &call->answer;
}

static void assert_reply(const char *verb, const char *reply, enum transfer_outcome outcome,
                         int code)
{
    struct transfer_stage *stage = stage_open(false);
    const struct transfer_answer *answer = mail_with(stage, verb, reply);
    assert_int_equal(answer->outcome, outcome);
    assert_int_equal(answer->code, code);
    assert_true(answer->reply[0] != '\0');
    assert_false(answer->may_have_arrived);
    stage_close(stage);
}

/* What the server answers to one command decides what becomes of the mail. */
#define REPLY(name, verb, reply, outcome, code)                                                    \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_reply(verb, reply, outcome, code);                                                  \
    }

REPLY(busy_recipient_is_temporary, "RCPT", "450 4.2.1 busy\r\n", TRANSFER_TEMPORARY, 450)
REPLY(unknown_recipient_is_permanent, "RCPT", "550-5.1.1 who\r\n550 5.1.1 nobody\r\n",
      TRANSFER_PERMANENT, 550)
REPLY(refused_sender_is_permanent, "MAIL", "553 no\r\n", TRANSFER_PERMANENT, 553)
REPLY(server_that_wants_a_login_is_temporary, "MAIL", "530 5.7.0 log in first\r\n",
      TRANSFER_TEMPORARY, 530)
REPLY(server_that_hangs_up_before_the_message_is_temporary, "DATA", "", TRANSFER_TEMPORARY, 0)
REPLY(full_server_is_temporary, ".", "452 full\r\n", TRANSFER_TEMPORARY, 452)
REPLY(message_that_is_called_spam_is_permanent, ".", "554 spam\r\n", TRANSFER_PERMANENT, 554)
REPLY(server_that_never_wants_us_is_permanent, "", "554 not you\r\n", TRANSFER_PERMANENT, 554)
REPLY(server_that_is_not_ready_is_temporary, "", "421 later\r\n", TRANSFER_TEMPORARY, 421)
REPLY(server_that_hangs_up_at_once_is_temporary, "", "", TRANSFER_TEMPORARY, 0)
REPLY(reply_without_a_code_is_temporary, "RCPT", "what?\r\n", TRANSFER_TEMPORARY, 0)
REPLY(reply_of_the_wrong_kind_is_temporary, "DATA", "250 what?\r\n", TRANSFER_TEMPORARY, 250)

static void connection_lost_after_the_message_may_have_delivered_it(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    const struct transfer_answer *answer = mail_with(stage, ".", "");
    assert_int_equal(answer->outcome, TRANSFER_TEMPORARY);
    assert_true(answer->may_have_arrived);
    stage_close(stage);
}

static void assert_silence(const char *verb, bool may_have_arrived)
{
    struct transfer_stage *stage = stage_open(false);
    stage->skips_silence = true;
    const struct transfer_answer *answer = mail_with(stage, verb, NULL);
    assert_int_equal(answer->outcome, TRANSFER_TEMPORARY);
    assert_string_equal(answer->reply, "deadline_exceeded");
    assert_true(stage->gap_max_us < GAP_MAX_US);
    assert_int_equal(answer->may_have_arrived, may_have_arrived);
    stage_close(stage);
}

static void server_that_never_greets_is_temporary(void **state)
{
    (void)state;
    assert_silence("", false);
}

static void server_silent_after_the_greeting_is_temporary(void **state)
{
    (void)state;
    assert_silence("EHLO", false);
}

static void server_silent_about_the_sender_is_temporary(void **state)
{
    (void)state;
    assert_silence("MAIL", false);
}

static void server_silent_after_the_message_may_have_taken_it(void **state)
{
    (void)state;
    assert_silence(".", true);
}

/* libcurl would wait for these by itself and hold the loop. */
static void assert_slow(const struct peer_rule rules[PEER_RULES_MAX], enum transfer_outcome outcome,
                        int code)
{
    struct transfer_stage *stage = stage_open(false);
    stage->mail.user = TEXT("ann");
    stage->mail.password = TEXT("secret");
    memcpy(stage->peer.rules, rules, sizeof stage->peer.rules);
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    assert_true(stage->gap_max_us < GAP_MAX_US);
    assert_int_equal(call->answer.code, code);
    assert_int_equal(call->answer.outcome, outcome);
    stage_close(stage);
}

#define SLOW(name, outcome, code, ...)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        static const struct peer_rule rules[PEER_RULES_MAX] = { __VA_ARGS__ };                     \
        (void)state;                                                                               \
        assert_slow(rules, outcome, code);                                                         \
    }

SLOW(slow_acceptance_does_not_hold_the_loop, TRANSFER_ACCEPTED, 250,
     { ".", "250 at last\r\n", 1200 }, { "QUIT", NULL, 0 })
SLOW(slow_refusal_does_not_hold_the_loop, TRANSFER_PERMANENT, 550, { "RCPT", "550 no\r\n", 1200 },
     { "QUIT", NULL, 0 })
SLOW(silence_after_a_refused_greeting_does_not_hold_the_loop, TRANSFER_PERMANENT, 554,
     { "", "554 no\r\n", 0 }, { "QUIT", NULL, 0 })
SLOW(silence_after_a_refused_login_does_not_hold_the_loop, TRANSFER_TEMPORARY, 535,
     { "EHLO", "250 AUTH PLAIN\r\n", 0 }, { "AUTH", "535 no\r\n", 0 }, { "QUIT", NULL, 0 })
SLOW(silence_after_two_refused_hellos_does_not_hold_the_loop, TRANSFER_PERMANENT, 550,
     { "EHLO", "550 no\r\n", 0 }, { "HELO", "550 no\r\n", 0 }, { "QUIT", NULL, 0 })

static void login_is_used_when_given(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    stage->peer.rules[0] = (struct peer_rule){ "EHLO", "250-peer\r\n250 AUTH PLAIN\r\n", 0 };
    stage->peer.rules[1] = (struct peer_rule){ "AUTH", "235 welcome\r\n", 0 };
    stage->mail.user = TEXT("ann");
    stage->mail.password = TEXT("secret");
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->answer.outcome, TRANSFER_ACCEPTED);
    assert_non_null(strstr(stage->peer.seen, "AUTH PLAIN"));
    stage_close(stage);
}

static void mail_is_not_sent_in_clear_when_encryption_is_required(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    stage->mail.tls = TRANSFER_TLS_REQUIRED;
    stage->mail.user = TEXT("ann");
    stage->mail.password = TEXT("secret");
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->answer.outcome, TRANSFER_TEMPORARY);
    assert_null(strstr(stage->peer.seen, "AUTH"));
    assert_null(strstr(stage->peer.seen, "MAIL"));
    stage_close(stage);
}

static void assert_refused(struct text to, struct text message)
{
    struct transfer_stage *stage = stage_open(false);
    stage->mail.to = to;
    stage->mail.message = message;
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

/* Mails that could smuggle another one. */
#define MESSAGE_REFUSED(name, message)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_refused(TEXT("ann@example.com"), TEXT(message));                                    \
    }
#define ADDRESS_REFUSED(name, address)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_refused(TEXT(address), TEXT("a\r\n"));                                              \
    }

MESSAGE_REFUSED(message_with_a_bare_line_feed_is_refused, "a\n")
MESSAGE_REFUSED(message_with_a_bare_carriage_return_is_refused, "a\r")
MESSAGE_REFUSED(message_with_two_carriage_returns_is_refused, "a\r\rb\r\n")
MESSAGE_REFUSED(message_with_an_end_in_disguise_is_refused, "a\r\n.\nb\r\n")
MESSAGE_REFUSED(message_without_a_last_line_end_is_refused, "a")
MESSAGE_REFUSED(empty_message_is_refused, "")
MESSAGE_REFUSED(message_with_a_nul_is_refused, "a\0b\r\n")
ADDRESS_REFUSED(address_that_goes_on_with_a_command_is_refused, "a@b>\r\nRCPT TO:<c@d")
ADDRESS_REFUSED(address_with_a_space_is_refused, "a b@c")
ADDRESS_REFUSED(address_with_a_line_end_is_refused, "a@b\n")
ADDRESS_REFUSED(address_in_brackets_is_refused, "<a@b>")
ADDRESS_REFUSED(address_with_a_parameter_is_refused, "a@b> SIZE=1")
ADDRESS_REFUSED(address_beyond_ascii_is_refused, "\xc3\xa9@b")
ADDRESS_REFUSED(empty_address_is_refused, "")

static void mail_by_http_is_refused(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    stage->mail.url = TEXT("http://127.0.0.1/");
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_is_accepted),
        cmocka_unit_test(long_message_arrives_whole),
        cmocka_unit_test(busy_recipient_is_temporary),
        cmocka_unit_test(unknown_recipient_is_permanent),
        cmocka_unit_test(refused_sender_is_permanent),
        cmocka_unit_test(server_that_wants_a_login_is_temporary),
        cmocka_unit_test(server_that_hangs_up_before_the_message_is_temporary),
        cmocka_unit_test(full_server_is_temporary),
        cmocka_unit_test(message_that_is_called_spam_is_permanent),
        cmocka_unit_test(server_that_never_wants_us_is_permanent),
        cmocka_unit_test(server_that_is_not_ready_is_temporary),
        cmocka_unit_test(server_that_hangs_up_at_once_is_temporary),
        cmocka_unit_test(reply_without_a_code_is_temporary),
        cmocka_unit_test(reply_of_the_wrong_kind_is_temporary),
        cmocka_unit_test(connection_lost_after_the_message_may_have_delivered_it),
        cmocka_unit_test(server_that_never_greets_is_temporary),
        cmocka_unit_test(server_silent_after_the_greeting_is_temporary),
        cmocka_unit_test(server_silent_about_the_sender_is_temporary),
        cmocka_unit_test(server_silent_after_the_message_may_have_taken_it),
        cmocka_unit_test(slow_acceptance_does_not_hold_the_loop),
        cmocka_unit_test(slow_refusal_does_not_hold_the_loop),
        cmocka_unit_test(silence_after_a_refused_greeting_does_not_hold_the_loop),
        cmocka_unit_test(silence_after_a_refused_login_does_not_hold_the_loop),
        cmocka_unit_test(silence_after_two_refused_hellos_does_not_hold_the_loop),
        cmocka_unit_test(login_is_used_when_given),
        cmocka_unit_test(mail_is_not_sent_in_clear_when_encryption_is_required),
        cmocka_unit_test(message_with_a_bare_line_feed_is_refused),
        cmocka_unit_test(message_with_a_bare_carriage_return_is_refused),
        cmocka_unit_test(message_with_two_carriage_returns_is_refused),
        cmocka_unit_test(message_with_an_end_in_disguise_is_refused),
        cmocka_unit_test(message_without_a_last_line_end_is_refused),
        cmocka_unit_test(empty_message_is_refused),
        cmocka_unit_test(message_with_a_nul_is_refused),
        cmocka_unit_test(address_that_goes_on_with_a_command_is_refused),
        cmocka_unit_test(address_with_a_space_is_refused),
        cmocka_unit_test(address_with_a_line_end_is_refused),
        cmocka_unit_test(address_in_brackets_is_refused),
        cmocka_unit_test(address_with_a_parameter_is_refused),
        cmocka_unit_test(address_beyond_ascii_is_refused),
        cmocka_unit_test(empty_address_is_refused),
        cmocka_unit_test(mail_by_http_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
