/* What is given back of a purchase. */
#include "actors/wallet/wallet_entry_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "wallet_handlers.h"

static enum status check_repeated_refund(struct request *request,
                                         const struct wallet_refund_history *history,
                                         struct uuid purchase_id, struct money amount)
{
    if (money_equals(history->refund, amount) && uuid_equals(history->refund_reverses, purchase_id))
        return STATUS_OK;
    return request_refuse(request, "/refund_id", STATUS_ILLEGAL_TRANSITION,
                          "Under this id another amount, or another purchase, was refunded.");
}

/* A hold that the ledger has no purchase of: its posting may be on its way to the database. */
static enum status purchase_of_hold(const struct wallet_hold *hold,
                                    struct wallet_purchase *ret_purchase)
{
    switch (hold->state) {
    case WALLET_HOLD_POSTED:
        *ret_purchase =
            (struct wallet_purchase){ wallet_purchase_id(hold->id),
                                      money_make(hold->posted, hold->amount.currency), 0 };
        return STATUS_OK;
    case WALLET_HOLD_PENDING:
        return STATUS_HOLD_NOT_POSTED;
    default:
        return STATUS_HOLD_VOIDED;
    }
}

static enum status refuse_refund(struct request *request, const struct wallet_purchase *purchase,
                                 struct money amount, enum status refusal)
{
    const int64_t left = purchase->paid.amount - purchase->refunded;
    struct arena *arena = request_arena(request);
    struct request_fault fault = { .pointer = "/amount", .code = refusal };
    if (refusal == STATUS_REFUND_EXCEEDS_PURCHASE) {
        char text[MONEY_TEXT_MAX + 1];
        (void)money_format(money_make(left, amount.currency), text);
        fault.detail = text_format(arena, "%s are left of what was paid.", text);
        fault.has_amounts = true;
        fault.requested = amount.amount;
        fault.available = left;
    } else if (refusal == STATUS_INVALID_VALUE) {
        fault.detail = text_format(arena, "The purchase was paid in %s.", purchase->paid.currency);
    } else {
        fault.detail = TEXT("The wallet cannot hold so much, or no other currency.");
    }
    request_add_fault(request, &fault);
    return refusal;
}

/* What is remembered counts before the rows, because it has the refunds that are on their way. */
static enum status find_purchase(struct request *request,
                                 const struct wallet_refund_purchase *command,
                                 const struct wallet_refund_history *history,
                                 struct wallet **ret_wallet, struct wallet_purchase *ret_purchase)
{
    struct wallet_hold hold;
    bool exists;
    TRY(wallet_store_load_with_hold(request, command->wallet_id, command->hold_id, ret_wallet,
                                    &hold, &exists));
    const struct wallet_purchase *remembered =
        wallet_find_purchase(*ret_wallet, wallet_purchase_id(command->hold_id));
    if (remembered != NULL)
        *ret_purchase = *remembered;
    else if (history->is_paid)
        *ret_purchase = history->purchase;
    else if (exists)
        TRY(purchase_of_hold(&hold, ret_purchase));
    else
        return STATUS_NOT_FOUND;
    return STATUS_OK;
}

enum status wallet_handle_refund_purchase(struct request *request,
                                          const struct wallet_refund_purchase *command,
                                          struct wallet_purchase_refunded *ret_reply)
{
    const struct uuid purchase_id = wallet_purchase_id(command->hold_id);
    ret_reply->transaction_id = wallet_refund_transaction_id(command->refund_id);
    struct wallet_refund_history history;
    TRY(wallet_store_find_refund(request, command->wallet_id, purchase_id,
                                 ret_reply->transaction_id, &history));
    if (history.is_refunded)
        return check_repeated_refund(request, &history, purchase_id, command->amount);

    struct wallet *wallet;
    struct wallet_purchase purchase;
    TRY(find_purchase(request, command, &history, &wallet, &purchase));
    const struct wallet_purchase before = purchase;
    const enum status refunded = wallet_refund(wallet, &purchase, command->amount);
    if (refunded != STATUS_OK) return refuse_refund(request, &purchase, command->amount, refunded);
    struct wallet_lot_plan plan;
    TRY(wallet_plan_return(request, wallet, &before, command->amount, &plan));
    struct wallet_entry entry =
        wallet_entry_of(ret_reply->transaction_id, WALLET_TRANSACTION_KIND_REFUND, command->amount,
                        WALLET_HOUSE_ACCOUNT_CLEARING, command->reference);
    entry.reverses = purchase_id;
    wallet_store_save_entry(request, wallet, &entry);
    wallet_save_plan(request, wallet, &plan, entry.id);
    return STATUS_OK;
}
