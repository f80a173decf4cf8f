/* HTTP/2 heads that are malformed end their stream, and the connection goes on with its table in
 * step (RFC 9113, section 8.1.1). */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

enum { GOAWAY = 7, PROTOCOL_ERROR = 1 };

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

/* GET, http, /, and a name for the table, which is its newest entry then unless what follows is. */
#define BEGIN                                                                                      \
    "\x82\x86\x84\x41\x01"                                                                         \
    "a"
#define NAMED "\x40\x0cx-request-id\x04same"
#define SAME "\xbe" /* the newest entry */

/* The head as the first request, then one that refers to the entry that NAMED has made. */
static void assert_ends_stream(const char *head, size_t length)
{
    struct text_builder out = http2_begin(fixture.arena, (struct text){ .data = NULL });
    http2_add(&out, HEADERS, END_STREAM | END_HEADERS, 1, (struct text){ head, length });
    http2_add(&out, HEADERS, END_STREAM | END_HEADERS, 3, TEXT("\x82\x86\x04\x02/x" SAME));
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    bool was_reset = false;
    struct http2_frame frame = { .type = SETTINGS };
    while (frame.type != DATA) {
        assert_true(http2_read(fixture.arena, socket, &frame));
        assert_int_not_equal(frame.type, GOAWAY);
        if (frame.type != RST_STREAM) continue;
        assert_int_equal(frame.payload.data[3], PROTOCOL_ERROR);
        was_reset = true;
    }
    assert_true(was_reset);
    const struct text wanted = TEXT("\"request_id\":\"same\"");
    assert_non_null(memmem(frame.payload.data, frame.payload.length, wanted.data, wanted.length));
    (void)close(socket);
}
#define ENDS_STREAM(head) assert_ends_stream(head, sizeof(head) - 1)

static void a_name_in_capitals_ends_its_stream(void **state)
{
    (void)state;
    ENDS_STREAM(BEGIN "\x40\x06X-Test\x01"
                      "a" NAMED);
    ENDS_STREAM(BEGIN "\x00\x06x-TEST\x01"
                      "a" NAMED);
    ENDS_STREAM(BEGIN NAMED "\x00\x01"
                            "A\x00");
    ENDS_STREAM(BEGIN "\x3f\xe1\x1f\x40\x06X-Test\x01"
                      "a" NAMED); /* with a size of the table */
    ENDS_STREAM(BEGIN "\x40\x81\x87\x01"
                      "a" NAMED); /* an A in Huffman's code */
    ENDS_STREAM(BEGIN NAMED "\x00\x81\x87\x01"
                            "a"); /* an A in Huffman's code, not for the table */
}

static void what_belongs_to_http1_ends_its_stream(void **state)
{
    (void)state;
    ENDS_STREAM(BEGIN "\x40\x0a"
                      "connection\x05"
                      "close" NAMED);
    ENDS_STREAM(BEGIN "\x40\x02te\x04gzip" NAMED);
    ENDS_STREAM(BEGIN NAMED "\x00\x11transfer-encoding\x07"
                            "chunked");
}

static void pseudo_fields_that_are_wrong_end_their_stream(void **state)
{
    (void)state;
    ENDS_STREAM(BEGIN "\x82" NAMED); /* a second method */
    ENDS_STREAM("\x82\x86" NAMED "\x84\x01\x01"
                "a"); /* a path behind a name */
    ENDS_STREAM("\x86\x84\x01\x01"
                "a" NAMED); /* no method */
    ENDS_STREAM(BEGIN "\x00\x04:own\x01"
                      "a" NAMED);
    ENDS_STREAM("\x82\x86\x04\x00\x01\x01"
                "a" NAMED); /* an empty path */
    ENDS_STREAM("\x82\x86\x04\x02no\x01\x01"
                "a" NAMED);                     /* one without a slash */
    ENDS_STREAM(BEGIN "\x0f\x0d\x03one" NAMED); /* a length that is no number */
}

/* A hundred in ten seconds, as of streams that the client resets itself. */
static void malformed_heads_are_counted_as_resets(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, (struct text){ .data = NULL });
    for (unsigned i = 0; i < 150; i++)
        http2_add(&out, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1,
                  TEXT(BEGIN "\x00\x01"
                             "A\x00"));
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

/* Each costs more to decode than to send, and reading its answer would earn more of them. */
static void heads_that_are_too_large_are_counted_as_resets(void **state)
{
    (void)state;
    enum {
        REFERENCES = 100,
        HEADS = 130
    }; /* too many fields, and too little memory to end it for that */
    char head[sizeof(BEGIN NAMED) + REFERENCES];
    memcpy(head, BEGIN NAMED, sizeof(BEGIN NAMED) - 1);
    memset(head + sizeof(BEGIN NAMED) - 1, 0x90,
           REFERENCES); /* accept-encoding, of the static table */
    const struct text block = { head, sizeof(BEGIN NAMED) - 1 + REFERENCES };
    struct text_builder out = http2_begin(fixture.arena, (struct text){ .data = NULL });
    for (unsigned i = 0; i < HEADS; i++)
        http2_add(&out, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, block);
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

/* A stream whose body never ends is no request yet, and its reset costs as much as another's. */
static void resets_before_the_end_of_a_body_are_counted(void **state)
{
    (void)state;
    struct text_builder out = http2_begin(fixture.arena, (struct text){ .data = NULL });
    for (unsigned i = 0; i < 150; i++) {
        http2_add(&out, HEADERS, END_HEADERS, 2 * i + 1,
                  TEXT("\x83\x86\x84\x41\x01"
                       "a"));
        http2_add(&out, RST_STREAM, 0, 2 * i + 1, TEXT("\x00\x00\x00\x08"));
    }
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    assert_true(client_is_closed(socket));
    (void)close(socket);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        SERVED(a_name_in_capitals_ends_its_stream),
        SERVED(what_belongs_to_http1_ends_its_stream),
        SERVED(pseudo_fields_that_are_wrong_end_their_stream),
        SERVED(malformed_heads_are_counted_as_resets),
        SERVED(heads_that_are_too_large_are_counted_as_resets),
        SERVED(resets_before_the_end_of_a_body_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
