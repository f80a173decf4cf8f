/* The rules of credit that expires: what expires first is spent first, nothing lapses that a hold
 * claims, and what comes back is what went. */
#include "actors/wallet/wallet_lot.h"

#include <string.h>

#define HOUR_US (INT64_C(3600) * 1000000)
#define TEN_YEARS_US (INT64_C(3653) * 24 * HOUR_US)

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t not_below_zero(int64_t amount)
{
    return amount > 0 ? amount : 0;
}

int64_t wallet_lots_sum(const struct wallet_lots *lots)
{
    assert(lots->count <= WALLET_LOTS_MAX);
    int64_t sum = 0;
    for (size_t i = 0; i < lots->count; i++) {
        assert(lots->lots[i].left > 0);
        sum += lots->lots[i].left;
    }
    return sum;
}

int64_t wallet_lots_expire_at(const struct wallet_lots *lots)
{
    return lots->count > 0 ? lots->lots[0].expires_at_us : WALLET_LOTS_ARE_SPENT;
}

bool wallet_lot_may_expire_at(int64_t now_us, int64_t expires_at_us)
{
    return expires_at_us >= now_us + HOUR_US && expires_at_us <= now_us + TEN_YEARS_US;
}

/* Keeps the order: what expires first, then the lesser id. */
static void insert(struct wallet_lots *lots, struct wallet_lot lot)
{
    assert(lots->count < WALLET_LOTS_MAX);
    size_t at = lots->count;
    while (at > 0 && (lots->lots[at - 1].expires_at_us > lot.expires_at_us ||
                      (lots->lots[at - 1].expires_at_us == lot.expires_at_us &&
                       uuid_compare(lots->lots[at - 1].id, lot.id) > 0)))
        at--;
    memmove(&lots->lots[at + 1], &lots->lots[at], (lots->count - at) * sizeof lot);
    lots->lots[at] = lot;
    lots->count++;
}

static void cut_out(struct wallet_lots *lots, size_t at)
{
    assert(at < lots->count);
    lots->count--;
    memmove(&lots->lots[at], &lots->lots[at + 1], (lots->count - at) * sizeof lots->lots[0]);
}

static size_t place_of(const struct wallet_lots *lots, struct uuid id)
{
    size_t at = 0;
    while (at < lots->count && !uuid_equals(lots->lots[at].id, id))
        at++;
    return at;
}

static void add_move(struct wallet_lot_moves *moves, const struct wallet_lot *lot, int64_t amount)
{
    assert(moves->count < WALLET_LOTS_MAX);
    assert(amount != 0);
    moves->moves[moves->count++] = (struct wallet_lot_move){ lot->id, amount, lot->expires_at_us };
}

int64_t wallet_lots_add(struct wallet_lots *lots, struct uuid id, int64_t amount,
                        int64_t expires_at_us, int64_t balance)
{
    assert(amount > 0);
    const int64_t left = least(amount, not_below_zero(balance) - wallet_lots_sum(lots));
    if (left <= 0 || lots->count == WALLET_LOTS_MAX) return 0;
    insert(lots, (struct wallet_lot){ id, left, expires_at_us });
    return left;
}

void wallet_lots_spend(struct wallet_lots *lots, int64_t amount, struct wallet_lot_moves *ret_moves)
{
    assert(amount >= 0);
    ret_moves->count = 0;
    while (amount > 0 && lots->count > 0) {
        struct wallet_lot *first = &lots->lots[0];
        const int64_t used = least(first->left, amount);
        add_move(ret_moves, first, -used);
        amount -= used;
        first->left -= used;
        if (first->left == 0) cut_out(lots, 0);
    }
}

void wallet_lots_take(struct wallet_lots *lots, int64_t amount, int64_t balance,
                      struct wallet_lot_moves *ret_moves)
{
    assert(amount >= 0);
    const int64_t unexpiring = not_below_zero(not_below_zero(balance) - wallet_lots_sum(lots));
    wallet_lots_spend(lots, not_below_zero(amount - unexpiring), ret_moves);
}

int64_t wallet_lots_lapse(struct wallet_lots *lots, int64_t held, int64_t now_us,
                          struct wallet_lot_moves *ret_moves)
{
    assert(held >= 0);
    int64_t claimed = held, sum = 0;
    size_t at = 0;
    ret_moves->count = 0;
    while (at < lots->count && lots->lots[at].expires_at_us <= now_us) {
        struct wallet_lot *lot = &lots->lots[at];
        const int64_t kept = least(claimed, lot->left), lapsed = lot->left - kept;
        claimed -= kept;
        sum += lapsed;
        if (lapsed > 0) add_move(ret_moves, lot, -lapsed);
        lot->left = kept;
        if (kept == 0)
            cut_out(lots, at);
        else
            at++;
    }
    return sum;
}

/* Puts so much back; false where the lot is spent and there is no room for another one that lives.
 */
static bool give_back(struct wallet_lots *lots, const struct wallet_lot_use *use, int64_t amount,
                      int64_t expires_at_us, struct wallet_lot_moves *moves)
{
    struct wallet_lot lot = { use->lot_id, amount, expires_at_us };
    const size_t at = place_of(lots, use->lot_id);
    if (at == lots->count && lots->count == WALLET_LOTS_MAX) return false;
    if (at < lots->count) {
        lot.left += lots->lots[at].left;
        cut_out(lots, at);
    }
    insert(lots, lot);
    add_move(moves, &lot, amount);
    return true;
}

void wallet_lots_return(struct wallet_lots *lots, const struct wallet_lot_return *refund,
                        struct wallet_lot_moves *ret_moves)
{
    const struct wallet_lot_uses *uses = refund->uses;
    assert(uses->count <= WALLET_LOTS_MAX);
    assert(refund->amount > 0);
    int64_t used = 0, returned = 0;
    for (size_t i = 0; i < uses->count; i++) {
        used += uses->uses[i].used;
        returned += uses->uses[i].returned;
    }
    const int64_t unexpiring =
        not_below_zero((refund->paid - used) - (refund->refunded - returned));
    int64_t left = refund->amount - least(refund->amount, unexpiring);
    left = least(left, not_below_zero(not_below_zero(refund->balance) - wallet_lots_sum(lots)));
    ret_moves->count = 0;
    for (size_t i = uses->count; i > 0 && left > 0; i--) {
        const struct wallet_lot_use *use = &uses->uses[i - 1];
        const int64_t amount = least(left, use->used - use->returned); /* <= 0: all came back */
        const bool is_over = use->expires_at_us <= refund->now_us;
        if (amount > 0 &&
            give_back(lots, use, amount,
                      is_over ? refund->now_us + refund->grace_us : use->expires_at_us, ret_moves))
            left -= amount;
    }
}
