/* Outgoing HTTP, the queue and the end of transfers. Runs under valgrind too. */
#include <stdio.h>
#include <string.h>

#include "tests/runtime/transfer_stage.h"
#include "tests/support/cmocka.h"

static void post_is_answered_with_code_and_body(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->peer.answer = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
    const struct transfer_header header = { TEXT("X-Souk-Event"), TEXT("order.paid") };
    stage->http.headers = &header;
    stage->http.headers_count = 1;
    stage->http.user = TEXT("ann");
    stage->http.password = TEXT("pa:ss");
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.code, 201);
    assert_int_equal(call->answer.outcome, TRANSFER_ACCEPTED);
    assert_text_equal(call->answer.body, TEXT("ok"));
    const char *seen = stage->peer.seen;
    assert_non_null(strstr(seen, "POST /hook HTTP/1.1\r\n"));
    assert_non_null(strstr(seen, "X-Souk-Event: order.paid\r\n"));
    assert_non_null(strstr(seen, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(seen, "Authorization: Basic YW5uOnBhOnNz\r\n"));
    assert_non_null(strstr(seen, "\r\n\r\n{\"a\":1}"));
    stage_close(stage);
}

static void get_asks_without_a_body(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    stage->http.method = TRANSFER_GET;
    stage->http.body = stage->http.content_type = TEXT("");
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    peer_stop(&stage->peer);
    assert_int_equal(call->status, STATUS_OK);
    assert_text_equal(call->answer.body, TEXT("{}"));
    assert_non_null(strstr(stage->peer.seen, "GET /hook HTTP/1.1\r\n"));
    assert_null(strstr(stage->peer.seen, "Content-Type"));
    assert_null(strstr(stage->peer.seen, "Content-Length"));
    stage_close(stage);
}

static void failure_of_the_server_is_an_answer(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->peer.answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.code, 500);
    assert_int_equal(call->answer.outcome, TRANSFER_TEMPORARY);
    stage_close(stage);
}

static void redirect_is_not_followed(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    char answer[160];
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", stage->url);
    stage->peer.answer = answer;
    peer_start(&stage->peer);
    const struct transfer_call *call = stage_transfer(stage);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.code, 302);
    assert_int_equal(call->answer.outcome, TRANSFER_PERMANENT);
    assert_int_equal(atomic_load(&stage->peer.connections), 1);
    stage_close(stage);
}

static void answer_beyond_the_bound_is_refused(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->peer.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"; /* until it closes */
    stage->peer.padding = TRANSFER_BODY_MAX + 1;
    peer_start(&stage->peer);
    assert_int_equal(stage_transfer(stage)->status, STATUS_BODY_TOO_LARGE);
    stage->peer.padding = TRANSFER_BODY_MAX;
    const struct transfer_call *call = stage_transfer(stage);
    assert_int_equal(call->status, STATUS_OK);
    assert_int_equal(call->answer.body.length, TRANSFER_BODY_MAX);
    stage_close(stage);
}

static void announced_answer_beyond_the_bound_is_refused(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n";
    peer_start(&stage->peer);
    assert_int_equal(stage_transfer(stage)->status, STATUS_BODY_TOO_LARGE);
    stage_close(stage);
}

static void silent_server_ends_at_the_deadline(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->patience_us = 200 * 1000;
    peer_start(&stage->peer);
    const int64_t started_us = stage_now_us(stage);
    assert_int_equal(stage_transfer(stage)->status, STATUS_DEADLINE_EXCEEDED);
    assert_true(stage_now_us(stage) - started_us >= 200 * 1000);
    assert_true(stage_now_us(stage) - started_us < 5 * 1000 * 1000);
    stage_close(stage);
}

static void nobody_there_is_unavailable(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    peer_stop(&stage->peer); /* shut down: connections are refused */
    assert_int_equal(stage_transfer(stage)->status, STATUS_UNAVAILABLE);
    stage_close(stage);
}

