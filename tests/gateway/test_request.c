/* From HTTP to a message: parameters, bodies, headers. */
#include <string.h>

#include "gateway/exchange.h"
#include "messages/codec_msgpack.h"
#include "runtime/secret.h"
#include "tests/gateway/fixture.h"

static struct list_things listed(struct fixture *fixture)
{
    struct list_things value;
    assert_int_equal(
        msgpack_decode(&list_things_schema, fixture->seen.body, fixture->arena, &value), STATUS_OK);
    return value;
}

static void parameters_become_fields(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer =
        client_ask(fixture, "GET", "/v1/things?limit=5&sort=oldest", "", "");
    assert_int_equal(answer.status, 200);
    const struct list_things value = listed(fixture);
    assert_int_equal(value.limit, 5);
    assert_int_equal(value.sort, 1);
    assert_false(value.has_owner);
}

static void an_absent_parameter_has_its_default(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(client_ask(fixture, "GET", "/v1/things", "", "").status, 200);
    assert_int_equal(listed(fixture).limit, 20);
}

static void an_unknown_parameter_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer answer = client_ask(fixture, "GET", "/v1/things?colour=red", "", "");
    assert_refused(&answer, 400, "unknown_parameter");
    assert_true(answer_contains(&answer, "\"pointer\":\"/colour\""));
    assert_int_equal(fixture->seen.asks, asks);
}

static void a_bad_value_is_refused_with_those_that_are_allowed(void **state)
{
    const struct answer answer = client_ask(*state, "GET", "/v1/things?sort=sideways", "", "");
    assert_refused(&answer, 400, "invalid_parameter");
    assert_true(answer_contains(&answer, "\"pointer\":\"/sort\",\"in\":\"query\""));
    assert_true(answer_contains(&answer, "It is one of: newest, oldest."));
    assert_true(answer_contains(&answer, "\"allowed\":[\"newest\",\"oldest\"]"));
}

static void a_number_outside_its_limits_is_refused_with_them(void **state)
{
    const struct answer answer = client_ask(*state, "GET", "/v1/things?limit=101", "", "");
    assert_refused(&answer, 400, "invalid_parameter");
    assert_true(answer_contains(&answer, "Allowed: 1 to 100."));
    assert_true(answer_contains(&answer, "\"minimum\":1,\"maximum\":100"));
}

static void all_faults_of_a_query_are_told_at_once(void **state)
{
    const struct answer answer =
        client_ask(*state, "GET", "/v1/things?limit=0&sort=sideways&colour=red", "", "");
    assert_refused(&answer, 400, "invalid_parameter");
    assert_true(answer_contains(&answer, "\"pointer\":\"/limit\""));
    assert_true(answer_contains(&answer, "\"pointer\":\"/sort\""));
    assert_true(answer_contains(&answer, "\"pointer\":\"/colour\""));
}

static void faults_of_headers_query_and_body_are_told_together(void **state)
{
    struct fixture *fixture = *state;
    const struct text target = text_format(fixture->arena, "%s?colour=red", fixture->thing_path);
    const struct answer answer =
        client_ask(fixture, "PATCH", text_string(fixture->arena, target),
                   "If-Match: x\r\nContent-Type: application/json\r\n", "{\"name\":7}");
    assert_refused(&answer, 400, "malformed");
    assert_true(answer_contains(&answer, "\"pointer\":\"/If-Match\",\"in\":\"header\""));
    assert_true(answer_contains(&answer, "\"pointer\":\"/colour\",\"in\":\"query\""));
    assert_true(answer_contains(&answer, "\"pointer\":\"/name\",\"in\":\"body\""));
}

static void a_field_given_twice_is_named(void **state)
{
    const struct answer answer = post_thing(*state, "Idempotency-Key: k\r\n",
                                            "{\"name\":\"a\",\"quantity\":1,\"name\":\"b\"}");
    assert_refused(&answer, 400, "duplicate_field");
    assert_true(answer_contains(&answer, "\"pointer\":\"/name\""));
}

static void a_limit_out_of_range_is_an_invalid_parameter(void **state)
{
    const struct answer above = client_ask(*state, "GET", "/v1/things?limit=101", "", "");
    assert_refused(&above, 400, "invalid_parameter");
    const struct answer below = client_ask(*state, "GET", "/v1/things?limit=0", "", "");
    assert_refused(&below, 400, "invalid_parameter");
    const struct answer word = client_ask(*state, "GET", "/v1/things?limit=many", "", "");
    assert_refused(&word, 400, "invalid_parameter");
}

