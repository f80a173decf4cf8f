/* Group commit without a database: who shares a segment, who is blamed when it fails, what a lost
 * answer means, and in which order everybody hears. */
#include <stdio.h>

#include "runtime/metrics.h"
#include "storage/batch.h"
#include "tests/storage/committer_stage.h"
#include "tests/support/cmocka.h"

/* Fence and inbox answer as they do when all is well; `sequence` is the next number of the shard.
 */
static void commit_with_sequence(int64_t sequence)
{
    struct store_segment *segment = fake_store_first(&fake);
    struct store_params params = { .count = 0 };
    struct store_value *cell = arena_allocate(segment->arena, sizeof *cell);
    param_int_array(&params, segment->arena, &sequence, 1);
    *cell = params.values[0];
    segment->calls[0].result =
        (struct store_result){ .rows_count = 1, .columns_count = 1, .cells = cell };
    fake_store_commit(&fake);
}

/* ---- groups ---- */

static void units_of_one_turn_share_a_segment(void **state)
{
    (void)state;
    const struct unit *first = queue(1), *second = queue(2);
    assert_int_equal(fake.submitted, 0); /* not at once: the turn goes on */
    fake_store_pass(&fake, 0);
    assert_int_equal(fake.submitted, 1);
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1 + 2);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_true(is_settled(second, STATUS_OK));
    assert_int_equal(committer_pending(committer), 0);
}

static void units_that_come_meanwhile_wait_for_the_next_segment(void **state)
{
    (void)state;
    const struct unit *first = queue(1);
    fake_store_pass(&fake, 0);
    const struct unit *second = queue(1), *third = queue(1);
    fake_store_pass(&fake, 0);
    assert_int_equal(fake.submitted, 1);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_false(second->completion.is_done);
    assert_int_equal(fake.submitted, 2);
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 2);
    fake_store_commit(&fake);
    assert_true(is_settled(third, STATUS_OK));
}

static void segment_holds_sixty_four_units_at_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNITS_BATCH_MAX + 1; i++)
        (void)queue(1);
    fake_store_pass(&fake, 0);
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + UNITS_BATCH_MAX);
    fake_store_commit(&fake);
    assert_int_equal(committer_pending(committer), 1);
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1);
    fake_store_commit(&fake);
    assert_int_equal(committer_pending(committer), 0);
}

static void empty_unit_needs_no_database_but_its_turn(void **state)
{
    (void)state;
    const struct unit *write = queue(1);
    fake_store_pass(&fake, 0);
    const struct unit *barrier = queue(0);
    fake_store_pass(&fake, 0);
    assert_false(barrier->completion.is_done);
    fake_store_commit(&fake);
    assert_true(is_settled(write, STATUS_OK));
    assert_true(is_settled(barrier, STATUS_OK));
    assert_int_equal(fake.submitted, 1);
}

static void events_are_announced_up_to_the_last_number(void **state)
{
    (void)state;
    struct unit *unit = queue(1);
    unit_publish(unit, 5101, (struct uuid){ { 3 } }, TEXT("body"));
    fake_store_pass(&fake, 0);
    commit_with_sequence(43);
    assert_int_equal(told.shard, STAGE_SHARD);
    assert_int_equal(told.sequence, 42);
    assert_int_equal(told.ids_count, 1);
    assert_true(uuid_equals(told.ids[0], (struct uuid){ { 3 } }));
}

static void who_has_something_new_is_told_of(void **state)
{
    (void)state;
    const struct uuid mine = { { 4, [15] = STAGE_SHARD } };
    struct unit *unit = queue(1);
    unit_hint(unit, mine);
    unit_hint(unit, mine);
    fake_store_pass(&fake, 0);
    fake_store_commit(&fake);
    assert_int_equal(told.shard, STAGE_SHARD);
    assert_int_equal(told.sequence, 0);
    assert_int_equal(told.ids_count, 1);
    assert_true(uuid_equals(told.ids[0], mine));
}

static void a_unit_that_only_tells_is_committed_and_told_of(void **state)
{
    (void)state;
    const struct uuid mine = { { 4, [15] = STAGE_SHARD } };
    struct unit *unit = queue(0);
    unit_hint(unit, mine);
    fake_store_pass(&fake, 0);
    fake_store_commit(&fake);
    assert_true(is_settled(unit, STATUS_OK));
    assert_int_equal(told.ids_count, 1);
    assert_true(uuid_equals(told.ids[0], mine));
}

