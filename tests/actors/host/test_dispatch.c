/* Claims about dispatch, told with a wallet: who may send what, what is malformed, the order of a
 * key, deadlines, repeats, and the Idempotency-Key. */
#include "tests/support/cmocka.h"

#include <libpq-fe.h>
#include <string.h>

#include "actors/host/address.h"
#include "runtime/metrics.h"
#include "tests/support/node_stage.h"
#include "wallet_messages.h"

enum { SHARD = 11, LIFE_US = 600 * 1000 * 1000, WAIT_US = 5 * 1000 * 1000, TURN_US = 20 * 1000 };

static const struct uuid nobody;
static struct stage *stage_of_all;

/* --- words --- */

static struct wallet_grant grant_of(struct uuid wallet, int64_t amount)
{
    return (struct wallet_grant){ .wallet_id = wallet, .amount = money_make(amount, "EUR") };
}

static struct uuid wallet_with(struct stage *stage, int64_t amount)
{
    const struct uuid wallet = stage_new_id(stage, SHARD);
    const struct wallet_grant command = grant_of(wallet, amount);
    assert_int_equal(stage_ask(stage, nobody, &wallet_grant_message, &command, NULL), STATUS_OK);
    return wallet;
}

static void assert_balance(struct stage *stage, struct uuid wallet, int64_t available, int64_t held)
{
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(stage_ask(stage, wallet, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances_count, 1);
    assert_int_equal(reply.balances[0].available.amount, available);
    assert_int_equal(reply.balances[0].held.amount, held);
}

/* What the node says to an envelope. */
static enum status say(struct stage *stage, enum message_role as, const struct envelope *envelope,
                       struct envelope *ret_reply)
{
    struct envelope reply;
    assert_int_equal(stage_send(stage, as, envelope, WAIT_US, &reply), STATUS_OK);
    if (ret_reply != NULL) *ret_reply = reply;
    return reply.status;
}

/* Nobody can read or write holds until the session ends. */
static PGconn *lock_holds(struct stage *stage)
{
    PGconn *session = PQconnectdb(stage_admin_conninfo(stage, "wallet"));
    PQclear(PQexec(session, "BEGIN"));
    PGresult *result = PQexec(session, "LOCK TABLE wallet.hold IN ACCESS EXCLUSIVE MODE");
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    return session;
}

/* A hold of 300 that is asked for beside the story. */
struct caller {
    struct stage *stage;
    struct envelope envelope;
    int64_t wait_us;
    bool is_done;
    enum status sent;
    struct envelope reply;
};

static void call_fiber(void *argument)
{
    struct caller *caller = argument;
    caller->sent =
        stage_send(caller->stage, ROLE_NODE, &caller->envelope, caller->wait_us, &caller->reply);
    caller->is_done = true;
}

static void hold_beside(struct stage *stage, struct caller *caller, struct uuid wallet,
                        int64_t wait_us)
{
    const struct wallet_hold_funds command = { .wallet_id = wallet,
                                               .hold_id = stage_new_id(stage, SHARD),
                                               .amount = money_make(300, "EUR"),
                                               .reference = TEXT("order"),
                                               .expires_at_us = stage_now_us(stage) + LIFE_US };
    *caller = (struct caller){ .stage = stage, .wait_us = wait_us };
    stage_address(stage, nobody, &wallet_hold_funds_message, &command, &caller->envelope);
    caller->envelope.principal = (struct principal){ .kind = PRINCIPAL_NODE };
    assert_int_equal(fiber_spawn(stage_host(stage)->fibers, call_fiber, caller), STATUS_OK);
}

static void wait_for(struct stage *stage, const struct caller *caller)
{
    for (int i = 0; i < WAIT_US / TURN_US && !caller->is_done; i++)
        stage_sleep(stage, TURN_US);
    assert_true(caller->is_done);
}

/* --- who may send --- */

static void what_actors_say_is_forbidden_to_gateways(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_void_hold command = { .wallet_id = wallet,
                                              .hold_id = stage_new_id(stage, SHARD) };
    struct envelope envelope;
    stage_address(stage, wallet, &wallet_void_hold_message, &command, &envelope);
    assert_int_equal(say(stage, ROLE_STORE, &envelope, NULL), STATUS_FORBIDDEN);
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_FORBIDDEN);
    envelope.principal = (struct principal){ .kind = PRINCIPAL_NODE };
    assert_int_equal(say(stage, ROLE_STORE, &envelope, NULL), STATUS_FORBIDDEN);
    assert_int_equal(say(stage, ROLE_NODE, &envelope, NULL), STATUS_OK);
}

static void operators_commands_are_forbidden_to_gateways_and_nodes(struct stage *stage,
                                                                   void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_grant command = grant_of(wallet, 100);
    struct envelope envelope;
    stage_address(stage, wallet, &wallet_grant_message, &command, &envelope);
    assert_int_equal(say(stage, ROLE_STORE, &envelope, NULL), STATUS_FORBIDDEN);
    assert_int_equal(say(stage, ROLE_NODE, &envelope, NULL), STATUS_FORBIDDEN);
    assert_balance(stage, wallet, 500, 0);
}

