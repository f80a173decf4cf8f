/* What staff sees of the ledger and of shoppers' wallets, and how it corrects them: by new entries.
 */
#include "actors/wallet/wallet_staff.h"
#include "actors/host/approval.h"
#include "actors/wallet/wallet_leaving.h"
#include "actors/wallet/wallet_ledger_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"

#include "runtime/plain_text.h"
#include "user_messages.h"
#include "wallet_handlers.h"

enum { PAGE_DEFAULT = 20 };

#define DAY_US (INT64_C(86400) * 1000000)

/* ---- the ledger ---- */

enum status wallet_handle_list_ledger(struct request *request,
                                      const struct wallet_list_ledger *query,
                                      struct wallet_ledger_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    /* At `to` with the least id: everything before that time. */
    struct list_place place = { .at_us = query->has_to ? query->to_us : INT64_MAX };
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    struct wallet_ledger_entry *entries;
    size_t count;
    TRY(wallet_store_list_ledger(request, query, &place, limit + 1, &entries, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct wallet_ledger_page){
        .data = entries, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next = list_place_write(request_arena(request), entries[count - 1].created_at_us,
                                           entries[count - 1].id);
    return STATUS_OK;
}

/* ---- a wallet ---- */

enum status wallet_staff_require_owner(struct request *request, const struct wallet *wallet)
{
    if (wallet->accounts_count > 0) return STATUS_OK;
    const struct user_get_shopper_standing query = { .user_id = wallet->id };
    struct user_shopper_standing standing;
    return request_ask(request, &user_get_shopper_standing_message, &query, &standing);
}

enum status wallet_staff_require_staying(struct request *request, struct uuid user_id)
{
    const struct user_get_shopper_standing query = { .user_id = user_id };
    struct user_shopper_standing standing;
    TRY(wallet_require_staying(request, user_id));
    TRY(request_ask(request, &user_get_shopper_standing_message, &query, &standing));
    return standing.has_is_erased && standing.is_erased
               ? request_refuse(request, "", STATUS_ACCOUNT_CLOSING, NULL)
               : STATUS_OK;
}

static void describe_balances(struct request *request, const struct wallet *wallet,
                              struct wallet_managed_wallet *reply)
{
    struct wallet_managed_balance *balances =
        arena_allocate_array(request_arena(request), wallet->accounts_count, sizeof *balances);
    for (size_t i = 0; i < wallet->accounts_count; i++) {
        const struct wallet_account *account = &wallet->accounts[i];
        const struct wallet_balance balance = wallet_describe_account(account);
        balances[i] = (struct wallet_managed_balance){
            .currency = balance.currency,
            .balance = money_make(account->balance, account->currency),
            .has_available = true,
            .available = balance.available,
            .has_held = true,
            .held = balance.held,
        };
    }
    reply->balances = balances;
    reply->balances_count = wallet->accounts_count;
}

enum status wallet_handle_get_wallet_of_user(struct request *request,
                                             const struct wallet_get_wallet_of_user *query,
                                             struct wallet_managed_wallet *ret_reply)
{
    struct wallet *wallet;
    TRY(wallet_store_read(request, query->user_id, &wallet));
    TRY(wallet_staff_require_owner(request, wallet));
    struct wallet_managed_wallet reply = { .user_id = query->user_id,
                                           .has_as_of = query->has_as_of,
                                           .as_of_us = query->as_of_us };
    if (query->has_as_of) {
        struct wallet_managed_balance *balances;
        TRY(wallet_store_list_balances(request, query->user_id, query->as_of_us, &balances,
                                       &reply.balances_count));
        reply.balances = balances;
    } else {
        describe_balances(request, wallet, &reply);
    }
    *ret_reply = reply;
    return STATUS_OK;
}

/* ---- corrections ---- */

enum status wallet_staff_check_words(struct request *request, struct text reason,
                                     struct text reference)
{
    if (!plain_text_is_reason(reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    if (reference.length > 0 && !plain_text_is_name(reference))
        return request_refuse(request, "/reference", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    return STATUS_OK;
}

struct wallet_correction wallet_staff_correction(struct request *request, struct money amount,
                                                 struct text reason)
{
    const int64_t now_us = request_now_us(request);
    return (struct wallet_correction){
        .id = request_new_id(request),
        .kind = WALLET_TRANSACTION_KIND_CORRECTION,
        .amount = amount,
        .reference = TEXT(""),
        .staff_id = approval_requester(request),
        .reason = reason,
        .since_us = now_us - now_us % DAY_US,
        .limit = config_int(request_config(request), SETTING_WALLET_CORRECTIONS_MAX),
    };
}

enum status wallet_staff_keep_limit(struct request *request,
                                    const struct wallet_correction *correction)
{
    struct money more = correction->amount;
    int64_t so_far;
    if (correction->limit == 0) return STATUS_OK;
    if (more.amount < 0) more.amount = -more.amount;
    TRY(wallet_store_sum_corrections(request, correction->staff_id, more.currency,
                                     correction->since_us, &so_far));
    return wallet_keep_limit(request, SETTING_WALLET_CORRECTIONS_MAX,
                             "What one member of staff may correct a day (wallet.corrections_max)",
                             so_far, more);
}

enum status wallet_staff_require_second(struct request *request, const char *prefix,
                                        struct uuid subject,
                                        const struct wallet_correction *correction)
{
    struct money amount = correction->amount;
    if (amount.amount < 0) amount.amount = -amount.amount;
    const struct approval_wish wish = { .prefix = prefix,
                                        .subject = subject,
                                        .counted = correction->staff_id,
                                        .since_us = correction->since_us,
                                        .amount = amount };
    return approval_require(request, &wish);
}

void wallet_staff_audit(struct request *request, const struct wallet *wallet, const char *currency)
{
    static const struct wallet_account none = { .balance = 0 };
    const struct wallet_account *account = wallet_account(wallet, currency);
    if (account == NULL) account = &none;
    request_audit(request, "usr", wallet->id,
                  text_format(request_arena(request),
                              "{\"currency\":\"%s\",\"balance\":%lld,\"held\":%lld}", currency,
                              (long long)account->balance, (long long)account->held));
}

static enum status correct(struct request *request, const struct wallet_correct_wallet *command,
                           struct wallet_corrected *ret_reply)
{
    struct wallet_correction correction =
        wallet_staff_correction(request, command->amount, command->reason);
    if (command->has_reference) correction.reference = command->reference;
    TRY(wallet_staff_check_words(request, correction.reason, correction.reference));
    struct wallet *wallet;
    struct wallet_lot_plan plan;
    TRY(wallet_store_load(request, command->user_id, &wallet));
    if (command->amount.amount > 0)
        TRY(wallet_staff_require_staying(request, command->user_id));
    else
        TRY(wallet_staff_require_owner(request, wallet));
    wallet_staff_audit(request, wallet, command->amount.currency);
    TRY(wallet_move(request, wallet, command->amount));
    TRY(wallet_staff_keep_limit(request, &correction));
    TRY(wallet_staff_require_second(request, "usr", command->user_id, &correction));
    TRY(wallet_plan_taking(request, wallet,
                           money_make(-command->amount.amount, command->amount.currency), &plan));
    wallet_store_save_correction(request, wallet, &correction);
    wallet_save_plan(request, wallet, &plan, correction.id);
    const struct wallet_account *account = wallet_account(wallet, command->amount.currency);
    ret_reply->has_transaction_id = ret_reply->has_balance = true;
    ret_reply->transaction_id = correction.id;
    ret_reply->balance = money_make(account->balance, account->currency);
    return STATUS_OK;
}

enum status wallet_handle_correct_wallet(struct request *request,
                                         const struct wallet_correct_wallet *command,
                                         struct wallet_corrected *ret_reply)
{
    const enum status corrected = correct(request, command, ret_reply);
    if (corrected != STATUS_NEEDS_APPROVAL) return corrected;
    ret_reply->has_approval = true;
    return approval_wait(request, &wallet_correct_wallet_message, command, &ret_reply->approval,
                         /* subject */ NULL);
}
