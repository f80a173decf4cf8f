/* The rules of a wallet: nothing is spent that is not there, nothing is spent twice, and what was
 * set aside ends once. */
#include "actors/wallet/wallet.h"

#include <string.h>

const char *const wallet_hold_state_names[WALLET_HOLD_STATE_COUNT] = {
    [WALLET_HOLD_PENDING] = "pending",
    [WALLET_HOLD_POSTED] = "posted",
    [WALLET_HOLD_VOIDED] = "voided",
    [WALLET_HOLD_EXPIRED] = "expired",
};

/* The rule that everything here keeps; balance_covers_held in the table is its last judge. */
static void check_account(const struct wallet_account *account)
{
    assert(account->held >= 0);
    assert(account->overdraft >= 0);
    assert(account->held - account->overdraft <= account->balance);
    assert(account->version >= 0);
}

static int64_t missing_in(const struct wallet_account *account)
{
    return account->held > account->balance ? account->held - account->balance : 0;
}

/* One more version. What was missing and has come in may not be missing again. */
static void end_change(struct wallet_account *account)
{
    const int64_t missing = missing_in(account);
    check_account(account);
    if (missing < account->overdraft) account->overdraft = missing;
    account->version++;
}

const struct wallet_account *wallet_account(const struct wallet *wallet, const char *currency)
{
    assert(wallet->accounts_count <= WALLET_CURRENCIES_MAX);
    for (size_t i = 0; i < wallet->accounts_count; i++) {
        if (strcmp(wallet->accounts[i].currency, currency) == 0) return &wallet->accounts[i];
    }
    return NULL;
}

static struct wallet_account *own_account(struct wallet *wallet, const char *currency)
{
    return (struct wallet_account *)wallet_account(wallet, currency);
}

int64_t wallet_available(const struct wallet *wallet, const char *currency)
{
    const struct wallet_account *account = wallet_account(wallet, currency);
    if (account == NULL) return 0;
    check_account(account);
    return account->balance - account->held;
}

struct wallet_balance wallet_describe_account(const struct wallet_account *account)
{
    check_account(account);
    const int64_t missing = missing_in(account);
    const int64_t available = account->balance - account->held;
    return (struct wallet_balance){
        .currency = text_of(account->currency),
        .available = money_make(missing > 0 ? 0 : available, account->currency),
        .held = money_make(account->held, account->currency),
        .has_debt = missing > 0,
        .debt = money_make(missing, account->currency),
    };
}

void wallet_note_lots(struct wallet *wallet, const char *currency, int64_t expire_at_us)
{
    struct wallet_account *account = own_account(wallet, currency);
    assert(account != NULL);
    assert(expire_at_us > 0);
    account->lots_expire_at_us = expire_at_us;
}

const struct wallet_hold *wallet_find_hold(const struct wallet *wallet, struct uuid hold_id)
{
    assert(wallet->holds_count <= WALLET_HOLDS_REMEMBERED_MAX);
    for (size_t i = wallet->holds_count; i > 0; i--) {
        if (uuid_equals(wallet->holds[i - 1].id, hold_id)) return &wallet->holds[i - 1];
    }
    return NULL;
}

void wallet_remember_hold(struct wallet *wallet, const struct wallet_hold *hold)
{
    assert((unsigned)hold->state < WALLET_HOLD_STATE_COUNT);
    assert(hold->amount.amount >= 0);
    struct wallet_hold *known = (struct wallet_hold *)wallet_find_hold(wallet, hold->id);
    if (known != NULL) {
        *known = *hold;
        return;
    }
    if (wallet->holds_count == WALLET_HOLDS_REMEMBERED_MAX) {
        wallet->holds_count--;
        memmove(&wallet->holds[0], &wallet->holds[1],
                wallet->holds_count * sizeof wallet->holds[0]);
    }
    wallet->holds[wallet->holds_count++] = *hold;
}

const struct wallet_purchase *wallet_find_purchase(const struct wallet *wallet,
                                                   struct uuid transaction_id)
{
    assert(wallet->purchases_count <= WALLET_PURCHASES_REMEMBERED_MAX);
    for (size_t i = wallet->purchases_count; i > 0; i--) {
        const struct wallet_purchase *purchase = &wallet->purchases[i - 1];
        if (uuid_equals(purchase->transaction_id, transaction_id)) return purchase;
    }
    return NULL;
}

