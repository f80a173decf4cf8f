/* What a handler knows and what it queues: the same whenever it runs again, and nothing of it
 * leaves the request. */
#include <string.h>

#include "messages/codec_msgpack.h"
#include "storage/unit_private.h"
#include "tests/actors/host/request_stage.h"
#include "tests/support/cmocka.h"
#include "vendor_messages.h"
#include "wallet_messages.h"

static const struct statement statement = { .name = "some", .sql = "SELECT 1" };
static struct request_stage stage;
static struct request *request;

static int set_up(void **state)
{
    (void)state;
    request_stage_open(&stage);
    request = &stage.request;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    request_stage_close(&stage);
    return 0;
}

/* ---- facts ---- */

static void handler_knows_what_its_message_says(void **state)
{
    (void)state;
    assert_true(uuid_equals(request_key(request), stage.envelope.key));
    assert_int_equal(request_shard(request), REQUEST_STAGE_SHARD);
    assert_true(uuid_equals(request_message_id(request), stage.envelope.msg_id));
    assert_text_equal(request_id_text(request), TEXT("req-7"));
    assert_text_equal(request_client(request), TEXT("192.0.2.1"));
    assert_int_equal(request_principal(request)->kind, PRINCIPAL_ADMIN);
    assert_int_equal(request_domain(request), DOMAIN_VENDOR);
}

static void handler_knows_market_time_configuration_and_arena(void **state)
{
    (void)state;
    assert_int_equal(request_now_us(request), REQUEST_STAGE_NOW_US + 5);
    assert_ptr_equal(request_config(request), stage.config);
    assert_ptr_equal(request_arena(request), stage.arena);
    assert_null(request_intake(request));
}

static void keys_for_two_uses_differ_and_each_stays_the_same(void **state)
{
    (void)state;
    uint8_t cart[32], again[32], order[32];
    request_derive_key(request, "souk guest cart", cart);
    request_derive_key(request, "souk guest cart", again);
    request_derive_key(request, "souk guest order", order);
    assert_memory_equal(cart, again, sizeof cart);
    assert_memory_not_equal(cart, order, sizeof cart);
}

static void keys_are_of_this_market(void **state)
{
    (void)state;
    uint8_t ours[32], theirs[32];
    request_derive_key(request, "souk guest cart", ours);
    stage.host.principal_key[0]++;
    request_derive_key(request, "souk guest cart", theirs);
    assert_memory_not_equal(ours, theirs, sizeof ours);
}

/* ---- ids ---- */

static void new_id_is_in_the_shard_of_the_request(void **state)
{
    (void)state;
    assert_int_equal(uuid_shard(request_new_id(request)), REQUEST_STAGE_SHARD);
}

static void id_beside_another_is_in_its_shard(void **state)
{
    (void)state;
    const struct uuid other = uuid_make(REQUEST_STAGE_NOW_US, (const uint8_t[10]){ 1 }, 33);
    assert_int_equal(uuid_shard(request_new_id_beside(request, other)), 33);
}

static void ids_of_roots_spread_over_the_shards(void **state)
{
    (void)state;
    uint64_t shards = 0;
    for (size_t i = 0; i < 400; i++)
        shards |= UINT64_C(1) << uuid_shard(request_new_root_id(request));
    assert_true(__builtin_popcountll(shards) > 48);
}

static void ids_of_one_message_differ(void **state)
{
    (void)state;
    const struct uuid first = request_new_id(request), second = request_new_id(request);
    const struct uuid root = request_new_root_id(request);
    assert_false(uuid_equals(first, second));
    assert_false(uuid_equals(first, root));
    assert_false(uuid_equals(second, root));
}

static void handler_that_runs_again_makes_the_same_ids(void **state)
{
    (void)state;
    const struct uuid first = request_new_id(request), second = request_new_root_id(request);
    request_stage_again(&stage);
    assert_true(uuid_equals(request_new_id(request), first));
    assert_true(uuid_equals(request_new_root_id(request), second));
}

static void other_message_makes_other_ids(void **state)
{
    (void)state;
    const struct uuid first = request_new_id(request);
    request_stage_again(&stage);
    stage.envelope.msg_id.bytes[0]++;
    assert_false(uuid_equals(request_new_id(request), first));
}

static void asks_have_ids_of_their_own_that_stay(void **state)
{
    (void)state;
    const struct uuid first = request_next_ask_id(request), second = request_next_ask_id(request);
    assert_false(uuid_equals(first, second));
    assert_false(uuid_equals(first, stage.envelope.msg_id));
    request_stage_again(&stage);
    assert_true(uuid_equals(request_next_ask_id(request), first));
    assert_true(uuid_equals(request_next_ask_id(request), second));
}

