/* What a wallet does for each message: load, decide, save, answer. Every command may come twice and
 * has its effect once. */
#include "actors/wallet/wallet_entry_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"
#include "actors/wallet/wallet_sweep.h"

#include "actors/host/ask_each.h"
#include "actors/host/domain.h"
#include "actors/host/trim.h"
#include "order_messages.h"
#include "wallet_handlers.h"

enum {
    SWEEP_EVERY_US = 1000000,
    MINUTE_US = 60000000,
    KEEP_US = 60000000 /* until the orders are asked again */
};

enum status wallet_handle_grant(struct request *request, const struct wallet_grant *command,
                                struct wallet_granted *ret_reply)
{
    struct wallet *wallet;
    struct wallet_lot_plan plan = { .lots = NULL };
    TRY(wallet_check_expiry(request, command->has_expires_at, command->expires_at_us));
    TRY(wallet_store_load(request, command->wallet_id, &wallet));
    TRY(wallet_move(request, wallet, command->amount));
    if (command->has_expires_at)
        TRY(wallet_plan_credit(request, wallet, command->amount.currency, "/expires_at", &plan));

    /* A repeated message gets its first answer from the host's inbox, so that this id need not be
     * derived as that of a posted hold is. */
    ret_reply->transaction_id = request_new_id(request);
    const struct wallet_entry entry = wallet_entry_of(
        ret_reply->transaction_id, WALLET_TRANSACTION_KIND_GRANT, command->amount,
        WALLET_HOUSE_ACCOUNT_GRANTS, command->has_reference ? command->reference : TEXT(""));
    wallet_store_save_entry(request, wallet, &entry);
    if (command->has_expires_at)
        wallet_save_credit(request, wallet, &plan, entry.id, command->amount.amount,
                           command->expires_at_us);
    const struct wallet_account *account = wallet_account(wallet, command->amount.currency);
    ret_reply->balance = money_make(account->balance, account->currency);
    return STATUS_OK;
}

static enum status place_hold(struct request *request, struct wallet *wallet,
                              const struct wallet_hold_funds *command)
{
    const struct wallet_hold hold = { .id = command->hold_id,
                                      .amount = command->amount,
                                      .expires_at_us = command->expires_at_us,
                                      .state = WALLET_HOLD_PENDING };
    const enum status placed = wallet_place_hold(wallet, &hold);
    if (placed == STATUS_INSUFFICIENT_FUNDS)
        /* The pointer is that of the checkout, the only request of the public that asks for a
         * hold. */
        return wallet_refuse_for_lack_of_funds(request, "/payment/wallet", wallet, command->amount);
    TRY(placed);
    wallet_store_save_placed_hold(request, wallet, &hold, command->reference);
    return STATUS_OK;
}

enum status wallet_handle_hold_funds(struct request *request,
                                     const struct wallet_hold_funds *command,
                                     struct wallet_funds_held *ret_reply)
{
    struct wallet *wallet;
    struct wallet_hold hold;
    bool exists;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, &wallet, &hold,
                                    &exists));
    if (exists)
        TRY(wallet_check_repeated_hold(&hold, command->amount));
    else
        TRY(place_hold(request, wallet, command));
    ret_reply->available =
        money_make(wallet_available(wallet, command->amount.currency), command->amount.currency);
    return STATUS_OK;
}

static enum status refuse_post(struct request *request, const struct wallet_hold *hold,
                               enum status refusal)
{
    if (refusal != STATUS_OUT_OF_RANGE && refusal != STATUS_INVALID_VALUE &&
        refusal != STATUS_ILLEGAL_TRANSITION)
        return refusal;
    const bool is_again = refusal == STATUS_ILLEGAL_TRANSITION;
    char amount[MONEY_TEXT_MAX + 1];
    (void)money_format(
        money_make(is_again ? hold->posted : hold->amount.amount, hold->amount.currency), amount);
    request_add_fault(
        request, &(struct request_fault){
                     .pointer = "/amount",
                     .code = refusal,
                     .detail = text_format(request_arena(request),
                                           is_again ? "The hold was posted with %s before."
                                                    : "The hold is of %s: no more can be taken.",
                                           amount) });
    return refusal;
}

