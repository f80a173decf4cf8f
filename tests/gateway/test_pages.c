/* What the gateway answers itself: how it is, its figures, its pages, and how they are packed. */
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "gateway/gzip.h"
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

static void gzip_is_taken_where_it_is_weighed(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool is_accepted;
    } cases[] = {
        { "gzip", true },
        { "deflate, GZIP;q=0.5, br", true },
        { "*", true },
        { "identity, *;q=0.1", true },
        { "gzip;q=1.000", true },
        { "", false },
        { "br", false },
        { "gzip;q=0", false },
        { "gzip; q=0.000, *", false },
        { "*;q=0", false },
        { "gzipped", false },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (gzip_is_accepted(text_of(cases[i].header)) != cases[i].is_accepted)
            fail_msg("%s", cases[i].header);
}

static struct text unpacked(struct arena *arena, struct text packed)
{
    enum { ROOM = 1 << 20 };
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

static void long_answers_are_packed_for_those_who_accept_it(void **state)
{
    struct fixture *fixture = *state;
    char name[2001];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct text before = fixture->thing.name;
    fixture->thing.name = text_of(name);
    const struct answer plain = client_ask(fixture, "GET", fixture->thing_path, "", "");
    const struct answer packed =
        client_ask(fixture, "GET", fixture->thing_path, "Accept-Encoding: gzip\r\n", "");
    fixture->thing.name = before;
    assert_int_equal(plain.status, 200);
    assert_int_equal(answer_header(&plain, "content-encoding").length, 0);
    assert_text_equal(answer_header(&plain, "vary"), TEXT("Accept-Encoding"));
    assert_text_equal(answer_header(&packed, "content-encoding"), TEXT("gzip"));
    assert_true(packed.body.length < plain.body.length / 4);
    assert_text_equal(unpacked(fixture->arena, packed.body), plain.body);
    const struct text tag = answer_header(&plain, "etag");
    const struct text inside = { tag.data + 1, tag.length - 2 };
    assert_text_equal(answer_header(&packed, "etag"), text_format(fixture->arena, "\"%.*s-gzip\"",
                                                                  (int)inside.length, inside.data));
    const struct answer small =
        client_ask(fixture, "GET", fixture->thing_path, "Accept-Encoding: gzip\r\n", "");
    assert_int_equal(answer_header(&small, "content-encoding").length, 0);
}

/* RFC 9110, section 15.4.5: with the tag that the 200 would have had. */
static void either_tag_is_known_in_either_coding(void **state)
{
    struct fixture *fixture = *state;
    char name[2001];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct text before = fixture->thing.name;
    fixture->thing.name = text_of(name);
    const struct answer plain = client_ask(fixture, "GET", fixture->thing_path, "", "");
    const struct answer packed =
        client_ask(fixture, "GET", fixture->thing_path, "Accept-Encoding: gzip\r\n", "");
    const struct text tags[] = { answer_header(&plain, "etag"), answer_header(&packed, "etag") };
    assert_false(text_equals(tags[0], tags[1]));
    for (size_t i = 0; i < 4; i++) {
        const struct text sent = tags[i % 2];
        const struct text headers =
            text_format(fixture->arena, "If-None-Match: \"x\", %.*s\r\n%s", (int)sent.length,
                        sent.data, i < 2 ? "" : "Accept-Encoding: gzip\r\n");
        const struct answer same =
            client_ask(fixture, "GET", fixture->thing_path, headers.data, "");
        assert_int_equal(same.status, 304);
        assert_text_equal(answer_header(&same, "etag"), tags[i / 2]);
        assert_text_equal(answer_header(&same, "vary"), TEXT("Accept-Encoding"));
    }
    fixture->thing.name = before;
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
        cmocka_unit_test(gzip_is_taken_where_it_is_weighed),
        cmocka_unit_test(long_answers_are_packed_for_those_who_accept_it),
        cmocka_unit_test(either_tag_is_known_in_either_coding),
        cmocka_unit_test(the_type_of_a_problem_leads_to_a_page),
        cmocka_unit_test(keys_of_tokens_are_published),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
