/* What the gateway answers itself: how it is, its figures, its pages, and how they are packed. */
#include <brotli/decode.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#include <zstd.h>

#include "gateway/coding.h"
#include "gateway/entity_tag.h"
#include "runtime/paseto.h"
#include "runtime/secret.h"
#include "tests/gateway/fixture.h"

static void the_gateway_tells_how_it_is(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(client_ask(fixture, "GET", "/healthz", "", "").status, 200);
    assert_int_equal(client_ask(fixture, "GET", "/readyz", "", "").status, 200);
    const struct answer metrics = client_ask(fixture, "GET", "/metrics", "", "");
    assert_int_equal(metrics.status, 200);
    assert_true(answer_contains(&metrics, "souk_http_requests_total"));
}

static struct answer await_readiness(struct fixture *fixture, int wanted)
{
    struct answer ready = { 0 };
    for (int i = 0; i < 500 && ready.status != wanted; i++) {
        const struct timespec pause = { .tv_nsec = 20000000 };
        (void)nanosleep(&pause, NULL);
        ready = client_ask(fixture, "GET", "/readyz", "", "");
    }
    assert_int_equal(ready.status, wanted);
    return ready;
}

static void silent_database_of_a_node_makes_the_gateway_unready(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.database_is_away = true;
    const struct answer ready = await_readiness(fixture, 503);
    fixture->script.database_is_away = false;
    assert_true(answer_contains(&ready, "user: its database does not answer."));
    (void)await_readiness(fixture, 200);
}

static void database_that_takes_no_writes_makes_the_gateway_unready(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.database_is_full = true;
    const struct answer ready = await_readiness(fixture, 503);
    fixture->script.database_is_full = false;
    assert_true(answer_contains(&ready, "user: its database takes no writes."));
    (void)await_readiness(fixture, 200);
}

static void what_nodes_have_counted_is_exported_beside_the_gateways_own(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(client_ask(fixture, "GET", "/readyz", "", "").status, 200); /* it has asked */
    const struct answer metrics = client_ask(fixture, "GET", "/metrics", "", "");
    assert_true(answer_contains(&metrics, "souk_units_total{process=\"some-node\"} 42\n"));
}

static void assert_page(struct fixture *fixture, const char *path, const char *type,
                        const char *body)
{
    const struct answer answer = client_ask(fixture, "GET", path, "", "");
    assert_text_equal(answer.body, text_of(body));
    assert_text_equal(answer_header(&answer, "content-type"), text_of(type));
    const struct text tag = answer_header(&answer, "etag");
    const struct text header =
        text_format(fixture->arena, "If-None-Match: %.*s\r\n", (int)tag.length, tag.data);
    assert_int_equal(
        client_ask(fixture, "GET", path, text_string(fixture->arena, header), "").status, 304);
}

static void pages_of_the_api_have_a_tag(void **state)
{
    struct fixture *fixture = *state;
    assert_page(fixture, "/openapi.json", "application/json", "{\"openapi\":\"3.1.0\"}");
    assert_page(fixture, "/docs", "text/html; charset=utf-8", "<!doctype html>");
    const struct answer docs = client_ask(fixture, "GET", "/docs", "", "");
    assert_text_equal(answer_header(&docs, "content-security-policy"),
                      TEXT("default-src 'none'; style-src 'sha256-x'"));
}

/* ---- packing ---- */

static void the_coding_that_weighs_most_is_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum coding coding;
    } cases[] = {
        { "gzip", CODING_GZIP },
        { "gzip, deflate", CODING_GZIP },
        { "gzip, deflate, br", CODING_BR },
        { "gzip, deflate, br, zstd", CODING_ZSTD },
        { "zstd;q=0.2, GZIP;q=0.5, br;q=0.50", CODING_BR },
        { "br;q=0.499, gzip ;q=0.5", CODING_GZIP },
        { "x-gzip", CODING_GZIP },
        { "*", CODING_ZSTD },
        { "*;q=0.1", CODING_ZSTD },
        { "zstd;q=0, *", CODING_BR },
        { "gzip; q=0.000, *", CODING_ZSTD },
        { "gzip;q=1.000, br;q=1", CODING_BR },
        { "gzip, identity", CODING_GZIP },
        { "gzip;q=0.5, identity;q=0", CODING_GZIP },
        { "gzip;q=0.001", CODING_GZIP },
        { "gzip;q=0.5, identity", CODING_NONE },
        { "identity, *;q=0.1", CODING_NONE },
        { "", CODING_NONE },
        { "deflate", CODING_NONE },
        { "gzip;q=0", CODING_NONE },
        { "*;q=0", CODING_NONE },
        { "br;q=0.000, gzipped, zstdx", CODING_NONE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (coding_choose(text_of(cases[i].header)) != cases[i].coding)
            fail_msg("%s", cases[i].header);
}

enum { ROOM = 1 << 20 };

static struct text unpacked_gzip(struct arena *arena, struct text packed)
{
    z_stream stream = { .next_in = (unsigned char *)(uintptr_t)packed.data,
                        .avail_in = (uInt)packed.length };
    char *plain = arena_allocate(arena, ROOM);
    stream.next_out = (unsigned char *)plain;
    stream.avail_out = ROOM;
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)inflateEnd(&stream);
    return (struct text){ plain, ROOM - stream.avail_out };
}

