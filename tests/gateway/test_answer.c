/* What clients get back: replies, problems, entity tags, HEAD. */
#include <string.h>
#include <unistd.h>

#include "common_messages.h"
#include "tests/gateway/fixture.h"

static void a_reply_is_json_with_its_headers(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path, "", "");
    assert_int_equal(answer.status, 200);
    assert_text_equal(answer_header(&answer, "content-type"), TEXT("application/json"));
    assert_text_equal(answer_header(&answer, "x-content-type-options"), TEXT("nosniff"));
    assert_text_equal(answer_header(&answer, "cache-control"),
                      TEXT("public, max-age=0, must-revalidate"));
    assert_true(answer_contains(&answer, "\"name\":\"Lamp\",\"version\":7}"));
}

static void a_body_tag_gives_304(void **state)
{
    struct fixture *fixture = *state;
    const struct answer first = client_ask(fixture, "GET", fixture->thing_path, "", "");
    const struct text tag = answer_header(&first, "etag");
    assert_int_equal(tag.length, 24);
    const struct text header = text_format(fixture->arena, "If-None-Match: \"other\", W/%.*s\r\n",
                                           (int)tag.length, tag.data);
    const struct answer again =
        client_ask(fixture, "GET", fixture->thing_path, text_string(fixture->arena, header), "");
    assert_int_equal(again.status, 304);
    assert_text_equal(answer_header(&again, "etag"), tag);
    assert_int_equal(again.body.length, 0);
    const struct answer other =
        client_ask(fixture, "GET", fixture->thing_path, "If-None-Match: \"other\"\r\n", "");
    assert_int_equal(other.status, 200);
}

static void a_304_keeps_the_connection(void **state)
{
    struct fixture *fixture = *state;
    const int socket = client_connect(fixture);
    const struct text request =
        text_format(fixture->arena, "GET %s HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
                    fixture->thing_path);
    client_send(socket, request);
    assert_int_equal(client_read(fixture, socket, true).status, 304);
    client_send(socket, request);
    assert_int_equal(client_read(fixture, socket, true).status, 304);
    (void)close(socket);
}

static void a_version_tag_comes_from_the_reply(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    assert_text_equal(answer_header(&answer, "etag"), TEXT("\"7\""));
    assert_text_equal(answer_header(&answer, "cache-control"), TEXT("no-store"));
}

static void head_has_the_length_and_no_body(void **state)
{
    struct fixture *fixture = *state;
    const struct answer got = client_ask(fixture, "GET", fixture->thing_path, "", "");
    const int socket = client_connect(fixture);
    const struct text request =
        text_format(fixture->arena,
                    "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
                    fixture->thing_path);
    client_send(socket, request);
    const struct answer head = client_read(fixture, socket, true);
    assert_int_equal(head.status, 200);
    assert_text_equal(answer_header(&head, "content-length"),
                      answer_header(&got, "content-length"));
    /* The next bytes are the next answer. */
    struct answer next = head;
    next.head = head.body;
    if (head.body.length == 0) next = client_read(fixture, socket, false);
    assert_true(text_starts_with(next.head, TEXT("HTTP/1.1 200")));
    (void)close(socket);
}

static void a_status_of_the_actor_wins(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.http_status = 202;
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.http_status = 0;
    assert_int_equal(answer.status, 202);
}

static void a_replayed_answer_says_so(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.is_replayed = true;
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.is_replayed = false;
    assert_text_equal(answer_header(&answer, "idempotent-replayed"), TEXT("true"));
}

static void a_replayed_refusal_says_so_too(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.is_replayed = true;
    fixture->script.status = STATUS_NOT_FOUND;
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path, "", "");
    assert_int_equal(answer.status, 404);
    assert_text_equal(answer_header(&answer, "idempotent-replayed"), TEXT("true"));
    fixture->script.is_replayed = false;
    fixture->script.status = STATUS_OK;
}

