/* Claims about how holds end: each rule from each state, and any order of events. No database. */
#include "tests/actors/wallet/purse.h"

static enum status post(struct wallet_hold *hold, bool *ret_changes)
{
    return wallet_post_hold(&wallet, hold, hold->amount, ret_changes);
}

static enum status post_half(struct wallet_hold *hold, bool *ret_changes)
{
    struct money half = hold->amount;
    half.amount /= 2;
    return wallet_post_hold(&wallet, hold, half, ret_changes);
}

static enum status make_void(struct wallet_hold *hold, bool *ret_changes)
{
    return wallet_void_hold(&wallet, hold, ret_changes);
}

static enum status expire(struct wallet_hold *hold, bool *ret_changes)
{
    return wallet_expire_hold(&wallet, hold, 1000, ret_changes);
}

struct end {
    const char *name;
    enum status (*rule)(struct wallet_hold *hold, bool *ret_changes);
    enum wallet_hold_state from;
    enum status status;
    bool changes;
    enum wallet_hold_state to;
};
/* The wallet has 500, of which the hold takes 200 while it is pending. */
static const struct end ends[] = {
    { "post of a pending hold", post, WALLET_HOLD_PENDING, STATUS_OK, true, WALLET_HOLD_POSTED },
    { "post of a posted hold", post, WALLET_HOLD_POSTED, STATUS_OK, false, WALLET_HOLD_POSTED },
    { "post of a voided hold", post, WALLET_HOLD_VOIDED, STATUS_HOLD_VOIDED, false,
      WALLET_HOLD_VOIDED },
    { "post of an expired hold", post, WALLET_HOLD_EXPIRED, STATUS_OK, true, WALLET_HOLD_POSTED },
    { "void of a pending hold", make_void, WALLET_HOLD_PENDING, STATUS_OK, true,
      WALLET_HOLD_VOIDED },
    { "void of a posted hold", make_void, WALLET_HOLD_POSTED, STATUS_ILLEGAL_TRANSITION, false,
      WALLET_HOLD_POSTED },
    { "void of a voided hold", make_void, WALLET_HOLD_VOIDED, STATUS_OK, false,
      WALLET_HOLD_VOIDED },
    { "void of an expired hold", make_void, WALLET_HOLD_EXPIRED, STATUS_OK, false,
      WALLET_HOLD_EXPIRED },
    { "expiry of a pending hold", expire, WALLET_HOLD_PENDING, STATUS_OK, true,
      WALLET_HOLD_EXPIRED },
    { "expiry of a posted hold", expire, WALLET_HOLD_POSTED, STATUS_OK, false, WALLET_HOLD_POSTED },
    { "expiry of a voided hold", expire, WALLET_HOLD_VOIDED, STATUS_OK, false, WALLET_HOLD_VOIDED },
    { "expiry of an expired hold", expire, WALLET_HOLD_EXPIRED, STATUS_OK, false,
      WALLET_HOLD_EXPIRED },
};

/* Brings a new hold of 200 into a state, by the rules. */
static struct wallet_hold hold_in(enum wallet_hold_state wanted)
{
    struct wallet_hold hold = hold_of(1, 200);
    bool changes = true;
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    if (wanted == WALLET_HOLD_POSTED) assert_int_equal(post(&hold, &changes), STATUS_OK);
    if (wanted == WALLET_HOLD_VOIDED) assert_int_equal(make_void(&hold, &changes), STATUS_OK);
    if (wanted == WALLET_HOLD_EXPIRED) assert_int_equal(expire(&hold, &changes), STATUS_OK);
    assert_int_equal(hold.state, wanted);
    return hold;
}

static void end_of_a_hold_is_as_the_table_says(void **state)
{
    (void)state;
    static_assert(ARRAY_LENGTH(ends) == 3 * WALLET_HOLD_STATE_COUNT, "each rule, each state");
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        const struct end *end = &ends[i];
        struct wallet_hold hold = hold_in(end->from);
        const int64_t balance = end->to == WALLET_HOLD_POSTED ? 300 : 500;
        bool changes = false;
        const enum status status = end->rule(&hold, &changes);
        const struct wallet_account *account = wallet_account(&wallet, "EUR");
        if (status != end->status || changes != end->changes || hold.state != end->to ||
            account->held != 0 || account->balance != balance)
            fail_msg("%s: %s, balance %lld, held %lld", end->name, status_name(status),
                     (long long)account->balance, (long long)account->held);
    }
}

