/* Claims about reservations: each rule from each state, and any order of events. No database. */
#include "tests/actors/catalog/stock_builders.h"

/* ---- every rule against every state ---- */

static enum status reserve(struct catalog_stock *stock, struct catalog_reservation *reservation,
                           bool *ret_is_changed)
{
    return catalog_stock_reserve(stock, reservation, ret_is_changed);
}

static enum status release(struct catalog_stock *stock, struct catalog_reservation *reservation,
                           bool *ret_is_changed)
{
    return catalog_stock_release(stock, reservation, ret_is_changed);
}

static enum status commit(struct catalog_stock *stock, struct catalog_reservation *reservation,
                          bool *ret_is_changed)
{
    return catalog_stock_commit(stock, reservation, ret_is_changed);
}

static enum status expire(struct catalog_stock *stock, struct catalog_reservation *reservation,
                          bool *ret_is_changed)
{
    catalog_stock_expire(stock, reservation, 1000, ret_is_changed);
    return STATUS_OK;
}

typedef enum status rule_function(struct catalog_stock *stock,
                                  struct catalog_reservation *reservation, bool *ret_is_changed);

#define AT(state) CATALOG_RESERVATION_##state
struct rule_case {
    const char *name;
    rule_function *rule;
    enum catalog_reservation_state from;
    enum status status;
    bool is_changed;
    enum catalog_reservation_state to;
    int64_t on_hand, held, sold; /* afterwards; there were 5, the reservation is of 3 */
};

static const struct rule_case rule_cases[] = {
    { "reserve of an unknown one", reserve, AT(NONE), STATUS_OK, true, AT(HELD), 5, 3, 0 },
    { "reserve of a held one", reserve, AT(HELD), STATUS_OK, false, AT(HELD), 5, 3, 0 },
    { "reserve of a released one", reserve, AT(RELEASED), STATUS_RESERVATION_RELEASED, false,
      AT(RELEASED), 5, 0, 0 },
    { "reserve of a committed one", reserve, AT(COMMITTED), STATUS_OK, false, AT(COMMITTED), 2, 0,
      3 },
    { "reserve of an expired one", reserve, AT(EXPIRED), STATUS_RESERVATION_RELEASED, false,
      AT(EXPIRED), 5, 0, 0 },
    { "release of an unknown one", release, AT(NONE), STATUS_OK, true, AT(RELEASED), 5, 0, 0 },
    { "release of a held one", release, AT(HELD), STATUS_OK, true, AT(RELEASED), 5, 0, 0 },
    { "release of a released one", release, AT(RELEASED), STATUS_OK, false, AT(RELEASED), 5, 0, 0 },
    { "release of a committed one", release, AT(COMMITTED), STATUS_ILLEGAL_TRANSITION, false,
      AT(COMMITTED), 2, 0, 3 },
    { "release of an expired one", release, AT(EXPIRED), STATUS_OK, false, AT(EXPIRED), 5, 0, 0 },
    { "commit of an unknown one", commit, AT(NONE), STATUS_NOT_FOUND, false, AT(NONE), 5, 0, 0 },
    { "commit of a held one", commit, AT(HELD), STATUS_OK, true, AT(COMMITTED), 2, 0, 3 },
    { "commit of a released one", commit, AT(RELEASED), STATUS_RESERVATION_RELEASED, false,
      AT(RELEASED), 5, 0, 0 },
    { "commit of a committed one", commit, AT(COMMITTED), STATUS_OK, false, AT(COMMITTED), 2, 0,
      3 },
    { "commit of an expired one", commit, AT(EXPIRED), STATUS_OK, true, AT(COMMITTED), 2, 0, 3 },
    { "expiry of an unknown one", expire, AT(NONE), STATUS_OK, false, AT(NONE), 5, 0, 0 },
    { "expiry of a held one", expire, AT(HELD), STATUS_OK, true, AT(EXPIRED), 5, 0, 0 },
    { "expiry of a released one", expire, AT(RELEASED), STATUS_OK, false, AT(RELEASED), 5, 0, 0 },
    { "expiry of a committed one", expire, AT(COMMITTED), STATUS_OK, false, AT(COMMITTED), 2, 0,
      3 },
    { "expiry of an expired one", expire, AT(EXPIRED), STATUS_OK, false, AT(EXPIRED), 5, 0, 0 },
};

/* Brings a reservation of 3 into a state, by the rules. */
static struct catalog_reservation reservation_in(struct catalog_stock *stock,
                                                 enum catalog_reservation_state wanted)
{
    struct catalog_reservation reservation = wish_for(1, 3);
    bool is_changed;
    if (wanted == AT(NONE)) return reservation;
    assert_int_equal(reserve(stock, &reservation, &is_changed), STATUS_OK);
    if (wanted == AT(RELEASED))
        assert_int_equal(release(stock, &reservation, &is_changed), STATUS_OK);
    if (wanted == AT(COMMITTED))
        assert_int_equal(commit(stock, &reservation, &is_changed), STATUS_OK);
    if (wanted == AT(EXPIRED))
        assert_int_equal(expire(stock, &reservation, &is_changed), STATUS_OK);
    assert_int_equal(reservation.state, wanted);
    return reservation;
}