static void ids_and_asks_are_counted_apart(void **state)
{
    (void)state;
    const struct uuid id = request_new_id(request);
    const struct uuid ask = request_next_ask_id(request);
    request_stage_again(&stage);
    assert_true(uuid_equals(request_next_ask_id(request), ask));
    assert_true(uuid_equals(request_new_id(request), id));
}

static void command_to_the_key_that_is_held_is_to_itself(void **state)
{
    (void)state;
    assert_true(request_is_to_itself(request, &vendor_suspend_vendor_message, stage.envelope.key));
}

static void other_key_query_or_domain_is_not_to_itself(void **state)
{
    (void)state;
    const struct uuid other = { { 5 } };
    assert_false(request_is_to_itself(request, &vendor_suspend_vendor_message, other));
    assert_false(request_is_to_itself(request, &vendor_get_vendor_message, stage.envelope.key));
    assert_false(request_is_to_itself(request, &wallet_grant_message, stage.envelope.key));
}

static void what_holds_no_key_cannot_ask_itself(void **state)
{
    (void)state;
    request->activation = NULL;
    assert_false(request_is_to_itself(request, &vendor_suspend_vendor_message, stage.envelope.key));
}

/* ---- what commits with the request ---- */

static void request_has_no_unit_until_it_writes(void **state)
{
    (void)state;
    assert_null(request->unit);
    param_int(request_write(request, &statement), stage.arena, 1);
    assert_non_null(request->unit);
    assert_int_equal(request->unit->shard, REQUEST_STAGE_SHARD);
    assert_true(uuid_equals(request->unit->msg_id, stage.envelope.msg_id));
    assert_int_equal(request->unit->number, stage.envelope.number);
    assert_int_equal(request->unit->market_us, REQUEST_STAGE_NOW_US + 5);
}

static void all_writes_of_a_request_are_one_unit(void **state)
{
    (void)state;
    (void)request_write(request, &statement);
    const struct unit *unit = request->unit;
    (void)request_write(request, &statement);
    assert_ptr_equal(request->unit, unit);
    assert_int_equal(unit->writes_count, 2);
}

static void event_is_published_under_the_key_of_the_request(void **state)
{
    (void)state;
    const struct told_action_was_audited event = {
        .entry = { .request_id = TEXT("r"),
                   .action = TEXT("a"),
                   .principal = TEXT("p"),
                   .subject = TEXT("s"),
                   .request = TEXT("{}") },
    };
    struct told_action_was_audited read;
    assert_int_equal(request_publish(request, &vendor_action_was_audited_message, &event),
                     STATUS_OK);
    assert_int_equal(request->unit->events_count, 1);
    const struct unit_event *published = &request->unit->events[0];
    assert_true(uuid_equals(published->key, stage.envelope.key));
    assert_int_equal(published->number, vendor_action_was_audited_message.number);
    assert_int_equal(
        msgpack_decode(vendor_action_was_audited_message.body, published->body, stage.arena, &read),
        STATUS_OK);
    assert_text_equal(read.entry.subject, TEXT("s"));
}

static void what_is_remembered_is_a_copy_of_what_is_used_and_the_last_one_counts(void **state)
{
    (void)state;
    unsigned char aggregate[64] = { 1, 7 };
    request_remember(request, aggregate, sizeof aggregate);
    aggregate[0] = 2;
    assert_int_equal(request->remembered_used, 2);
    assert_memory_equal(request->remembered, ((unsigned char[]){ 1, 7 }), 2);
    request_remember(request, aggregate, sizeof aggregate);
    assert_memory_equal(request->remembered, ((unsigned char[]){ 2, 7 }), 2);
    assert_int_equal(request->remembered_size, sizeof aggregate);
    assert_null(request->unit); /* remembering alone is no effect */
}

/* ---- the answer ---- */

static void faults_are_kept_up_to_their_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < FAULTS_MAX + 3; i++)
        request_add_fault(request,
                          &(struct request_fault){ .pointer = i == 0 ? "/first" : "/later" });
    assert_int_equal(request->faults_count, FAULTS_MAX);
    assert_string_equal(request->faults[0].pointer, "/first");
}

static void cursor_that_is_none_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(request_refuse_cursor(request), STATUS_INVALID_PARAMETER);
    assert_int_equal(request->faults_count, 1);
    assert_string_equal(request->faults[0].pointer, "/after");
    assert_int_equal(request->faults[0].code, STATUS_INVALID_PARAMETER);
}

static void http_status_is_the_handlers_choice(void **state)
{
    (void)state;
    assert_int_equal(request->http_status, 0);
    request_set_http_status(request, 201);
    assert_int_equal(request->http_status, 201);
}