static void principal_without_its_proof_is_unauthenticated(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_get_wallet query = { 0 };
    struct envelope good, bad;
    stage_address(stage, wallet, &wallet_get_wallet_message, &query, &good);
    assert_int_equal(say(stage, ROLE_STORE, &good, NULL), STATUS_OK);
    bad = good;
    bad.principal_proof[0] ^= 1;
    assert_int_equal(say(stage, ROLE_STORE, &bad, NULL), STATUS_UNAUTHENTICATED);
    bad = good;
    bad.principal.id = stage_new_id(stage, SHARD);
    assert_int_equal(say(stage, ROLE_STORE, &bad, NULL), STATUS_UNAUTHENTICATED);
    bad = good;
    bad.principal.expires_at_us += 1;
    assert_int_equal(say(stage, ROLE_STORE, &bad, NULL), STATUS_UNAUTHENTICATED);
    /* A proof is of one message. */
    bad = good;
    bad.msg_id = stage_new_id(stage, 0);
    assert_int_equal(say(stage, ROLE_STORE, &bad, NULL), STATUS_UNAUTHENTICATED);
    bad = good;
    bad.principal = (struct principal){ .kind = PRINCIPAL_NONE };
    assert_int_equal(say(stage, ROLE_STORE, &bad, NULL), STATUS_UNAUTHENTICATED);
}

/* --- what is malformed --- */

static void key_and_shard_must_be_those_of_the_body(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_grant command = grant_of(wallet, 100);
    struct envelope envelope;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    const struct envelope good = envelope;
    envelope.key = stage_new_id(stage, SHARD);
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_MALFORMED);
    envelope = good;
    envelope.shard = SHARD + 1;
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_MALFORMED);
    assert_balance(stage, wallet, 500, 0);
}

static void body_that_cannot_be_read_is_malformed(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_grant command = grant_of(wallet, 100);
    struct envelope envelope;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    envelope.body.length -= 1;
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_MALFORMED);
    envelope.body = TEXT("");
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_MALFORMED);
    assert_balance(stage, wallet, 500, 0);
}

static void unknown_number_is_unsupported(struct stage *stage, void *context)
{
    (void)context;
    const struct wallet_grant command = grant_of(stage_new_id(stage, SHARD), 100);
    struct envelope envelope;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    envelope.number = 5999;
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_UNSUPPORTED);
    envelope.number = UINT16_MAX;
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_UNSUPPORTED);
}

/* --- once, and in order --- */

static void repeated_message_gets_the_stored_answer(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct wallet_grant command = grant_of(wallet, 100);
    struct envelope envelope, first, second;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, &first), STATUS_OK);
    assert_int_equal(say(stage, ROLE_OPERATOR, &envelope, &second), STATUS_OK);
    assert_text_equal(first.body, second.body);
    assert_balance(stage, wallet, 600, 0);
}

static void repeat_that_the_new_state_would_refuse_gets_its_first_answer(struct stage *stage,
                                                                         void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    const struct uuid hold_id = stage_new_id(stage, SHARD);
    const struct wallet_hold_funds hold = { .wallet_id = wallet,
                                            .hold_id = hold_id,
                                            .amount = money_make(300, "EUR"),
                                            .reference = TEXT("test"),
                                            .expires_at_us = stage_now_us(stage) + 600000000 };
    const struct wallet_void_hold undo = { .wallet_id = wallet, .hold_id = hold_id };
    struct envelope envelope, first, second;
    stage_address(stage, nobody, &wallet_hold_funds_message, &hold, &envelope);
    assert_int_equal(say(stage, ROLE_NODE, &envelope, &first), STATUS_OK);
    assert_int_equal(stage_ask(stage, nobody, &wallet_void_hold_message, &undo, NULL), STATUS_OK);

    assert_int_equal(say(stage, ROLE_NODE, &envelope, &second), STATUS_OK);

    assert_text_equal(first.body, second.body);
    assert_balance(stage, wallet, 500, 0);
}

static void messages_of_a_key_run_in_order_though_the_first_waits(struct stage *stage,
                                                                  void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    struct caller first, second;
    PGconn *session = lock_holds(stage);
    hold_beside(stage, &first, wallet, WAIT_US);
    hold_beside(stage, &second, wallet, WAIT_US);
    stage_skip(stage, 1000000);
    assert_false(first.is_done || second.is_done);
    PQfinish(session);
    wait_for(stage, &first);
    wait_for(stage, &second);
    assert_int_equal(first.sent, STATUS_OK);
    assert_int_equal(first.reply.status, STATUS_OK);
    assert_int_equal(second.sent, STATUS_OK);
    assert_int_equal(second.reply.status, STATUS_INSUFFICIENT_FUNDS);
    assert_balance(stage, wallet, 200, 300);
}

