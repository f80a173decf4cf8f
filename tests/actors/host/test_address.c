/* A message as an envelope that finds its actor, and the reply as a struct again; and the faults
 * that explain a refusal on the same way. */
#include <string.h>

#include "actors/host/address.h"
#include "actors/host/faults.h"
#include "messages/codec_msgpack.h"
#include "messages/values.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"
#include "wallet_messages.h"

static const struct uuid msg_id = { { 7 } };
static struct arena *arena;
static struct uuid wallet_id;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(65536);
    wallet_id = uuid_make(INT64_C(1800000000000000), (const uint8_t[10]){ 1, 2, 3 }, 11);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct wallet_grant grant_of(int64_t amount)
{
    return (struct wallet_grant){ .wallet_id = wallet_id, .amount = money_make(amount, "EUR") };
}

static struct envelope address(const struct message *message, const void *body)
{
    struct envelope envelope;
    assert_int_equal(address_message(message, body, msg_id, arena, &envelope), STATUS_OK);
    return envelope;
}

/* ---- there ---- */

static void message_goes_to_the_actor_that_its_key_names(void **state)
{
    (void)state;
    const struct wallet_grant command = grant_of(100);
    const struct envelope envelope = address(&wallet_grant_message, &command);
    assert_int_equal(envelope.domain, DOMAIN_WALLET);
    assert_int_equal(envelope.number, wallet_grant_message.number);
    assert_true(uuid_equals(envelope.key, wallet_id));
    assert_int_equal(envelope.shard, 11);
    assert_true(uuid_equals(envelope.msg_id, msg_id));
}

static void actor_speaks_as_a_node(void **state)
{
    (void)state;
    const struct wallet_grant command = grant_of(100);
    const struct envelope envelope = address(&wallet_grant_message, &command);
    assert_int_equal(envelope.principal.kind, PRINCIPAL_NODE);
    assert_true(uuid_is_zero(envelope.principal.id));
    assert_false(envelope.has_idempotency);
}

static void text_key_finds_the_shard_of_the_text(void **state)
{
    (void)state;
    const struct user_login command = { .email = TEXT("ada@example.com"),
                                        .password = TEXT("correct horse") };
    const struct envelope envelope = address(&user_login_message, &command);
    assert_int_equal(envelope.shard, shard_of_text(command.email));
}

static void body_can_be_read_by_the_other_side(void **state)
{
    (void)state;
    const struct wallet_grant command = grant_of(100);
    struct wallet_grant read;
    const struct envelope envelope = address(&wallet_grant_message, &command);
    assert_int_equal(msgpack_decode(wallet_grant_message.body, envelope.body, arena, &read),
                     STATUS_OK);
    assert_int_equal(read.amount.amount, 100);
    assert_true(uuid_equals(read.wallet_id, wallet_id));
}

static void what_a_consumer_does_is_known_by_the_event_and_the_domain(void **state)
{
    (void)state;
    const struct uuid event = { { 1 } }, other = { { 2 } };
    const struct uuid first = address_consumed(event, DOMAIN_ORDER);
    assert_true(uuid_equals(first, address_consumed(event, DOMAIN_ORDER)));
    assert_false(uuid_equals(first, address_consumed(event, DOMAIN_CATALOG)));
    assert_false(uuid_equals(first, address_consumed(other, DOMAIN_ORDER)));
    assert_false(uuid_equals(first, event));
}

/* ---- back ---- */

static struct envelope reply_with(struct text body)
{
    return (struct envelope){ .kind = ENVELOPE_REPLY, .status = STATUS_OK, .body = body };
}

static void reply_comes_back_as_it_was(void **state)
{
    (void)state;
    const struct wallet_granted granted = { .transaction_id = wallet_id,
                                            .balance = money_make(7, "EUR") };
    struct text body;
    assert_int_equal(
        msgpack_encode(wallet_grant_message.reply, &granted, arena, ENVELOPE_BODY_MAX, &body),
        STATUS_OK);
    const struct envelope reply = reply_with(body);
    struct wallet_granted read;
    assert_int_equal(address_read_reply(&wallet_grant_message, &reply, arena, &read), STATUS_OK);
    assert_int_equal(read.balance.amount, 7);
    assert_true(uuid_equals(read.transaction_id, wallet_id));
}

