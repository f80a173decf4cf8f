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

static void replies_decide_what_becomes_of_a_mail(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *reply;
        enum transfer_outcome outcome;
        int code;
    } cases[] = {
        { "RCPT", "450 4.2.1 busy\r\n", TRANSFER_TEMPORARY, 450 },
        { "RCPT", "550-5.1.1 who\r\n550 5.1.1 nobody\r\n", TRANSFER_PERMANENT, 550 },
        { "MAIL", "553 no\r\n", TRANSFER_PERMANENT, 553 },
        { "MAIL", "530 5.7.0 log in first\r\n", TRANSFER_TEMPORARY, 530 },
        { "DATA", "", TRANSFER_TEMPORARY, 0 },
        { ".", "452 full\r\n", TRANSFER_TEMPORARY, 452 },
        { ".", "554 spam\r\n", TRANSFER_PERMANENT, 554 },
        { "", "554 not you\r\n", TRANSFER_PERMANENT, 554 },
        { "", "421 later\r\n", TRANSFER_TEMPORARY, 421 },
        { "", "", TRANSFER_TEMPORARY, 0 },
        { "RCPT", "what?\r\n", TRANSFER_TEMPORARY, 0 },
        { "DATA", "250 what?\r\n", TRANSFER_TEMPORARY, 250 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct transfer_stage *stage = stage_open(false);
        const struct transfer_answer *answer = mail_with(stage, cases[i].verb, cases[i].reply);
        assert_int_equal(answer->outcome, cases[i].outcome);
        assert_int_equal(answer->code, cases[i].code);
        assert_true(answer->reply[0] != '\0');
        assert_false(answer->may_have_arrived);
        stage_close(stage);
    }
}

static void connection_lost_after_the_message_may_have_delivered_it(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(false);
    const struct transfer_answer *answer = mail_with(stage, ".", "");
    assert_int_equal(answer->outcome, TRANSFER_TEMPORARY);
    assert_true(answer->may_have_arrived);
    stage_close(stage);
}

static void mail_server_that_falls_silent_is_temporary(void **state)
{
    (void)state;
    static const char *const verbs[] = { "", "EHLO", "MAIL", "." };
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++) {
        struct transfer_stage *stage = stage_open(false);
        stage->skips_silence = true;
        const struct transfer_answer *answer = mail_with(stage, verbs[i], NULL);
        assert_int_equal(answer->outcome, TRANSFER_TEMPORARY);
        assert_string_equal(answer->reply, "deadline_exceeded");
        assert_true(stage->gap_max_us < GAP_MAX_US);
        assert_int_equal(answer->may_have_arrived, strcmp(verbs[i], ".") == 0);
        stage_close(stage);
    }
}

/* libcurl would wait for these by itself and hold the loop. */
static void slow_mail_server_does_not_hold_the_loop(void **state)
{
    (void)state;
    static const struct peer_rule rules[][PEER_RULES_MAX] = {
        { { ".", "250 at last\r\n", 1200 }, { "QUIT", NULL, 0 } },
        { { "RCPT", "550 no\r\n", 1200 }, { "QUIT", NULL, 0 } },
        { { "", "554 no\r\n", 0 }, { "QUIT", NULL, 0 } },
        { { "EHLO", "250 AUTH PLAIN\r\n", 0 }, { "AUTH", "535 no\r\n", 0 }, { "QUIT", NULL, 0 } },
        { { "EHLO", "550 no\r\n", 0 }, { "HELO", "550 no\r\n", 0 }, { "QUIT", NULL, 0 } },
    };
    static const int codes[] = { 250, 550, 554, 535, 550 };
    for (size_t i = 0; i < ARRAY_LENGTH(rules); i++) {
        struct transfer_stage *stage = stage_open(false);
        stage->mail.user = TEXT("ann");
        stage->mail.password = TEXT("secret");
        memcpy(stage->peer.rules, rules[i], sizeof rules[i]);
        peer_start(&stage->peer);
        const struct transfer_call *call = stage_transfer(stage);
        assert_true(stage->gap_max_us < GAP_MAX_US);
        assert_int_equal(call->answer.code, codes[i]);
        const enum transfer_outcome outcome = codes[i] == 250   ? TRANSFER_ACCEPTED
                                              : codes[i] == 535 ? TRANSFER_TEMPORARY
                                                                : TRANSFER_PERMANENT;
        assert_int_equal(call->answer.outcome, outcome);
        stage_close(stage);
    }
}

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

static void mails_that_could_smuggle_are_refused(void **state)
{
    (void)state;
    static const struct text messages[] = {
        TEXT("a\n"), TEXT("a\r"), TEXT("a\r\rb\r\n"), TEXT("a\r\n.\nb\r\n"),
        TEXT("a"),   TEXT(""),    TEXT("a\0b\r\n"),
    };
    static const struct text addresses[] = {
        TEXT("a@b>\r\nRCPT TO:<c@d"), TEXT("a b@c"),      TEXT("a@b\n"), TEXT("<a@b>"),
        TEXT("a@b> SIZE=1"),          TEXT("\xc3\xa9@b"), TEXT(""),
    };
    struct transfer_stage *stage = stage_open(false);
    const struct transfer_mail good = stage->mail;
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++) {
        stage->mail.message = messages[i];
        assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    }
    stage->mail = good;
    for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
        stage->mail.to = addresses[i];
        assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    }
    stage->mail = good;
    stage->mail.url = TEXT("http://127.0.0.1/");
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_is_accepted),
        cmocka_unit_test(long_message_arrives_whole),
        cmocka_unit_test(replies_decide_what_becomes_of_a_mail),
        cmocka_unit_test(connection_lost_after_the_message_may_have_delivered_it),
        cmocka_unit_test(mail_server_that_falls_silent_is_temporary),
        cmocka_unit_test(slow_mail_server_does_not_hold_the_loop),
        cmocka_unit_test(login_is_used_when_given),
        cmocka_unit_test(mail_is_not_sent_in_clear_when_encryption_is_required),
        cmocka_unit_test(mails_that_could_smuggle_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
