/* Claims about how often a promotion is used, without a database. */
#include "actors/order/redemption.h"

#include "tests/actors/order/cart_builders.h"
#include "tests/actors/order/price_case.h"

enum { NOW_US = 1000, GROUPS = 12, CUSTOMERS = 3, STEPS = 100000 };

static struct promotion_uses uses;
static enum redemption_limit limit;

static void promotion_with(int64_t total, int64_t per_customer)
{
    uses = (struct promotion_uses){ .status = ORDER_PROMOTION_STATUS_ACTIVE,
                                    .has_limit_total = total > 0,
                                    .limit_total = total,
                                    .has_limit_per_customer = per_customer > 0,
                                    .limit_per_customer = per_customer,
                                    .version = 1 };
}

static struct redemption of(uint8_t group)
{
    const struct redemption *known = redemption_recall(&uses, id_of('g', group));
    if (known != NULL) return *known;
    return (struct redemption){ .group_id = id_of('g', group), .customer = id_of('u', 1) };
}

static enum status hold(uint8_t group, int64_t customer_uses, bool *ret_is_changed)
{
    struct redemption redemption = of(group);
    if (!redemption.exists) redemption.customer = id_of('u', 1);
    return redemption_hold(&uses, &redemption, customer_uses, NOW_US, ret_is_changed, &limit);
}

static enum status step(uint8_t group, enum order_trigger trigger, bool *ret_is_changed)
{
    struct redemption redemption = of(group);
    if (!redemption.exists) redemption.customer = (struct uuid){ 0 };
    return redemption_step(&uses, &redemption, trigger, ret_is_changed);
}

static void a_use_is_held_used_and_returned(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(1, 0);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(uses.held, 1);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
    assert_int_equal(uses.held, 0);
    assert_int_equal(uses.used, 1);
    assert_int_equal(step(1, ORDER_TRIGGER_GIVE_BACK, &is_changed), STATUS_OK);
    assert_int_equal(uses.used, 0);
    assert_int_equal(hold(2, 0, &is_changed), STATUS_OK);
}

