/* Credit out of the market's own money, for some time or for good: what staff gives, what lapses,
 * and who is told of it. */
#include "actors/host/approval.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"
#include "actors/wallet/wallet_staff.h"
#include "actors/wallet/wallet_sweep.h"

#include "actors/host/ask_each.h"
#include "wallet_handlers.h"

enum { LOOK_AGAIN_US = 60000000, DAY_BYTES = 10 /* of a time as text */ };

static enum status credit_by_staff(struct request *request,
                                   const struct wallet_credit_wallet *command,
                                   struct wallet_credited *ret_reply)
{
    struct wallet_correction credit =
        wallet_staff_correction(request, command->amount, command->reason);
    credit.kind = WALLET_TRANSACTION_KIND_CREDIT;
    if (command->has_reference) credit.reference = command->reference;
    TRY(wallet_staff_check_words(request, credit.reason, credit.reference));
    TRY(wallet_check_expiry(request, command->has_expires_at, command->expires_at_us));
    struct wallet *wallet;
    struct wallet_lot_plan plan = { .lots = NULL };
    TRY(wallet_store_load(request, command->user_id, &wallet));
    TRY(wallet_staff_require_staying(request, command->user_id));
    wallet_staff_audit(request, wallet, command->amount.currency);
    TRY(wallet_move(request, wallet, command->amount));
    TRY(wallet_staff_keep_limit(request, &credit));
    TRY(wallet_staff_require_second(request, "usr", command->user_id, &credit));
    if (command->has_expires_at)
        TRY(wallet_plan_credit(request, wallet, command->amount.currency, "/expires_at", &plan));
    wallet_store_save_correction(request, wallet, &credit);
    if (command->has_expires_at)
        wallet_save_credit(request, wallet, &plan, credit.id, command->amount.amount,
                           command->expires_at_us);
    const struct wallet_account *account = wallet_account(wallet, command->amount.currency);
    *ret_reply = (struct wallet_credited){
        .has_transaction_id = true,
        .transaction_id = credit.id,
        .has_balance = true,
        .balance = money_make(account->balance, account->currency),
        .has_expires_at = command->has_expires_at,
        .expires_at_us = command->expires_at_us,
    };
    return STATUS_OK;
}

enum status wallet_handle_credit_wallet(struct request *request,
                                        const struct wallet_credit_wallet *command,
                                        struct wallet_credited *ret_reply)
{
    const enum status credited = credit_by_staff(request, command, ret_reply);
    if (credited != STATUS_NEEDS_APPROVAL) return credited;
    ret_reply->has_approval = true;
    return approval_wait(request, &wallet_credit_wallet_message, command, &ret_reply->approval,
                         /* subject */ NULL);
}

/* ---- told ---- */

static enum status tell(struct request *request, struct uuid wallet_id,
                        enum common_notice_kind kind, struct money amount, int64_t expires_at_us)
{
    struct arena *arena = request_arena(request);
    char *text = arena_allocate(arena, MONEY_TEXT_MAX + 1);
    char *day = arena_allocate(arena, TIME_TEXT_MAX + 1);
    const bool is_ahead = kind == COMMON_NOTICE_KIND_CREDIT_EXPIRING;
    struct text_pair *facts = arena_allocate_array(arena, 2, sizeof *facts);
    (void)time_format(expires_at_us, day);
    facts[0] = (struct text_pair){ TEXT("total"), { text, money_format(amount, text) } };
    facts[1] = (struct text_pair){ TEXT("expires_at"), { day, DAY_BYTES } };
    /* A wallet has the id of its user. */
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = wallet_id,
                    .audience = COMMON_AUDIENCE_STORE,
                    .facts = facts,
                    .facts_count = is_ahead ? 2 : 1 },
    };
    return request_publish(request, &wallet_notice_was_raised_message, &event);
}

