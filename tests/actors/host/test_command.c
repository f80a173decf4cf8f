/* Commands: one unit each, again after a conflict, once in spite of repeats. */
#include "tests/actors/host/scripted_domain.h"
#include "tests/support/cmocka.h"

/* ---- commands ---- */

static void one_command(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(domain_answer.http_status, 201);
    assert_int_equal(domain_read_reply().number, 1);
    domain_assert_effects("1");
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "1");
}

static void command_commits_and_is_answered(void **state)
{
    (void)state;
    domain_tell(one_command);
}

static void a_refusal(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    script.outcome = STATUS_ILLEGAL_TRANSITION;
    script.explains = true;
    assert_int_equal(domain_say(&envelope), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(domain_read_fault(), "/id");
    domain_assert_effects("0");
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "0");
}

static void refusal_writes_nothing_and_is_explained(void **state)
{
    (void)state;
    domain_tell(a_refusal);
}

static void a_command_without_effect(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    script.writes = false;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "0");
}

static void command_that_changes_nothing_leaves_no_trace(void **state)
{
    (void)state;
    domain_tell(a_command_without_effect);
}

static void one_conflict(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    script.conflicts = 1;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(script.runs, 2);
    domain_assert_effects("1");
}

static void conflict_runs_the_handler_again(void **state)
{
    (void)state;
    domain_tell(one_conflict);
}

static void endless_conflicts(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    script.conflicts = 100;
    assert_int_equal(domain_say(&envelope), STATUS_CONFLICT);
    assert_int_equal(script.runs, 5);
    domain_assert_effects("0");
}

static void handler_runs_five_times_at_most(void **state)
{
    (void)state;
    domain_tell(endless_conflicts);
}

static void conflict_of_the_handler(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    script.outcome = STATUS_CONFLICT;
    assert_int_equal(domain_say(&envelope), STATUS_CONFLICT);
    assert_int_equal(script.runs, 5);
}

static void conflict_that_the_handler_finds_counts_alike(void **state)
{
    (void)state;
    domain_tell(conflict_of_the_handler);
}

/* ---- memory ---- */

static void two_that_remember(void)
{
    const struct envelope first = domain_envelope(COMMAND_NUMBER, 1),
                          second = domain_envelope(COMMAND_NUMBER, 2);
    script.remembers = true;
    assert_int_equal(domain_say(&first), STATUS_OK);
    assert_int_equal(script.recalled, -1);
    assert_int_equal(domain_say(&second), STATUS_OK);
    assert_int_equal(script.recalled, 1);
}

static void next_message_of_the_key_finds_what_was_remembered(void **state)
{
    (void)state;
    domain_tell(two_that_remember);
}

static void memory_after_a_conflict(void)
{
    const struct envelope first = domain_envelope(COMMAND_NUMBER, 1),
                          second = domain_envelope(COMMAND_NUMBER, 2);
    script.remembers = true;
    assert_int_equal(domain_say(&first), STATUS_OK);
    script.conflicts = 2; /* the next run fails */
    assert_int_equal(domain_say(&second), STATUS_OK);
    assert_int_equal(script.recalled, -1); /* it was loaded anew */
}

static void what_a_conflict_has_proved_wrong_is_forgotten(void **state)
{
    (void)state;
    domain_tell(memory_after_a_conflict);
}

/* ---- repeats ---- */

static void from_a_node(struct envelope *envelope)
{
    envelope->principal.kind = PRINCIPAL_NODE;
}

static void the_same_again(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    from_a_node(&envelope);
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(domain_read_reply().number, 1); /* the answer of the first run */
    domain_assert_effects("1");
}

static void repeated_message_has_its_effect_once(void **state)
{
    (void)state;
    domain_tell(the_same_again);
}

static void the_same_again_in_a_new_state(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    from_a_node(&envelope);
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    script.outcome = STATUS_ILLEGAL_TRANSITION;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(domain_read_reply().number, 1);
}

static void repeat_that_would_be_refused_gets_its_first_answer(void **state)
{
    (void)state;
    domain_tell(the_same_again_in_a_new_state);
}

static void the_same_again_with_a_token(void)
{
    struct envelope envelope = domain_envelope(SECRET_NUMBER, 1);
    from_a_node(&envelope);
    script.has_token = true;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(domain_say(&envelope), STATUS_UNAVAILABLE);
    assert_string_equal(host_stage_sql("SELECT length(body) FROM host.inbox"), "0");
}

static void secret_is_not_kept_for_repeats(void **state)
{
    (void)state;
    domain_tell(the_same_again_with_a_token);
}

/* ---- Idempotency-Key ---- */

