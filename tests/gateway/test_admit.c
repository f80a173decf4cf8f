/* Sessions that have ended, API keys, and staff in a shopper's name. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/access_log.h"
#include "gateway/api_keys.h"
#include "gateway/ended_sessions.h"
#include "runtime/secret.h"
#include "tests/gateway/fixture.h"

static struct answer make(struct fixture *fixture, const char *headers)
{
    static int count;
    const struct text all =
        text_format(fixture->arena, "%sContent-Type: application/json\r\nIdempotency-Key: k%d\r\n",
                    headers, ++count);
    fixture->script.reply_schema = &thing_schema;
    return client_ask(fixture, "POST", "/v1/things", text_string(fixture->arena, all),
                      "{\"name\":\"Lamp\",\"quantity\":1}");
}

static const char *shopper(struct fixture *fixture, uint8_t session)
{
    const struct token_parts parts = {
        .audience = "store", .kid = "good", .session = { { session, 1 } }, .lifetime_s = 600
    };
    return token_header_of(fixture, &parts);
}

/* ---- sessions ---- */

static void item_26_a_session_that_ended_elsewhere_is_refused_within_seconds(void **state)
{
    struct fixture *fixture = *state;
    const char *gone = shopper(fixture, 77), *other = shopper(fixture, 78);
    assert_int_equal(make(fixture, gone).status, 201);
    fixture->script.ended[0] = (struct uuid){ { 77, 1 } };
    fixture->script.ended_count = 1;
    int waited_s = 0;
    while (make(fixture, gone).status == 201 && waited_s++ < 10)
        (void)sleep(1);
    fixture->script.ended_count = 0;
    const struct answer answer = make(fixture, gone);
    assert_int_equal(answer.status, 401);
    assert_true(answer_contains(&answer, "\"code\":\"unauthenticated\""));
    assert_int_equal(make(fixture, other).status, 201);
    /* Asked anew with what was said before; and remembered when it is said no more. */
    assert_true(fixture->seen.ended_after_us > 0);
}

static void item_26_a_logout_here_is_heard_at_once(void **state)
{
    struct fixture *fixture = *state;
    const char *token = shopper(fixture, 79);
    assert_int_equal(make(fixture, token).status, 201);
    fixture->script.reply_schema = NULL;
    assert_int_equal(client_ask(fixture, "POST", "/v1/auth/logout", token, "").status, 204);
    assert_int_equal(make(fixture, token).status, 401);
}

static void a_logout_that_failed_leaves_the_session(void **state)
{
    struct fixture *fixture = *state;
    const char *token = shopper(fixture, 80);
    fixture->script.reply_schema = NULL;
    fixture->script.status = STATUS_UNAVAILABLE;
    assert_int_equal(client_ask(fixture, "POST", "/v1/auth/logout", token, "").status, 503);
    fixture->script.status = STATUS_OK;
    assert_int_equal(make(fixture, token).status, 201);
}

/* ---- API keys ---- */

static const char *key_header(struct fixture *fixture, const char *surface, uint8_t secret)
{
    char id[ID_TEXT_MAX + 1];
    uint8_t bytes[32];
    memset(bytes, secret, sizeof bytes);
    (void)id_format("key", fixture->thing.id, id);
    const struct text encoded =
        base64url_encode(fixture->arena, (struct text){ (const char *)bytes, sizeof bytes });
    return text_string(fixture->arena,
                       text_format(fixture->arena, "Authorization: Bearer sk_%s_%s.%.*s\r\n",
                                   surface, id, (int)encoded.length, encoded.data));
}

static void script_key(struct fixture *fixture, int64_t life_s)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    fixture->script.key_status = STATUS_OK;
    fixture->script.key_use = (struct common_api_key_use){
        .account_id = fixture->thing.id,
        .person_id = fixture->thing.id,
        .key_id = fixture->thing.id,
        .rights = 5,
        .expires_at_us = (int64_t)now.tv_sec * 1000000 + life_s * 1000000,
    };
}

