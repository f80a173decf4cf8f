/* Claims about credit that expires: what is spent first, what lapses, what comes back. */
#include "tests/actors/wallet/purse.h"

#include "actors/wallet/wallet_lot.h"

enum { DAY = 1000, GRACE = 3 * DAY };

static struct wallet_lots lots;
static struct wallet_lot_moves moves;

static void no_lots(void)
{
    lots.count = 0;
    moves.count = 0;
}

/* A lot of its number, which is credited last. */
static void add_lot(unsigned number, int64_t amount, int64_t expires_at_us)
{
    const int64_t balance = wallet_lots_sum(&lots) + amount;
    assert_int_equal(wallet_lots_add(&lots, id_of(number), amount, expires_at_us, balance), amount);
}

static void assert_move(size_t at, unsigned number, int64_t amount)
{
    assert_true(at < moves.count);
    assert_true(uuid_equals(moves.moves[at].lot_id, id_of(number)));
    assert_int_equal(moves.moves[at].amount, amount);
}

static void what_expires_first_is_spent_first(void **state)
{
    (void)state;
    no_lots();
    add_lot(1, 50, 3 * DAY);
    add_lot(2, 30, DAY);
    add_lot(3, 20, 2 * DAY);
    wallet_lots_spend(&lots, 60, &moves);
    assert_int_equal(moves.count, 3);
    assert_move(0, 2, -30);
    assert_move(1, 3, -20);
    assert_move(2, 1, -10);
    assert_int_equal(lots.count, 1);
    assert_int_equal(lots.lots[0].left, 40);
    assert_int_equal(wallet_lots_expire_at(&lots), 3 * DAY);
}

static void what_never_expires_is_spent_last(void **state)
{
    (void)state;
    no_lots();
    add_lot(1, 50, DAY);
    wallet_lots_spend(&lots, 70, &moves);
    assert_int_equal(moves.count, 1);
    assert_move(0, 1, -50);
    assert_int_equal(wallet_lots_expire_at(&lots), WALLET_LOTS_ARE_SPENT);
}

static void what_is_taken_out_otherwise_is_what_never_expires_first(void **state)
{
    (void)state;
    no_lots();
    add_lot(1, 50, DAY);
    wallet_lots_take(&lots, 30, 80, &moves);
    assert_int_equal(moves.count, 0);
    wallet_lots_take(&lots, 30, 50, &moves);
    assert_int_equal(moves.count, 1);
    assert_move(0, 1, -30);
}

static void nothing_lapses_before_its_time(void **state)
{
    (void)state;
    no_lots();
    add_lot(1, 50, DAY);
    assert_int_equal(wallet_lots_lapse(&lots, 0, DAY - 1, &moves), 0);
    assert_int_equal(moves.count, 0);
    assert_int_equal(wallet_lots_lapse(&lots, 0, DAY, &moves), 50);
    assert_move(0, 1, -50);
    assert_int_equal(lots.count, 0);
}

static void what_a_hold_claims_does_not_lapse(void **state)
{
    (void)state;
    no_lots();
    add_lot(1, 50, DAY);
    add_lot(2, 50, 2 * DAY);
    add_lot(3, 50, 9 * DAY);
    /* Claimed are all of the first and 20 of the second. */
    assert_int_equal(wallet_lots_lapse(&lots, 70, 3 * DAY, &moves), 30);
    assert_int_equal(moves.count, 1);
    assert_move(0, 2, -30);
    assert_int_equal(wallet_lots_expire_at(&lots), DAY);
    /* The hold has ended, and the rest goes. */
    assert_int_equal(wallet_lots_lapse(&lots, 0, 3 * DAY, &moves), 70);
    assert_int_equal(lots.count, 1);
}

static void credit_makes_good_what_is_owed_first(void **state)
{
    (void)state;
    no_lots();
    assert_int_equal(wallet_lots_add(&lots, id_of(1), 50, DAY, 20), 20);
    assert_int_equal(wallet_lots_add(&lots, id_of(2), 50, DAY, -10), 0);
    assert_int_equal(lots.count, 1);
}