static void a_refusal_is_a_problem_with_its_reasons(void **state)
{
    struct fixture *fixture = *state;
    const struct common_problem_item item = { .pointer = TEXT("/lines/0"),
                                              .code = TEXT("missing_field"),
                                              .has_requested = true,
                                              .requested = 3,
                                              .has_available = true,
                                              .available = 1 };
    const struct common_problem_detail detail = {
        .has_detail = true, .detail = TEXT("Only \"one\" left."), .errors = &item, .errors_count = 1
    };
    fixture->script.status = STATUS_CONFLICT;
    fixture->script.reply_schema = &common_problem_detail_schema;
    fixture->script.reply_value = &detail;
    const struct answer answer =
        client_ask(fixture, "PATCH", fixture->thing_path, "X-Request-Id: r1\r\n", "");
    fixture->script.status = STATUS_OK;
    fixture->script.reply_schema = &thing_schema;
    fixture->script.reply_value = &fixture->thing;
    assert_int_equal(answer.status, 409);
    const struct text expected = text_format(
        fixture->arena,
        "{\"type\":\"/problems/"
        "conflict\",\"title\":\"%s\",\"status\":409,\"instance\":\"%s\",\"code\":\"conflict\","
        "\"request_id\":\"r1\",\"detail\":\"Only \\\"one\\\" "
        "left.\",\"errors\":[{\"pointer\":\"/lines/0\",\"in\":\"body\",\"code\":"
        "\"missing_field\",\"detail\":\"%s\",\"requested\":3,\"available\":1}]}",
        status_title(STATUS_CONFLICT), fixture->thing_path, status_title(STATUS_MISSING_FIELD));
    assert_text_equal(answer.body, expected);
}

static void a_refusal_without_reasons_is_a_problem_too(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.status = STATUS_REQUEST_IN_PROGRESS;
    fixture->script.reply_schema = NULL;
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.status = STATUS_OK;
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(answer.status, 409);
    assert_text_equal(answer_header(&answer, "retry-after"), TEXT("1"));
}

/* A name that only the unique index of the database knew to be taken. */
static void a_refusal_without_reasons_names_its_field_if_the_request_has_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.status = STATUS_VENDOR_NAME_TAKEN;
    fixture->script.reply_schema = NULL;
    const struct answer named =
        client_ask(fixture, "POST", "/v1/things/open", "Content-Type: application/json\r\n",
                   "{\"name\":\"Tea\",\"quantity\":1}");
    fixture->script.status = STATUS_EMAIL_TAKEN;
    const struct answer nameless =
        client_ask(fixture, "POST", "/v1/things/open", "Content-Type: application/json\r\n",
                   "{\"name\":\"Tea\",\"quantity\":1}");
    fixture->script.status = STATUS_OK;
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(named.status, 409);
    assert_true(answer_contains(&named, "\"errors\":[{\"pointer\":\"/name\",\"in\":\"body\""));
    assert_int_equal(nameless.status, 409);
    assert_false(answer_contains(&nameless, "\"errors\""));
}

static void too_many_requests_say_when_to_come_back(void **state)
{
    struct fixture *fixture = *state;
    const struct common_problem_item item = { .pointer = TEXT(""),
                                              .code = TEXT("too_many_requests"),
                                              .has_available = true,
                                              .available = 900 };
    const struct common_problem_detail detail = { .errors = &item, .errors_count = 1 };
    fixture->script.status = STATUS_TOO_MANY_REQUESTS;
    fixture->script.reply_schema = &common_problem_detail_schema;
    fixture->script.reply_value = &detail;
    const struct answer answer = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.status = STATUS_OK;
    fixture->script.reply_schema = &thing_schema;
    fixture->script.reply_value = &fixture->thing;
    assert_int_equal(answer.status, 429);
    assert_text_equal(answer_header(&answer, "retry-after"), TEXT("900"));
}