static struct envelope with_key(uint16_t number, uint8_t n, uint8_t key, uint8_t fingerprint)
{
    struct envelope envelope = domain_envelope(number, n);
    envelope.has_idempotency = true;
    envelope.idempotency_key[0] = key;
    envelope.idempotency_fingerprint[0] = fingerprint;
    return envelope;
}

static void two_with_one_key(void)
{
    const struct envelope first = with_key(COMMAND_NUMBER, 1, 7, 9),
                          second = with_key(COMMAND_NUMBER, 2, 7, 9);
    assert_int_equal(domain_say(&first), STATUS_OK);
    assert_false(domain_answer.is_replayed);
    assert_int_equal(domain_say(&second), STATUS_OK);
    assert_true(domain_answer.is_replayed);
    assert_int_equal(domain_answer.http_status, 201);
    assert_int_equal(domain_read_reply().number, 1);
    assert_int_equal(script.runs, 1);
}

static void second_request_with_a_key_gets_the_first_answer(void **state)
{
    (void)state;
    domain_tell(two_with_one_key);
}

static void another_body_with_the_key(void)
{
    const struct envelope first = with_key(COMMAND_NUMBER, 1, 7, 9),
                          second = with_key(COMMAND_NUMBER, 2, 7, 10);
    assert_int_equal(domain_say(&first), STATUS_OK);
    assert_int_equal(domain_say(&second), STATUS_IDEMPOTENCY_KEY_REUSED);
    domain_assert_effects("1");
}

static void key_of_another_request_is_refused(void **state)
{
    (void)state;
    domain_tell(another_body_with_the_key);
}

static void refused_with_a_key(void)
{
    const struct envelope first = with_key(COMMAND_NUMBER, 1, 7, 9),
                          second = with_key(COMMAND_NUMBER, 2, 7, 9);
    script.outcome = STATUS_ILLEGAL_TRANSITION;
    assert_int_equal(domain_say(&first), STATUS_ILLEGAL_TRANSITION);
    script.outcome = STATUS_OK;
    assert_int_equal(domain_say(&second), STATUS_OK);
    assert_false(domain_answer.is_replayed);
}

static void refusal_leaves_the_key_free(void **state)
{
    (void)state;
    domain_tell(refused_with_a_key);
}

static void a_token_under_a_key(void)
{
    const struct envelope first = with_key(SECRET_NUMBER, 1, 7, 9),
                          second = with_key(SECRET_NUMBER, 2, 7, 9);
    script.has_token = true;
    assert_int_equal(domain_say(&first), STATUS_OK);
    assert_string_equal(
        host_stage_sql("SELECT position('\\x746f6b656e'::bytea IN body) FROM host.idempotency"),
        "0");
    assert_int_equal(domain_say(&second), STATUS_OK);
    assert_true(domain_answer.is_replayed);
    assert_text_equal(domain_read_reply().token, TEXT("a token"));
}

static void secret_under_a_key_is_kept_sealed(void **state)
{
    (void)state;
    domain_tell(a_token_under_a_key);
}

/* ---- memory of jobs ---- */

static void many(void)
{
    for (uint8_t n = 1; n < 100; n++) {
        const struct envelope envelope = domain_envelope(COMMAND_NUMBER, n);
        assert_int_equal(domain_say(&envelope), STATUS_OK);
    }
    assert_int_equal(domain_stage->host.jobs, 0);
    assert_in_range(domain_stage->host.spare_arenas_count, 1, SPARE_ARENAS_MAX);
}

static void arenas_of_jobs_are_used_again(void **state)
{
    (void)state;
    script.writes = false;
    domain_tell(many);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, domain_open, domain_close)
    const struct CMUnitTest tests[] = {
        CLAIM(command_commits_and_is_answered),
        CLAIM(refusal_writes_nothing_and_is_explained),
        CLAIM(command_that_changes_nothing_leaves_no_trace),
        CLAIM(conflict_runs_the_handler_again),
        CLAIM(handler_runs_five_times_at_most),
        CLAIM(conflict_that_the_handler_finds_counts_alike),
        CLAIM(next_message_of_the_key_finds_what_was_remembered),
        CLAIM(what_a_conflict_has_proved_wrong_is_forgotten),
        CLAIM(repeated_message_has_its_effect_once),
        CLAIM(repeat_that_would_be_refused_gets_its_first_answer),
        CLAIM(secret_is_not_kept_for_repeats),
        CLAIM(second_request_with_a_key_gets_the_first_answer),
        CLAIM(key_of_another_request_is_refused),
        CLAIM(refusal_leaves_the_key_free),
        CLAIM(secret_under_a_key_is_kept_sealed),
        CLAIM(arenas_of_jobs_are_used_again),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