/* Its events are committed, and it is not known any more what they were about. */
static void news_of_a_withdrawn_unit_is_about_any(void **state)
{
    (void)state;
    struct unit *unit = queue(1), *other = queue(1);
    unit_publish(unit, 5101, (struct uuid){ { 3 } }, TEXT("body"));
    unit_publish(other, 5101, (struct uuid){ { 4 } }, TEXT("body"));
    fake_store_pass(&fake, 0);
    committer_withdraw(unit);
    commit_with_sequence(44);
    assert_int_equal(told.sequence, 43);
    assert_true(told.is_about_any);
}

/* ---- culprits ---- */

static void culprit_is_refused_and_the_others_are_sent_again(void **state)
{
    (void)state;
    const struct unit *first = queue(1), *culprit = queue(1), *last = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, own_call(1), STATUS_CONFLICT, "");
    assert_false(culprit->completion.is_done); /* it is told when its turn comes */
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 2);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_true(is_settled(culprit, STATUS_CONFLICT));
    assert_true(is_settled(last, STATUS_OK));
}

static void culprit_alone_is_told_without_another_segment(void **state)
{
    (void)state;
    const struct unit *culprit = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, own_call(0), STATUS_OUT_OF_RANGE, "");
    assert_true(is_settled(culprit, STATUS_OUT_OF_RANGE));
    assert_int_equal(fake.submitted, 1);
}

static void failure_that_names_nobody_sends_the_units_one_by_one(void **state)
{
    (void)state;
    const struct unit *first = queue(1), *second = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 0, STATUS_CONFLICT, ""); /* a lock at the fence */
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1);
    fake_store_fail(&fake, 0, STATUS_CONFLICT, "");
    assert_true(is_settled(first, STATUS_CONFLICT));
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1);
    fake_store_commit(&fake);
    assert_true(is_settled(second, STATUS_OK));
}

static void fence_refuses_the_units_of_its_shard_only(void **state)
{
    (void)state;
    const struct unit *stale = queue_in(5, 1), *good = queue_in(6, 1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 0, STATUS_FENCED, "5");
    assert_int_equal(fenced_count, 1);
    assert_int_equal(fenced_shard, 5);
    fake_store_commit(&fake);
    assert_true(is_settled(stale, STATUS_FENCED));
    assert_true(is_settled(good, STATUS_OK));
}

static void fence_that_names_no_shard_refuses_everybody(void **state)
{
    (void)state;
    const struct unit *first = queue_in(5, 1), *second = queue_in(6, 1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 0, STATUS_FENCED, "what?");
    assert_true(is_settled(first, STATUS_FENCED));
    assert_true(is_settled(second, STATUS_FENCED));
}

/* ---- repeats ---- */

static void repeated_unit_is_looked_up_and_not_written(void **state)
{
    (void)state;
    const struct unit *first = queue(1), *repeat = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 1, STATUS_DUPLICATE,
                    "Key (msg_id)=(aa020000-0000-0000-0000-000000000000) already exists.");
    /* Fence, inbox, the other's write, and the look-up. */
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1 + 1);
    assert_int_equal(repeat->verdict, UNIT_REPEATS);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_true(repeat->completion.is_done);
}

static void repeat_whose_answer_is_gone_is_a_failure_of_ours(void **state)
{
    (void)state;
    const struct unit *repeat = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 1, STATUS_DUPLICATE,
                    "Key (msg_id)=(aa010000-0000-0000-0000-000000000000) already exists.");
    fake_store_commit(&fake);
    assert_true(is_settled(repeat, STATUS_INTERNAL));
}

static void violation_of_the_inbox_that_names_no_unit_sends_one_by_one(void **state)
{
    (void)state;
    (void)queue(1);
    (void)queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, 1, STATUS_DUPLICATE, "Key (msg_id)=(nonsense) already exists.");
    assert_int_equal(fake_store_first(&fake)->calls_count, 2 + 1);
}

/* ---- connections that come and go ---- */

static void lost_answer_sends_the_same_units_again(void **state)
{
    (void)state;
    const struct unit *unit = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_lose(&fake, true);
    assert_false(unit->completion.is_done);
    assert_int_equal(fake.submitted, 2);
    fake_store_commit(&fake);
    assert_true(is_settled(unit, STATUS_OK));
}

static void nothing_is_sent_while_the_store_is_down(void **state)
{
    (void)state;
    committer_set_up(committer, false);
    const struct unit *unit = queue(1);
    fake_store_pass(&fake, COMMITTER_LOOK_US);
    assert_int_equal(fake.submitted, 0);
    committer_set_up(committer, true);
    fake_store_pass(&fake, 0);
    assert_int_equal(fake.submitted, 1);
    fake_store_commit(&fake);
    assert_true(is_settled(unit, STATUS_OK));
}

