/* Plans for lots: read, decide, save behind the entry. */
#include "actors/wallet/wallet_lot_plan.h"

#include <string.h>

static enum status begin_plan(struct request *request, const struct wallet *wallet,
                              const char *currency, struct wallet_lot_plan *ret_plan)
{
    struct wallet_lots *lots;
    TRY(wallet_store_load_lots(request, wallet, currency, &lots));
    *ret_plan = (struct wallet_lot_plan){
        .lots = lots,
        .moves = arena_allocate(request_arena(request), sizeof *ret_plan->moves),
    };
    memcpy(ret_plan->currency, currency, sizeof ret_plan->currency);
    return STATUS_OK;
}

enum status wallet_plan_spending(struct request *request, const struct wallet *wallet,
                                 struct money amount, struct wallet_lot_plan *ret_plan)
{
    TRY(begin_plan(request, wallet, amount.currency, ret_plan));
    wallet_lots_spend(ret_plan->lots, amount.amount, ret_plan->moves);
    return STATUS_OK;
}

enum status wallet_plan_taking(struct request *request, const struct wallet *wallet,
                               struct money amount, struct wallet_lot_plan *ret_plan)
{
    *ret_plan = (struct wallet_lot_plan){ .lots = NULL };
    if (amount.amount <= 0) return STATUS_OK;
    TRY(begin_plan(request, wallet, amount.currency, ret_plan));
    const struct wallet_account *account = wallet_account(wallet, amount.currency);
    wallet_lots_take(ret_plan->lots, amount.amount, account->balance + amount.amount,
                     ret_plan->moves);
    return STATUS_OK;
}

enum status wallet_plan_return(struct request *request, const struct wallet *wallet,
                               const struct wallet_purchase *purchase, struct money amount,
                               struct wallet_lot_plan *ret_plan)
{
    struct wallet_lot_uses *uses;
    TRY(begin_plan(request, wallet, amount.currency, ret_plan));
    TRY(wallet_store_load_lot_uses(request, wallet, amount.currency, purchase->transaction_id,
                                   &uses));
    const struct wallet_lot_return refund = {
        .uses = uses,
        .paid = purchase->paid.amount,
        .refunded = purchase->refunded,
        .amount = amount.amount,
        .balance = wallet_account(wallet, amount.currency)->balance,
        .now_us = request_now_us(request),
        .grace_us = config_duration_us(request_config(request), SETTING_WALLET_CREDIT_GRACE),
    };
    wallet_lots_return(ret_plan->lots, &refund, ret_plan->moves);
    return STATUS_OK;
}

enum status wallet_plan_lapse(struct request *request, const struct wallet *wallet,
                              const char *currency, int64_t *ret_lapsed,
                              struct wallet_lot_plan *ret_plan)
{
    const struct wallet_account *account = wallet_account(wallet, currency);
    TRY(begin_plan(request, wallet, currency, ret_plan));
    *ret_lapsed = wallet_lots_lapse(ret_plan->lots, account == NULL ? 0 : account->held,
                                    request_now_us(request), ret_plan->moves);
    return STATUS_OK;
}

enum status wallet_read_currency(struct text currency, char ret_currency[4])
{
    char code[4] = { 0 };
    if (currency.length != 3) return STATUS_INVALID_VALUE;
    memcpy(code, currency.data, 3);
    if (currency_exponent(code) < 0) return STATUS_INVALID_VALUE;
    memcpy(ret_currency, code, sizeof code);
    return STATUS_OK;
}

void wallet_save_plan(struct request *request, struct wallet *wallet,
                      const struct wallet_lot_plan *plan, struct uuid transaction_id)
{
    if (plan->moves == NULL || plan->moves->count == 0) return;
    wallet_store_save_lot_moves(request, wallet, plan->currency, plan->lots, plan->moves,
                                transaction_id);
}

enum status wallet_check_expiry(struct request *request, bool has_expires_at, int64_t expires_at_us)
{
    if (!has_expires_at || wallet_lot_may_expire_at(request_now_us(request), expires_at_us))
        return STATUS_OK;
    return request_refuse(request, "/expires_at", STATUS_INVALID_VALUE,
                          "It is from an hour to ten years from now.");
}

enum status wallet_plan_credit(struct request *request, const struct wallet *wallet,
                               const char *currency, const char *pointer,
                               struct wallet_lot_plan *ret_plan)
{
    TRY(begin_plan(request, wallet, currency, ret_plan));
    if (pointer == NULL || ret_plan->lots->count < WALLET_LOTS_CREDITED_MAX) return STATUS_OK;
    return request_refuse_full(request, pointer, STATUS_LIMIT_EXCEEDED, WALLET_LOTS_CREDITED_MAX,
                               "The wallet has so much credit that expires: spend some first.");
}

void wallet_save_credit(struct request *request, struct wallet *wallet,
                        const struct wallet_lot_plan *plan, struct uuid transaction_id,
                        int64_t amount, int64_t expires_at_us)
{
    const struct wallet_account *account = wallet_account(wallet, plan->currency);
    const struct wallet_lot lot = {
        .id = transaction_id,
        .left =
            wallet_lots_add(plan->lots, transaction_id, amount, expires_at_us, account->balance),
        .expires_at_us = expires_at_us,
    };
    if (lot.left > 0) wallet_store_save_lot(request, wallet, plan->currency, plan->lots, &lot);
}