static void refusal_passes_and_leaves_the_reply_alone(void **state)
{
    (void)state;
    struct wallet_granted read = { .balance = { .amount = 5 } };
    const struct envelope reply = { .status = STATUS_INSUFFICIENT_FUNDS, .body = TEXT("xyz") };
    assert_int_equal(address_read_reply(&wallet_grant_message, &reply, arena, &read),
                     STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(read.balance.amount, 5);
}

static void reply_that_cannot_be_read_is_corrupt_and_leaves_the_callers_alone(void **state)
{
    (void)state;
    struct wallet_granted read = { .balance = { .amount = 5 } };
    const struct envelope reply = reply_with(TEXT("xyz"));
    assert_int_equal(address_read_reply(&wallet_grant_message, &reply, arena, &read),
                     STATUS_CORRUPT);
    assert_int_equal(read.balance.amount, 5);
}

static void reply_that_nobody_wants_is_not_read(void **state)
{
    (void)state;
    const struct envelope reply = reply_with(TEXT("xyz"));
    assert_int_equal(address_read_reply(&wallet_grant_message, &reply, arena, NULL), STATUS_OK);
}

static void message_without_an_answer_has_none(void **state)
{
    (void)state;
    int untouched = 5;
    const struct envelope reply = reply_with(TEXT(""));
    assert_ptr_equal(wallet_void_hold_message.reply, &empty_schema);
    assert_int_equal(address_read_reply(&wallet_void_hold_message, &reply, arena, &untouched),
                     STATUS_OK);
    assert_int_equal(untouched, 5);
}

/* ---- faults ---- */

static void fault_travels_with_pointer_code_detail_and_amounts(void **state)
{
    (void)state;
    const struct request_fault fault = { .pointer = "/lines/3",
                                         .code = STATUS_INSUFFICIENT_STOCK,
                                         .detail = TEXT("Red chair"),
                                         .has_amounts = true,
                                         .requested = 5,
                                         .available = 2 };
    struct request_fault read;
    assert_true(faults_decode_first(arena, faults_encode(arena, &fault, 1), &read));
    assert_string_equal(read.pointer, "/lines/3");
    assert_int_equal(read.code, STATUS_INSUFFICIENT_STOCK);
    assert_text_equal(read.detail, TEXT("Red chair"));
    assert_true(read.has_amounts);
    assert_int_equal(read.requested, 5);
    assert_int_equal(read.available, 2);
}

static void fault_without_detail_and_amounts_has_none(void **state)
{
    (void)state;
    const struct request_fault fault = { .pointer = "/email", .code = STATUS_EMAIL_TAKEN };
    struct request_fault read;
    assert_true(faults_decode_first(arena, faults_encode(arena, &fault, 1), &read));
    assert_false(read.has_amounts);
    assert_int_equal(read.detail.length, 0);
}

static void first_of_several_faults_is_read(void **state)
{
    (void)state;
    struct request_fault faults[FAULTS_MAX];
    struct request_fault read;
    for (size_t i = 0; i < FAULTS_MAX; i++)
        faults[i] = (struct request_fault){ .pointer = i == 0 ? "/first" : "/later",
                                            .code = STATUS_INVALID_VALUE };
    assert_true(faults_decode_first(arena, faults_encode(arena, faults, FAULTS_MAX), &read));
    assert_string_equal(read.pointer, "/first");
}

static void refusal_without_faults_has_no_body(void **state)
{
    (void)state;
    struct request_fault read = { .pointer = "untouched" };
    assert_int_equal(faults_encode(arena, NULL, 0).length, 0);
    assert_false(faults_decode_first(arena, (struct text){ 0 }, &read));
    assert_string_equal(read.pointer, "untouched");
}

static void body_that_is_no_explanation_explains_nothing(void **state)
{
    (void)state;
    struct request_fault read = { .pointer = "untouched" };
    assert_false(faults_decode_first(arena, TEXT("xyz"), &read));
    assert_string_equal(read.pointer, "untouched");
}

static void explanation_too_long_for_a_reply_is_left_out(void **state)
{
    (void)state;
    char *detail = arena_allocate(arena, ENVELOPE_BODY_MAX + 1);
    memset(detail, 'x', ENVELOPE_BODY_MAX + 1);
    const struct request_fault fault = { .pointer = "",
                                         .code = STATUS_INVALID_VALUE,
                                         .detail = { detail, ENVELOPE_BODY_MAX + 1 } };
    assert_int_equal(faults_encode(arena, &fault, 1).length, 0);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(message_goes_to_the_actor_that_its_key_names),
        CLAIM(actor_speaks_as_a_node),
        CLAIM(text_key_finds_the_shard_of_the_text),
        CLAIM(body_can_be_read_by_the_other_side),
        CLAIM(what_a_consumer_does_is_known_by_the_event_and_the_domain),
        CLAIM(reply_comes_back_as_it_was),
        CLAIM(refusal_passes_and_leaves_the_reply_alone),
        CLAIM(reply_that_cannot_be_read_is_corrupt_and_leaves_the_callers_alone),
        CLAIM(reply_that_nobody_wants_is_not_read),
        CLAIM(message_without_an_answer_has_none),
        CLAIM(fault_travels_with_pointer_code_detail_and_amounts),
        CLAIM(fault_without_detail_and_amounts_has_none),
        CLAIM(first_of_several_faults_is_read),
        CLAIM(refusal_without_faults_has_no_body),
        CLAIM(body_that_is_no_explanation_explains_nothing),
        CLAIM(explanation_too_long_for_a_reply_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