enum status wallet_handle_post_hold(struct request *request, const struct wallet_post_hold *command,
                                    struct wallet_hold_posted *ret_reply)
{
    struct wallet *wallet;
    struct wallet_hold hold;
    bool exists, changes;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, &wallet, &hold,
                                    &exists));
    if (!exists) return STATUS_NOT_FOUND;
    const struct money amount = command->has_amount ? command->amount : hold.amount;
    const enum status posted = wallet_post_hold(wallet, &hold, amount, &changes);
    if (posted != STATUS_OK) return refuse_post(request, &hold, posted);

    ret_reply->transaction_id = wallet_purchase_id(hold.id);
    if (!changes) return STATUS_OK;
    struct wallet_lot_plan plan;
    TRY(wallet_plan_spending(request, wallet, amount, &plan));
    wallet_store_save_posted_hold(request, wallet, &hold, ret_reply->transaction_id);
    wallet_save_plan(request, wallet, &plan, ret_reply->transaction_id);
    return STATUS_OK;
}

/* The hold may still be on its way; the mark refuses it when it arrives (actors/README.md,
 * Decisions: a mark refuses the late one). */
static enum status leave_mark(struct request *request, struct wallet *wallet, struct uuid hold_id)
{
    const struct wallet_hold mark = { .id = hold_id,
                                      .expires_at_us = request_now_us(request),
                                      .state = WALLET_HOLD_VOIDED };
    wallet_remember_hold(wallet, &mark);
    wallet_store_save_mark(request, wallet, &mark);
    return STATUS_OK;
}

enum status wallet_handle_void_hold(struct request *request, const struct wallet_void_hold *command)
{
    struct wallet *wallet;
    struct wallet_hold hold;
    bool exists, changes;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, &wallet, &hold,
                                    &exists));
    if (!exists) return leave_mark(request, wallet, command->hold_id);
    TRY(wallet_void_hold(wallet, &hold, &changes));
    if (changes) wallet_store_save_freed_hold(request, wallet, &hold);
    return STATUS_OK;
}

enum status wallet_handle_expire_hold(struct request *request,
                                      const struct wallet_expire_hold *command)
{
    struct wallet *wallet;
    struct wallet_hold hold;
    bool exists, changes;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, &wallet, &hold,
                                    &exists));
    /* The sweep names rows that exist; one that is gone needs nothing. */
    if (!exists) return STATUS_OK;
    TRY(wallet_expire_hold(wallet, &hold, request_now_us(request), &changes));
    if (changes) wallet_store_save_freed_hold(request, wallet, &hold);
    return STATUS_OK;
}

enum status wallet_handle_keep_hold(struct request *request, const struct wallet_keep_hold *command)
{
    struct wallet *wallet;
    struct wallet_hold hold;
    bool exists, changes;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, &wallet, &hold,
                                    &exists));
    if (!exists) return STATUS_OK;
    wallet_keep_hold(wallet, &hold, request_now_us(request), command->until_us, &changes);
    if (changes) wallet_store_save_kept_hold(request, wallet, &hold);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Holds whose time is over, and the checkouts of them that have let go. */
struct overdue {
    const struct wallet_due_hold *holds;
    size_t count;
    struct order_lapsed_groups lapsed;
    int64_t now_us;
};

/* A hold has the id of the checkout that it was placed for. */
static bool has_lapsed(const struct overdue *overdue, struct uuid hold_id)
{
    for (size_t i = 0; i < overdue->lapsed.group_ids_count; i++) {
        if (uuid_equals(overdue->lapsed.group_ids[i], hold_id)) return true;
    }
    return false;
}

static enum status begin_expire_or_keep(struct request *request, const void *context, size_t index,
                                        struct request_ask **ret_ask)
{
    const struct overdue *overdue = context;
    const struct wallet_due_hold *due = &overdue->holds[index];
    const struct wallet_expire_hold expire = { .wallet_id = due->wallet_id, .hold_id = due->id };
    const struct wallet_keep_hold keep = { .wallet_id = due->wallet_id,
                                           .hold_id = due->id,
                                           .until_us = overdue->now_us + KEEP_US };
    return has_lapsed(overdue, due->id)
               ? request_ask_begin(request, &wallet_expire_hold_message, &expire, ret_ask)
               : request_ask_begin(request, &wallet_keep_hold_message, &keep, ret_ask);
}

/* When the orders do not answer, nothing is freed: their word may be that it was promised. */
static enum status settle_overdue_holds(struct request *request, unsigned shard_first,
                                        unsigned shard_last)
{
    struct overdue overdue = { .now_us = request_now_us(request) };
    TRY(wallet_store_list_due_holds(request, shard_first, shard_last, &overdue.holds,
                                    &overdue.count));
    if (overdue.count == 0) return STATUS_OK;
    struct uuid *ids = arena_allocate_array(request_arena(request), overdue.count, sizeof *ids);
    for (size_t i = 0; i < overdue.count; i++)
        ids[i] = overdue.holds[i].id;
    const struct order_find_lapsed_groups query = { .group_ids = ids,
                                                    .group_ids_count = overdue.count };
    TRY(request_ask(request, &order_find_lapsed_groups_message, &query, &overdue.lapsed));
    return request_ask_each(request, overdue.count, begin_expire_or_keep, &overdue);
}