static struct text unpacked(struct arena *arena, struct text packed, enum coding coding)
{
    if (coding == CODING_GZIP) return unpacked_gzip(arena, packed);
    char *plain = arena_allocate(arena, ROOM);
    size_t length = ROOM;
    if (coding == CODING_BR)
        assert_int_equal(BrotliDecoderDecompress(packed.length, (const uint8_t *)packed.data,
                                                 &length, (uint8_t *)plain),
                         BROTLI_DECODER_RESULT_SUCCESS);
    else
        length = ZSTD_decompress(plain, ROOM, packed.data, packed.length);
    assert_true(length <= ROOM);
    return (struct text){ plain, length };
}

static void what_is_packed_is_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct packer *packer = packer_new();
    char *noise = arena_allocate(fixture->arena, CODING_BYTES_MAX + 1);
    uint32_t number = 1;
    for (size_t i = 0; i <= CODING_BYTES_MAX; i++) {
        number = number * 1664525 + 1013904223;
        noise[i] = (char)('a' + (number >> 24) % 20);
    }
    const size_t lengths[] = { CODING_BYTES_MIN, 20000, CODING_BYTES_MAX, CODING_BYTES_MAX + 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(lengths) * CODING_COUNT * (CODING_ALWAYS + 1); i++) {
        const struct text body = { noise, lengths[i % ARRAY_LENGTH(lengths)] };
        const enum coding coding = (enum coding)(i / ARRAY_LENGTH(lengths) % CODING_COUNT);
        const enum coding_use use = (enum coding_use)(i / ARRAY_LENGTH(lengths) / CODING_COUNT);
        const struct text packed = packer_pack(packer, fixture->arena, body, coding, use);
        assert_true(packed.length > 0 && packed.length < body.length);
        assert_text_equal(unpacked(fixture->arena, packed, coding), body);
    }
    /* What does not become smaller is not packed. */
    for (int i = 0; i < CODING_COUNT; i++)
        assert_int_equal(
            packer_pack(packer, fixture->arena, TEXT("a"), (enum coding)i, CODING_ONCE).length, 0);
    packer_destroy(&packer);
}

static struct answer ask_for_long(struct fixture *fixture, const char *headers)
{
    char name[2001];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct text before = fixture->thing.name;
    fixture->thing.name = text_of(name);
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path, headers, "");
    fixture->thing.name = before;
    return answer;
}

static struct answer long_answer(struct fixture *fixture, const char *accepted)
{
    const struct answer answer = ask_for_long(fixture, accepted);
    assert_int_equal(answer.status, 200);
    assert_text_equal(answer_header(&answer, "vary"), TEXT("Accept-Encoding"));
    return answer;
}

static void long_answers_are_packed_for_those_who_accept_it(void **state)
{
    struct fixture *fixture = *state;
    const struct answer plain = long_answer(fixture, "");
    assert_int_equal(answer_header(&plain, "content-encoding").length, 0);
    const struct text inside = entity_tag_inside(answer_header(&plain, "etag"));
    for (int i = 0; i < CODING_COUNT; i++) {
        const struct text name = coding_name((enum coding)i);
        const struct text accepted =
            text_format(fixture->arena, "Accept-Encoding: %s\r\n", name.data);
        const struct answer packed = long_answer(fixture, accepted.data);
        assert_text_equal(answer_header(&packed, "content-encoding"), name);
        assert_true(packed.body.length < plain.body.length / 4);
        assert_text_equal(unpacked(fixture->arena, packed.body, (enum coding)i), plain.body);
        assert_text_equal(
            answer_header(&packed, "etag"),
            text_format(fixture->arena, "\"%.*s-%s\"", (int)inside.length, inside.data, name.data));
    }
    const struct answer small =
        client_ask(fixture, "GET", fixture->thing_path, "Accept-Encoding: gzip\r\n", "");
    assert_int_equal(answer_header(&small, "content-encoding").length, 0);
}

