/* OPTIONS, and whose scripts may read answers (tests/SECURITY.md, item 20). */
#include <string.h>

#include "gateway/cors.h"
#include "tests/gateway/fixture.h"

#define PREFLIGHT(origin)                                                                          \
    "Origin: " origin "\r\nAccess-Control-Request-Method: PATCH\r\n"                               \
    "Access-Control-Request-Headers: authorization\r\n"

static struct fixture fixture;

static int start_listed(void **state)
{
    (void)state;
    const struct fixture_edge edge = { .cors_origins =
                                           "https://shop.example, http://localhost:5173" };
    fixture_start_edge(&fixture, NULL, &edge);
    return 0;
}

static int start_unlisted(void **state)
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

static bool has(const struct answer *answer, const char *name)
{
    return answer_header(answer, name).length > 0;
}

static bool says(const struct answer *answer, const char *name, const char *value)
{
    const struct text text = answer_header(answer, name);
    return memmem(text.data, text.length, value, strlen(value)) != NULL;
}

/* ---- the list ---- */

static void a_list_holds_origins_and_nothing_else(void **state)
{
    (void)state;
    const char *good[] = { "", "https://a.example", "http://localhost:5173,https://[::1]:8443",
                           " https://a.example , https://b.example" };
    const char *bad[] = { "*",
                          "null",
                          "a.example",
                          "https://",
                          "https://a.example/",
                          "https://*.example",
                          "https://A.example",
                          "https://a.example,,",
                          "ftp://a.example",
                          "https://a.example:443",
                          "http://a.example:80" };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(cors_list_is_good(text_of(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(cors_list_is_good(text_of(bad[i])));
}

static void an_origin_is_listed_only_when_it_is_the_same_bytes(void **state)
{
    (void)state;
    const struct text list = TEXT("https://a.example,https://b.example:8443");
    assert_true(cors_is_listed(list, TEXT("https://a.example")));
    assert_true(cors_is_listed(list, TEXT("https://b.example:8443")));
    const char *others[] = { "",
                             "null",
                             "*",
                             "http://a.example",
                             "https://b.example",
                             "https://a.example.evil.example",
                             "https://evil-a.example",
                             "https://a.example,https://b.example:8443",
                             "https://a.exampl" };
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        assert_false(cors_is_listed(list, text_of(others[i])));
    assert_false(cors_is_listed(TEXT(""), TEXT("https://a.example")));
}

/* ---- OPTIONS ---- */

static void options_says_what_a_resource_takes(void **state)
{
    (void)state;
    const struct answer answer = client_ask(&fixture, "OPTIONS", fixture.thing_path, "", "");
    assert_int_equal(answer.status, 204);
    assert_text_equal(answer_header(&answer, "allow"), TEXT("GET, HEAD, PATCH, DELETE, OPTIONS"));
    assert_false(has(&answer, "access-control-allow-origin"));
    const struct answer service = client_ask(&fixture, "OPTIONS", "/healthz", "", "");
    assert_int_equal(service.status, 204);
    assert_text_equal(answer_header(&service, "allow"), TEXT("GET, HEAD, OPTIONS"));
    assert_int_equal(client_ask(&fixture, "OPTIONS", "/v1/nothing", "", "").status, 404);
    assert_int_equal(fixture.seen.asks, 0);
}

static void options_of_the_server_says_what_it_takes_at_all(void **state)
{
    (void)state;
    const struct answer answer = client_ask(&fixture, "OPTIONS", "*", "", "");
    assert_int_equal(answer.status, 204);
    assert_text_equal(answer_header(&answer, "allow"),
                      TEXT("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
}

static void a_preflight_of_a_listed_origin_is_told_everything(void **state)
{
    (void)state;
    const struct answer answer =
        client_ask(&fixture, "OPTIONS", fixture.thing_path, PREFLIGHT("http://localhost:5173"), "");
    assert_int_equal(answer.status, 204);
    assert_text_equal(answer_header(&answer, "access-control-allow-origin"),
                      TEXT("http://localhost:5173"));
    assert_true(says(&answer, "access-control-allow-methods", "PATCH"));
    const char *headers[] = { "Authorization", "Content-Type", "Idempotency-Key", "If-Match",
                              "If-None-Match", "X-Cart-Token", "X-Request-Id" };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        assert_true(says(&answer, "access-control-allow-headers", headers[i]));
    assert_text_equal(answer_header(&answer, "access-control-max-age"), TEXT("600"));
    assert_text_equal(answer_header(&answer, "vary"), TEXT("Origin"));
    assert_false(has(&answer, "access-control-allow-credentials"));
    assert_int_equal(fixture.seen.asks, 0);
}

static void a_preflight_of_another_origin_is_told_nothing(void **state)
{
    (void)state;
    const char *others[] = { PREFLIGHT("https://evil.example"), PREFLIGHT("null"), PREFLIGHT("*"),
                             PREFLIGHT("https://shop.example.evil.example") };
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        const struct answer answer =
            client_ask(&fixture, "OPTIONS", fixture.thing_path, others[i], "");
        assert_int_equal(answer.status, 204);
        assert_false(has(&answer, "access-control-allow-origin"));
        assert_false(has(&answer, "access-control-allow-methods"));
        assert_text_equal(answer_header(&answer, "vary"), TEXT("Origin"));
    }
}

/* ---- answers ---- */

static void a_script_of_a_listed_origin_may_read_answers_and_refusals(void **state)
{
    (void)state;
    const char *origin = "Origin: https://shop.example\r\n";
    const char *paths[] = { fixture.thing_path, "/v1/nothing", "/healthz", "/v1/things?x=1" };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        const struct answer answer = client_ask(&fixture, "GET", paths[i], origin, "");
        assert_text_equal(answer_header(&answer, "access-control-allow-origin"),
                          TEXT("https://shop.example"));
        assert_text_equal(answer_header(&answer, "vary"), TEXT("Origin"));
        assert_true(says(&answer, "access-control-expose-headers", "ETag"));
        assert_true(says(&answer, "access-control-expose-headers", "Idempotent-Replayed"));
        assert_false(has(&answer, "access-control-allow-credentials"));
    }
}

static void answers_to_others_still_vary_by_origin(void **state)
{
    (void)state;
    const struct answer none = client_ask(&fixture, "GET", fixture.thing_path, "", "");
    const struct answer other =
        client_ask(&fixture, "GET", fixture.thing_path, "Origin: https://evil.example\r\n", "");
    assert_int_equal(other.status, 200);
    assert_text_equal(answer_header(&none, "vary"), TEXT("Origin"));
    assert_text_equal(answer_header(&other, "vary"), TEXT("Origin"));
    assert_false(has(&other, "access-control-allow-origin"));
}

static void without_a_list_there_is_no_word_of_cors(void **state)
{
    (void)state;
    const struct answer answer =
        client_ask(&fixture, "OPTIONS", fixture.thing_path, PREFLIGHT("https://shop.example"), "");
    assert_int_equal(answer.status, 204);
    assert_false(has(&answer, "access-control-allow-origin"));
    assert_false(has(&answer, "access-control-allow-methods"));
    assert_false(has(&answer, "vary"));
}

#define LISTED(claim) cmocka_unit_test_setup_teardown(claim, start_listed, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_holds_origins_and_nothing_else),
        cmocka_unit_test(an_origin_is_listed_only_when_it_is_the_same_bytes),
        LISTED(options_says_what_a_resource_takes),
        LISTED(options_of_the_server_says_what_it_takes_at_all),
        LISTED(a_preflight_of_a_listed_origin_is_told_everything),
        LISTED(a_preflight_of_another_origin_is_told_nothing),
        LISTED(a_script_of_a_listed_origin_may_read_answers_and_refusals),
        LISTED(answers_to_others_still_vary_by_origin),
        cmocka_unit_test_setup_teardown(without_a_list_there_is_no_word_of_cors, start_unlisted,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