static void expired_message_is_dropped_unexecuted(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 900);
    struct caller first, late;
    const int64_t expired = metric_value(METRIC_EXPIRED);
    PGconn *session = lock_holds(stage);
    hold_beside(stage, &first, wallet, WAIT_US);
    hold_beside(stage, &late, wallet, 100000);
    stage_skip(stage, 300000);
    assert_true(late.is_done);
    assert_int_equal(late.sent, STATUS_DEADLINE_EXCEEDED);
    PQfinish(session);
    wait_for(stage, &first);
    assert_int_equal(first.reply.status, STATUS_OK);
    for (int i = 0; i < 100 && stage_host(stage)->jobs > 0; i++)
        stage_sleep(stage, TURN_US);
    assert_int_equal(stage_host(stage)->jobs, 0);
    assert_int_equal(metric_value(METRIC_EXPIRED), expired + 1);
    assert_balance(stage, wallet, 600, 300);
}

/* --- Idempotency-Key --- */

static enum status grant_with(struct stage *stage, const char *key, struct uuid wallet,
                              int64_t amount, struct wallet_granted *ret_reply, bool *ret_is_replay)
{
    const struct wallet_grant command = grant_of(wallet, amount);
    struct envelope envelope, reply;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    envelope.has_idempotency = true;
    memcpy(envelope.idempotency_key, key, strlen(key));
    envelope.idempotency_fingerprint[0] = (uint8_t)(amount / 100);
    const enum status status = say(stage, ROLE_OPERATOR, &envelope, &reply);
    *ret_is_replay = reply.is_replayed;
    if (status != STATUS_OK) return status;
    return address_read_reply(&wallet_grant_message, &reply, stage_arena(stage), ret_reply);
}

static void key_is_answered_as_the_first_time(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    struct wallet_granted first, second;
    bool is_replay;
    assert_int_equal(grant_with(stage, "replay", wallet, 100, &first, &is_replay), STATUS_OK);
    assert_false(is_replay);
    assert_int_equal(grant_with(stage, "replay", wallet, 100, &second, &is_replay), STATUS_OK);
    assert_true(is_replay);
    assert_true(uuid_equals(first.transaction_id, second.transaction_id));
    assert_int_equal(grant_with(stage, "replay", wallet, 200, &second, &is_replay),
                     STATUS_IDEMPOTENCY_KEY_REUSED);
    assert_balance(stage, wallet, 600, 0);
}

static void key_of_a_request_that_still_runs_is_in_progress(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    struct wallet_granted reply;
    bool is_replay;
    (void)stage_sql(stage, "wallet",
                    "INSERT INTO host.idempotency (key, fingerprint, at) VALUES (decode("
                    "rpad(encode('running', 'hex'), 64, '0'), 'hex'), decode(rpad('01', 32, '0'),"
                    " 'hex'), 1)");
    assert_int_equal(grant_with(stage, "running", wallet, 100, &reply, &is_replay),
                     STATUS_REQUEST_IN_PROGRESS);
    assert_int_equal(grant_with(stage, "running", wallet, 200, &reply, &is_replay),
                     STATUS_IDEMPOTENCY_KEY_REUSED);
    assert_balance(stage, wallet, 500, 0);
}

static void refusal_leaves_the_key_free(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid wallet = wallet_with(stage, 500);
    struct wallet_granted reply;
    bool is_replay;
    const struct wallet_grant command = { .wallet_id = wallet, .amount = money_make(100, "XXQ") };
    struct envelope envelope;
    stage_address(stage, nobody, &wallet_grant_message, &command, &envelope);
    envelope.has_idempotency = true;
    memcpy(envelope.idempotency_key, "refused", 7);
    assert_int_not_equal(say(stage, ROLE_OPERATOR, &envelope, NULL), STATUS_OK);
    assert_int_equal(grant_with(stage, "refused", wallet, 100, &reply, &is_replay), STATUS_OK);
    assert_false(is_replay);
}

struct story {
    void (*tell)(struct stage *stage, void *context);
};

static void run_story(void **state)
{
    const struct story *story = *state;
    stage_run(stage_of_all, story->tell, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "wallet" };
    (void)state;
    stage_of_all = stage_new(domains, 1);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

#define STORY(name)                                                                                \
    {                                                                                              \
#name, run_story, NULL, NULL, &(struct story)                                              \
        {                                                                                          \
            name                                                                                   \
        }                                                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_actors_say_is_forbidden_to_gateways),
        STORY(operators_commands_are_forbidden_to_gateways_and_nodes),
        STORY(principal_without_its_proof_is_unauthenticated),
        STORY(key_and_shard_must_be_those_of_the_body),
        STORY(body_that_cannot_be_read_is_malformed),
        STORY(unknown_number_is_unsupported),
        STORY(repeated_message_gets_the_stored_answer),
        STORY(repeat_that_the_new_state_would_refuse_gets_its_first_answer),
        STORY(messages_of_a_key_run_in_order_though_the_first_waits),
        STORY(expired_message_is_dropped_unexecuted),
        STORY(key_is_answered_as_the_first_time),
        STORY(key_of_a_request_that_still_runs_is_in_progress),
        STORY(refusal_leaves_the_key_free),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