enum status wallet_handle_tell_of_expiry(struct request *request,
                                         const struct wallet_tell_of_expiry *command)
{
    const int64_t ahead_us =
        config_duration_us(request_config(request), SETTING_WALLET_CREDIT_NOTICE);
    struct wallet_lot *lots;
    size_t count;
    TRY(request_settle(request)); /* whoever was told just now is not told again */
    TRY(wallet_store_find_untold_lots(request, command->wallet_id, command->currency,
                                      request_now_us(request) + ahead_us, &lots, &count));
    if (count == 0 || ahead_us == 0) return STATUS_OK;
    wallet_store_save_told_lots(request, lots, count);
    for (size_t i = 0; i < count; i++) {
        struct money left = { .amount = lots[i].left };
        TRY(wallet_read_currency(command->currency, left.currency));
        TRY(tell(request, command->wallet_id, COMMON_NOTICE_KIND_CREDIT_EXPIRING, left,
                 lots[i].expires_at_us));
    }
    return STATUS_OK;
}

/* ---- lapses ---- */

enum status wallet_handle_lapse_credit(struct request *request,
                                       const struct wallet_lapse_credit *command)
{
    const int64_t now_us = request_now_us(request);
    struct wallet *wallet;
    struct wallet_lot_plan plan;
    struct money lapsed = { .amount = 0 };
    TRY(wallet_read_currency(command->currency, lapsed.currency));
    TRY(wallet_store_load(request, command->wallet_id, &wallet));
    const struct wallet_account *account = wallet_account(wallet, lapsed.currency);
    if (!wallet_has_lots(account) || account->lots_expire_at_us > now_us) return STATUS_OK;
    TRY(wallet_plan_lapse(request, wallet, lapsed.currency, &lapsed.amount, &plan));
    if (lapsed.amount > 0) {
        TRY(wallet_debit(wallet, lapsed));
        const struct wallet_entry entry = wallet_entry_of(
            request_new_id(request), WALLET_TRANSACTION_KIND_LAPSE,
            money_make(-lapsed.amount, lapsed.currency), WALLET_HOUSE_ACCOUNT_GRANTS, TEXT(""));
        wallet_store_save_entry(request, wallet, &entry);
        wallet_save_plan(request, wallet, &plan, entry.id);
        TRY(tell(request, wallet->id, COMMON_NOTICE_KIND_CREDIT_LAPSED, lapsed, now_us));
    }
    /* What holds claim is looked at again when they may have ended. */
    if (plan.lots->count > 0 && plan.lots->lots[0].expires_at_us <= now_us)
        wallet_store_defer_lots(request, wallet, lapsed.currency, now_us, now_us + LOOK_AGAIN_US);
    return STATUS_OK;
}

/* ---- by the clock ---- */

static enum status begin_lapse(struct request *request, const void *context, size_t index,
                               struct request_ask **ret_ask)
{
    const struct wallet_due_lots *due = (const struct wallet_due_lots *)context + index;
    const struct wallet_lapse_credit command = { .wallet_id = due->wallet_id,
                                                 .currency = due->currency };
    return request_ask_begin(request, &wallet_lapse_credit_message, &command, ret_ask);
}

enum status wallet_sweep_lapsed_credit(struct request *request, unsigned shard_first,
                                       unsigned shard_last)
{
    struct wallet_due_lots *due;
    size_t count;
    TRY(wallet_store_list_due_lots(request, shard_first, shard_last, &due, &count));
    return request_ask_each(request, count, begin_lapse, due);
}

static enum status begin_telling(struct request *request, const void *context, size_t index,
                                 struct request_ask **ret_ask)
{
    const struct wallet_due_lots *due = (const struct wallet_due_lots *)context + index;
    const struct wallet_tell_of_expiry command = { .wallet_id = due->wallet_id,
                                                   .currency = due->currency };
    return request_ask_begin(request, &wallet_tell_of_expiry_message, &command, ret_ask);
}

enum status wallet_sweep_expiring_credit(struct request *request, unsigned shard_first,
                                         unsigned shard_last)
{
    const int64_t ahead_us =
        config_duration_us(request_config(request), SETTING_WALLET_CREDIT_NOTICE);
    struct wallet_due_lots *due;
    size_t count;
    if (ahead_us == 0) return STATUS_OK;
    TRY(wallet_store_list_untold_lots(request, shard_first, shard_last,
                                      request_now_us(request) + ahead_us, &due, &count));
    return request_ask_each(request, count, begin_telling, due);
}
