/* Requests of HTTP/1 that two readers may cut at different places are refused with 400, and the
 * connection is closed (tests/SECURITY.md, item 17). */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/http1_head.h"
#include "tests/gateway/fixture.h"

#define JSON "Content-Type: application/json\r\n"
/* What a confused reader would take for a request of its own. */
#define HIDDEN "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

static struct fixture fixture;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* ---- the check by itself ---- */

static enum status checked(const char *bytes)
{
    return http1_head_check(text_of(bytes));
}

static void plain_heads_are_good(void **state)
{
    (void)state;
    const char *good[] = { "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                           "GET / HTTP/1.1\r\nhost:a\r\nx-empty:\r\n\r\nrest\n of\0 anything",
                           "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                           "GET / HTTP/1.0\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n{}\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n",
                           "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b:c\r\nCookie: d\r\n\r\n" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_int_equal(checked(good[i]), STATUS_OK);
}

static void heads_with_two_meanings_are_not(void **state)
{
    (void)state;
    const char *bad[] = {
        "",
        "\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nHOST: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\tContent-Length: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "P / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\ntransfer-encoding:chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_int_equal(checked(bad[i]), STATUS_MALFORMED);
    assert_int_equal(http1_head_check(TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n")),
                     STATUS_MALFORMED);
}

/* ---- the whole server ---- */

static void refused_and_closed(const char *request)
{
    const size_t asks = fixture.seen.asks;
    const int socket = client_connect(&fixture);
    client_send(socket, text_of(request));
    const struct answer answer = client_read(&fixture, socket, false);
    if (answer.status != 400) print_error("%s\n", request);
    assert_int_equal(answer.status, 400);
    assert_true(client_is_closed(socket));
    assert_int_equal(fixture.seen.asks, asks);
    (void)close(socket);
}

static void a_body_with_two_lengths_is_refused(void **state)
{
    (void)state;
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Content-Length: 2, 2\r\n\r\n{}" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "0\r\n\r\n" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n" JSON
                       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN);
}

static void a_broken_chunk_is_refused(void **state)
{
    (void)state;
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" HIDDEN);
    refused_and_closed("POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                       "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" HIDDEN);
    static const char *const broken[] = { "0x2\r\n{}\r\n0\r\n\r\n", "2\n{}\r\n0\r\n\r\n",
                                          "2 \r\n{}\r\n0\r\n\r\n", "2\r\n{}\r\n0\n\n" };
    for (size_t i = 0; i < ARRAY_LENGTH(broken); i++)
        refused_and_closed(text_string(
            fixture.arena, text_format(fixture.arena,
                                       "POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON
                                       "Transfer-Encoding: chunked\r\n\r\n%s" HIDDEN,
                                       broken[i])));
}

static void a_folded_or_spaced_field_is_refused(void **state)
{
    (void)state;
    refused_and_closed("GET /v1/things HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n two\r\n\r\n" HIDDEN);
    refused_and_closed("GET /v1/things HTTP/1.1\r\nHost: a\r\nX-One : 1\r\n\r\n" HIDDEN);
    refused_and_closed("GET /v1/things HTTP/1.1\r\nHost: a\r\nX-One: 1\nX-Two: 2\r\n\r\n" HIDDEN);
}

static void one_host_and_only_one_is_taken(void **state)
{
    (void)state;
    refused_and_closed("GET /v1/things HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" HIDDEN);
    refused_and_closed("GET /v1/things HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n" HIDDEN);
    refused_and_closed("GET /v1/things HTTP/1.1\r\n\r\n" HIDDEN);
}

/* libh2o has read such a head by the time that it can be looked at. */
static void an_upgrade_to_h2c_is_no_way_round_the_checks(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *body;
    } requests[] = {
        { "Host: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" },
        { "Host: a\r\nHost: b\r\nContent-Length: 24\r\n", "{\"name\":\"a\",\"quantity\":1}" },
        { "Host: a\r\nContent-Length: 24\r\n", "{\"name\":\"a\",\"quantity\":1}" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
        const int socket = client_connect(&fixture);
        client_send(socket, text_format(fixture.arena,
                                        "POST /v1/things/open HTTP/1.1\r\n" JSON
                                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n%s\r\n%s",
                                        requests[i].fields, requests[i].body));
        char rest[1024];
        ssize_t got;
        do {
            got = recv(socket, rest, sizeof rest, 0);
        } while (got > 0);
        assert_int_equal(got, 0);
        (void)close(socket);
    }
    assert_int_equal(fixture.seen.asks, 0);
}

static void good_requests_follow_each_other_on_one_connection(void **state)
{
    (void)state;
    const char *body = "{\"name\":\"a\",\"quantity\":1}";
    const int socket = client_connect(&fixture);
    const struct text request = text_format(
        fixture.arena,
        "POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: %zu\r\n\r\n%s"
        "POST /v1/things/open HTTP/1.1\r\nHost: a\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n"
        "%zx\r\n%s\r\n0\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        strlen(body), body, strlen(body), body);
    /* Cut in pieces, so that bodies and heads arrive by parts. */
    const struct timespec moment = { .tv_nsec = 20000000 };
    const size_t cut = request.length / 3;
    client_send(socket, (struct text){ request.data, cut });
    (void)nanosleep(&moment, NULL);
    client_send(socket, (struct text){ request.data + cut, cut });
    (void)nanosleep(&moment, NULL);
    client_send(socket, (struct text){ request.data + 2 * cut, request.length - 2 * cut });
    size_t answers = 0;
    char *all = arena_allocate(fixture.arena, 8193);
    size_t length = 0;
    while (answers < 3 && length < 8192) {
        const ssize_t got = recv(socket, all + length, 8192 - length, 0);
        if (got <= 0) break;
        length += (size_t)got;
        all[length] = '\0';
        answers = 0;
        for (const char *at = all; (at = strstr(at, "HTTP/1.1 200 OK")) != NULL; at++)
            answers++;
    }
    assert_int_equal(answers, 3);
    assert_int_equal(fixture.seen.asks, 2);
    (void)close(socket);
}

#define SERVED(claim) cmocka_unit_test_setup_teardown(claim, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_heads_are_good),
        cmocka_unit_test(heads_with_two_meanings_are_not),
        SERVED(a_body_with_two_lengths_is_refused),
        SERVED(a_broken_chunk_is_refused),
        SERVED(a_folded_or_spaced_field_is_refused),
        SERVED(one_host_and_only_one_is_taken),
        SERVED(an_upgrade_to_h2c_is_no_way_round_the_checks),
        SERVED(good_requests_follow_each_other_on_one_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
