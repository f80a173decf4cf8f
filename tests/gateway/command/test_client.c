/* A call from the command line: what is sent, what comes back, what is repeated and for how long.
 */
#include <string.h>

#include "common_messages.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "tests/gateway/command/market_stage.h"
#include "tests/support/cmocka.h"
#include "wallet_messages.h"

/* What the market does and saw. */
static struct script {
    enum status transport, status;
    size_t outages; /* so many attempts find nobody, before the above */
    bool is_rubbish, gives_up;
    const struct common_problem_detail *detail;
    size_t asks;
    struct envelope last;
    struct uuid first_msg_id;
} script;

static struct market_stage stage;
static struct arena *arena;

static enum status answer(void *context, const struct envelope *request, struct arena *for_reply,
                          struct envelope *ret_reply)
{
    (void)context;
    if (script.asks++ == 0) script.first_msg_id = request->msg_id;
    script.last = *request;
    if (script.gives_up) client_give_up(stage.client);
    if (script.asks <= script.outages) return STATUS_UNAVAILABLE;
    *ret_reply = (struct envelope){ .kind = ENVELOPE_REPLY, .status = script.status };
    if (script.is_rubbish) ret_reply->body = TEXT("rubbish");
    if (script.transport != STATUS_OK || script.is_rubbish) return script.transport;
    if (script.detail != NULL)
        return msgpack_encode(&common_problem_detail_schema, script.detail, for_reply, 4096,
                              &ret_reply->body);
    if (script.status != STATUS_OK || request->domain != DOMAIN_WALLET) return STATUS_OK;
    const struct wallet_granted granted = { .balance = money_make(123, "EUR") };
    return msgpack_encode(&wallet_granted_schema, &granted, for_reply, 4096, &ret_reply->body);
}

static int make_market(void **state)
{
    (void)state;
    arena = arena_new(4096);
    script = (struct script){ .status = STATUS_OK };
    market_stage_make(&stage, answer, NULL);
    return 0;
}

static int open_market(void **state)
{
    (void)make_market(state);
    market_stage_open(&stage);
    return 0;
}

static int close_market(void **state)
{
    (void)state;
    market_stage_remove(&stage);
    arena_destroy(&arena);
    return 0;
}

/* ---- a call on a fiber ---- */

static struct outcome {
    enum status status;
    struct wallet_granted granted;
    struct client_fault fault;
    bool knows;
} outcome;

static void grant_in_fiber(void *argument)
{
    (void)argument;
    const struct wallet_grant grant = { .wallet_id = { { 1, 2, 3 } },
                                        .amount = money_make(5, "EUR") };
    outcome = (struct outcome){ .status = STATUS_INTERNAL };
    outcome.status = client_call(stage.client, &wallet_grant_message, &grant, arena,
                                 &outcome.granted, &outcome.fault);
}

static enum status grant(void)
{
    client_run(stage.client, grant_in_fiber, NULL);
    return outcome.status;
}

static void a_call_brings_the_reply(void **state)
{
    (void)state;
    assert_int_equal(grant(), STATUS_OK);
    assert_int_equal(outcome.granted.balance.amount, 123);
    assert_int_equal(script.asks, 1);
}

static void a_call_is_the_operators_and_goes_where_its_key_says(void **state)
{
    (void)state;
    const struct wallet_grant command = { .wallet_id = { { 1, 2, 3 } } };
    struct uuid key;
    unsigned shard;
    assert_true(
        message_key_of(&wallet_grant_message, &command, (struct uuid){ { 0 } }, &key, &shard));
    assert_int_equal(grant(), STATUS_OK);
    assert_int_equal(script.last.principal.kind, PRINCIPAL_OPERATOR);
    assert_int_equal(script.last.domain, DOMAIN_WALLET);
    assert_int_equal(script.last.number, wallet_grant_message.number);
    assert_true(uuid_equals(script.last.key, key));
    assert_int_equal(script.last.shard, shard);
}

static void each_call_has_a_message_id_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(grant(), STATUS_OK);
    assert_int_equal(grant(), STATUS_OK);
    assert_int_equal(script.asks, 2);
    assert_false(uuid_equals(script.first_msg_id, script.last.msg_id));
}

