/* Chunked bodies of HTTP/1: what is one, and what two readers may take for two different ones
 * (RFC 9112, section 7.1; tests/SECURITY.md, item 17). */
#include "gateway/http1_chunks.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/arena.h"
#include "runtime/text.h"
#include "tests/support/cmocka.h"

enum { BROKEN = -1, MORE = -2 };

/* Decodes in steps of so many bytes, as libh2o does; what follows the end is not looked at. */
static ssize_t decode(struct text chunks, size_t step, char *body, size_t *ret_length)
{
    struct phr_chunked_decoder decoder = { .consume_trailer = 1 };
    ssize_t result = MORE;
    size_t length = 0;
    for (size_t from = 0; from < chunks.length && result == MORE; from += step) {
        size_t count = chunks.length - from < step ? chunks.length - from : step;
        memcpy(body + length, chunks.data + from, count);
        result = phr_decode_chunked(&decoder, body + length, &count);
        length += count;
    }
    *ret_length = length;
    return result;
}

static void assert_body(const char *chunks, const char *expected, size_t rest)
{
    const struct text sent = text_of(chunks);
    char *body = malloc(sent.length + 1);
    assert_non_null(body);
    size_t length;
    assert_int_equal(decode(sent, sent.length, body, &length), rest);
    assert_true(text_equals_string((struct text){ body, length }, expected));
    for (size_t step = 1; step < sent.length; step++) {
        assert_true(decode(sent, step, body, &length) >= 0);
        assert_true(text_equals_string((struct text){ body, length }, expected));
    }
    free(body);
}

static void assert_result(struct text chunks, ssize_t expected)
{
    char *body = malloc(chunks.length + 1);
    assert_non_null(body);
    size_t length;
    for (size_t step = 1; step <= chunks.length; step++)
        assert_int_equal(decode(chunks, step, body, &length), expected);
    free(body);
}

static void bodies_are_put_together_however_they_arrive(void **state)
{
    (void)state;
    assert_body("0\r\n\r\n", "", 0);
    assert_body("2\r\n{}\r\n0\r\n\r\n", "{}", 0);
    assert_body("3\r\n{\"a\r\n00000004\r\n\":1}\r\n000\r\n\r\n", "{\"a\":1}", 0);
    assert_body("A\r\n0123456789\r\na\r\n\r\n\r\n\r\n\r\n\r\r\r\n0\r\n\r\n",
                "0123456789\r\n\r\n\r\n\r\n\r\r", 0);
}

static void extensions_and_trailers_are_dropped(void **state)
{
    (void)state;
    assert_body("2;name=\"a;b\"\r\n{}\r\n0;last\r\n\r\n", "{}", 0);
    assert_body("2\r\n{}\r\n0\r\nDigest: abc\r\nX: y\r\n\r\n", "{}", 0);
}

static void what_follows_the_body_is_left_alone(void **state)
{
    (void)state;
    assert_body("2\r\n{}\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "{}", 16);
}

static void an_unfinished_body_waits_for_more(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "2",     "2\r",   "2\r\n{",        "2\r\n{}",     "2\r\n{}\r",      "2\r\n{}\r\n0",
        "2;ext", "0\r\n", "0\r\nX: y\r\n", "0\r\nX: y\r", "0\r\nX: y\r\n\r"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        assert_result(text_of(parts[i]), MORE);
}

static void bodies_with_two_meanings_are_broken(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "0x2\r\n{}\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r\n0\n\r\n",
        "2 \r\n{}\r\n",
        " 2\r\n{}\r\n",
        "+2\r\n{}\r\n",
        "-2\r\n{}\r\n",
        ";a\r\n{}\r\n",
        "\r\n",
        "g\r\n",
        "2\r{}\r\n",
        "2\r\n{}}\r\n",
        "2\r\n{}\r}",
        "2;a\nb\r\n{}\r\n",
        "2;a\x01\r\n{}\r\n",
        "000000002\r\n{}",
        "100000000\r\n",
        "0\r\n X: y\r\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: \x7f\r\n",
        "0\r\n\rX",
        "0\r\nX: y\rZ",
        "2\t\r\n{}\r\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(broken); i++)
        assert_result(text_of(broken[i]), BROKEN);
    assert_result((struct text){ "2;\0\r\n{}\r\n", 9 }, BROKEN);
}

static struct text padded(struct arena *arena, const char *before, size_t count, const char *after)
{
    struct text_builder text;
    text_builder_init(&text, arena, 8192);
    text_builder_add(&text, text_of(before));
    for (size_t i = 0; i < count; i++)
        text_builder_add(&text, TEXT("x"));
    text_builder_add(&text, text_of(after));
    return text_builder_view(&text);
}

static ssize_t decode_at_once(struct text chunks)
{
    static char body[8192];
    size_t length;
    assert_true(chunks.length < sizeof body);
    return decode(chunks, chunks.length, body, &length);
}

static void extensions_and_trailers_have_limits(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const char *end = "\r\n{}\r\n0\r\n\r\n";
    assert_int_equal(decode_at_once(padded(arena, "2;", CHUNK_EXTENSION_MAX, end)), 0);
    assert_int_equal(decode_at_once(padded(arena, "2;", CHUNK_EXTENSION_MAX + 1, end)), BROKEN);
    const size_t line_end = 2; /* of each CRLF the CR is counted */
    assert_int_equal(
        decode_at_once(padded(arena, "0\r\n", CHUNK_TRAILERS_MAX - line_end, "\r\n\r\n")), 0);
    assert_int_equal(
        decode_at_once(padded(arena, "0\r\n", CHUNK_TRAILERS_MAX - line_end + 1, "\r\n\r\n")),
        BROKEN);
}

static void a_broken_decoder_stays_broken(void **state)
{
    (void)state;
    struct phr_chunked_decoder decoder = { .consume_trailer = 1 };
    char wrong[] = "x", good[] = "0\r\n\r\n";
    size_t length = 1;
    assert_int_equal(phr_decode_chunked(&decoder, wrong, &length), BROKEN);
    length = sizeof good - 1;
    assert_int_equal(phr_decode_chunked(&decoder, good, &length), BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_put_together_however_they_arrive),
        cmocka_unit_test(extensions_and_trailers_are_dropped),
        cmocka_unit_test(what_follows_the_body_is_left_alone),
        cmocka_unit_test(an_unfinished_body_waits_for_more),
        cmocka_unit_test(bodies_with_two_meanings_are_broken),
        cmocka_unit_test(extensions_and_trailers_have_limits),
        cmocka_unit_test(a_broken_decoder_stays_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