static void remember_purchase(struct wallet *wallet, const struct wallet_purchase *purchase)
{
    struct wallet_purchase *known =
        (struct wallet_purchase *)wallet_find_purchase(wallet, purchase->transaction_id);
    if (known != NULL) {
        *known = *purchase;
        return;
    }
    if (wallet->purchases_count == WALLET_PURCHASES_REMEMBERED_MAX) {
        wallet->purchases_count--;
        memmove(&wallet->purchases[0], &wallet->purchases[1],
                wallet->purchases_count * sizeof wallet->purchases[0]);
    }
    wallet->purchases[wallet->purchases_count++] = *purchase;
}

enum status wallet_check_limit(int64_t so_far, int64_t more, int64_t limit)
{
    assert(so_far >= 0);
    assert(more > 0);
    assert(limit >= 0);
    return limit == 0 || more <= limit - so_far ? STATUS_OK : STATUS_LIMIT_EXCEEDED;
}

enum status wallet_credit(struct wallet *wallet, struct money amount)
{
    if (currency_exponent(amount.currency) < 0) return STATUS_INVALID_VALUE;
    if (amount.amount <= 0) return STATUS_OUT_OF_RANGE;
    struct wallet_account *account = own_account(wallet, amount.currency);
    if (account == NULL) {
        if (wallet->accounts_count == WALLET_CURRENCIES_MAX) return STATUS_OUT_OF_RANGE;
        account = &wallet->accounts[wallet->accounts_count++];
        *account = (struct wallet_account){ .balance = 0 };
        memcpy(account->currency, amount.currency, sizeof account->currency);
    }
    struct money sum;
    TRY(money_add(money_make(account->balance, amount.currency), amount, &sum));
    account->balance = sum.amount;
    end_change(account);
    return STATUS_OK;
}

enum status wallet_debit(struct wallet *wallet, struct money amount)
{
    if (amount.amount <= 0) return STATUS_OUT_OF_RANGE;
    if (amount.amount > wallet_available(wallet, amount.currency)) return STATUS_INSUFFICIENT_FUNDS;
    struct wallet_account *account = own_account(wallet, amount.currency);
    account->balance -= amount.amount;
    end_change(account);
    return STATUS_OK;
}

enum status wallet_take_back(struct wallet *wallet, struct money amount)
{
    if (amount.amount <= 0) return STATUS_OUT_OF_RANGE;
    struct wallet_account *account = own_account(wallet, amount.currency);
    if (account == NULL) return STATUS_CONFLICT;
    int64_t balance;
    if (__builtin_sub_overflow(account->balance, amount.amount, &balance))
        return STATUS_OUT_OF_RANGE;
    account->balance = balance;
    account->overdraft = missing_in(account);
    end_change(account);
    return STATUS_OK;
}

enum status wallet_refund(struct wallet *wallet, struct wallet_purchase *purchase,
                          struct money amount)
{
    assert(purchase->refunded >= 0);
    assert(purchase->refunded <= purchase->paid.amount);
    if (!money_same_currency(purchase->paid, amount)) return STATUS_INVALID_VALUE;
    if (amount.amount > purchase->paid.amount - purchase->refunded)
        return STATUS_REFUND_EXCEEDS_PURCHASE;
    TRY(wallet_credit(wallet, amount));
    purchase->refunded += amount.amount;
    remember_purchase(wallet, purchase);
    return STATUS_OK;
}

enum status wallet_place_hold(struct wallet *wallet, const struct wallet_hold *hold)
{
    assert(hold->state == WALLET_HOLD_PENDING);
    if (currency_exponent(hold->amount.currency) < 0) return STATUS_INVALID_VALUE;
    if (hold->amount.amount < 0) return STATUS_OUT_OF_RANGE;
    if (hold->amount.amount > 0 &&
        hold->amount.amount > wallet_available(wallet, hold->amount.currency))
        return STATUS_INSUFFICIENT_FUNDS;