static const struct statement trim_holds = {
    .name = "wallet_trim_holds",
    .sql = "WITH gone AS (DELETE FROM wallet.hold WHERE id = ANY (ARRAY("
           "SELECT id FROM wallet.hold WHERE state <> 'pending' AND created_at < $1"
           " AND settled_at < $1 AND shard BETWEEN $2 AND $3 LIMIT $4)) RETURNING 1)"
           " SELECT count(*) FROM gone",
};

static enum status forget_old_holds(struct request *request, unsigned shard_first,
                                    unsigned shard_last)
{
    return request_trim(request, &trim_holds, SETTING_RETENTION_SETTLED, shard_first, shard_last);
}

static const struct domain_sweep sweeps[] = {
    { .name = "overdue_holds", .every_us = SWEEP_EVERY_US, .run = settle_overdue_holds },
    { .name = "lapsed_credit", .every_us = SWEEP_EVERY_US, .run = wallet_sweep_lapsed_credit },
    { .name = "expiring_credit", .every_us = MINUTE_US, .run = wallet_sweep_expiring_credit },
    { .name = "redeemed_cards", .every_us = SWEEP_EVERY_US, .run = wallet_sweep_redeemed_cards },
    { .name = "old_holds", .every_us = MINUTE_US, .run = forget_old_holds },
};

/* ---- what must hold ---- */

static const struct statement ledger_violations = {
    .name = "wallet_ledger_violations",
    .sql = "WITH found AS MATERIALIZED (SELECT * FROM wallet.check_ledger()) "
           "SELECT violation, subject || ': ' || detail FROM found LIMIT $1",
};

static const struct statement ledger_rows = {
    .name = "wallet_ledger_rows",
    .sql = "SELECT count(*) FROM wallet.posting",
};

static const struct statement purchases = {
    .name = "wallet_purchases",
    .sql = "SELECT currency, count(*), -sum(amount)::bigint FROM wallet.transaction "
           "WHERE kind = 'purchase' GROUP BY currency ORDER BY currency",
};

static const struct statement refunds = {
    .name = "wallet_refunds",
    .sql = "SELECT currency, count(*), sum(amount)::bigint FROM wallet.transaction "
           "WHERE kind = 'refund' GROUP BY currency ORDER BY currency",
};

static const struct statement payment_violations = {
    .name = "wallet_payment_violations",
    .sql = "SELECT violation, subject || ': ' || detail FROM wallet.check_payments() LIMIT $1",
};
static const struct statement payments = {
    .name = "wallet_payments",
    .sql = "SELECT count(*) FROM wallet.payment_book",
};

static const struct statement credit_violations = {
    .name = "wallet_credit_violations",
    .sql = "SELECT violation, subject || ': ' || detail FROM wallet.check_lots() LIMIT $1",
};
static const struct statement credits = {
    .name = "wallet_credits",
    .sql = "SELECT count(*) FROM wallet.lot",
};

static const struct statement card_violations = {
    .name = "wallet_card_violations",
    .sql = "SELECT violation, subject || ': ' || detail FROM wallet.check_gift_cards() LIMIT $1",
};
static const struct statement cards = {
    .name = "wallet_cards",
    .sql = "SELECT count(*) FROM wallet.gift_card",
};

static const struct domain_check checks[] = {
    { .name = "wallet.credit",
      .covers = "I2 credit that expires has what it got less what went, and is never more than its "
                "balance; what lapses was there",
      .violations = &credit_violations,
      .compared = &credits },
    { .name = "wallet.gift_cards",
      .covers = "I1 a redeemed gift card is credited once, to its wallet, with what it is worth",
      .violations = &card_violations,
      .compared = &cards },
    { .name = "wallet.payments",
      .covers = "I1 what is booked of each card payment is what its entries moved",
      .violations = &payment_violations,
      .compared = &payments },
    { .name = "wallet.ledger",
      .covers =
          "I1 postings balance; I2 balances and holds are the sums of their rows; refunds are "
          "no more than their purchases; the hash chains are whole",
      .violations = &ledger_violations,
      .compared = &ledger_rows },
};

static const struct domain_figure figures[] = { { "purchases", &purchases },
                                                { "refunds", &refunds } };

const struct domain_definition wallet_domain = {
    .dispatch = &wallet_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
    .checks = checks,
    .checks_count = ARRAY_LENGTH(checks),
    .figures = figures,
    .figures_count = ARRAY_LENGTH(figures),
};