static void a_parameter_given_twice_is_refused(void **state)
{
    const struct answer answer = client_ask(*state, "GET", "/v1/things?limit=1&limit=2", "", "");
    assert_refused(&answer, 400, "invalid_parameter");
}

static void percent_encoding_is_undone_in_names_and_values(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer =
        client_ask(fixture, "GET", "/v1/things?%6Cimit=%35&sort=o%6cdest", "", "");
    assert_int_equal(answer.status, 200);
    const struct list_things value = listed(fixture);
    assert_int_equal(value.limit, 5);
    assert_int_equal(value.sort, 1);
}

static void a_target_in_absolute_form_is_taken(void **state)
{
    struct fixture *fixture = *state;
    static const char *const targets[] = { "http://shop.example/v1/things?limit=5",
                                           "HTTPS://shop.example:8443/v1/things?limit=5" };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        assert_int_equal(client_ask(fixture, "GET", targets[i], "", "").status, 200);
        assert_int_equal(listed(fixture).limit, 5);
    }
    const struct answer root = client_ask(fixture, "GET", "http://shop.example?x=1", "", "");
    assert_refused(&root, 404, "not_found");
    assert_true(answer_contains(&root, "\"instance\":\"/\""));
    const struct answer nowhere = client_ask(fixture, "GET", "http:///v1/things", "", "");
    assert_int_equal(nowhere.status, 404);
}

static void a_plus_is_a_space_in_a_query(void **state)
{
    const struct answer plus = client_ask(*state, "GET", "/v1/things?limit=+5", "", "");
    assert_refused(&plus, 400, "invalid_parameter");
    const struct answer encoded = client_ask(*state, "GET", "/v1/things?limit=%205", "", "");
    assert_refused(&encoded, 400, "invalid_parameter");
}

static void a_plus_is_a_plus_in_a_path(void **state)
{
    struct fixture *fixture = *state;
    const struct text path = text_format(fixture->arena, "%s+", fixture->thing_path);
    const struct answer answer =
        client_ask(fixture, "GET", text_string(fixture->arena, path), "", "");
    assert_refused(&answer, 404, "not_found");
}

static void percent_encoding_is_undone_in_the_path(void **state)
{
    struct fixture *fixture = *state;
    const struct text path = text_format(fixture->arena, "/v1/things/%%74%s",
                                         fixture->thing_path + strlen("/v1/things/t"));
    assert_int_equal(client_ask(fixture, "GET", text_string(fixture->arena, path), "", "").status,
                     200);
    const struct text encoded_slash = TEXT("/v1%2Fthings");
    const struct answer slash =
        client_ask(fixture, "GET", text_string(fixture->arena, encoded_slash), "", "");
    assert_refused(&slash, 404, "not_found");
}

static void broken_percent_encoding_is_malformed(void **state)
{
    const struct answer answer = client_ask(*state, "GET", "/v1/things?limit=%4", "", "");
    assert_refused(&answer, 400, "malformed");
}

static void a_malformed_id_in_the_path_is_not_found(void **state)
{
    const struct answer other_kind =
        client_ask(*state, "GET", "/v1/things/usr_01h455vb4pex5vsknk084sn02q", "", "");
    assert_refused(&other_kind, 404, "not_found");
    const struct answer rubbish = client_ask(*state, "GET", "/v1/things/%ff%zz", "", "");
    assert_refused(&rubbish, 404, "not_found");
}

static void a_body_becomes_a_message_of_the_principal(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer =
        post_thing(fixture, "Idempotency-Key: k1\r\n", "{\"name\":\"Lamp\",\"quantity\":3}");
    assert_int_equal(answer.status, 201);
    struct make_thing value;
    assert_int_equal(msgpack_decode(&make_thing_schema, fixture->seen.body, fixture->arena, &value),
                     STATUS_OK);
    assert_text_equal(value.name, TEXT("Lamp"));
    const struct envelope *sent = &fixture->seen.last;
    assert_int_equal(sent->principal.kind, PRINCIPAL_SHOPPER);
    assert_memory_equal(sent->principal.id.bytes, fixture->thing.id.bytes, 16);
    assert_memory_equal(sent->key.bytes, fixture->thing.id.bytes, 16);
    assert_int_equal(sent->shard, uuid_shard(fixture->thing.id));
    assert_true(principal_is_proved(fixture->principal_key, sent));
}

static void a_missing_field_is_named(void **state)
{
    const struct answer answer =
        post_thing(*state, "Idempotency-Key: k\r\n", "{\"name\":\"Lamp\"}");
    assert_refused(&answer, 422, "missing_field");
    assert_true(answer_contains(&answer, "\"pointer\":\"/quantity\""));
}

