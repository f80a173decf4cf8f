/* What hostile, slow and impatient clients meet. */
#include <arpa/inet.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

static struct fixture fixture;

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, NULL);
    return 0;
}

/* Deadlines of a second instead of many. */
static int start_impatient(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.connection.header_deadline_us = 1000000;
    limits.connection.body_deadline_us = 1000000;
    limits.connection.write_deadline_us = 1000000;
    fixture_start(&fixture, &limits);
    return 0;
}

static int start_small(void **state)
{
    (void)state;
    struct server_limits limits = server_limits_default();
    limits.in_flight_max = 1;
    limits.connection.connections_max = 2;
    fixture_start(&fixture, &limits);
    return 0;
}

static void pause_ms(long milliseconds)
{
    const struct timespec time = { .tv_sec = milliseconds / 1000,
                                   .tv_nsec = milliseconds % 1000 * 1000000 };
    (void)nanosleep(&time, NULL);
}

static char *filled(char c, size_t length)
{
    char *text = arena_allocate(fixture.arena, length + 1);
    memset(text, c, length);
    return text;
}

/* ---- heads ---- */

/* The value of a header in a block, as text. */
static struct text block_header(struct text block, const char *name)
{
    nghttp2_hd_inflater *inflater;
    struct text value = { .data = "" };
    assert_int_equal(nghttp2_hd_inflate_new(&inflater), 0);
    const uint8_t *at = (const uint8_t *)block.data;
    size_t left = block.length;
    for (;;) {
        nghttp2_nv pair;
        int flags = 0;
        const ssize_t used = nghttp2_hd_inflate_hd2(inflater, &pair, &flags, at, left, 1);
        assert_true(used >= 0);
        at += used;
        left -= (size_t)used;
        const bool is_it = (flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && pair.namelen == strlen(name) &&
                           memcmp(pair.name, name, pair.namelen) == 0;
        if (is_it)
            value =
                text_copy(fixture.arena, (struct text){ (const char *)pair.value, pair.valuelen });
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_del(inflater);
    return value;
}

static void head_on_http2_has_the_length_and_no_data(void **state)
{
    (void)state;
    const struct answer got = client_ask(&fixture, "GET", fixture.thing_path, "", "");
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_request(&out, "HEAD", fixture.thing_path, END_STREAM, 1);
    http2_add(&out, PING, 0, 0, TEXT("12345678"));
    client_send(socket, text_builder_view(&out));
    struct http2_frame frame = { .type = DATA };
    bool has_headers = false;
    while (!has_headers && http2_read(fixture.arena, socket, &frame)) {
        if (frame.type != HEADERS) continue;
        has_headers = true;
        assert_text_equal(block_header(frame.payload, ":status"), TEXT("200"));
        assert_text_equal(block_header(frame.payload, "content-length"),
                          answer_header(&got, "content-length"));
    }
    assert_true(has_headers);
    /* The stream ends with the head or with an empty frame. */
    while ((frame.flags & END_STREAM) == 0) {
        assert_true(http2_read(fixture.arena, socket, &frame));
        if (frame.type == DATA) assert_int_equal(frame.payload.length, 0);
    }
    (void)close(socket);
}

/* ---- sizes ---- */

static void a_body_above_the_limit_is_413(void **state)
{
    (void)state;
    const char *body = filled(' ', fixture.limits.body_max + 1);
    const struct answer answer =
        client_ask(&fixture, "POST", "/v1/things/open", "Content-Type: application/json\r\n", body);
    assert_int_equal(answer.status, 413);
    assert_true(answer_contains(&answer, "\"code\":\"body_too_large\""));
    assert_true(answer_contains(&answer, "\"errors\":[{\"pointer\":\"\",\"in\":\"body\""));
    assert_true(answer_contains(&answer, "\"maximum\":"));
    const char *far = filled(' ', 2 * fixture.limits.body_max + 1);
    const struct answer beyond =
        client_ask(&fixture, "POST", "/v1/things/open", "Content-Type: application/json\r\n", far);
    assert_int_equal(beyond.status, 413);
}

static void a_body_at_the_limit_is_read(void **state)
{
    (void)state;
    char *body = filled(' ', fixture.limits.body_max);
    memcpy(body, "{\"name\":\"a\",\"quantity\":1}", 25);
    const struct answer answer =
        client_ask(&fixture, "POST", "/v1/things/open", "Content-Type: application/json\r\n", body);
    assert_int_equal(answer.status, 200);
}

static void a_long_url_is_414(void **state)
{
    (void)state;
    const struct text target = text_format(fixture.arena, "/v1/things?x=%s", filled('x', 4096));
    const struct answer answer =
        client_ask(&fixture, "GET", text_string(fixture.arena, target), "", "");
    assert_int_equal(answer.status, 414);
}

static void large_headers_are_431(void **state)
{
    (void)state;
    const struct text header = text_format(fixture.arena, "X-Filler: %s\r\n", filled('x', 16384));
    const struct answer answer =
        client_ask(&fixture, "GET", "/v1/things", text_string(fixture.arena, header), "");
    assert_int_equal(answer.status, 431);
}

static void an_answer_of_any_size_arrives(void **state)
{
    (void)state;
    fixture.thing.name = text_of(filled('n', 20000));
    const struct answer answer = client_ask(&fixture, "GET", fixture.thing_path, "", "");
    assert_int_equal(answer.status, 200);
    assert_true(answer.body.length > 20000);
}

/* ---- TLS ---- */

/* Sends one TLS 1.3 record of exactly `wire_bytes` in one piece: a request whose body fills it. */
static int tls_burst_status(size_t wire_bytes)
{
    enum { RECORD_OVERHEAD = 5 + 1 + 16 };
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = { .tv_sec = 5 };
    const struct sockaddr_in name = { .sin_family = AF_INET,
                                      .sin_port = htons(fixture.tls_port),
                                      .sin_addr = { htonl(INADDR_LOOPBACK) } };
    assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience),
                     0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_int_equal(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION), 1);
    assert_int_equal(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256"), 1);
    SSL *tls = SSL_new(context);
    assert_int_equal(SSL_set_fd(tls, descriptor), 1);
    assert_int_equal(SSL_connect(tls), 1);
    pause_ms(50); /* the server has read all of the handshake */
    const size_t plain_bytes = wire_bytes - RECORD_OVERHEAD;
    char *request = filled('x', plain_bytes);
    const int head =
        snprintf(request, plain_bytes,
                 "POST /v1/things/open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                 "Content-Length: %06zu\r\n\r\n",
                 (size_t)0);
    const size_t body = plain_bytes - (size_t)head;
    (void)snprintf(request, plain_bytes,
                   "POST /v1/things/open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                   "Content-Length: %06zu\r\n\r\n{\"name\":\"",
                   body);
    request[strlen(request)] = 'x';
    memcpy(request + plain_bytes - 16, "\",\"quantity\": 1}", 16);
    assert_int_equal(SSL_write(tls, request, (int)plain_bytes), (int)plain_bytes);
    char answer[2048] = "";
    const int got = SSL_read(tls, answer, sizeof answer - 1);
    const int status = got > 9 ? (int)strtol(answer + 9, NULL, 10) : 0;
    SSL_free(tls);
    SSL_CTX_free(context);
    (void)close(descriptor);
    return status;
}

static void a_tls_burst_that_fills_the_buffer_survives(void **state)
{
    (void)state;
    assert_int_equal(tls_burst_status(8000), 200);
    assert_int_equal(tls_burst_status(8192), 200);
    assert_int_equal(tls_burst_status(16000), 200);
    assert_int_equal(tls_burst_status(16384), 200);
}

/* RFC 9113, section 8.3.1: such a request is malformed, and must not be answered. */
static void an_http2_request_without_a_path_is_not_answered(void **state)
{
    (void)state;
    static const char *const paths[] = { "", "v1/things", "http://a/healthz" };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        const int socket = client_connect(&fixture);
        struct text_builder out = http2_begin(fixture.arena, TEXT(""));
        http2_add_request(&out, "GET", paths[i], END_STREAM, 1);
        client_send(socket, text_builder_view(&out));
        struct http2_frame frame;
        while (http2_read(fixture.arena, socket, &frame))
            assert_int_not_equal(frame.type, HEADERS);
        (void)close(socket);
    }
}

/* ---- resets and cancellations ---- */

static void rapid_resets_reach_no_actor_and_end_the_connection(void **state)
{
    (void)state;
    enum { RESETS = 20000, ASKS_MAX = 200 };
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    for (unsigned i = 0; i < RESETS; i++) {
        http2_add_request(&out, "GET", fixture.thing_path, END_STREAM, 2 * i + 1);
        http2_add(&out, RST_STREAM, 0, 2 * i + 1, TEXT("\0\0\0\x08"));
    }
    assert_false(out.is_full);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    assert_in_range(fixture.seen.asks, 0, ASKS_MAX);
    (void)close(socket);
    assert_int_equal(client_ask(&fixture, "GET", "/healthz", "", "").status, 200);
}

static void an_answer_for_a_client_that_left_is_dropped(void **state)
{
    (void)state;
    fixture.script.delay_us = 300000;
    const int http1 = client_connect(&fixture), http2 = client_connect(&fixture);
    client_send(http1, text_format(fixture.arena, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                                   fixture.thing_path));
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_request(&out, "GET", fixture.thing_path, END_STREAM, 1);
    http2_add_request(&out, "GET", fixture.thing_path, END_STREAM, 3);
    client_send(http2, text_builder_view(&out));
    pause_ms(100);
    assert_int_equal(fixture.seen.asks, 3);
    text_builder_init(&out, fixture.arena, 64);
    http2_add(&out, RST_STREAM, 0, 1, TEXT("\0\0\0\x08"));
    client_send(http2, text_builder_view(&out));
    (void)close(http1);
    pause_ms(50);
    (void)close(http2);
    pause_ms(400);
    fixture.script.delay_us = 0;
    assert_int_equal(client_ask(&fixture, "GET", fixture.thing_path, "", "").status, 200);
}

static void a_stop_lets_requests_finish(void **state)
{
    (void)state;
    fixture.script.delay_us = 300000;
    const int socket = client_connect(&fixture);
    client_send(socket, text_format(fixture.arena, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                                    fixture.thing_path));
    pause_ms(100);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(client_read(&fixture, socket, false).status, 200);
    (void)close(socket);
}

/* ---- slowness ---- */

static int64_t seconds_until_closed(int socket)
{
    const time_t begun = time(NULL);
    assert_true(client_is_closed(socket));
    return (int64_t)(time(NULL) - begun);
}

static void a_slow_head_is_cut(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    client_send(socket, TEXT("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "));
    assert_in_range(seconds_until_closed(socket), 0, 3);
    (void)close(socket);
}

static void a_slow_body_is_cut_in_spite_of_pings(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    http2_add_request(&out, "POST", "/v1/things/open", 0, 1);
    client_send(socket, text_builder_view(&out));
    text_builder_init(&out, fixture.arena, 64);
    http2_add(&out, DATA, 0, 1, TEXT(" "));
    http2_add(&out, PING, 0, 0, TEXT("12345678"));
    for (int i = 0; i < 15; i++) {
        client_send(socket, text_builder_view(&out));
        pause_ms(100);
    }
    assert_in_range(seconds_until_closed(socket), 0, 1);
    (void)close(socket);
}

static void a_silent_connection_is_cut_in_spite_of_pings(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    struct text_builder out = http2_begin(fixture.arena, TEXT(""));
    client_send(socket, text_builder_view(&out));
    text_builder_init(&out, fixture.arena, 64);
    http2_add(&out, PING, 0, 0, TEXT("12345678"));
    for (int i = 0; i < 15; i++) {
        client_send(socket, text_builder_view(&out));
        pause_ms(100);
    }
    assert_in_range(seconds_until_closed(socket), 0, 1);
    (void)close(socket);
}

static void an_answer_that_nobody_takes_is_cut(void **state)
{
    (void)state;
    const int socket = client_connect(&fixture);
    struct text_builder out =
        http2_begin(fixture.arena, TEXT("\0\x04\0\0\0\0")); /* SETTINGS_INITIAL_WINDOW_SIZE = 0 */
    http2_add_request(&out, "GET", fixture.thing_path, END_STREAM, 1);
    client_send(socket, text_builder_view(&out));
    assert_in_range(seconds_until_closed(socket), 0, 3);
    (void)close(socket);
}

/* ---- load ---- */

static void above_the_cap_requests_are_refused(void **state)
{
    (void)state;
    fixture.script.delay_us = 500000;
    const int first = client_connect(&fixture);
    const struct text request =
        text_format(fixture.arena, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", fixture.thing_path);
    client_send(first, request);
    pause_ms(100);
    const struct answer second = client_ask(&fixture, "GET", fixture.thing_path, "", "");
    assert_int_equal(second.status, 503);
    assert_true(answer_contains(&second, "\"code\":\"overloaded\""));
    assert_text_equal(answer_header(&second, "retry-after"), TEXT("1"));
    assert_int_equal(client_read(&fixture, first, false).status, 200);
    (void)close(first);
}

static void above_the_cap_connections_wait(void **state)
{
    (void)state;
    const int first = client_connect(&fixture), second = client_connect(&fixture);
    pause_ms(100);
    const int third = client_connect(&fixture);
    const struct timeval short_patience = { .tv_usec = 300000 };
    assert_int_equal(
        setsockopt(third, SOL_SOCKET, SO_RCVTIMEO, &short_patience, sizeof short_patience), 0);
    client_send(third, TEXT("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(client_read(&fixture, third, false).status, 0);
    (void)close(first);
    const struct timeval patience = { .tv_sec = 5 };
    assert_int_equal(setsockopt(third, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(client_read(&fixture, third, false).status, 200);
    (void)close(second);
    (void)close(third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(head_on_http2_has_the_length_and_no_data, start, stop),
        cmocka_unit_test_setup_teardown(a_body_above_the_limit_is_413, start, stop),
        cmocka_unit_test_setup_teardown(a_body_at_the_limit_is_read, start, stop),
        cmocka_unit_test_setup_teardown(a_long_url_is_414, start, stop),
        cmocka_unit_test_setup_teardown(large_headers_are_431, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_of_any_size_arrives, start, stop),
        cmocka_unit_test_setup_teardown(a_tls_burst_that_fills_the_buffer_survives, start, stop),
        cmocka_unit_test_setup_teardown(an_http2_request_without_a_path_is_not_answered, start,
                                        stop),
        cmocka_unit_test_setup_teardown(rapid_resets_reach_no_actor_and_end_the_connection, start,
                                        stop),
        cmocka_unit_test_setup_teardown(an_answer_for_a_client_that_left_is_dropped, start, stop),
        cmocka_unit_test_setup_teardown(a_stop_lets_requests_finish, start, stop),
        cmocka_unit_test_setup_teardown(a_slow_head_is_cut, start_impatient, stop),
        cmocka_unit_test_setup_teardown(a_slow_body_is_cut_in_spite_of_pings, start_impatient,
                                        stop),
        cmocka_unit_test_setup_teardown(a_silent_connection_is_cut_in_spite_of_pings,
                                        start_impatient, stop),
        cmocka_unit_test_setup_teardown(an_answer_that_nobody_takes_is_cut, start_impatient, stop),
        cmocka_unit_test_setup_teardown(above_the_cap_requests_are_refused, start_small, stop),
        cmocka_unit_test_setup_teardown(above_the_cap_connections_wait, start_small, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
