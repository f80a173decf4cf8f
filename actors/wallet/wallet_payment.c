/* Card payments in the ledger: it follows what the payment domain tells, and counts top-ups. */
#include "actors/wallet/wallet_entry_store.h"
#include "actors/wallet/wallet_leaving.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"
#include "actors/wallet/wallet_payment_store.h"
#include "actors/wallet/wallet_store.h"
#include "wallet_handlers.h"

#define DAY_US (INT64_C(86400) * 1000000)

/* ---- booked ---- */

static bool is_over(enum payment_status status)
{
    return status == PAYMENT_STATUS_FAILED || status == PAYMENT_STATUS_VOIDED ||
           status == PAYMENT_STATUS_AUTH_EXPIRED;
}

/* Of an order nothing is booked before it is captured, and of none that was not. */
enum status wallet_on_payment_payment_was_changed(struct request *request,
                                                  const struct payment_payment_was_changed *event)
{
    const bool is_topup = event->purpose == PAYMENT_PURPOSE_TOPUP;
    if (event->captured.amount == 0 && !(is_topup && is_over(event->status))) return STATUS_OK;
    const struct wallet_book_payment command = {
        .wallet_id = is_topup ? event->subject_id : event->payment_id,
        .payment_id = event->payment_id,
        .is_topup = is_topup,
        .is_over = is_over(event->status),
        .captured = event->captured,
        .refunded = event->refunded,
        .disputed = event->disputed,
        .version = event->version,
    };
    return request_ask(request, &wallet_book_payment_message, &command, NULL);
}

/* A wallet is credited whatever its limits say: they were counted before the card was charged. */
static enum status save_entry(struct request *request, struct uuid wallet_id,
                              const struct wallet_entry *entry)
{
    if (!wallet_entry_has_wallet(entry)) {
        wallet_store_save_house_entry(request, entry);
        return STATUS_OK;
    }
    struct wallet *wallet;
    TRY(wallet_store_load(request, wallet_id, &wallet));
    if (entry->amount.amount > 0)
        TRY(wallet_credit(wallet, entry->amount));
    else
        TRY(wallet_take_back(wallet, money_make(-entry->amount.amount, entry->amount.currency)));
    struct wallet_lot_plan plan;
    TRY(wallet_plan_taking(request, wallet,
                           money_make(-entry->amount.amount, entry->amount.currency), &plan));
    wallet_store_save_entry(request, wallet, entry);
    wallet_save_plan(request, wallet, &plan, entry->id);
    return STATUS_OK;
}

enum status wallet_handle_book_payment(struct request *request,
                                       const struct wallet_book_payment *command)
{
    const struct wallet_booked now = { command->captured.amount, command->refunded.amount,
                                       command->disputed.amount };
    struct wallet_booked before;
    int64_t version;
    TRY(wallet_store_find_booked(request, command->payment_id, &before, &version));
    if (command->version <= version) return STATUS_OK;
    wallet_store_save_booked(request, command, version);
    if (command->is_topup && (now.captured > 0 || command->is_over))
        wallet_store_end_topup(request, command->payment_id, now.captured > 0);
    struct wallet_entry entry;
    const struct uuid entry_id = wallet_transfer_transaction_id(
        uuid_derive_named(command->payment_id, TEXT("booked"), (unsigned)command->version));
    if (!wallet_book_entry(entry_id, command->is_topup, &before, &now, command->captured.currency,
                           &entry))
        return STATUS_OK;
    char reference[ID_TEXT_MAX + 1];
    (void)id_format("pay", command->payment_id, reference);
    entry.reference = text_copy(request_arena(request), text_of(reference));
    TRY(save_entry(request, command->wallet_id, &entry));
    wallet_store_add_booking(request, entry.id, command->payment_id);
    return STATUS_OK;
}

enum status wallet_handle_get_booked(struct request *request, const struct wallet_get_booked *query,
                                     struct wallet_payment_bookings *ret_reply)
{
    return wallet_store_list_booked(request, query, ret_reply);
}

/* ---- top-ups ---- */

static enum status keep_count(struct request *request, const struct wallet_topups *topups)
{
    const int64_t limit = config_int(request_config(request), SETTING_WALLET_TOPUPS_PER_DAY);
    if (limit == 0 || topups->count < limit) return STATUS_OK;
    const struct text detail =
        text_format(request_arena(request),
                    "A wallet is topped up %lld times in a day (wallet.topups_per_day) at most.",
                    (long long)limit);
    return request_refuse(request, "/amount", STATUS_LIMIT_EXCEEDED, detail.data);
}

/* What is on its way counts as if it had come. */
static enum status keep_limits(struct request *request, const struct wallet *wallet,
                               const struct money amount)
{
    struct wallet_topups topups;
    TRY(wallet_store_count_topups(request, wallet->id, amount.currency,
                                  request_now_us(request) - DAY_US, &topups));
    TRY(keep_count(request, &topups));
    TRY(wallet_keep_limit(request, SETTING_WALLET_TOPUP_MAX,
                          "What a wallet is topped up with in a day (wallet.topup_max)", topups.sum,
                          amount));
    const struct wallet_account *account = wallet_account(wallet, amount.currency);
    const int64_t balance = account == NULL || account->balance < 0 ? 0 : account->balance;
    return wallet_keep_limit(request, SETTING_WALLET_BALANCE_MAX,
                             "The greatest balance of a wallet (wallet.balance_max)",
                             balance + topups.pending, amount);
}

enum status wallet_handle_reserve_topup(struct request *request,
                                        const struct wallet_reserve_topup *command)
{
    bool is_counted;
    TRY(request_settle(request)); /* those that were counted just now count */
    TRY(wallet_store_has_topup(request, command->payment_id, &is_counted));
    if (is_counted) return STATUS_OK;
    struct wallet *wallet;
    TRY(wallet_require_staying(request, command->wallet_id));
    TRY(wallet_store_load(request, command->wallet_id, &wallet));
    if (wallet_account(wallet, command->amount.currency) == NULL &&
        wallet->accounts_count == WALLET_CURRENCIES_MAX)
        return request_refuse(request, "/amount", STATUS_OUT_OF_RANGE,
                              "The wallet cannot hold another currency.");
    TRY(keep_limits(request, wallet, command->amount));
    wallet_store_add_topup(request, command);
    return STATUS_OK;
}

/* ---- what waits for staff ---- */

enum status wallet_handle_list_stuck(struct request *request, const struct queue_list_stuck *query,
                                     struct common_stuck_items *ret_reply)
{
    *ret_reply = (struct common_stuck_items){ .items = NULL };
    if (query->has_cause && query->cause != COMMON_STUCK_CAUSE_WALLET_DEBT) return STATUS_OK;
    return wallet_store_list_debts(request, query, ret_reply);
}
