/* Outgoing transfers over TLS: only servers that can prove who they are hear anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/runtime/transfer_stage.h"
#include "tests/support/cmocka.h"

static char ca_path[] = "/tmp/souk_transfer_XXXXXX";

static int make_ca_path(void **state)
{
    (void)state;
    const int file = mkstemp(ca_path);
    if (file < 0) return -1;
    return close(file);
}

static int remove_ca_path(void **state)
{
    (void)state;
    return unlink(ca_path);
}

static struct transfer_stage *open_tls(bool is_http, enum peer_tls tls, const char *address)
{
    struct transfer_stage *stage = stage_open(is_http);
    stage->peer.tls = tls;
    peer_make_certificate(&stage->peer, address, ca_path);
    if (tls == PEER_TLS) {
        (void)snprintf(stage->url, sizeof stage->url, "%s://127.0.0.1:%d",
                       is_http ? "https" : "smtps", stage->peer.port);
        stage->http.url = stage->mail.url = text_of(stage->url);
    }
    stage->peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    stage->http.ca_file = stage->mail.ca_file = ca_path;
    stage->mail.user = TEXT("ann");
    stage->mail.password = TEXT("secret");
    stage->mail.tls = TRANSFER_TLS_REQUIRED;
    return stage;
}

static void server_of_a_trusted_authority_is_heard(void **state)
{
    (void)state;
    struct transfer_stage *stage = open_tls(true, PEER_TLS, "127.0.0.1");
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    assert_int_equal(call->status, STATUS_OK);
    assert_text_equal(call->answer.body, TEXT("ok"));
    stage_close(stage);
}

static void server_of_an_unknown_authority_hears_nothing(void **state)
{
    (void)state;
    struct transfer_stage *stage = open_tls(true, PEER_TLS, "127.0.0.1");
    stage->http.ca_file = NULL;
    peer_start(&stage->peer);
    assert_int_equal(stage_transfer(stage)->status, STATUS_UNAVAILABLE);
    peer_stop(&stage->peer);
    assert_int_equal(stage->peer.seen_length, 0);
    stage_close(stage);
}

static void server_with_the_certificate_of_another_hears_nothing(void **state)
{
    (void)state;
    struct transfer_stage *stage = open_tls(true, PEER_TLS, "127.0.0.2");
    peer_start(&stage->peer);
    assert_int_equal(stage_transfer(stage)->status, STATUS_UNAVAILABLE);
    peer_stop(&stage->peer);
    assert_int_equal(stage->peer.seen_length, 0);
    stage_close(stage);
}

static void assert_encrypted(enum peer_tls peer, enum transfer_tls policy)
{
    struct transfer_stage *stage = open_tls(false, peer, "127.0.0.1");
    enum { LINES = 3000, LINE = 100 };
    char *message = arena_allocate(stage->arena, LINES * LINE);
    for (size_t line = 0; line < LINES; line++) {
        memset(message + line * LINE, 'a' + (int)(line % 26), LINE - 2);
        memcpy(message + line * LINE + LINE - 2, "\r\n", 2);
    }
    stage->mail.message = (struct text){ message, LINES * LINE };
    stage->mail.tls = policy;
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->answer.outcome, TRANSFER_ACCEPTED);
    const char *data = strstr(stage->peer.seen, "DATA\r\n");
    assert_non_null(data);
    assert_memory_equal(data + 6, message, LINES * LINE);
    stage_close(stage);
}

static void assert_hears_no_mail(enum peer_tls peer, enum transfer_tls policy)
{
    struct transfer_stage *stage = open_tls(false, peer, "127.0.0.1");
    stage->mail.tls = policy;
    stage->mail.ca_file = NULL;
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.outcome, TRANSFER_TEMPORARY);
    assert_null(strstr(stage->peer.seen, "AUTH"));
    assert_null(strstr(stage->peer.seen, "MAIL"));
    stage_close(stage);
}

/* One claim about one kind of server and one policy. */
#define MAIL(name, claim, peer, policy)                                                            \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        claim(peer, policy);                                                                       \
    }

MAIL(mail_to_smtps_is_encrypted_whatever_the_policy, assert_encrypted, PEER_TLS, TRANSFER_TLS_NONE)
MAIL(mail_to_smtps_is_encrypted_when_required, assert_encrypted, PEER_TLS, TRANSFER_TLS_REQUIRED)
MAIL(mail_by_starttls_is_encrypted_when_required, assert_encrypted, PEER_STARTTLS,
     TRANSFER_TLS_REQUIRED)
MAIL(mail_by_starttls_is_encrypted_when_it_can_be, assert_encrypted, PEER_STARTTLS,
     TRANSFER_TLS_OPPORTUNISTIC)
MAIL(unproved_smtps_hears_no_mail_when_required, assert_hears_no_mail, PEER_TLS,
     TRANSFER_TLS_REQUIRED)
MAIL(unproved_smtps_hears_no_mail_when_it_could, assert_hears_no_mail, PEER_TLS,
     TRANSFER_TLS_OPPORTUNISTIC)
MAIL(unproved_starttls_hears_no_mail_when_required, assert_hears_no_mail, PEER_STARTTLS,
     TRANSFER_TLS_REQUIRED)
MAIL(unproved_starttls_hears_no_mail_when_it_could, assert_hears_no_mail, PEER_STARTTLS,
     TRANSFER_TLS_OPPORTUNISTIC)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_of_a_trusted_authority_is_heard),
        cmocka_unit_test(server_of_an_unknown_authority_hears_nothing),
        cmocka_unit_test(server_with_the_certificate_of_another_hears_nothing),
        cmocka_unit_test(mail_to_smtps_is_encrypted_whatever_the_policy),
        cmocka_unit_test(mail_to_smtps_is_encrypted_when_required),
        cmocka_unit_test(mail_by_starttls_is_encrypted_when_required),
        cmocka_unit_test(mail_by_starttls_is_encrypted_when_it_can_be),
        cmocka_unit_test(unproved_smtps_hears_no_mail_when_required),
        cmocka_unit_test(unproved_smtps_hears_no_mail_when_it_could),
        cmocka_unit_test(unproved_starttls_hears_no_mail_when_required),
        cmocka_unit_test(unproved_starttls_hears_no_mail_when_it_could),
    };
    return cmocka_run_group_tests(tests, make_ca_path, remove_ca_path);
}