static void an_api_key_speaks_for_its_account_and_is_asked_for_once(void **state)
{
    struct fixture *fixture = *state;
    script_key(fixture, 60);
    const char *key = key_header(fixture, "store", 1);
    const size_t asks = fixture->seen.api_key_asks;
    assert_int_equal(make(fixture, key).status, 201);
    assert_int_equal(make(fixture, key).status, 201);
    assert_int_equal(fixture->seen.api_key_asks, asks + 1);
    const struct principal *principal = &fixture->seen.last.principal;
    assert_true(principal->is_api_key);
    assert_int_equal(principal->kind, PRINCIPAL_SHOPPER);
    assert_int_equal(principal->rights, 5);
    assert_true(uuid_is_zero(principal->actor)); /* nobody impersonates */
    assert_true(uuid_equals(principal->session, fixture->thing.id));
    assert_int_equal(principal->confirmed_us, 0);
}

static void a_refused_api_key_is_remembered_for_a_while(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.key_status = STATUS_UNAUTHENTICATED;
    const char *key = key_header(fixture, "store", 3);
    const size_t asks = fixture->seen.api_key_asks;
    for (int i = 0; i < 5; i++)
        assert_int_equal(make(fixture, key).status, 401);
    assert_int_equal(fixture->seen.api_key_asks, asks + 1);
}

static void an_api_key_whose_domain_is_away_is_unavailable_and_not_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.key_status = STATUS_UNAVAILABLE;
    const char *key = key_header(fixture, "store", 4);
    assert_int_equal(make(fixture, key).status, 503);
    script_key(fixture, 60);
}