static void every_rule_from_every_state_is_as_the_table_says(void **state)
{
    (void)state;
    static_assert(ARRAY_LENGTH(rule_cases) == 4 * (AT(EXPIRED) + 1), "each rule, each state");
    for (size_t i = 0; i < ARRAY_LENGTH(rule_cases); i++) {
        const struct rule_case *wanted = &rule_cases[i];
        struct catalog_stock *stock = stock_with(5);
        struct catalog_reservation reservation = reservation_in(stock, wanted->from);
        bool is_changed = false;
        const enum status status = wanted->rule(stock, &reservation, &is_changed);
        if (status != wanted->status || is_changed != wanted->is_changed ||
            reservation.state != wanted->to || stock->on_hand != wanted->on_hand ||
            stock->held != wanted->held || stock->sold != wanted->sold)
            fail_msg("%s: %s, on hand %lld, held %lld, sold %lld", wanted->name,
                     status_name(status), (long long)stock->on_hand, (long long)stock->held,
                     (long long)stock->sold);
        if (is_changed && catalog_stock_recall(stock, reservation.id)->state != wanted->to)
            fail_msg("%s is not remembered", wanted->name);
    }
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

enum { PLAYED_RESERVATIONS = 40, PLAYED_TURNS = 20000 };

/* A game with the stock of one variant: what was done to it, in the player's own books. */
struct game {
    struct catalog_reservation reservations[PLAYED_RESERVATIONS];
    int64_t received, sold;
    size_t entered[AT(EXPIRED) + 1]; /* how often a reservation came into the state */
};

/* A reservation that has ended makes room for a new one. */
static void play_reserve(struct game *game, struct catalog_stock *stock, size_t index,
                         int64_t quantity)
{
    struct catalog_reservation *reservation = &game->reservations[index];
    struct catalog_reservation wish = wish_for((uint8_t)index, quantity);
    bool is_changed = false;
    if (reservation->state == AT(HELD) || quantity == 0) return;
    if (catalog_stock_reserve(stock, &wish, &is_changed) != STATUS_OK) return;
    assert_true(is_changed);
    game->entered[AT(HELD)]++;
    *reservation = wish;
}

static void play_end(struct game *game, struct catalog_stock *stock,
                     struct catalog_reservation *reservation, uint64_t luck)
{
    rule_function *const rules[] = { release, commit, expire };
    bool is_changed = false;
    const enum status status = rules[luck % ARRAY_LENGTH(rules)](stock, reservation, &is_changed);
    if (status != STATUS_OK || !is_changed) return;
    game->entered[reservation->state]++;
    if (reservation->state == AT(COMMITTED)) game->sold += reservation->quantity;
}

static void check_books(const struct game *game, const struct catalog_stock *stock, uint64_t turn)
{
    int64_t held_units = 0;
    for (size_t i = 0; i < PLAYED_RESERVATIONS; i++)
        if (game->reservations[i].state == AT(HELD)) held_units += game->reservations[i].quantity;
    if (stock->on_hand != game->received - game->sold || stock->sold != game->sold ||
        stock->held != held_units)
        fail_msg("after turn %llu: on hand %lld of %lld, sold %lld of %lld, held %lld of %lld",
                 (unsigned long long)turn, (long long)stock->on_hand, (long long)game->received,
                 (long long)stock->sold, (long long)game->sold, (long long)stock->held,
                 (long long)held_units);
}

static void no_order_of_events_makes_or_loses_units(void **state)
{
    (void)state;
    static struct game game;
    game = (struct game){ .received = 100 };
    struct catalog_stock *stock = stock_with(game.received);
    for (uint64_t turn = 0; turn < PLAYED_TURNS; turn++) {
        const uint64_t luck = number_of(turn);
        const size_t index = luck % PLAYED_RESERVATIONS;
        const uint64_t move = luck >> 32 & 7;
        bool is_changed;
        if (move == 0 && catalog_stock_set(stock, stock->on_hand + 9, &is_changed) == STATUS_OK)
            game.received += 9;
        if (move > 0 && move < 4) play_reserve(&game, stock, index, (int64_t)(luck >> 40 & 31));
        if (move >= 4) play_end(&game, stock, &game.reservations[index], luck >> 48);
        check_books(&game, stock, turn);
    }
    static const char *const names[] = { "unknown", "held", "released", "committed", "expired" };
    for (size_t i = AT(HELD); i <= AT(EXPIRED); i++) /* else the game has shown nothing */
        if (game.entered[i] < 100) fail_msg("few reservations were ever %s", names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_from_every_state_is_as_the_table_says),
        cmocka_unit_test(no_order_of_events_makes_or_loses_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
