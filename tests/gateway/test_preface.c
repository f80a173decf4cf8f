/* What a connection in clear text begins with decides what it is; what is neither protocol gets no
 * answer in a protocol that its client does not speak (h2spec, http2/3.5/2). */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/preface.h"
#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* ---- the check by itself, in one piece and byte by byte ---- */

static void assert_verdict(const char *bytes, enum preface_verdict wanted)
{
    struct preface whole = { .matched = 0 }, pieces = { .matched = 0 };
    assert_int_equal(preface_read(&whole, text_of(bytes)), wanted);
    for (size_t i = 0; bytes[i] != '\0'; i++)
        (void)preface_read(&pieces, (struct text){ bytes + i, 1 });
    assert_int_equal(pieces.verdict, wanted);
}

static void both_protocols_are_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        PREFACE,        PREFACE "\1\2",          "GET / HTTP/1.1\r\n", "\r\nGET / HTTP/1.1\r\n",
        "P / HTTP/1",   "PUT /x HTTP/1.1",       "PRIX / HTTP/1.1",    "PR / HTTP/1.1",
        "GET  / HTTP/", "GET /\xc3\xa9 HTTP/1.0"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_verdict(good[i], PREFACE_GOOD);
}

static void what_has_no_version_and_prefaces_that_go_wrong_are_neither(void **state)
{
    (void)state;
    static const char *const wrong[] = { "INVALID CONNECTION PREFACE\r\n\r\n",
                                         "PRI / HTTP/1.1\r\n",
                                         "PRI * HTTP/1.1\r\n",
                                         "PRI * HTTP/2.0\r\n\r\nSX",
                                         "PRI * HTTP/2.0\n",
                                         "GET /\r\n",
                                         "GET / FTP/1.1\r\n",
                                         "GET / x HTTP/1.1\r\n",
                                         "HELLO\r\n",
                                         "\r\nHELLO\n",
                                         "\x16\x03\x01" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_verdict(wrong[i], PREFACE_WRONG);
}

static void beginnings_are_undecided(void **state)
{
    (void)state;
    static const char *const begun[] = {
        "", "P", "PRI", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "GET", "GET / HTTP", "\r\n"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(begun); i++)
        assert_verdict(begun[i], PREFACE_UNDECIDED);
}

/* ---- the server ---- */

/* The connection ends, and nothing was said before. */
static void assert_ends_silently(const struct fixture *fixture, const char *bytes, size_t piece)
{
    char answer[256];
    const int socket = client_connect(fixture);
    for (size_t at = 0; at < strlen(bytes); at += piece) {
        const size_t left = strlen(bytes) - at;
        /* Refused when the server has heard enough. */
        if (send(socket, bytes + at, left < piece ? left : piece, MSG_NOSIGNAL) < 0) break;
    }
    assert_int_equal(recv(socket, answer, sizeof answer, 0) > 0, 0);
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

static void an_invalid_preface_is_not_answered_in_http1(void **state)
{
    const struct fixture *fixture = *state;
    assert_ends_silently(fixture, "INVALID CONNECTION PREFACE\r\n\r\n", 64);
    assert_ends_silently(fixture, "INVALID CONNECTION PREFACE\r\n\r\n", 1);
    assert_ends_silently(fixture, "PRI * HTTP/1.1\r\nHost: a\r\n\r\n", 64);
    assert_ends_silently(fixture, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 64);
}

static void requests_of_both_protocols_are_served_after_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(client_ask(fixture, "GET", "/healthz", "", "").status, 200);
    struct text_builder out = http2_begin(fixture->arena, (struct text){ .data = NULL });
    http2_add_request(&out, "GET", "/healthz", END_STREAM | END_HEADERS, 1);
    const int socket = client_connect(fixture);
    client_send(socket, text_builder_view(&out));
    struct http2_frame frame = { .type = SETTINGS };
    while (frame.type != HEADERS)
        assert_true(http2_read(fixture->arena, socket, &frame));
    assert_int_equal(frame.payload.data[0], (char)0x88); /* :status 200 */
    (void)close(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_protocols_are_good),
        cmocka_unit_test(what_has_no_version_and_prefaces_that_go_wrong_are_neither),
        cmocka_unit_test(beginnings_are_undecided),
        cmocka_unit_test_setup_teardown(an_invalid_preface_is_not_answered_in_http1, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(requests_of_both_protocols_are_served_after_it,
                                        fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