static void an_empty_body_names_the_missing_fields(void **state)
{
    const struct answer answer = post_thing(*state, "Idempotency-Key: k\r\n", "");
    assert_refused(&answer, 422, "missing_field");
    assert_true(answer_contains(&answer, "\"pointer\":\"/name\""));
}

static void strict_json_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer twice = post_thing(fixture, "Idempotency-Key: k\r\n",
                                           "{\"name\":\"a\",\"name\":\"b\",\"quantity\":1}");
    assert_refused(&twice, 400, "duplicate_field");
    const struct answer unknown = post_thing(fixture, "Idempotency-Key: k\r\n",
                                             "{\"name\":\"a\",\"quantity\":1,\"price\":0}");
    assert_refused(&unknown, 400, "unknown_field");
    const struct answer broken = post_thing(fixture, "Idempotency-Key: k\r\n", "{\"name\":");
    assert_refused(&broken, 400, "invalid_json");
    const struct answer wrong =
        post_thing(fixture, "Idempotency-Key: k\r\n", "{\"name\":1,\"quantity\":1}");
    assert_refused(&wrong, 400, "wrong_type");
    const struct answer beyond =
        post_thing(fixture, "Idempotency-Key: k\r\n", "{\"name\":\"a\",\"quantity\":101}");
    assert_refused(&beyond, 422, "out_of_range");
    assert_int_equal(fixture->seen.asks, asks);
}

static void another_content_type_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct answer form =
        client_ask(fixture, "POST", "/v1/things/open",
                   "Content-Type: application/x-www-form-urlencoded\r\n", "name=a");
    assert_refused(&form, 415, "unsupported_media_type");
    const struct answer none = client_ask(fixture, "POST", "/v1/things/open", "", "{}");
    assert_refused(&none, 415, "unsupported_media_type");
    const struct answer latin =
        client_ask(fixture, "POST", "/v1/things/open",
                   "Content-Type: application/json; charset=latin1\r\n", "{}");
    assert_refused(&latin, 415, "unsupported_media_type");
    const struct answer packed =
        client_ask(fixture, "POST", "/v1/things/open",
                   "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "{}");
    assert_refused(&packed, 415, "unsupported_media_type");
}

static void utf8_json_is_taken(void **state)
{
    const struct answer answer = client_ask(*state, "POST", "/v1/things/open",
                                            "Content-Type: application/json; charset=UTF-8\r\n",
                                            "{\"name\":\"L\xc3\xa4mp\",\"quantity\":1}");
    assert_int_equal(answer.status, 200);
}

/* Asks with the header lines; what the domain got is in *ret_value. */
static void ask_if_match(struct fixture *fixture, const char *headers,
                         struct change_thing *ret_value)
{
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, headers, "");
    assert_int_equal(answer.status, 200);
    assert_int_equal(
        msgpack_decode(&change_thing_schema, fixture->seen.body, fixture->arena, ret_value),
        STATUS_OK);
}

static void if_match_is_a_list_of_versions(void **state)
{
    struct change_thing value;
    ask_if_match(*state, "If-Match: \"7\"\r\n", &value);
    assert_int_equal(value.versions_count, 1);
    assert_int_equal(value.versions[0], 7);
    ask_if_match(*state, "If-Match: \"99\", \"7\" ,\r\n", &value);
    assert_int_equal(value.versions_count, 2);
    assert_int_equal(value.versions[0], 99);
    assert_int_equal(value.versions[1], 7);
    ask_if_match(*state, "If-Match: \"99\"\r\nIf-Match: \"7\"\r\n", &value);
    assert_int_equal(value.versions_count, 2);
    ask_if_match(*state, "If-Match: *\r\n", &value);
    assert_int_equal(value.versions_count, 0);
}

static void a_tag_that_nothing_has_asks_for_no_version(void **state)
{
    static const char *const headers[] = {
        "If-Match: \"x\"\r\n",   "If-Match: W/\"7\"\r\n", "If-Match: \"99999999999999999999\"\r\n",
        "If-Match: \"a,b\"\r\n", "If-Match: \"-7\"\r\n",  "If-Match: \"07\"\r\n"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        struct change_thing value;
        ask_if_match(*state, headers[i], &value);
        assert_int_equal(value.versions_count, 1);
        assert_int_equal(value.versions[0], 0);
    }
}

