/* Limits of rate: the buckets by themselves, and what clients see of them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/rate_limit.h"
#include "tests/gateway/fixture.h"

enum { SECOND_US = 1000000 };

static const uint8_t seed[16] = { 5 };
static struct fixture fixture;

static int start_with(int64_t requests, int64_t auth)
{
    struct server_limits limits = server_limits_default();
    limits.rate_requests = requests;
    limits.rate_auth = auth;
    limits.rate_codes = auth;
    fixture_start(&fixture, &limits);
    return 0;
}

static int start_three(void **state)
{
    (void)state;
    return start_with(3, 2);
}

static int start_off(void **state)
{
    (void)state;
    return start_with(0, 0);
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static struct rate_key key_of(uint32_t number)
{
    struct rate_key key = { .policy = 1, .kind = RATE_BY_SHOPPER };
    memcpy(key.who, &number, sizeof number);
    return key;
}

/* ---- buckets ---- */

static void a_quota_is_taken_at_once_and_then_refused(void **state)
{
    (void)state;
    struct rate_limiter *limiter = rate_limiter_new(seed);
    const struct rate_key key = key_of(1);
    for (int64_t left = 599; left >= 0; left--) {
        const struct rate_state state_now = rate_limiter_charge(limiter, &key, 600, SECOND_US);
        assert_true(state_now.is_allowed);
        assert_int_equal(state_now.remaining, left);
    }
    const struct rate_state refused = rate_limiter_charge(limiter, &key, 600, SECOND_US);
    assert_false(refused.is_allowed);
    assert_int_equal(refused.remaining, 0);
    assert_int_equal(refused.retry_s, 1);
    assert_int_equal(refused.full_s, 60);
    rate_limiter_destroy(&limiter);
}

static void a_bucket_fills_with_time_and_refusals_take_nothing(void **state)
{
    (void)state;
    struct rate_limiter *limiter = rate_limiter_new(seed);
    const struct rate_key key = key_of(1);
    for (int i = 0; i < 3; i++)
        assert_true(rate_limiter_charge(limiter, &key, 3, SECOND_US).is_allowed);
    for (int i = 0; i < 100; i++)
        assert_false(rate_limiter_charge(limiter, &key, 3, SECOND_US).is_allowed);
    assert_int_equal(rate_limiter_charge(limiter, &key, 3, SECOND_US).retry_s, 20);
    assert_true(rate_limiter_charge(limiter, &key, 3, 21 * SECOND_US).is_allowed);
    assert_false(rate_limiter_charge(limiter, &key, 3, 21 * SECOND_US).is_allowed);
    for (int i = 0; i < 3; i++)
        assert_true(rate_limiter_charge(limiter, &key, 3, 121 * SECOND_US).is_allowed);
    assert_false(rate_limiter_charge(limiter, &key, 3, 121 * SECOND_US).is_allowed);
    rate_limiter_destroy(&limiter);
}

static void buckets_are_apart_by_policy_kind_and_owner(void **state)
{
    (void)state;
    struct rate_limiter *limiter = rate_limiter_new(seed);
    struct rate_key key = key_of(1);
    assert_true(rate_limiter_charge(limiter, &key, 1, 0).is_allowed);
    assert_false(rate_limiter_charge(limiter, &key, 1, 0).is_allowed);
    key.policy = 2;
    assert_true(rate_limiter_charge(limiter, &key, 1, 0).is_allowed);
    key.kind = RATE_BY_VENDOR;
    assert_true(rate_limiter_charge(limiter, &key, 1, 0).is_allowed);
    key.who[15] = 1;
    assert_true(rate_limiter_charge(limiter, &key, 1, 0).is_allowed);
    assert_int_equal(rate_limiter_count(limiter), 4);
    rate_limiter_destroy(&limiter);
}

static void the_table_is_bounded_and_drops_the_oldest(void **state)
{
    (void)state;
    struct rate_limiter *limiter = rate_limiter_new(seed);
    const struct rate_key first = key_of(0), second = key_of(1);
    (void)rate_limiter_charge(limiter, &first, 1, SECOND_US);
    (void)rate_limiter_charge(limiter, &second, 1, SECOND_US);
    assert_false(rate_limiter_charge(limiter, &first, 1, SECOND_US).is_allowed);
    for (uint32_t i = 2; i <= RATE_BUCKETS_MAX; i++) {
        const struct rate_key key = key_of(i);
        assert_true(rate_limiter_charge(limiter, &key, 1, SECOND_US).is_allowed);
    }
    assert_int_equal(rate_limiter_count(limiter), RATE_BUCKETS_MAX);
    assert_false(rate_limiter_charge(limiter, &first, 1, SECOND_US).is_allowed);
    assert_true(rate_limiter_charge(limiter, &second, 1, SECOND_US).is_allowed);
    for (uint32_t i = 0; i < 3 * RATE_BUCKETS_MAX; i++) {
        const struct rate_key key = key_of(i);
        (void)rate_limiter_charge(limiter, &key, 1, SECOND_US);
    }
    assert_int_equal(rate_limiter_count(limiter), RATE_BUCKETS_MAX);
    rate_limiter_destroy(&limiter);
}

