/* What operators see of events that were set aside, and what they may do about them. */
#include <stdio.h>

#include "actors/host/parked.h"
#include "messages/codec_msgpack.h"
#include "tests/actors/host/event_domain.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000 * 1000 };

static struct text answer;
static enum status settled;

static void settle(const char *event, enum host_parked_fate fate)
{
    const struct host_settle_parked_event command = { .event = text_of(event), .fate = fate };
    struct text body;
    assert_int_equal(msgpack_encode(&host_settle_parked_event_schema, &command, event_arena,
                                    ENVELOPE_BODY_MAX, &body),
                     STATUS_OK);
    settled = parked_answer_settle(&event_stage->hosted, event_arena, body,
                                   loop_now_us(event_stage->loop) + 10LL * SECOND_US, &answer);
}

static void park(unsigned shard, int64_t sequence, unsigned kind, int64_t number)
{
    char sql[500];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.parked_event (source, shard, seq, msg_id, number, kind, body, "
                   "reason, attempts, published_at, failed_at, parked_at) VALUES ('catalog', %u, "
                   "%lld, gen_random_uuid(), %u, 'test.kind', decode('81a66e756d626572%02x', "
                   "'hex'), 'wrong_type', 3, 1, 2, %lld)",
                   shard, (long long)sequence, kind, (unsigned)number, (long long)sequence);
    (void)host_stage_sql(sql);
}

static void replay(struct host_stage *unused)
{
    (void)unused;
    settle("catalog/3/1", HOST_PARKED_FATE_REPLAY);
}

static void parked_event_is_replayed_and_its_row_goes_with_the_effect(void **state)
{
    (void)state;
    park(3, 1, BATCHED, 7);
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_OK);
    assert_string_equal(event_trace, "7");
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.parked_event"), "0");
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_NOT_FOUND);
}

static void single_event_is_replayed_alike(void **state)
{
    (void)state;
    park(3, 1, SINGLE, 7);
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_OK);
    assert_string_equal(event_trace, "7");
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.parked_event"), "0");
}

static void replay_that_fails_counts_and_stays(void **state)
{
    (void)state;
    event_poison = 7;
    park(3, 1, BATCHED, 7);
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_WRONG_TYPE);
    assert_string_equal(host_stage_sql("SELECT attempts FROM host.parked_event"), "4");
}

static void replay_in_an_outage_does_not_count(void **state)
{
    (void)state;
    event_poison = 7;
    event_failure = STATUS_UNAVAILABLE;
    park(3, 1, BATCHED, 7);
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_UNAVAILABLE);
    assert_string_equal(host_stage_sql("SELECT attempts FROM host.parked_event"), "3");
}

static void event_that_is_not_consumed_any_more_cannot_be_replayed(void **state)
{
    (void)state;
    park(3, 1, UNWANTED, 7);
    host_stage_tell(event_stage, replay);
    assert_int_equal(settled, STATUS_UNSUPPORTED);
}

static void discard(struct host_stage *unused)
{
    (void)unused;
    settle("catalog/3/1", HOST_PARKED_FATE_DISCARD);
}

static void discarded_event_has_no_effect(void **state)
{
    (void)state;
    park(3, 1, BATCHED, 7);
    host_stage_tell(event_stage, discard);
    assert_int_equal(settled, STATUS_OK);
    assert_string_equal(event_trace, "");
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.parked_event"), "0");
}

static void name_nonsense(struct host_stage *unused)
{
    (void)unused;
    settle("", HOST_PARKED_FATE_DISCARD);
    assert_int_not_equal(settled, STATUS_OK);
    settle("catalog", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
    settle("catalog/3", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
    settle("catalog/64/1", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
    settle("catalog/3/0", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
    settle("catalog/x/1", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
    settle("nobody/3/1", HOST_PARKED_FATE_DISCARD);
    assert_int_equal(settled, STATUS_NOT_FOUND);
}

static void name_that_is_none_is_not_found(void **state)
{
    (void)state;
    host_stage_tell(event_stage, name_nonsense);
}

static struct host_parked_events parked;

static void look(struct host_stage *unused)
{
    (void)unused;
    assert_int_equal(parked_answer_list(&event_stage->hosted, event_arena, TEXT(""),
                                        loop_now_us(event_stage->loop) + 10LL * SECOND_US, &answer),
                     STATUS_OK);
    assert_int_equal(msgpack_decode(&host_parked_events_schema, answer, event_arena, &parked),
                     STATUS_OK);
}

static void operators_see_the_oldest_first(void **state)
{
    (void)state;
    park(3, 2, BATCHED, 7);
    park(9, 1, BATCHED, 8);
    host_stage_tell(event_stage, look);
    assert_int_equal(parked.events_count, 2);
    assert_false(parked.has_more);
    assert_text_equal(parked.events[0].event, TEXT("catalog/9/1"));
    assert_text_equal(parked.events[1].event, TEXT("catalog/3/2"));
    assert_text_equal(parked.events[0].reason, TEXT("wrong_type"));
    assert_int_equal(parked.events[0].attempts, 3);
}

static void operators_see_two_hundred_at_most(void **state)
{
    (void)state;
    (void)host_stage_sql("INSERT INTO host.parked_event (source, shard, seq, msg_id, number, kind, "
                         "body, reason, attempts, published_at, failed_at, parked_at) SELECT "
                         "'catalog', 3, i, gen_random_uuid(), 2101, 'test.kind', '', 'corrupt', 1, "
                         "1, 1, i FROM generate_series(1, 201) i");
    host_stage_tell(event_stage, look);
    assert_int_equal(parked.events_count, 200);
    assert_true(parked.has_more);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, event_open, event_close)
    const struct CMUnitTest tests[] = {
        CLAIM(parked_event_is_replayed_and_its_row_goes_with_the_effect),
        CLAIM(single_event_is_replayed_alike),
        CLAIM(replay_that_fails_counts_and_stays),
        CLAIM(replay_in_an_outage_does_not_count),
        CLAIM(event_that_is_not_consumed_any_more_cannot_be_replayed),
        CLAIM(discarded_event_has_no_effect),
        CLAIM(name_that_is_none_is_not_found),
        CLAIM(operators_see_the_oldest_first),
        CLAIM(operators_see_two_hundred_at_most),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