/* 30 of lot 1, 20 of lot 2 and 10 that never expire. */
static const struct wallet_lot_uses spent = {
    .uses = { { { .bytes = { 1, [15] = 1 } }, 30, 0, DAY },
              { { .bytes = { 1, [15] = 2 } }, 20, 0, 2 * DAY } },
    .count = 2,
};

static struct wallet_lot_return refund_of(int64_t refunded, int64_t amount, int64_t now_us)
{
    return (struct wallet_lot_return){ .uses = &spent,
                                       .paid = 60,
                                       .refunded = refunded,
                                       .amount = amount,
                                       .balance = amount,
                                       .now_us = now_us,
                                       .grace_us = GRACE };
}

static void what_was_spent_last_comes_back_first(void **state)
{
    (void)state;
    no_lots();
    struct wallet_lot_return refund = refund_of(0, 10, 0);
    wallet_lots_return(&lots, &refund, &moves);
    assert_int_equal(moves.count, 0);
    refund = refund_of(0, 40, 0);
    wallet_lots_return(&lots, &refund, &moves);
    assert_int_equal(moves.count, 2);
    assert_move(0, 2, 20);
    assert_move(1, 1, 10);
    assert_int_equal(moves.moves[0].expires_at_us, 2 * DAY);
    assert_int_equal(wallet_lots_expire_at(&lots), DAY);
}

static void what_has_lapsed_comes_back_for_a_grace(void **state)
{
    (void)state;
    no_lots();
    const struct wallet_lot_return refund = refund_of(0, 60, DAY);
    wallet_lots_return(&lots, &refund, &moves);
    assert_move(0, 2, 20);
    assert_int_equal(moves.moves[0].expires_at_us, 2 * DAY);
    assert_move(1, 1, 30);
    assert_int_equal(moves.moves[1].expires_at_us, DAY + GRACE);
}

static void refund_of_who_owes_makes_that_good_first(void **state)
{
    (void)state;
    no_lots();
    struct wallet_lot_return refund = refund_of(0, 60, 0);
    refund.balance = 15;
    wallet_lots_return(&lots, &refund, &moves);
    assert_int_equal(wallet_lots_sum(&lots), 15);
    no_lots();
    refund.balance = -5;
    wallet_lots_return(&lots, &refund, &moves);
    assert_int_equal(moves.count, 0);
}

static void lots_that_come_back_are_bounded_and_the_money_is_not_lost(void **state)
{
    (void)state;
    no_lots();
    for (unsigned i = 0; i < WALLET_LOTS_MAX; i++)
        add_lot(100 + i, 1, 9 * DAY);
    assert_int_equal(wallet_lots_add(&lots, id_of(9), 5, DAY, 1000), 0);
    struct wallet_lot_return refund = refund_of(0, 60, 0);
    refund.balance = 1000;
    wallet_lots_return(&lots, &refund, &moves);
    assert_int_equal(moves.count, 0);
    assert_int_equal(lots.count, WALLET_LOTS_MAX);
}

static void credit_lasts_an_hour_at_least_and_ten_years_at_most(void **state)
{
    (void)state;
    const int64_t hour_us = INT64_C(3600) * 1000000;
    assert_false(wallet_lot_may_expire_at(1, hour_us));
    assert_true(wallet_lot_may_expire_at(1, 1 + hour_us));
    assert_true(wallet_lot_may_expire_at(0, 3653 * 24 * hour_us));
    assert_false(wallet_lot_may_expire_at(0, 3653 * 24 * hour_us + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_expires_first_is_spent_first),
        cmocka_unit_test(what_never_expires_is_spent_last),
        cmocka_unit_test(what_is_taken_out_otherwise_is_what_never_expires_first),
        cmocka_unit_test(nothing_lapses_before_its_time),
        cmocka_unit_test(what_a_hold_claims_does_not_lapse),
        cmocka_unit_test(credit_makes_good_what_is_owed_first),
        cmocka_unit_test(what_was_spent_last_comes_back_first),
        cmocka_unit_test(what_has_lapsed_comes_back_for_a_grace),
        cmocka_unit_test(refund_of_who_owes_makes_that_good_first),
        cmocka_unit_test(lots_that_come_back_are_bounded_and_the_money_is_not_lost),
        cmocka_unit_test(credit_lasts_an_hour_at_least_and_ten_years_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