static void mark_refuses_its_late_hold_and_moves_no_money(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold mark = { .id = id_of(1), .state = WALLET_HOLD_VOIDED };
    bool changes = true;
    wallet_remember_hold(&wallet, &mark);
    assert_int_equal(
        wallet_check_repeated_hold(wallet_find_hold(&wallet, mark.id), money_make(200, "EUR")),
        STATUS_HOLD_VOIDED);
    assert_int_equal(wallet_void_hold(&wallet, &mark, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(wallet_available(&wallet, "EUR"), 500);
}

static void hold_in_a_currency_that_is_not_there_is_a_conflict(void **state)
{
    (void)state;
    wallet_with(500, "USD");
    bool changes;
    struct wallet_hold hold = hold_of(1, 200);
    assert_int_equal(post(&hold, &changes), STATUS_CONFLICT);
    assert_int_equal(make_void(&hold, &changes), STATUS_CONFLICT);
    assert_int_equal(expire(&hold, &changes), STATUS_CONFLICT);
    assert_int_equal(hold.state, WALLET_HOLD_PENDING);
    assert_int_equal(wallet_account(&wallet, "USD")->version, 1);
}

/* ---- any order of events ---- */

/* The n-th number of a sequence that is the same in each run (splitmix64). */
static uint64_t number_of(uint64_t n)
{
    uint64_t z = n * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

enum { PLAYED_HOLDS = 40, PLAYED_TURNS = 20000 };

/* A game with one wallet: what was done to it, in the player's own books. */
struct game {
    struct wallet_hold holds[PLAYED_HOLDS];
    unsigned holds_drawn;
    int64_t credited, posted;
    size_t ended[WALLET_HOLD_STATE_COUNT]; /* how often a hold came into the state */
};

static void play_new_hold(struct game *game, struct wallet_hold *hold, int64_t amount)
{
    struct wallet_hold wish = hold_of(game->holds_drawn++, amount);
    if (hold->state != WALLET_HOLD_PENDING && wallet_place_hold(&wallet, &wish) == STATUS_OK) {
        game->ended[WALLET_HOLD_PENDING]++;
        *hold = wish;
    }
}

static void play_end(struct game *game, struct wallet_hold *hold, uint64_t luck)
{
    enum status (*const rules[])(struct wallet_hold * hold,
                                 bool *ret_changes) = { post, post_half, make_void, expire };
    bool changes = false;
    const enum status status = rules[luck % ARRAY_LENGTH(rules)](hold, &changes);
    assert_int_not_equal(status, STATUS_CONFLICT);
    if (status != STATUS_OK || !changes) return;
    game->ended[hold->state]++;
    if (hold->state == WALLET_HOLD_POSTED) game->posted += hold->posted;
}

/* The balance is what was credited less what was posted, and what is held is the sum of the pending
 * holds. */
static void check_books(const struct game *game, uint64_t turn)
{
    int64_t pending = 0;
    for (size_t i = 0; i < PLAYED_HOLDS; i++)
        if (game->holds[i].state == WALLET_HOLD_PENDING) pending += game->holds[i].amount.amount;
    const struct wallet_account *account = wallet_account(&wallet, "EUR");
    if (account->balance != game->credited - game->posted || account->held != pending ||
        account->held > account->balance)
        fail_msg("after turn %llu: balance %lld, not %lld; held %lld, not %lld",
                 (unsigned long long)turn, (long long)account->balance,
                 (long long)(game->credited - game->posted), (long long)account->held,
                 (long long)pending);
}

static void no_order_of_events_makes_or_loses_money(void **state)
{
    (void)state;
    static struct game game;
    game = (struct game){ .credited = 1000 };
    wallet_with(game.credited, "EUR");
    for (size_t i = 0; i < PLAYED_HOLDS; i++)
        game.holds[i].state = WALLET_HOLD_VOIDED;
    for (uint64_t turn = 0; turn < PLAYED_TURNS; turn++) {
        const uint64_t luck = number_of(turn);
        struct wallet_hold *hold = &game.holds[luck % PLAYED_HOLDS];
        const uint64_t move = luck >> 32 & 7;
        if (move == 0) {
            game.credited += 99;
            assert_int_equal(wallet_credit(&wallet, money_make(99, "EUR")), STATUS_OK);
        } else if (move < 4) {
            play_new_hold(&game, hold, (int64_t)(luck >> 40 & 255));
        } else {
            play_end(&game, hold, luck >> 48);
        }
        check_books(&game, turn);
    }
    /* Else the game has shown nothing. */
    for (size_t i = 0; i < WALLET_HOLD_STATE_COUNT; i++)
        if (game.ended[i] < 100) fail_msg("few holds were ever %s", wallet_hold_state_names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_of_a_hold_is_as_the_table_says),
        cmocka_unit_test(mark_refuses_its_late_hold_and_moves_no_money),
        cmocka_unit_test(hold_in_a_currency_that_is_not_there_is_a_conflict),
        cmocka_unit_test(no_order_of_events_makes_or_loses_money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