static void what_is_no_tag_is_malformed_and_named(void **state)
{
    struct fixture *fixture = *state;
    static const char *const headers[] = { "If-Match: x\r\n",
                                           "If-Match: \"7\r\n",
                                           "If-Match: 7\r\n",
                                           "If-Match: \"7\" \"8\"\r\n",
                                           "If-Match: \"7\", 8\r\n",
                                           "If-Match: ,\r\n",
                                           "If-Match: \"1\",\"2\",\"3\",\"4\",\"5\"\r\n",
                                           "If-Match:\r\n" };
    const size_t asks = fixture->seen.asks;
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        const struct answer answer =
            client_ask(fixture, "PATCH", fixture->thing_path, headers[i], "");
        assert_refused(&answer, 400, "malformed");
        assert_true(answer_contains(&answer, "\"pointer\":\"/If-Match\",\"in\":\"header\""));
    }
    assert_int_equal(fixture->seen.asks, asks);
}

static void what_is_keyed_by_its_sender_has_a_key_of_its_own_without_one(void **state)
{
    struct fixture *fixture = *state;
    struct uuid keys[2];
    for (size_t i = 0; i < 2; i++) {
        (void)client_ask(fixture, "POST", "/v1/things/start", "Content-Type: application/json\r\n",
                         "{\"name\":\"Lamp\",\"quantity\":3}");
        keys[i] = fixture->seen.last.key;
        assert_true(uuid_equals(keys[i], fixture->seen.last.msg_id));
        assert_int_equal(fixture->seen.last.shard, uuid_shard(keys[i]));
    }
    assert_false(uuid_equals(keys[0], keys[1]));
}

static void request_ids_and_traces_travel(void **state)
{
    struct fixture *fixture = *state;
    const char *trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const struct text headers =
        text_format(fixture->arena, "X-Request-Id: abc-1\r\nTraceparent: %s\r\n", trace);
    const struct answer answer =
        client_ask(fixture, "GET", fixture->thing_path, text_string(fixture->arena, headers), "");
    assert_text_equal(answer_header(&answer, "x-request-id"), TEXT("abc-1"));
    assert_text_equal(fixture->seen.last.request_id, TEXT("abc-1"));
    assert_text_equal(fixture->seen.last.trace, text_of(trace));
}

static void malformed_request_ids_and_traces_are_replaced(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path,
                                            "X-Request-Id: a b\r\nTraceparent: 00-xyz\r\n", "");
    assert_true(text_starts_with(answer_header(&answer, "x-request-id"), TEXT("req_")));
    assert_int_equal(fixture->seen.last.trace.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_become_fields),
        cmocka_unit_test(an_absent_parameter_has_its_default),
        cmocka_unit_test(an_unknown_parameter_is_refused),
        cmocka_unit_test(a_bad_value_is_refused_with_those_that_are_allowed),
        cmocka_unit_test(a_number_outside_its_limits_is_refused_with_them),
        cmocka_unit_test(all_faults_of_a_query_are_told_at_once),
        cmocka_unit_test(faults_of_headers_query_and_body_are_told_together),
        cmocka_unit_test(a_field_given_twice_is_named),
        cmocka_unit_test(a_limit_out_of_range_is_an_invalid_parameter),
        cmocka_unit_test(a_parameter_given_twice_is_refused),
        cmocka_unit_test(percent_encoding_is_undone_in_names_and_values),
        cmocka_unit_test(a_target_in_absolute_form_is_taken),
        cmocka_unit_test(a_plus_is_a_space_in_a_query),
        cmocka_unit_test(a_plus_is_a_plus_in_a_path),
        cmocka_unit_test(percent_encoding_is_undone_in_the_path),
        cmocka_unit_test(broken_percent_encoding_is_malformed),
        cmocka_unit_test(a_malformed_id_in_the_path_is_not_found),
        cmocka_unit_test(a_body_becomes_a_message_of_the_principal),
        cmocka_unit_test(a_missing_field_is_named),
        cmocka_unit_test(an_empty_body_names_the_missing_fields),
        cmocka_unit_test(strict_json_is_asked_for),
        cmocka_unit_test(another_content_type_is_refused),
        cmocka_unit_test(utf8_json_is_taken),
        cmocka_unit_test(if_match_is_a_list_of_versions),
        cmocka_unit_test(a_tag_that_nothing_has_asks_for_no_version),
        cmocka_unit_test(what_is_no_tag_is_malformed_and_named),
        cmocka_unit_test(what_is_keyed_by_its_sender_has_a_key_of_its_own_without_one),
        cmocka_unit_test(request_ids_and_traces_travel),
        cmocka_unit_test(malformed_request_ids_and_traces_are_replaced),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
