/* What is refused before a handler runs, and queries. */
#include "runtime/metrics.h"
#include "tests/actors/host/scripted_domain.h"
#include "tests/support/cmocka.h"

/* ---- refused before anything runs ---- */

static void to_another_domain(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    envelope.domain = DOMAIN_WALLET;
    assert_int_equal(domain_say(&envelope), STATUS_MOVED);
    envelope.domain = 31;
    assert_int_equal(domain_say(&envelope), STATUS_MOVED);
    assert_int_equal(script.runs, 0);
}

static void domain_that_is_not_here_has_moved(void **state)
{
    (void)state;
    domain_tell(to_another_domain);
}

static void to_a_domain_that_is_not_ready(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    domain_stage->host.hosted[DOMAIN_ORDER].is_ready = false;
    assert_int_equal(domain_say(&envelope), STATUS_MOVED);
    domain_stage->host.hosted[DOMAIN_ORDER].is_ready = true;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
}

static void domain_that_is_not_ready_has_moved(void **state)
{
    (void)state;
    domain_tell(to_a_domain_that_is_not_ready);
}

static void of_an_unknown_number(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    envelope.number = COMMAND_NUMBER - 1;
    assert_int_equal(domain_say(&envelope), STATUS_UNSUPPORTED);
    envelope.number = SECRET_NUMBER + 1;
    assert_int_equal(domain_say(&envelope), STATUS_UNSUPPORTED);
}

static void unknown_number_is_unsupported(void **state)
{
    (void)state;
    domain_tell(of_an_unknown_number);
}

static void what_a_node_says(void)
{
    const struct envelope query = domain_envelope(QUERY_NUMBER, 1);
    assert_int_equal(domain_say(&query), STATUS_FORBIDDEN);
    assert_int_equal(script.runs, 0);
}

static void what_nodes_say_is_forbidden_to_gateways(void **state)
{
    (void)state;
    domain_tell(what_a_node_says);
}

static void with_garbage(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    envelope.body = TEXT("xyz");
    assert_int_not_equal(domain_say(&envelope), STATUS_OK);
    assert_int_equal(script.runs, 0);
}

static void body_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    domain_tell(with_garbage);
}

static void to_the_wrong_key(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    envelope.shard = DOMAIN_SHARD + 1;
    assert_int_equal(domain_say(&envelope), STATUS_MALFORMED);
    envelope = domain_envelope(COMMAND_NUMBER, 1);
    envelope.key.bytes[0] ^= 1;
    assert_int_equal(domain_say(&envelope), STATUS_MALFORMED);
    assert_int_equal(script.runs, 0);
}

static void key_and_shard_are_those_of_the_body(void **state)
{
    (void)state;
    domain_tell(to_the_wrong_key);
}

static void while_stopping(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    domain_stage->host.is_stopping = true;
    assert_int_equal(domain_say(&envelope), STATUS_STOPPING);
    domain_stage->host.is_stopping = false;
    assert_int_equal(script.runs, 0);
}

static void host_that_stops_says_so(void **state)
{
    (void)state;
    domain_tell(while_stopping);
}

static void beyond_all_jobs(void)
{
    const struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    domain_stage->host.jobs = 16384;
    assert_int_equal(domain_say(&envelope), STATUS_OVERLOADED);
    domain_stage->host.jobs = 0;
    assert_int_equal(domain_say(&envelope), STATUS_OK);
}

static void one_message_too_many_is_overloaded(void **state)
{
    (void)state;
    domain_tell(beyond_all_jobs);
}

static void too_late(void)
{
    struct envelope envelope = domain_envelope(COMMAND_NUMBER, 1);
    const int64_t expired = metric_value(METRIC_EXPIRED);
    assert_int_equal(domain_say_within(&envelope, 0), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(script.runs, 0);
    assert_int_equal(metric_value(METRIC_EXPIRED) - expired, 1);
}

static void expired_command_is_not_run(void **state)
{
    (void)state;
    domain_tell(too_late);
}

/* ---- queries ---- */

static struct envelope query_of_a_node(void)
{
    struct envelope envelope = domain_envelope(QUERY_NUMBER, 9);
    envelope.principal.kind = PRINCIPAL_NODE;
    return envelope;
}

static void a_look(void)
{
    const struct envelope query = query_of_a_node();
    assert_int_equal(domain_say(&query), STATUS_OK);
    assert_int_equal(domain_read_reply().number, 1);
    assert_int_equal(domain_say(&query), STATUS_OK);
    assert_int_equal(script.runs, 2); /* nothing of it is kept */
}

static void query_is_answered_anew_each_time(void **state)
{
    (void)state;
    domain_tell(a_look);
}

static void a_look_in_vain(void)
{
    const struct envelope query = query_of_a_node();
    script.outcome = STATUS_NOT_FOUND;
    script.explains = true;
    assert_int_equal(domain_say(&query), STATUS_NOT_FOUND);
    assert_string_equal(domain_read_fault(), "/q");
}

static void refused_query_is_explained(void **state)
{
    (void)state;
    domain_tell(a_look_in_vain);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, domain_open, domain_close)
    const struct CMUnitTest tests[] = {
        CLAIM(domain_that_is_not_here_has_moved),
        CLAIM(domain_that_is_not_ready_has_moved),
        CLAIM(unknown_number_is_unsupported),
        CLAIM(what_nodes_say_is_forbidden_to_gateways),
        CLAIM(body_that_cannot_be_read_is_refused),
        CLAIM(key_and_shard_are_those_of_the_body),
        CLAIM(host_that_stops_says_so),
        CLAIM(one_message_too_many_is_overloaded),
        CLAIM(expired_command_is_not_run),
        CLAIM(query_is_answered_anew_each_time),
        CLAIM(refused_query_is_explained),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