static void grant_as_in_fiber(void *argument)
{
    const struct uuid *msg_id = argument;
    const struct wallet_grant grant = { .wallet_id = { { 1, 2, 3 } },
                                        .amount = money_make(5, "EUR") };
    outcome = (struct outcome){ .status = STATUS_INTERNAL };
    outcome.status =
        client_call_as(stage.client, (struct client_name){ *msg_id, *msg_id },
                       &wallet_grant_message, &grant, arena, &outcome.granted, &outcome.fault);
}

static void a_call_under_a_chosen_id_keeps_it_through_outages(void **state)
{
    (void)state;
    struct uuid msg_id = { { 9, 8, 7 } };
    script.outages = 1;
    client_run(stage.client, grant_as_in_fiber, &msg_id);
    assert_int_equal(outcome.status, STATUS_OK);
    assert_int_equal(outcome.granted.balance.amount, 123);
    assert_true(uuid_equals(script.first_msg_id, msg_id));
    assert_true(uuid_equals(script.last.msg_id, msg_id));
}

/* ---- refusals ---- */

static void a_refusal_is_not_repeated(void **state)
{
    (void)state;
    script.status = STATUS_FORBIDDEN;
    assert_int_equal(grant(), STATUS_FORBIDDEN);
    assert_int_equal(script.asks, 1);
    assert_int_equal(outcome.fault.detail.length, 0);
}

static void a_refusal_says_which_field_and_why(void **state)
{
    (void)state;
    const struct common_problem_item item = { .pointer = TEXT("/amount"),
                                              .code = TEXT("out_of_range"),
                                              .has_detail = true,
                                              .detail = TEXT("Too much.") };
    const struct common_problem_detail detail = { .errors = &item, .errors_count = 1 };
    script.status = STATUS_OUT_OF_RANGE;
    script.detail = &detail;
    assert_int_equal(grant(), STATUS_OUT_OF_RANGE);
    assert_text_equal(outcome.fault.pointer, TEXT("/amount"));
    assert_text_equal(outcome.fault.detail, TEXT("Too much."));
}

static void a_refusal_without_a_field_says_why(void **state)
{
    (void)state;
    const struct common_problem_detail detail = { .has_detail = true, .detail = TEXT("Not now.") };
    script.status = STATUS_FORBIDDEN;
    script.detail = &detail;
    assert_int_equal(grant(), STATUS_FORBIDDEN);
    assert_int_equal(outcome.fault.pointer.length, 0);
    assert_text_equal(outcome.fault.detail, TEXT("Not now."));
}

static void a_reply_that_is_none_is_corrupt(void **state)
{
    (void)state;
    script.is_rubbish = true;
    assert_int_equal(grant(), STATUS_CORRUPT);
    assert_int_equal(outcome.granted.balance.amount, 0);
}

/* ---- outages ---- */

static void an_outage_is_repeated_under_the_same_message_id(void **state)
{
    (void)state;
    script.outages = 2;
    assert_int_equal(grant(), STATUS_OK);
    assert_int_equal(script.asks, 3);
    assert_true(uuid_equals(script.first_msg_id, script.last.msg_id));
}

static void an_outage_that_a_domain_tells_of_is_repeated_too(void **state)
{
    (void)state;
    client_set_patience_us(stage.client, 3 * CLIENT_PAUSE_MIN_US);
    script.status = STATUS_OVERLOADED;
    assert_int_equal(grant(), STATUS_OVERLOADED);
    assert_true(script.asks > 1);
}

static void patience_ends(void **state)
{
    (void)state;
    client_set_patience_us(stage.client, 2 * CLIENT_PAUSE_MIN_US);
    script.transport = STATUS_UNAVAILABLE;
    assert_int_equal(grant(), STATUS_UNAVAILABLE);
    assert_int_equal(script.asks, 2); /* the next pause would be too long */
}

static void a_client_that_gives_up_repeats_nothing(void **state)
{
    (void)state;
    script.transport = STATUS_UNAVAILABLE;
    script.gives_up = true;
    assert_int_equal(grant(), STATUS_UNAVAILABLE);
    assert_int_equal(script.asks, 1);
    assert_true(client_is_giving_up(stage.client));
}