/* RFC 9110, section 15.4.5: with the tag that the 200 would have had. */
static void every_tag_is_known_in_every_coding(void **state)
{
    struct fixture *fixture = *state;
    const char *accepted[CODING_COUNT + 1];
    struct text tags[CODING_COUNT + 1];
    for (int i = 0; i <= CODING_COUNT; i++) {
        const struct text name = coding_name((enum coding)i);
        accepted[i] = name.length == 0
                          ? ""
                          : text_format(fixture->arena, "Accept-Encoding: %s\r\n", name.data).data;
        const struct answer answer = long_answer(fixture, accepted[i]);
        tags[i] = answer_header(&answer, "etag");
        for (int k = 0; k < i; k++)
            assert_false(text_equals(tags[i], tags[k]));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(tags) * ARRAY_LENGTH(tags); i++) {
        const struct text known = tags[i % ARRAY_LENGTH(tags)];
        const size_t asked = i / ARRAY_LENGTH(tags);
        const struct text headers = text_format(fixture->arena, "If-None-Match: \"x\", %.*s\r\n%s",
                                                (int)known.length, known.data, accepted[asked]);
        const struct answer same = ask_for_long(fixture, headers.data);
        assert_int_equal(same.status, 304);
        assert_text_equal(answer_header(&same, "etag"), tags[asked]);
        assert_text_equal(answer_header(&same, "vary"), TEXT("Accept-Encoding"));
    }
}

static void the_type_of_a_problem_leads_to_a_page(void **state)
{
    struct fixture *fixture = *state;
    for (int i = STATUS_OK + 1; i < STATUS_COUNT; i++) {
        const enum status status = (enum status)i;
        const struct text path = text_format(fixture->arena, "/problems/%s", status_name(status));
        const struct answer answer =
            client_ask(fixture, "GET", text_string(fixture->arena, path), "", "");
        assert_int_equal(answer.status, 200);
        assert_text_equal(answer_header(&answer, "content-type"), TEXT("text/html; charset=utf-8"));
        assert_true(answer_contains(&answer, status_title(status)));
        assert_true(answer_contains(&answer, status_help(status)));
    }
    assert_int_equal(client_ask(fixture, "GET", "/problems/ok", "", "").status, 404);
    assert_int_equal(client_ask(fixture, "GET", "/problems/", "", "").status, 404);
    assert_int_equal(client_ask(fixture, "GET", "/problems/nothing", "", "").status, 404);
}

static void keys_of_tokens_are_published(void **state)
{
    struct fixture *fixture = *state;
    /* A token makes the gateway ask for the keys. */
    const char *token = token_header(fixture, "store", "good", 60);
    (void)client_ask(fixture, "GET", fixture->thing_path, token, "");
    const struct answer answer = client_ask(fixture, "GET", "/.well-known/souk-token-keys", "", "");
    assert_int_equal(answer.status, 200);
    assert_text_equal(answer_header(&answer, "content-type"), TEXT("application/json"));
    assert_true(answer_contains(&answer, "\"implicit_assertion\":\"souk:v1\""));
    const struct text key = base64url_encode(
        fixture->arena, (struct text){ (const char *)fixture->secret_key + PASETO_SEED_BYTES,
                                       PASETO_PUBLIC_KEY_BYTES });
    const struct text expected =
        text_format(fixture->arena,
                    "{\"kid\":\"good\",\"audience\":\"store\",\"public_key\":\"k4.public.%.*s\"}",
                    (int)key.length, key.data);
    assert_true(answer_contains(&answer, text_string(fixture->arena, expected)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gateway_tells_how_it_is),
        cmocka_unit_test(silent_database_of_a_node_makes_the_gateway_unready),
        cmocka_unit_test(database_that_takes_no_writes_makes_the_gateway_unready),
        cmocka_unit_test(what_nodes_have_counted_is_exported_beside_the_gateways_own),
        cmocka_unit_test(pages_of_the_api_have_a_tag),
        cmocka_unit_test(the_coding_that_weighs_most_is_chosen),
        cmocka_unit_test(what_is_packed_is_the_same),
        cmocka_unit_test(long_answers_are_packed_for_those_who_accept_it),
        cmocka_unit_test(every_tag_is_known_in_every_coding),
        cmocka_unit_test(the_type_of_a_problem_leads_to_a_page),
        cmocka_unit_test(keys_of_tokens_are_published),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