    struct wallet_account *account = own_account(wallet, hold->amount.currency);
    if (account != NULL) {
        account->held += hold->amount.amount;
        end_change(account);
    }
    wallet_remember_hold(wallet, hold);
    return STATUS_OK;
}

enum status wallet_check_repeated_hold(const struct wallet_hold *existing, struct money amount)
{
    if (existing->state == WALLET_HOLD_VOIDED || existing->state == WALLET_HOLD_EXPIRED)
        return STATUS_HOLD_VOIDED;
    return money_equals(existing->amount, amount) ? STATUS_OK : STATUS_ILLEGAL_TRANSITION;
}

/* Ends a hold of which so much is still set aside; `spent` leaves the wallet with it. The account
 * and the hold may have been read at two moments, with a commit between them; then they do not fit
 * and must be read again. */
static enum status settle_hold(struct wallet *wallet, struct wallet_hold *hold, int64_t freed,
                               enum wallet_hold_state state, int64_t spent)
{
    assert(state != WALLET_HOLD_PENDING);
    assert(freed == 0 || freed == hold->amount.amount);
    assert(spent >= 0);
    assert(spent <= hold->amount.amount);
    struct wallet_account *account = own_account(wallet, hold->amount.currency);
    if (account == NULL && hold->amount.amount > 0) return STATUS_CONFLICT;
    if (account != NULL && account->held < freed) return STATUS_CONFLICT;
    if (account != NULL) {
        account->held -= freed;
        account->balance -= spent;
        end_change(account);
    }
    hold->state = state;
    hold->posted = spent;
    wallet_remember_hold(wallet, hold);
    return STATUS_OK;
}

enum status wallet_post_hold(struct wallet *wallet, struct wallet_hold *hold, struct money amount,
                             bool *ret_changes)
{
    if (hold->state == WALLET_HOLD_VOIDED) return STATUS_HOLD_VOIDED;
    if (!money_same_currency(hold->amount, amount)) return STATUS_INVALID_VALUE;
    if (amount.amount < 0 || amount.amount > hold->amount.amount) return STATUS_OUT_OF_RANGE;
    const bool changes = hold->state != WALLET_HOLD_POSTED;
    if (!changes && hold->posted != amount.amount) return STATUS_ILLEGAL_TRANSITION;
    /* The sale was made in time, but an outage delayed its posting until the hold had expired. The
     * order stands, so the money is taken if it is still there (actors/wallet/README.md, Decisions:
     * holds end once). */
    const bool has_expired = hold->state == WALLET_HOLD_EXPIRED;
    if (has_expired && amount.amount > wallet_available(wallet, amount.currency))
        return STATUS_HOLD_VOIDED;
    if (changes)
        TRY(settle_hold(wallet, hold, has_expired ? 0 : hold->amount.amount, WALLET_HOLD_POSTED,
                        amount.amount));
    *ret_changes = changes;
    return STATUS_OK;
}

enum status wallet_void_hold(struct wallet *wallet, struct wallet_hold *hold, bool *ret_changes)
{
    if (hold->state == WALLET_HOLD_POSTED) return STATUS_ILLEGAL_TRANSITION;
    const bool changes = hold->state == WALLET_HOLD_PENDING;
    if (changes) TRY(settle_hold(wallet, hold, hold->amount.amount, WALLET_HOLD_VOIDED, 0));
    *ret_changes = changes;
    return STATUS_OK;
}

enum status wallet_expire_hold(struct wallet *wallet, struct wallet_hold *hold, int64_t now_us,
                               bool *ret_changes)
{
    const bool changes = hold->state == WALLET_HOLD_PENDING && hold->expires_at_us <= now_us;
    if (changes) TRY(settle_hold(wallet, hold, hold->amount.amount, WALLET_HOLD_EXPIRED, 0));
    *ret_changes = changes;
    return STATUS_OK;
}

void wallet_keep_hold(struct wallet *wallet, struct wallet_hold *hold, int64_t now_us,
                      int64_t until_us, bool *ret_changes)
{
    *ret_changes = hold->state == WALLET_HOLD_PENDING && hold->expires_at_us <= now_us &&
                   hold->expires_at_us < until_us;
    if (!*ret_changes) return;
    hold->expires_at_us = until_us;
    wallet_remember_hold(wallet, hold);
}