static void what_says_nothing_about_the_message_is_an_outage(void **state)
{
    (void)state;
    assert_true(client_is_outage(STATUS_UNAVAILABLE));
    assert_true(client_is_outage(STATUS_OVERLOADED));
    assert_true(client_is_outage(STATUS_DEADLINE_EXCEEDED));
    assert_true(client_is_outage(STATUS_STOPPING));
    assert_true(client_is_outage(STATUS_MOVED));
    assert_true(client_is_outage(STATUS_FENCED));
    assert_true(client_is_outage(STATUS_CONFLICT));
    assert_false(client_is_outage(STATUS_OK));
    assert_false(client_is_outage(STATUS_FORBIDDEN));
    assert_false(client_is_outage(STATUS_NOT_FOUND));
    assert_false(client_is_outage(STATUS_INTERNAL));
}

/* ---- to a shard ---- */

static void call_shard_in_fiber(void *argument)
{
    (void)argument;
    const struct host_list_late_sagas query = { 0 };
    outcome.status = client_call_at(stage.client, DOMAIN_ORDER, 13, &host_list_late_sagas_message,
                                    &query, arena, NULL, NULL);
    outcome.knows = client_knows(stage.client, DOMAIN_ORDER);
}

static void a_message_of_all_domains_goes_to_the_owner_of_a_shard(void **state)
{
    (void)state;
    client_run(stage.client, call_shard_in_fiber, NULL);
    assert_int_equal(outcome.status, STATUS_OK);
    assert_int_equal(script.last.domain, DOMAIN_ORDER);
    assert_int_equal(script.last.shard, 13);
    assert_false(uuid_is_zero(script.last.key)); /* without a key any node would do */
    assert_true(outcome.knows);
}

/* ---- joining ---- */

static void join_in_fiber(void *argument)
{
    (void)argument;
    outcome.status = client_join(stage.client);
}

static void a_market_with_members_is_joined(void **state)
{
    (void)state;
    client_run(stage.client, join_in_fiber, NULL);
    assert_int_equal(outcome.status, STATUS_OK);
}

static void a_client_that_gives_up_joins_nothing(void **state)
{
    (void)state;
    market_stage_set_nodes(0);
    market_stage_open(&stage);
    client_give_up(stage.client);
    client_run(stage.client, join_in_fiber, NULL);
    assert_int_equal(outcome.status, STATUS_STOPPING);
    assert_false(client_knows(stage.client, DOMAIN_ORDER));
}

static void without_the_operators_key_there_is_no_market(void **state)
{
    (void)state;
    market_stage_lose_key(&stage);
    assert_int_equal(client_open(stage.config, "test", &stage.client), STATUS_NOT_FOUND);
    assert_null(stage.client);
}

static void a_market_that_has_never_run_is_none(void **state)
{
    (void)state;
    market_stage_stop(&stage);
    assert_int_equal(client_open(stage.config, "test", &stage.client), STATUS_NOT_FOUND);
    assert_null(stage.client);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_market, close_market)
#define CLOSED(function) cmocka_unit_test_setup_teardown(function, make_market, close_market)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_call_brings_the_reply),
        CLAIM(a_call_is_the_operators_and_goes_where_its_key_says),
        CLAIM(each_call_has_a_message_id_of_its_own),
        CLAIM(a_call_under_a_chosen_id_keeps_it_through_outages),
        CLAIM(a_refusal_is_not_repeated),
        CLAIM(a_refusal_says_which_field_and_why),
        CLAIM(a_refusal_without_a_field_says_why),
        CLAIM(a_reply_that_is_none_is_corrupt),
        CLAIM(an_outage_is_repeated_under_the_same_message_id),
        CLAIM(an_outage_that_a_domain_tells_of_is_repeated_too),
        CLAIM(patience_ends),
        CLAIM(a_client_that_gives_up_repeats_nothing),
        cmocka_unit_test(what_says_nothing_about_the_message_is_an_outage),
        CLAIM(a_message_of_all_domains_goes_to_the_owner_of_a_shard),
        CLAIM(a_market_with_members_is_joined),
        CLOSED(a_client_that_gives_up_joins_nothing),
        CLOSED(without_the_operators_key_there_is_no_market),
        CLOSED(a_market_that_has_never_run_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
