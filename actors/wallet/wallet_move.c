/* Credits and debits with their refusals. */
#include "actors/wallet/wallet_move.h"

enum status wallet_refuse_for_lack_of_funds(struct request *request, const char *pointer,
                                            const struct wallet *wallet, struct money wanted)
{
    const int64_t available = wallet_available(wallet, wanted.currency);
    request_add_fault(request,
                      &(struct request_fault){ .pointer = pointer,
                                               .code = STATUS_INSUFFICIENT_FUNDS,
                                               .has_amounts = true,
                                               .requested = wanted.amount,
                                               .available = available > 0 ? available : 0 });
    return STATUS_INSUFFICIENT_FUNDS;
}

static enum status keep_limit_at(struct request *request, const char *pointer, enum setting setting,
                                 const char *name, int64_t so_far, struct money more)
{
    const int64_t limit = config_int(request_config(request), setting);
    const enum status checked = wallet_check_limit(so_far, more.amount, limit);
    if (checked == STATUS_OK) return STATUS_OK;
    char text[MONEY_TEXT_MAX + 1];
    (void)money_format(money_make(limit, more.currency), text);
    request_add_fault(request,
                      &(struct request_fault){
                          .pointer = pointer,
                          .code = checked,
                          .detail = text_format(request_arena(request), "%s is %s.", name, text),
                          .has_amounts = true,
                          .requested = more.amount,
                          .available = so_far < limit ? limit - so_far : 0 });
    return checked;
}

enum status wallet_keep_limit(struct request *request, enum setting setting, const char *name,
                              int64_t so_far, struct money more)
{
    return keep_limit_at(request, "/amount", setting, name, so_far, more);
}

static enum status credit(struct request *request, const char *pointer, struct wallet *wallet,
                          struct money amount)
{
    const struct wallet_account *account = wallet_account(wallet, amount.currency);
    TRY(keep_limit_at(request, pointer, SETTING_WALLET_BALANCE_MAX,
                      "The greatest balance of a wallet (wallet.balance_max)",
                      account == NULL || account->balance < 0 ? 0 : account->balance, amount));
    const enum status credited = wallet_credit(wallet, amount);
    if (credited == STATUS_INVALID_VALUE)
        return request_refuse(request, pointer, credited, "There is no such currency.");
    if (credited == STATUS_OUT_OF_RANGE)
        return request_refuse(request, pointer, credited,
                              "The wallet cannot hold so much, or no other currency.");
    return credited;
}

enum status wallet_move_at(struct request *request, const char *pointer, struct wallet *wallet,
                           struct money amount)
{
    if (amount.amount > 0) return credit(request, pointer, wallet, amount);
    if (amount.amount == 0 || amount.amount == INT64_MIN)
        return request_refuse(request, pointer, STATUS_OUT_OF_RANGE,
                              "An amount that is moved is not nothing.");
    const struct money wanted = money_make(-amount.amount, amount.currency);
    const enum status debited = wallet_debit(wallet, wanted);
    if (debited == STATUS_INSUFFICIENT_FUNDS)
        return wallet_refuse_for_lack_of_funds(request, pointer, wallet, wanted);
    return debited;
}

enum status wallet_move(struct request *request, struct wallet *wallet, struct money amount)
{
    return wallet_move_at(request, "/amount", wallet, amount);
}