static void what_comes_twice_changes_nothing(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(2, 1);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    assert_int_equal(hold(1, 1, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(hold(1, 1, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(step(1, ORDER_TRIGGER_GIVE_BACK, &is_changed), STATUS_OK);
    assert_int_equal(step(1, ORDER_TRIGGER_GIVE_BACK, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(uses.held + uses.used, 0);
}

static void a_limit_that_is_reached_is_named(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(2, 1);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    assert_int_equal(hold(2, 1, &is_changed), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(limit, REDEMPTION_LIMIT_PER_CUSTOMER);
    assert_int_equal(hold(2, 0, &is_changed), STATUS_OK);
    assert_int_equal(hold(3, 0, &is_changed), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(limit, REDEMPTION_LIMIT_TOTAL);
    assert_int_equal(step(2, ORDER_TRIGGER_RELEASE, &is_changed), STATUS_OK);
    assert_int_equal(hold(3, 0, &is_changed), STATUS_OK);
}

static void a_mark_refuses_the_hold_that_comes_late(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(1, 0);
    assert_int_equal(step(1, ORDER_TRIGGER_RELEASE, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(step(1, ORDER_TRIGGER_RELEASE, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(uses.held, 0);
    assert_int_equal(hold(2, 0, &is_changed), STATUS_OK);
}

static void what_was_never_held_is_neither_used_nor_returned(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(0, 0);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_NOT_FOUND);
    assert_int_equal(step(1, ORDER_TRIGGER_GIVE_BACK, &is_changed), STATUS_NOT_FOUND);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    assert_int_equal(step(1, ORDER_TRIGGER_GIVE_BACK, &is_changed), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
    assert_int_equal(step(1, ORDER_TRIGGER_RELEASE, &is_changed), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(uses.used, 1);
}

static void what_does_not_run_when_it_was_priced_is_not_held(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(0, 0);
    uses.status = ORDER_PROMOTION_STATUS_PAUSED;
    assert_int_equal(hold(1, 0, &is_changed), STATUS_PROMOTION_UNAVAILABLE);
    uses.status = ORDER_PROMOTION_STATUS_ARCHIVED;
    assert_int_equal(hold(1, 0, &is_changed), STATUS_PROMOTION_UNAVAILABLE);
    uses.status = ORDER_PROMOTION_STATUS_ACTIVE;
    uses.period = (struct price_period){ .starts_us = NOW_US + 1 };
    assert_int_equal(hold(1, 0, &is_changed), STATUS_PROMOTION_UNAVAILABLE);
    uses.period = (struct price_period){ .has_end = true, .ends_us = NOW_US };
    assert_int_equal(hold(1, 0, &is_changed), STATUS_PROMOTION_UNAVAILABLE);
    uses.period.ends_us = NOW_US + 1;
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    /* What was promised stays promised. */
    uses.status = ORDER_PROMOTION_STATUS_ARCHIVED;
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
}

static void only_what_is_held_beyond_its_time_is_kept(void **state)
{
    (void)state;
    bool is_changed;
    promotion_with(0, 0);
    assert_int_equal(hold(1, 0, &is_changed), STATUS_OK);
    struct redemption redemption = of(1);
    redemption.expires_at_us = 50;
    redemption_keep(&uses, &redemption, 49, 100, &is_changed);
    assert_false(is_changed);
    redemption_keep(&uses, &redemption, 50, 100, &is_changed);
    assert_true(is_changed);
    assert_int_equal(of(1).expires_at_us, 100);
    assert_int_equal(step(1, ORDER_TRIGGER_USE, &is_changed), STATUS_OK);
    redemption = of(1);
    redemption_keep(&uses, &redemption, 200, 300, &is_changed);
    assert_false(is_changed);
}

/* 100,000 random messages against a model of one word for each checkout: the counters are always
 * the model's, and no limit is ever passed. The oldest are forgotten by the memory on the way, and
 * are then found in the model, as a store finds rows. */
static void counters_are_those_of_a_model_at_every_step(void **state)
{
    (void)state;
    struct price_chance chance = { 11 };
    struct redemption model[GROUPS];
    for (unsigned i = 0; i < GROUPS; i++)
        model[i] = (struct redemption){ .group_id = id_of('g', (uint8_t)i) };
    promotion_with(5, 2);
    for (unsigned turn = 0; turn < STEPS; turn++) {
        const size_t group = (size_t)price_chance_below(&chance, GROUPS);
        struct redemption redemption = model[group];
        bool is_changed = false;
        enum status status;
        int64_t held = 0, used = 0, of_customer[CUSTOMERS] = { 0 };
        const uint8_t customer = (uint8_t)price_chance_below(&chance, CUSTOMERS);
        for (unsigned i = 0; i < GROUPS; i++)
            if (redemption_counts(&model[i])) of_customer[model[i].customer.bytes[15] - 1]++;
        if (price_chance_below(&chance, 2) == 0) {
            if (!redemption.exists) redemption.customer = id_of('u', (uint8_t)(customer + 1));
            const bool may =
                !redemption.exists && uses.held + uses.used < 5 && of_customer[customer] < 2;
            status = redemption_hold(&uses, &redemption, of_customer[customer], NOW_US, &is_changed,
                                     &limit);
            assert_int_equal(is_changed, may);
        } else {
            static const enum order_trigger triggers[] = { ORDER_TRIGGER_USE, ORDER_TRIGGER_RELEASE,
                                                           ORDER_TRIGGER_GIVE_BACK };
            status = redemption_step(&uses, &redemption, triggers[price_chance_below(&chance, 3)],
                                     &is_changed);
        }
        if (is_changed) {
            assert_int_equal(status, STATUS_OK);
            model[group] = redemption;
        }
        for (unsigned i = 0; i < GROUPS; i++) {
            held += model[i].exists && model[i].state == ORDER_STATE_REDEMPTION_HELD;
            used += model[i].exists && model[i].state == ORDER_STATE_REDEMPTION_USED;
        }
        assert_int_equal(uses.held, held);
        assert_int_equal(uses.used, used);
        /* What has ended makes room for another checkout. */
        if (model[group].exists && order_machine_is_end(model[group].state))
            model[group] = (struct redemption){
                .group_id = { .bytes = { 'g', (uint8_t)turn, (uint8_t)(turn >> 8),
                                         (uint8_t)(turn >> 16) } }
            };
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_use_is_held_used_and_returned),
        cmocka_unit_test(what_comes_twice_changes_nothing),
        cmocka_unit_test(a_limit_that_is_reached_is_named),
        cmocka_unit_test(a_mark_refuses_the_hold_that_comes_late),
        cmocka_unit_test(what_was_never_held_is_neither_used_nor_returned),
        cmocka_unit_test(what_does_not_run_when_it_was_priced_is_not_held),
        cmocka_unit_test(only_what_is_held_beyond_its_time_is_kept),
        cmocka_unit_test(counters_are_those_of_a_model_at_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