static void audit_names_the_subject_by_its_public_id(void **state)
{
    (void)state;
    char expected[ID_TEXT_MAX + 1];
    const struct uuid subject = { { 9 } };
    request_audit(request, "prd", subject, TEXT("{\"a\":1}"));
    (void)id_format("prd", subject, expected);
    assert_true(request->is_audited);
    assert_text_equal(request->audit_subject, text_of(expected));
    assert_text_equal(request->audit_before, TEXT("{\"a\":1}"));
}

/* ---- parts ---- */

enum { PARTS = 3 };
static struct completion gate;
static struct uuid part_ids[PARTS];
static struct request *parts[PARTS];

/* The first one waits for the last: one after the other they would never end. */
static void do_part(struct request *part, void *argument, size_t index)
{
    struct arena *arena = argument;
    if (index == 0) IGNORE(completion_wait_out(&gate));
    param_int(request_write(part, &statement), arena, (int64_t)index);
    part_ids[index] = request_new_id(part);
    if (index == PARTS - 1) completion_finish(&gate, STATUS_OK);
}

/* Who waits without a deadline has none to stop. */
static void stop_nothing(void *context, struct timer *timer)
{
    (void)context;
    (void)timer;
}

static void run_parts(void *argument)
{
    stage.timers.stop = stop_nothing;
    completion_init(&gate, stage.fibers);
    request_run_parts(request, parts, PARTS, do_part, argument);
}

static void parts_run_side_by_side_and_are_taken_in_order(void **state)
{
    (void)state;
    assert_int_equal(fiber_spawn(stage.fibers, run_parts, stage.arena), STATUS_OK);
    assert_int_equal(fibers_alive(stage.fibers), 0);
    for (size_t i = 0; i < PARTS; i++)
        assert_true(request_take_part(request, parts[i], 1));
    const struct unit_write *write = request->unit->first_write;
    for (char i = 0; i < PARTS; i++, write = write->next)
        assert_int_equal(write->call.params.values[0].data[7], i);
    assert_null(write);
}

static void what_a_part_has_queued_counts_only_when_it_is_taken(void **state)
{
    (void)state;
    assert_int_equal(fiber_spawn(stage.fibers, run_parts, stage.arena), STATUS_OK);
    assert_true(request_take_part(request, parts[1], 0));
    assert_int_equal(request->unit->writes_count, 1);
    assert_false(request_take_part(request, parts[2], UNIT_WRITES_MAX));
    assert_int_equal(request->unit->writes_count, 1);
}

static void ids_of_parts_differ_and_stay_the_same(void **state)
{
    (void)state;
    struct uuid before[PARTS];
    assert_int_equal(fiber_spawn(stage.fibers, run_parts, stage.arena), STATUS_OK);
    memcpy(before, part_ids, sizeof before);
    assert_false(uuid_equals(before[0], before[1]));
    assert_false(uuid_equals(before[0], request_new_id(request)));
    request_stage_again(&stage);
    assert_int_equal(fiber_spawn(stage.fibers, run_parts, stage.arena), STATUS_OK);
    assert_memory_equal(before, part_ids, sizeof before);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(handler_knows_what_its_message_says),
        CLAIM(handler_knows_market_time_configuration_and_arena),
        CLAIM(keys_for_two_uses_differ_and_each_stays_the_same),
        CLAIM(keys_are_of_this_market),
        CLAIM(new_id_is_in_the_shard_of_the_request),
        CLAIM(id_beside_another_is_in_its_shard),
        CLAIM(ids_of_roots_spread_over_the_shards),
        CLAIM(ids_of_one_message_differ),
        CLAIM(handler_that_runs_again_makes_the_same_ids),
        CLAIM(other_message_makes_other_ids),
        CLAIM(asks_have_ids_of_their_own_that_stay),
        CLAIM(ids_and_asks_are_counted_apart),
        CLAIM(command_to_the_key_that_is_held_is_to_itself),
        CLAIM(other_key_query_or_domain_is_not_to_itself),
        CLAIM(what_holds_no_key_cannot_ask_itself),
        CLAIM(request_has_no_unit_until_it_writes),
        CLAIM(all_writes_of_a_request_are_one_unit),
        CLAIM(event_is_published_under_the_key_of_the_request),
        CLAIM(what_is_remembered_is_a_copy_of_what_is_used_and_the_last_one_counts),
        CLAIM(faults_are_kept_up_to_their_bound),
        CLAIM(cursor_that_is_none_is_refused_with_its_place),
        CLAIM(http_status_is_the_handlers_choice),
        CLAIM(audit_names_the_subject_by_its_public_id),
        CLAIM(parts_run_side_by_side_and_are_taken_in_order),
        CLAIM(what_a_part_has_queued_counts_only_when_it_is_taken),
        CLAIM(ids_of_parts_differ_and_stay_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