static void unit_that_was_never_sent_gives_up_after_half_a_minute(void **state)
{
    (void)state;
    committer_set_up(committer, false);
    const struct unit *unit = queue(1);
    fake_store_pass(&fake, COMMITTER_GIVE_UP_US - 1);
    assert_false(unit->completion.is_done);
    fake_store_pass(&fake, COMMITTER_LOOK_US);
    assert_true(is_settled(unit, STATUS_UNAVAILABLE));
    assert_int_equal(committer_pending(committer), 0);
}

static void unit_whose_outcome_is_unknown_never_gives_up(void **state)
{
    (void)state;
    const struct unit *unit = queue(1);
    fake_store_pass(&fake, 0);
    committer_set_up(committer, false);
    fake_store_lose(&fake, true);
    fake_store_pass(&fake, 2 * COMMITTER_GIVE_UP_US);
    assert_false(unit->completion.is_done);
    committer_set_up(committer, true);
    fake_store_pass(&fake, 0);
    fake_store_commit(&fake);
    assert_true(is_settled(unit, STATUS_OK));
}

/* ---- bounds and the end ---- */

static void withdrawn_unit_is_forgotten_though_it_is_under_way(void **state)
{
    (void)state;
    struct unit *withdrawn = queue(1);
    const struct unit *other = queue(1);
    fake_store_pass(&fake, 0);
    committer_withdraw(withdrawn);
    assert_null(withdrawn->committer);
    fake_store_commit(&fake);
    assert_false(withdrawn->completion.is_done);
    assert_true(is_settled(other, STATUS_OK));
    assert_int_equal(committer_pending(committer), 0);
}

static void stop_settles_what_is_left(void **state)
{
    (void)state;
    const struct unit *sent = queue(1);
    fake_store_pass(&fake, 0);
    const struct unit *waiting = queue(1);
    committer_stop(committer);
    fake_store_commit(&fake); /* what the store still says is not looked at */
    assert_false(sent->completion.is_done);
    committer_destroy(&committer);
    assert_true(is_settled(sent, STATUS_STOPPING));
    assert_true(is_settled(waiting, STATUS_STOPPING));
}

static void failures_and_groups_are_counted(void **state)
{
    (void)state;
    const int64_t segments = metric_value(METRIC_SEGMENTS),
                  failed = metric_value(METRIC_UNITS_FAILED);
    const int64_t units = metric_value(METRIC_UNITS);
    (void)queue(1);
    (void)queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail(&fake, own_call(0), STATUS_CONFLICT, "");
    fake_store_commit(&fake);
    assert_int_equal(metric_value(METRIC_SEGMENTS) - segments, 2);
    assert_int_equal(metric_value(METRIC_UNITS_FAILED) - failed, 1);
    assert_int_equal(metric_value(METRIC_UNITS) - units, 1);
}

int main(void)
{
#define CLAIM(name)                                                                                \
    cmocka_unit_test_setup_teardown(name, committer_stage_open, committer_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(units_of_one_turn_share_a_segment),
        CLAIM(units_that_come_meanwhile_wait_for_the_next_segment),
        CLAIM(segment_holds_sixty_four_units_at_most),
        CLAIM(empty_unit_needs_no_database_but_its_turn),
        CLAIM(events_are_announced_up_to_the_last_number),
        CLAIM(who_has_something_new_is_told_of),
        CLAIM(a_unit_that_only_tells_is_committed_and_told_of),
        CLAIM(news_of_a_withdrawn_unit_is_about_any),
        CLAIM(culprit_is_refused_and_the_others_are_sent_again),
        CLAIM(culprit_alone_is_told_without_another_segment),
        CLAIM(failure_that_names_nobody_sends_the_units_one_by_one),
        CLAIM(fence_refuses_the_units_of_its_shard_only),
        CLAIM(fence_that_names_no_shard_refuses_everybody),
        CLAIM(repeated_unit_is_looked_up_and_not_written),
        CLAIM(repeat_whose_answer_is_gone_is_a_failure_of_ours),
        CLAIM(violation_of_the_inbox_that_names_no_unit_sends_one_by_one),
        CLAIM(lost_answer_sends_the_same_units_again),
        CLAIM(nothing_is_sent_while_the_store_is_down),
        CLAIM(unit_that_was_never_sent_gives_up_after_half_a_minute),
        CLAIM(unit_whose_outcome_is_unknown_never_gives_up),
        CLAIM(withdrawn_unit_is_forgotten_though_it_is_under_way),
        CLAIM(stop_settles_what_is_left),
        CLAIM(failures_and_groups_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