static struct rate_key network_of(const char *text)
{
    struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
    struct sockaddr_in *four = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&storage;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        storage.ss_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
        storage.ss_family = AF_INET6;
    }
    return rate_key_of_address(1, (struct sockaddr *)&storage);
}

static bool is_one_network(const char *a, const char *b)
{
    const struct rate_key key_a = network_of(a), key_b = network_of(b);
    return memcmp(&key_a, &key_b, sizeof key_a) == 0;
}

static void networks_are_slash_24_and_slash_64(void **state)
{
    (void)state;
    assert_true(is_one_network("192.0.2.1", "192.0.2.254"));
    assert_false(is_one_network("192.0.2.1", "192.0.3.1"));
    assert_true(is_one_network("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"));
    assert_false(is_one_network("2001:db8::1", "2001:db8:0:1::1"));
    assert_true(is_one_network("::ffff:192.0.2.9", "192.0.2.1"));
    assert_false(is_one_network("::ffff:192.0.2.9", "::ffff:198.51.100.9"));
}

/* ---- what clients see ---- */

static struct answer get(const char *target, const char *headers)
{
    return client_ask(&fixture, "GET", target, headers, "");
}

static void limited_answers_say_what_is_left(void **state)
{
    (void)state;
    const struct answer answer = get(fixture.thing_path, "");
    assert_int_equal(answer.status, 200);
    assert_text_equal(answer_header(&answer, "ratelimit-policy"), TEXT("\"default\";q=3;w=60"));
    assert_text_equal(answer_header(&answer, "ratelimit"), TEXT("\"default\";r=2;t=20"));
    assert_int_equal(answer_header(&answer, "retry-after").length, 0);
}

static void above_the_rate_the_answer_is_429_and_no_actor_is_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(fixture.thing_path, "").status, 200);
    const struct answer answer = get(fixture.thing_path, "");
    assert_int_equal(answer.status, 429);
    assert_true(answer_contains(&answer, "\"code\":\"too_many_requests\""));
    assert_text_equal(answer_header(&answer, "retry-after"), TEXT("20"));
    assert_text_equal(answer_header(&answer, "ratelimit"), TEXT("\"default\";r=0;t=60"));
    assert_int_equal(fixture.seen.asks, 3);
}

static void probes_are_never_limited(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(get("/openapi.json", "").status, 200);
    assert_int_equal(get("/openapi.json", "").status, 429);
    for (int i = 0; i < 10; i++) {
        const struct answer answer = get("/healthz", "");
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer_header(&answer, "ratelimit").length, 0);
        assert_int_equal(get("/readyz", "").status, 200);
        assert_int_equal(get("/metrics", "").status, 200);
    }
}

static void refusals_count_too(void **state)
{
    (void)state;
    assert_int_equal(get("/v1/nothing", "").status, 404);
    assert_int_equal(client_ask(&fixture, "PUT", "/v1/things", "", "").status, 405);
    assert_int_equal(client_ask(&fixture, "POST", "/v1/things", "", "").status, 401);
    assert_int_equal(get("/v1/nothing", "").status, 429);
    assert_int_equal(client_ask(&fixture, "POST", "/v1/things", "", "").status, 429);
}

static void a_principal_has_a_bucket_of_its_own(void **state)
{
    (void)state;
    const char *token = token_header(&fixture, "store", "good", 600);
    for (int i = 0; i < 4; i++)
        (void)get(fixture.thing_path, "");
    assert_int_equal(get(fixture.thing_path, "").status, 429);
    for (int i = 0; i < 3; i++) {
        const struct answer answer =
            client_ask(&fixture, "PATCH", fixture.thing_path, token, "{\"name\":\"a\"}");
        assert_int_equal(answer.status, 415); /* read, and so counted */
    }
    assert_int_equal(client_ask(&fixture, "PATCH", fixture.thing_path, token, "{}").status, 429);
}

