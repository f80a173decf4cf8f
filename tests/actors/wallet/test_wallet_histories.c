/* Claims about random histories of credit that expires: every rule is kept after each step, and a
 * model that moves one unit after the other agrees. */
#include "tests/actors/wallet/purse.h"

#include "actors/wallet/wallet_lot.h"

#include <string.h>

enum {
    HISTORIES = 10000,
    STEPS = 24,
    LOTS = STEPS,
    DAY = 1000,
    GRACE = 3 * DAY,
};

static struct wallet_lots lots;
static struct wallet_lot_moves moves;

/* One unit after the other: `loose` never expires, and is less than 0 while something is owed. */
struct model {
    int64_t left[LOTS], expires_at[LOTS], loose;
    size_t count;
    bool has_owed; /* then only the rules are looked at */
};

struct bought {
    struct wallet_purchase purchase;
    int units[4096]; /* of which lot, -1 of none, in the order of their use */
    size_t units_count;
    struct wallet_lot_uses uses;
};

static struct model model;
static struct bought bought[STEPS];
static size_t bought_count;
static struct wallet_hold holds[STEPS];
static size_t holds_count;
static int64_t credited[LOTS], moved[LOTS]; /* by lot */
static int64_t now, expected_balance;
static uint64_t dice;

static int64_t roll(int64_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int64_t)(dice % (uint64_t)below);
}

static struct wallet_account *account(void)
{
    return (struct wallet_account *)wallet_account(&wallet, "EUR");
}

static int first_lot(void)
{
    int first = -1;
    for (size_t i = 0; i < model.count; i++) {
        if (model.left[i] == 0) continue;
        if (first < 0 || model.expires_at[i] < model.expires_at[first]) first = (int)i;
    }
    return first;
}

/* Takes a unit, and says of which lot. */
static int spend_unit(void)
{
    const int lot = first_lot();
    if (lot < 0)
        model.loose--;
    else
        model.left[lot]--;
    return lot;
}

static size_t lot_number(struct uuid id)
{
    const size_t number = (size_t)id.bytes[15];
    assert_true(number < LOTS);
    return number;
}

static void note_moves(void)
{
    for (size_t i = 0; i < moves.count; i++)
        moved[lot_number(moves.moves[i].lot_id)] += moves.moves[i].amount;
}

static void do_credit(bool expires)
{
    const int64_t amount = 1 + roll(60);
    assert_int_equal(wallet_credit(&wallet, money_make(amount, "EUR")), STATUS_OK);
    expected_balance += amount;
    if (!expires) {
        model.loose += amount;
        return;
    }
    const int64_t expires_at = now + 1 + roll(5 * DAY);
    const size_t number = model.count++;
    credited[number] =
        wallet_lots_add(&lots, id_of((unsigned)number), amount, expires_at, account()->balance);
    model.expires_at[number] = expires_at;
    for (int64_t i = 0; i < amount; i++) {
        if (model.loose < 0)
            model.loose++;
        else
            model.left[number]++;
    }
}

static void do_hold(void)
{
    const struct wallet_hold hold =
        hold_of((unsigned)(1000 + bought_count * 100 + holds_count), 1 + roll(80));
    const int64_t available = wallet_available(&wallet, "EUR");
    const enum status status = wallet_place_hold(&wallet, &hold);
    assert_int_equal(status,
                     hold.amount.amount <= available ? STATUS_OK : STATUS_INSUFFICIENT_FUNDS);
    if (status == STATUS_OK) holds[holds_count++] = hold;
}

static void do_post(void)
{
    if (holds_count == 0) return;
    struct wallet_hold hold = holds[--holds_count];
    bool changes;
    const int64_t amount = hold.amount.amount - roll(2) * roll(hold.amount.amount);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(amount, "EUR"), &changes),
                     STATUS_OK);
    expected_balance -= amount;
    struct bought *one = &bought[bought_count++];
    memset(one, 0, sizeof *one);
    one->purchase = (struct wallet_purchase){ id_of((unsigned)(5000 + bought_count)),
                                              money_make(amount, "EUR"), 0 };
    wallet_lots_spend(&lots, amount, &moves);
    for (size_t i = 0; i < moves.count; i++)
        one->uses.uses[one->uses.count++] =
            (struct wallet_lot_use){ moves.moves[i].lot_id, -moves.moves[i].amount, 0,
                                     moves.moves[i].expires_at_us };
    note_moves();
    for (int64_t i = 0; i < amount; i++)
        one->units[one->units_count++] = spend_unit();
}

static void do_void(void)
{
    if (holds_count == 0) return;
    struct wallet_hold hold = holds[--holds_count];
    bool changes;
    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_OK);
}

static void do_lapse(void)
{
    now += roll(2 * DAY);
    const int64_t held = account()->held, available = wallet_available(&wallet, "EUR");
    int64_t expired = 0;
    for (size_t i = 0; i < lots.count; i++)
        if (lots.lots[i].expires_at_us <= now) expired += lots.lots[i].left;
    const int64_t lapsed = wallet_lots_lapse(&lots, held, now, &moves);
    note_moves();
    assert_int_equal(lapsed, expired > held ? expired - held : 0);
    assert_true(lapsed == 0 || lapsed <= available);
    if (lapsed > 0) assert_int_equal(wallet_debit(&wallet, money_make(lapsed, "EUR")), STATUS_OK);
    expected_balance -= lapsed;
    /* In the model held claims unit by unit, the first to expire first. */
    int64_t claimed = held;
    bool is_seen[LOTS] = { false };
    for (size_t step = 0; step < model.count; step++) {
        int first = -1;
        for (size_t i = 0; i < model.count; i++) {
            if (is_seen[i]) continue;
            if (first < 0 || model.expires_at[i] < model.expires_at[first]) first = (int)i;
        }
        is_seen[first] = true;
        const int64_t kept = claimed < model.left[first] ? claimed : model.left[first];
        claimed -= kept;
        if (model.expires_at[first] <= now) model.left[first] = kept;
    }
}

