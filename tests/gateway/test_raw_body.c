/* Bodies that are not JSON: the very bytes, who may send them, of which kinds, and how many. */
#include <nghttp2/nghttp2.h>
#include <string.h>
#include <unistd.h>

#include "messages/codec_msgpack.h"
#include "tests/gateway/fixture.h"
#include "tests/gateway/http2_frames.h"

static const char csv[] = "Content-Type: text/csv\r\n";

static const char *file_path(struct fixture *fixture)
{
    return text_string(fixture->arena, text_format(fixture->arena, "%s/file", fixture->thing_path));
}

/* Sends these bytes as a shopper who may. */
static struct answer send_file(struct fixture *fixture, const char *headers, struct text bytes)
{
    const int socket = client_connect(fixture);
    const struct text head = text_format(
        fixture->arena, "POST %s HTTP/1.1\r\nHost: localhost\r\n%s%sContent-Length: %zu\r\n\r\n",
        file_path(fixture), token_header(fixture, "store", "good", 60), headers, bytes.length);
    client_send(socket, head);
    client_send(socket, bytes);
    const struct answer answer = client_read(fixture, socket, false);
    (void)close(socket);
    return answer;
}

static struct keep_file kept(struct fixture *fixture)
{
    struct keep_file value;
    assert_int_equal(msgpack_decode(&keep_file_schema, fixture->seen.body, fixture->arena, &value),
                     STATUS_OK);
    return value;
}

/* Every byte there is, and what no text may have. */
static struct text all_bytes(struct fixture *fixture, size_t length)
{
    char *bytes = arena_allocate(fixture->arena, length);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    return (struct text){ bytes, length };
}

static void the_very_bytes_reach_the_domain(void **state)
{
    struct fixture *fixture = *state;
    const struct text bytes = all_bytes(fixture, 1000);
    assert_int_equal(send_file(fixture, csv, bytes).status, 201);
    assert_text_equal(kept(fixture).bytes, bytes);
}

static void a_body_of_the_greatest_length_is_taken_and_one_more_byte_is_413(void **state)
{
    struct fixture *fixture = *state;
    const struct text bytes = all_bytes(fixture, KEEP_FILE_BYTES + 1);
    const struct text most = { bytes.data, KEEP_FILE_BYTES };
    assert_int_equal(send_file(fixture, csv, most).status, 201);
    assert_text_equal(kept(fixture).bytes, most);
    const size_t asks = fixture->seen.asks;
    const struct answer answer = send_file(fixture, csv, bytes);
    assert_refused(&answer, 413, "body_too_large");
    assert_true(answer_contains(&answer, "\"maximum\":1048576"));
    assert_int_equal(fixture->seen.asks, asks);
}

static void the_limit_of_json_stays_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    const size_t length = fixture->limits.body_max + 1;
    char *body = arena_allocate(fixture->arena, length + 1);
    memset(body, ' ', length);
    const struct answer answer = post_thing(fixture, "Idempotency-Key: k\r\n", body);
    assert_refused(&answer, 413, "body_too_large");
}

static void an_empty_body_is_refused_where_there_must_be_something(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = send_file(fixture, csv, TEXT(""));
    assert_refused(&answer, 422, "out_of_range");
    assert_true(answer_contains(&answer, "\"in\":\"body\""));
}

static void the_type_and_its_charset_reach_the_domain(void **state)
{
    struct fixture *fixture = *state;
    const char *header = "Content-Type: Text/CSV; charset=windows-1252\r\n";
    assert_int_equal(send_file(fixture, header, TEXT("a,b")).status, 201);
    assert_text_equal(kept(fixture).content_type, TEXT("Text/CSV; charset=windows-1252"));
}

static struct answer send_to(struct fixture *fixture, const char *query, const char *headers)
{
    const int socket = client_connect(fixture);
    client_send(socket, text_format(fixture->arena,
                                    "POST %s%s HTTP/1.1\r\nHost: localhost\r\n%s%s%s"
                                    "Content-Length: 3\r\n\r\na,b",
                                    file_path(fixture), query,
                                    token_header(fixture, "store", "good", 60), csv, headers));
    const struct answer answer = client_read(fixture, socket, false);
    (void)close(socket);
    return answer;
}