static void what_takes_credentials_has_a_policy_of_its_own(void **state)
{
    (void)state;
    const struct answer first = client_ask(&fixture, "POST", "/v1/things/open", "", "");
    assert_text_equal(answer_header(&first, "ratelimit-policy"), TEXT("\"auth\";q=2;w=60"));
    (void)client_ask(&fixture, "POST", "/v1/things/open", "", "");
    assert_int_equal(client_ask(&fixture, "POST", "/v1/things/open", "", "").status, 429);
    assert_int_equal(get(fixture.thing_path, "").status, 200);
}

static void codes_are_counted_apart_and_by_who_tries_them(void **state)
{
    (void)state;
    const char *const path = "/v1/things/start", *const token =
                                                     token_header(&fixture, "store", "good", 600);
    const struct answer first = client_ask(&fixture, "POST", path, "", "");
    assert_text_equal(answer_header(&first, "ratelimit-policy"), TEXT("\"codes\";q=2;w=60"));
    (void)client_ask(&fixture, "POST", path, "", "");
    assert_int_equal(client_ask(&fixture, "POST", path, "", "").status, 429);
    for (int i = 0; i < 2; i++)
        assert_int_not_equal(client_ask(&fixture, "POST", path, token, "").status, 429);
    assert_int_equal(client_ask(&fixture, "POST", path, token, "").status, 429);
    assert_int_equal(get(fixture.thing_path, "").status, 200);
    assert_int_not_equal(client_ask(&fixture, "POST", "/v1/things/open", "", "").status, 429);
}

static void the_policy_is_the_route_s_however_a_path_reads(void **state)
{
    (void)state;
    const struct answer answer = client_ask(&fixture, "POST", "/v1/nothing/login", "", "");
    assert_int_equal(answer.status, 404);
    assert_text_equal(answer_header(&answer, "ratelimit-policy"), TEXT("\"default\";q=3;w=60"));
}

/* Each is a question to the domain, and none has a principal yet. */
static void api_keys_that_are_made_up_count_for_their_network(void **state)
{
    (void)state;
    fixture.script.key_status = STATUS_UNAUTHENTICATED;
    static const char *const secrets[] = { "AAAA", "BBBB", "CCCC", "DDDD" };
    for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++) {
        const struct text header =
            text_format(fixture.arena,
                        "Authorization: Bearer sk_store_key_01h455vb4pex5vsknk084sn02q."
                        "%sAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
                        secrets[i]);
        (void)client_ask(&fixture, "PATCH", fixture.thing_path, text_string(fixture.arena, header),
                         "");
    }
    assert_in_range(fixture.seen.api_key_asks, 1, 3);
    assert_int_equal(get(fixture.thing_path, "").status, 429);
}

static void a_forwarded_address_is_not_believed(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        (void)get(fixture.thing_path, "X-Forwarded-For: 203.0.113.1\r\n");
    assert_int_equal(get(fixture.thing_path, "X-Forwarded-For: 203.0.114.2\r\n").status, 429);
}

static void without_limits_nothing_is_counted_or_said(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        const struct answer answer = get(fixture.thing_path, "");
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer_header(&answer, "ratelimit").length, 0);
        assert_int_equal(answer_header(&answer, "ratelimit-policy").length, 0);
    }
}

#define SERVED(claim) cmocka_unit_test_setup_teardown(claim, start_three, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_taken_at_once_and_then_refused),
        cmocka_unit_test(a_bucket_fills_with_time_and_refusals_take_nothing),
        cmocka_unit_test(buckets_are_apart_by_policy_kind_and_owner),
        cmocka_unit_test(the_table_is_bounded_and_drops_the_oldest),
        cmocka_unit_test(networks_are_slash_24_and_slash_64),
        SERVED(limited_answers_say_what_is_left),
        SERVED(above_the_rate_the_answer_is_429_and_no_actor_is_asked),
        SERVED(probes_are_never_limited),
        SERVED(refusals_count_too),
        SERVED(a_principal_has_a_bucket_of_its_own),
        SERVED(what_takes_credentials_has_a_policy_of_its_own),
        SERVED(codes_are_counted_apart_and_by_who_tries_them),
        SERVED(the_policy_is_the_route_s_however_a_path_reads),
        SERVED(api_keys_that_are_made_up_count_for_their_network),
        SERVED(a_forwarded_address_is_not_believed),
        cmocka_unit_test_setup_teardown(without_limits_nothing_is_counted_or_said, start_off, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