static void assert_header_refused(struct text name, struct text value)
{
    struct transfer_stage *stage = stage_open(true);
    const struct transfer_header header = { name, value };
    stage->http.headers = &header;
    stage->http.headers_count = 1;
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

static void assert_url_refused(const char *url)
{
    struct transfer_stage *stage = stage_open(true);
    stage->http.url = text_of(url);
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

#define HEADER_REFUSED(claim, name, value)                                                         \
    static void claim(void **state)                                                                \
    {                                                                                              \
        (void)state;                                                                               \
        assert_header_refused(TEXT(name), TEXT(value));                                            \
    }
#define URL_REFUSED(claim, url)                                                                    \
    static void claim(void **state)                                                                \
    {                                                                                              \
        (void)state;                                                                               \
        assert_url_refused(url);                                                                   \
    }

HEADER_REFUSED(header_with_a_line_end_is_refused, "X-A", "a\r\nX-B: b")
HEADER_REFUSED(header_with_a_line_feed_is_refused, "X-A", "a\nb")
HEADER_REFUSED(header_with_a_carriage_return_is_refused, "X-A", "a\rb")
HEADER_REFUSED(header_with_a_nul_is_refused, "X-A", "a\0b")
HEADER_REFUSED(name_of_a_header_with_a_line_end_is_refused, "X-A: b\r\nX", "a")
HEADER_REFUSED(name_of_a_header_with_a_space_is_refused, "X A", "a")
HEADER_REFUSED(header_without_a_name_is_refused, "", "a")

URL_REFUSED(file_of_this_machine_is_refused, "file:///etc/passwd")
URL_REFUSED(mail_server_is_no_hook, "smtp://127.0.0.1")
URL_REFUSED(gopher_is_refused, "gopher://a")
URL_REFUSED(url_without_a_scheme_is_refused, "127.0.0.1")
URL_REFUSED(url_with_a_space_is_refused, "http://a b/")
URL_REFUSED(empty_url_is_refused, "")

static void content_type_with_a_line_end_is_refused(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    stage->http.content_type = TEXT("text/plain\r\nX-B: b");
    assert_int_equal(stage_transfer(stage)->status, STATUS_INVALID_VALUE);
    stage_close(stage);
}

/* ---- bounds and the end ---- */

static void transfers_beyond_the_queue_are_refused(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true); /* a server that never accepts */
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        (void)stage_begin(stage);
    (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE); /* those are under way */
    while (transfers_count(stage->transfers) < TRANSFERS_MAX + TRANSFERS_QUEUE_MAX &&
           stage->calls_count < CALLS_MAX - 1)
        (void)stage_begin(stage);
    assert_int_equal(stage->ended, 0);
    assert_int_equal(stage_begin(stage)->status, STATUS_OVERLOADED);
    assert_int_equal(stage->ended, 1);
    transfers_stop(stage->transfers);
    assert_int_equal(stage->ended, stage->calls_count);
    stage_close(stage);
}

static void waiting_transfers_follow_and_keep_their_deadline(void **state)
{
    (void)state;
    struct transfer_stage *stage = stage_open(true);
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        (void)stage_begin(stage);
    stage->patience_us = 100 * 1000;
    struct transfer_call *impatient = stage_begin(stage);
    stage->patience_us = PATIENCE_US;
    while (stage->ended == 0)
        (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE);
    assert_int_equal(impatient->status, STATUS_DEADLINE_EXCEEDED);
    struct transfer_call *patient = stage_begin(stage);
    stage->peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    peer_start(&stage->peer);
    loop_run(stage->loop);
    assert_int_equal(stage->ended, stage->calls_count);
    assert_int_equal(patient->status, STATUS_OK);
    assert_int_equal(stage->calls[0].status, STATUS_OK);
    stage_close(stage);
}

static void stopping_ends_transfers_under_way(void **state)
{
    (void)state;
    for (int is_http = 0; is_http < 2; is_http++) {
        struct transfer_stage *stage = stage_open(is_http != 0);
        stage->peer.rules[0] = (struct peer_rule){ "MAIL", NULL, 0 };
        const struct transfer_call *call = stage_begin(stage);
        peer_start(&stage->peer);
        stage_wait_for_connection(stage);
        for (int i = 0; i < 20; i++) /* into the middle of the dialogue */
            (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE);
        assert_int_equal(stage->ended, 0);
        transfers_stop(stage->transfers);
        assert_int_equal(call->status, STATUS_STOPPING);
        assert_int_equal(stage_begin(stage)->status, STATUS_STOPPING);
        assert_int_equal(transfers_count(stage->transfers), 0);
        stage_close(stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(post_is_answered_with_code_and_body),
        cmocka_unit_test(get_asks_without_a_body),
        cmocka_unit_test(failure_of_the_server_is_an_answer),
        cmocka_unit_test(redirect_is_not_followed),
        cmocka_unit_test(answer_beyond_the_bound_is_refused),
        cmocka_unit_test(announced_answer_beyond_the_bound_is_refused),
        cmocka_unit_test(silent_server_ends_at_the_deadline),
        cmocka_unit_test(nobody_there_is_unavailable),
        cmocka_unit_test(header_with_a_line_end_is_refused),
        cmocka_unit_test(header_with_a_line_feed_is_refused),
        cmocka_unit_test(header_with_a_carriage_return_is_refused),
        cmocka_unit_test(header_with_a_nul_is_refused),
        cmocka_unit_test(name_of_a_header_with_a_line_end_is_refused),
        cmocka_unit_test(name_of_a_header_with_a_space_is_refused),
        cmocka_unit_test(header_without_a_name_is_refused),
        cmocka_unit_test(file_of_this_machine_is_refused),
        cmocka_unit_test(mail_server_is_no_hook),
        cmocka_unit_test(gopher_is_refused),
        cmocka_unit_test(url_without_a_scheme_is_refused),
        cmocka_unit_test(url_with_a_space_is_refused),
        cmocka_unit_test(empty_url_is_refused),
        cmocka_unit_test(content_type_with_a_line_end_is_refused),
        cmocka_unit_test(transfers_beyond_the_queue_are_refused),
        cmocka_unit_test(waiting_transfers_follow_and_keep_their_deadline),
        cmocka_unit_test(stopping_ends_transfers_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
