/* Claims about the handlers of @name@, through a node and PostgreSQL. */
#include "tests/support/cmocka.h"

#include "@name@_messages.h"
#include "actors/@name@/@name@.h"
#include "tests/support/node_stage.h"

static struct stage *stage;

static struct @name@_tally add(struct uuid shopper, int64_t amount)
{
    const struct @name@_add command = { .amount = amount };
    struct @name@_tally reply;
    assert_int_equal(stage_ask(stage, shopper, &@name@_add_message, &command, &reply), STATUS_OK);
    return reply;
}

static int64_t total_of(struct uuid shopper)
{
    const struct @name@_get_tally query = { 0 };
    struct @name@_tally reply;
    assert_int_equal(stage_ask(stage, shopper, &@name@_get_tally_message, &query, &reply),
                     STATUS_OK);
    return reply.total;
}

static void tell_additions_are_kept(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 3);
    assert_int_equal(total_of(shopper), 0);
    assert_int_equal(add(shopper, 5).total, 5);
    assert_int_equal(add(shopper, 7).version, 2);
    assert_int_equal(total_of(shopper), 12);
    assert_string_equal(stage_sql(of, "@name@", "SELECT count(*) FROM host.outbox"
                                                " WHERE number = @number_event@"), "2");
}

static void additions_are_kept_and_announced(void **state)
{
    (void)state;
    stage_run(stage, tell_additions_are_kept, NULL);
}

static void tell_shoppers_are_apart(struct stage *of, void *context)
{
    (void)context;
    (void)add(stage_new_id(of, 4), 9);
    assert_int_equal(total_of(stage_new_id(of, 4)), 0);
}

static void nobody_sees_the_tally_of_another(void **state)
{
    (void)state;
    stage_run(stage, tell_shoppers_are_apart, NULL);
}

static void tell_overflow_is_refused(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 5);
    for (int i = 0; i < @NAME@_TOTAL_MAX / 1000; i++)
        (void)add(shopper, 1000);
    const struct @name@_add command = { .amount = 1 };
    struct @name@_tally reply;
    assert_int_equal(stage_ask(stage, shopper, &@name@_add_message, &command, &reply),
                     STATUS_@NAME@_IS_FULL);
    assert_int_equal(total_of(shopper), @NAME@_TOTAL_MAX);
}

static void an_addition_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    stage_run(stage, tell_overflow_is_refused, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "@name@" };
    (void)state;
    stage = stage_new(domains, 1);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_are_kept_and_announced),
        cmocka_unit_test(nobody_sees_the_tally_of_another),
        cmocka_unit_test(an_addition_beyond_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