static void give_back_in_model(struct bought *one, int64_t amount)
{
    for (int64_t i = 0; i < amount; i++) {
        const int lot = one->units[--one->units_count];
        if (lot < 0) {
            model.loose++;
            continue;
        }
        if (model.expires_at[lot] <= now) model.expires_at[lot] = now + GRACE;
        model.left[lot]++;
    }
}

static void do_refund(void)
{
    if (bought_count == 0) return;
    struct bought *one = &bought[roll((int64_t)bought_count)];
    const int64_t left = one->purchase.paid.amount - one->purchase.refunded;
    if (left == 0) return;
    const int64_t amount = 1 + roll(left);
    struct wallet_lot_return refund = { .uses = &one->uses,
                                        .paid = one->purchase.paid.amount,
                                        .refunded = one->purchase.refunded,
                                        .amount = amount,
                                        .now_us = now,
                                        .grace_us = GRACE };
    assert_int_equal(wallet_refund(&wallet, &one->purchase, money_make(amount, "EUR")), STATUS_OK);
    expected_balance += amount;
    refund.balance = account()->balance;
    for (size_t i = 0; i < one->uses.count; i++) {
        struct wallet_lot_use *use = &one->uses.uses[i];
        use->expires_at_us = model.expires_at[lot_number(use->lot_id)];
    }
    wallet_lots_return(&lots, &refund, &moves);
    note_moves();
    int64_t sum = 0;
    for (size_t i = 0; i < moves.count; i++) {
        assert_true(moves.moves[i].amount > 0);
        assert_true(moves.moves[i].expires_at_us > now);
        sum += moves.moves[i].amount;
        for (size_t j = 0; j < one->uses.count; j++)
            if (uuid_equals(one->uses.uses[j].lot_id, moves.moves[i].lot_id))
                one->uses.uses[j].returned += moves.moves[i].amount;
        model.expires_at[lot_number(moves.moves[i].lot_id)] = moves.moves[i].expires_at_us;
    }
    assert_true(sum <= amount);
    for (size_t j = 0; j < one->uses.count; j++)
        assert_true(one->uses.uses[j].returned <= one->uses.uses[j].used);
    give_back_in_model(one, amount);
}

static void do_take(bool is_bank)
{
    const int64_t before = account()->balance;
    const int64_t amount = 1 + roll(is_bank ? 90 : 40);
    const enum status status = is_bank ? wallet_take_back(&wallet, money_make(amount, "EUR"))
                                       : wallet_debit(&wallet, money_make(amount, "EUR"));
    if (status != STATUS_OK) {
        assert_int_equal(status, STATUS_INSUFFICIENT_FUNDS);
        assert_false(is_bank);
        return;
    }
    expected_balance -= amount;
    wallet_lots_take(&lots, amount, before, &moves);
    note_moves();
    for (int64_t i = 0; i < amount; i++) {
        if (model.loose > 0)
            model.loose--;
        else
            (void)spend_unit();
    }
    if (account()->overdraft > 0) model.has_owed = true;
}

static void check_rules(void)
{
    const struct wallet_account *one = account();
    const int64_t sum = wallet_lots_sum(&lots);
    assert_int_equal(one->balance, expected_balance);
    assert_true(one->held >= 0);
    assert_true(one->balance + one->overdraft >= one->held);
    if (!model.has_owed) assert_true(one->balance >= 0);
    assert_true(sum <= (one->balance > 0 ? one->balance : 0));
    for (size_t i = 1; i < lots.count; i++)
        assert_true(lots.lots[i - 1].expires_at_us <= lots.lots[i].expires_at_us);
    int64_t left[LOTS] = { 0 };
    for (size_t i = 0; i < lots.count; i++)
        left[lot_number(lots.lots[i].id)] = lots.lots[i].left;
    for (size_t i = 0; i < model.count; i++) {
        assert_int_equal(left[i], credited[i] + moved[i]);
        if (model.has_owed) continue;
        assert_int_equal(left[i], model.left[i]);
    }
    if (!model.has_owed) assert_int_equal(one->balance - sum, model.loose);
}

static void tell_history(bool has_banks)
{
    empty_wallet();
    lots.count = moves.count = 0;
    model = (struct model){ .count = 0 };
    bought_count = holds_count = 0;
    memset(credited, 0, sizeof credited);
    memset(moved, 0, sizeof moved);
    now = expected_balance = 0;
    do_credit(false);
    for (int step = 0; step < STEPS; step++) {
        switch (roll(has_banks ? 10 : 9)) {
        case 0:
            do_credit(false);
            break;
        case 1:
        case 2:
            if (model.count < LOTS) do_credit(true);
            break;
        case 3:
        case 4:
            do_hold();
            break;
        case 5:
            do_post();
            break;
        case 6:
            do_void();
            break;
        case 7:
            do_lapse();
            break;
        case 8:
            roll(3) == 0 ? do_take(false) : do_refund();
            break;
        default:
            do_take(true);
            break;
        }
        check_rules();
    }
}

static void random_histories_agree_with_single_units(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= HISTORIES; i++) {
        dice = i * UINT64_C(0x9e3779b97f4a7c15);
        tell_history(false);
    }
}

static void random_histories_with_charge_backs_keep_every_rule(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= HISTORIES; i++) {
        dice = i * UINT64_C(0xbf58476d1ce4e5b9);
        tell_history(true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_agree_with_single_units),
        cmocka_unit_test(random_histories_with_charge_backs_keep_every_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