static void api_keys_of_other_surfaces_and_malformed_ones_are_asked_of_nobody(void **state)
{
    struct fixture *fixture = *state;
    script_key(fixture, 60);
    const size_t asks = fixture->seen.api_key_asks;
    static const char *const headers[] = {
        "Authorization: Bearer sk_\r\n",
        "Authorization: Bearer sk_store_\r\n",
        "Authorization: Bearer sk_store_key_.\r\n",
        "Authorization: Bearer sk_store_key_00000000000000000000000000\r\n",
        "Authorization: Bearer sk_store_key_00000000000000000000000000.\r\n",
        "Authorization: Bearer sk_store_key_00000000000000000000000000.AAAA\r\n",
        ("Authorization: Bearer sk_store_usr_00000000000000000000000000."
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"),
        ("Authorization: Bearer sk_store_key_00000000000000000000000000."
         "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\r\n"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        assert_int_equal(make(fixture, headers[i]).status, 401);
    assert_int_equal(make(fixture, key_header(fixture, "vendor", 5)).status, 401);
    assert_int_equal(make(fixture, key_header(fixture, "admin", 5)).status, 401);
    assert_int_equal(fixture->seen.api_key_asks, asks);
}

static void a_key_of_one_surface_that_is_remembered_opens_no_other(void **state)
{
    struct fixture *fixture = *state;
    script_key(fixture, 60);
    const char *key = key_header(fixture, "store", 6);
    assert_int_equal(make(fixture, key).status, 201);
    assert_int_equal(client_ask(fixture, "DELETE", fixture->thing_path, key, "").status, 401);
}

static void a_revoked_key_is_refused_when_its_end_is_heard(void **state)
{
    struct fixture *fixture = *state;
    script_key(fixture, 60);
    const char *key = key_header(fixture, "store", 7);
    assert_int_equal(make(fixture, key).status, 201);
    fixture->script.ended_key = fixture->thing.id;
    fixture->script.key_status = STATUS_UNAUTHENTICATED;
    int waited_s = 0;
    while (make(fixture, key).status == 201 && waited_s++ < 10)
        (void)sleep(1);
    fixture->script.ended_key = (struct uuid){ { 0 } };
    assert_int_equal(make(fixture, key).status, 401);
    assert_true(waited_s < 10); /* long before a remembered key is asked for again by itself */
}

static void a_client_that_leaves_while_its_key_is_asked_for_breaks_nothing(void **state)
{
    struct fixture *fixture = *state;
    script_key(fixture, 60);
    fixture->script.key_delay_us = 500000;
    const int socket = client_connect(fixture);
    const struct text request = text_format(
        fixture->arena, "POST /v1/auth/logout HTTP/1.1\r\nHost: x\r\n%sContent-Length: 0\r\n\r\n",
        key_header(fixture, "store", 8));
    client_send(socket, request);
    (void)usleep(100000);
    (void)close(socket);
    const char *key = key_header(fixture, "store", 8);
    assert_int_equal(make(fixture, key).status, 201);
    fixture->script.key_delay_us = 0;
    assert_int_equal(make(fixture, key).status, 201);
}

/* ---- staff in a shopper's name ---- */

static void every_answer_to_staff_in_a_shoppers_name_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct token_parts parts = { .audience = "store",
                                 .kid = "good",
                                 .session = { { 90, 1 } },
                                 .actor = { { 91, 1 } },
                                 .lifetime_s = 600 };
    const char *token = token_header_of(fixture, &parts);
    char staff[ID_TEXT_MAX + 1];
    (void)id_format("adm", parts.actor, staff);
    const struct answer good = make(fixture, token);
    assert_int_equal(good.status, 201);
    assert_text_equal(answer_header(&good, "souk-impersonated-by"), text_of(staff));
    assert_text_equal(answer_header(&good, "cache-control"), TEXT("no-store"));
    fixture->script.status = STATUS_IMPERSONATION_REFUSED;
    const struct answer refused = make(fixture, token);
    fixture->script.status = STATUS_OK;
    assert_int_equal(refused.status, 403);
    assert_text_equal(answer_header(&refused, "souk-impersonated-by"), text_of(staff));

    const struct answer own = make(fixture, shopper(fixture, 92));
    assert_int_equal(answer_header(&own, "souk-impersonated-by").length, 0);
    const struct answer vendor = client_ask(fixture, "DELETE", fixture->thing_path,
                                            token_header(fixture, "vendor", "vendor-key", 60), "");
    assert_int_equal(answer_header(&vendor, "souk-impersonated-by").length, 0);
}

static void item_26_staff_that_is_out_acts_in_nobodys_name(void **state)
{
    struct fixture *fixture = *state;
    const struct token_parts parts = { .audience = "store",
                                       .kid = "good",
                                       .session = { { 94, 1 } },
                                       .actor = { { 91, 1 } },
                                       .parent = { { 93, 1 } },
                                       .lifetime_s = 600 };
    const char *token = token_header_of(fixture, &parts);
    assert_int_equal(make(fixture, token).status, 201);
    fixture->script.ended[0] = parts.parent;
    fixture->script.ended_count = 1;
    int waited_s = 0;
    while (make(fixture, token).status == 201 && waited_s++ < 10)
        (void)sleep(1);
    fixture->script.ended_count = 0;
    assert_int_equal(make(fixture, token).status, 401);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item_26_a_session_that_ended_elsewhere_is_refused_within_seconds),
        cmocka_unit_test(item_26_a_logout_here_is_heard_at_once),
        cmocka_unit_test(a_logout_that_failed_leaves_the_session),
        cmocka_unit_test(an_api_key_speaks_for_its_account_and_is_asked_for_once),
        cmocka_unit_test(a_refused_api_key_is_remembered_for_a_while),
        cmocka_unit_test(an_api_key_whose_domain_is_away_is_unavailable_and_not_refused),
        cmocka_unit_test(api_keys_of_other_surfaces_and_malformed_ones_are_asked_of_nobody),
        cmocka_unit_test(a_key_of_one_surface_that_is_remembered_opens_no_other),
        cmocka_unit_test(a_revoked_key_is_refused_when_its_end_is_heard),
        cmocka_unit_test(a_client_that_leaves_while_its_key_is_asked_for_breaks_nothing),
        cmocka_unit_test(every_answer_to_staff_in_a_shoppers_name_says_so),
        cmocka_unit_test(item_26_staff_that_is_out_acts_in_nobodys_name),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