static void parameters_stand_in_the_query_string(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(send_to(fixture, "?note=a%20b", "").status, 201);
    assert_text_equal(kept(fixture).note, TEXT("a b"));
    const struct answer unknown = send_to(fixture, "?bytes=x", "");
    assert_refused(&unknown, 400, "unknown_parameter");
    const struct answer other = send_to(fixture, "?id=x", "");
    assert_refused(&other, 400, "unknown_parameter");
}

static void a_key_stands_for_the_parameters_too(void **state)
{
    struct fixture *fixture = *state;
    uint8_t first[16];
    assert_int_equal(send_to(fixture, "?note=a", "Idempotency-Key: k\r\n").status, 201);
    memcpy(first, fixture->seen.last.idempotency_fingerprint, sizeof first);
    assert_int_equal(send_to(fixture, "?note=a", "Idempotency-Key: k\r\n").status, 201);
    assert_memory_equal(first, fixture->seen.last.idempotency_fingerprint, sizeof first);
    assert_int_equal(send_to(fixture, "?note=b", "Idempotency-Key: k\r\n").status, 201);
    assert_memory_not_equal(first, fixture->seen.last.idempotency_fingerprint, sizeof first);
}

static void assert_unsupported(struct fixture *fixture, const char *headers)
{
    const size_t asks = fixture->seen.asks;
    const struct answer answer = send_file(fixture, headers, TEXT("a,b"));
    assert_refused(&answer, 415, "unsupported_media_type");
    assert_text_equal(answer_header(&answer, "accept-post"),
                      TEXT("text/csv, application/octet-stream"));
    assert_true(answer_contains(&answer, "text/csv, application/octet-stream"));
    assert_int_equal(fixture->seen.asks, asks);
}

static void other_types_are_415_and_the_answer_names_those_that_are_taken(void **state)
{
    assert_unsupported(*state, "Content-Type: application/json\r\n");
    assert_unsupported(*state, "Content-Type: text/csvx\r\n");
    assert_unsupported(*state, "Content-Type: text/cs\r\n");
    assert_unsupported(*state, "Content-Type: ;\r\n");
    assert_unsupported(*state, "");
    assert_unsupported(*state, "Content-Type: text/csv\r\nContent-Encoding: gzip\r\n");
}

static void who_may_not_is_told_so_before_the_type_is_looked_at(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer nobody = client_ask(fixture, "POST", file_path(fixture), "", "x");
    assert_refused(&nobody, 401, "unauthenticated");
    const char *vendor = token_header(fixture, "vendor", "good", 60);
    const struct answer other = client_ask(fixture, "POST", file_path(fixture), vendor, "x");
    assert_refused(&other, 401, "unauthenticated");
    const struct token_parts poor = {
        .audience = "store", .kid = "good", .lifetime_s = 60, .rights = "0"
    };
    const struct answer refused =
        client_ask(fixture, "POST", file_path(fixture), token_header_of(fixture, &poor), "x");
    assert_refused(&refused, 403, "forbidden");
    assert_true(answer_contains(&refused, "It needs the permission making."));
    assert_int_equal(fixture->seen.asks, asks);
}

static void an_idempotency_key_stands_for_the_bytes(void **state)
{
    struct fixture *fixture = *state;
    const char *headers = "Content-Type: text/csv\r\nIdempotency-Key: k\r\n";
    uint8_t first[16];
    assert_int_equal(send_file(fixture, headers, TEXT("a,b")).status, 201);
    assert_true(fixture->seen.last.has_idempotency);
    memcpy(first, fixture->seen.last.idempotency_fingerprint, sizeof first);
    assert_int_equal(send_file(fixture, headers, TEXT("a,b")).status, 201);
    assert_memory_equal(fixture->seen.last.idempotency_fingerprint, first, sizeof first);
    assert_int_equal(send_file(fixture, headers, TEXT("a,c")).status, 201);
    assert_memory_not_equal(fixture->seen.last.idempotency_fingerprint, first, sizeof first);
}

/* ---- HTTP/2 ---- */

static nghttp2_nv pair_of(const char *name, const char *value)
{
    return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
                         .value = (uint8_t *)(uintptr_t)value,
                         .namelen = strlen(name),
                         .valuelen = strlen(value) };
}