static void what_went_wrong_between_processes_is_not_told(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.status = STATUS_FENCED;
    const struct answer fenced = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.status = STATUS_CORRUPT;
    const struct answer corrupt = client_ask(fixture, "PATCH", fixture->thing_path, "", "");
    fixture->script.status = STATUS_OK;
    assert_int_equal(fenced.status, 503);
    assert_true(answer_contains(&fenced, "\"code\":\"unavailable\""));
    assert_text_equal(answer_header(&fenced, "retry-after"), TEXT("1"));
    assert_int_equal(corrupt.status, 500);
    assert_true(answer_contains(&corrupt, "\"code\":\"internal\""));
}

static void an_ask_that_fails_is_503(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.transport = STATUS_DEADLINE_EXCEEDED;
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path, "", "");
    fixture->script.transport = STATUS_OK;
    assert_int_equal(answer.status, 503);
    assert_true(answer_contains(&answer, "\"code\":\"deadline_exceeded\""));
}

static void a_reply_that_is_not_understood_is_500(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.reply_schema = NULL;
    const struct answer answer = client_ask(fixture, "GET", fixture->thing_path, "", "");
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(answer.status, 500);
}

static void an_unknown_path_is_a_problem(void **state)
{
    const struct answer answer = client_ask(*state, "GET", "/v1/nothing?x=1", "", "");
    assert_int_equal(answer.status, 404);
    assert_true(answer_contains(&answer, "\"instance\":\"/v1/nothing\""));
}

static void another_method_gets_allow(void **state)
{
    const struct answer answer = client_ask(*state, "PUT", "/v1/things", "", "");
    assert_int_equal(answer.status, 405);
    assert_text_equal(answer_header(&answer, "allow"), TEXT("GET, HEAD, POST, OPTIONS"));
    const struct answer service = client_ask(*state, "POST", "/healthz", "", "");
    assert_int_equal(service.status, 405);
}

static void every_problem_says_what_can_be_done(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = client_ask(fixture, "GET", "/v1/nowhere", "", "");
    assert_int_equal(answer.status, 404);
    assert_true(answer_contains(&answer, status_help(STATUS_NOT_FOUND)));
}

static void a_missing_permission_is_named(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.status = STATUS_FORBIDDEN;
    fixture->script.reply_schema = NULL;
    const struct token_parts parts = { .audience = "store",
                                       .kid = "good",
                                       .session = fixture->thing.id,
                                       .lifetime_s = 60,
                                       .rights = "2" };
    const struct text headers =
        text_format(fixture->arena, "%sIdempotency-Key: k\r\nContent-Type: application/json\r\n",
                    token_header_of(fixture, &parts));
    const struct answer answer =
        client_ask(fixture, "POST", "/v1/things", text_string(fixture->arena, headers),
                   "{\"name\":\"Lamp\",\"quantity\":3}");
    fixture->script.status = STATUS_OK;
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(answer.status, 403);
    assert_true(answer_contains(&answer, "It needs the permission making."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_json_with_its_headers),
        cmocka_unit_test(a_body_tag_gives_304),
        cmocka_unit_test(a_304_keeps_the_connection),
        cmocka_unit_test(a_version_tag_comes_from_the_reply),
        cmocka_unit_test(head_has_the_length_and_no_body),
        cmocka_unit_test(a_status_of_the_actor_wins),
        cmocka_unit_test(a_replayed_answer_says_so),
        cmocka_unit_test(a_replayed_refusal_says_so_too),
        cmocka_unit_test(a_refusal_is_a_problem_with_its_reasons),
        cmocka_unit_test(a_refusal_without_reasons_is_a_problem_too),
        cmocka_unit_test(a_refusal_without_reasons_names_its_field_if_the_request_has_it),
        cmocka_unit_test(too_many_requests_say_when_to_come_back),
        cmocka_unit_test(what_went_wrong_between_processes_is_not_told),
        cmocka_unit_test(an_ask_that_fails_is_503),
        cmocka_unit_test(a_reply_that_is_not_understood_is_500),
        cmocka_unit_test(an_unknown_path_is_a_problem),
        cmocka_unit_test(another_method_gets_allow),
        cmocka_unit_test(every_problem_says_what_can_be_done),
        cmocka_unit_test(a_missing_permission_is_named),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