static struct text head_of(struct fixture *fixture)
{
    const char *line = token_header(fixture, "store", "good", 60); /* "Authorization: ...\r\n" */
    const char *value = strchr(line, ':') + 2;
    const struct text token = { value, strlen(value) - 2 };
    const nghttp2_nv pairs[] = {
        pair_of(":method", "POST"),
        pair_of(":scheme", "http"),
        pair_of(":path", file_path(fixture)),
        pair_of(":authority", "a"),
        pair_of("authorization", text_string(fixture->arena, token)),
        pair_of("content-type", "text/csv"),
    };
    enum { BLOCK_MAX = 4096 };
    uint8_t *block = arena_allocate(fixture->arena, BLOCK_MAX);
    nghttp2_hd_deflater *deflater;
    assert_int_equal(nghttp2_hd_deflate_new(&deflater, 4096), 0);
    const ssize_t length =
        nghttp2_hd_deflate_hd(deflater, block, BLOCK_MAX, pairs, ARRAY_LENGTH(pairs));
    nghttp2_hd_deflate_del(deflater);
    assert_true(length > 0);
    return (struct text){ (const char *)block, (size_t)length };
}

/* libh2o opens the window as it reads, so that all may be sent at once. */
static void the_same_bytes_reach_the_domain_over_http2(void **state)
{
    enum { PIECE = 16384 };
    struct fixture *fixture = *state;
    const struct text bytes = all_bytes(fixture, KEEP_FILE_BYTES);
    const int socket = client_connect(fixture);
    struct text_builder out = http2_begin(fixture->arena, TEXT(""));
    http2_add(&out, HEADERS, END_HEADERS, 1, head_of(fixture));
    for (size_t at = 0; at < bytes.length; at += PIECE)
        http2_add(&out, DATA, at + PIECE == bytes.length ? END_STREAM : 0, 1,
                  (struct text){ bytes.data + at, PIECE });
    client_send(socket, text_builder_view(&out));
    struct http2_frame frame = { .type = DATA };
    while (frame.type != HEADERS && http2_read(fixture->arena, socket, &frame)) {
    }
    assert_int_equal(frame.type, HEADERS);
    (void)close(socket);
    assert_text_equal(kept(fixture).bytes, bytes);
}

/* ---- how many ---- */

static int start_narrow(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct server_limits limits = server_limits_default();
    limits.bodies_max = 1500;
    fixture_start(fixture, &limits);
    *state = fixture;
    return 0;
}

static void bodies_that_would_take_too_much_memory_together_are_503(void **state)
{
    struct fixture *fixture = *state;
    const struct text bytes = all_bytes(fixture, 1000);
    fixture->script.delay_us = 300000;
    const int first = client_connect(fixture);
    client_send(first, text_format(fixture->arena,
                                   "POST %s HTTP/1.1\r\nHost: localhost\r\n%s%s"
                                   "Content-Length: %zu\r\n\r\n",
                                   file_path(fixture), token_header(fixture, "store", "good", 60),
                                   csv, bytes.length));
    client_send(first, bytes);
    struct answer second = { .status = 0 };
    for (int i = 0; i < 50 && second.status != 503; i++)
        second = send_file(fixture, csv, bytes); /* until the first one is under way */
    assert_refused(&second, 503, "overloaded");
    assert_true(answer_header(&second, "retry-after").length > 0);
    (void)client_read(fixture, first, false);
    (void)close(first);
    fixture->script.delay_us = 0;
    assert_int_equal(send_file(fixture, csv, bytes).status, 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_very_bytes_reach_the_domain),
        cmocka_unit_test(a_body_of_the_greatest_length_is_taken_and_one_more_byte_is_413),
        cmocka_unit_test(the_limit_of_json_stays_as_it_is),
        cmocka_unit_test(an_empty_body_is_refused_where_there_must_be_something),
        cmocka_unit_test(the_type_and_its_charset_reach_the_domain),
        cmocka_unit_test(parameters_stand_in_the_query_string),
        cmocka_unit_test(a_key_stands_for_the_parameters_too),
        cmocka_unit_test(other_types_are_415_and_the_answer_names_those_that_are_taken),
        cmocka_unit_test(who_may_not_is_told_so_before_the_type_is_looked_at),
        cmocka_unit_test(an_idempotency_key_stands_for_the_bytes),
        cmocka_unit_test(the_same_bytes_reach_the_domain_over_http2),
    };
    const struct CMUnitTest narrow[] = {
        cmocka_unit_test(bodies_that_would_take_too_much_memory_together_are_503),
    };
    const int failed = cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
    return failed + cmocka_run_group_tests(narrow, start_narrow, fixture_teardown);
}
