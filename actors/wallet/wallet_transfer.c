/* Entries of several legs: all of them or none. */
#include "actors/wallet/wallet_ledger_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"
#include "wallet_handlers.h"

static struct wallet_entry read_entry(const struct wallet_transfer_funds *command)
{
    struct wallet_entry entry = { .id = wallet_transfer_transaction_id(command->transfer_id),
                                  .kind = WALLET_TRANSACTION_KIND_TRANSFER,
                                  .legs_count = command->legs_count,
                                  .reference = command->reference };
    if (command->has_amount) entry.amount = command->amount;
    assert(command->legs_count <= WALLET_LEGS_MAX);
    for (size_t i = 0; i < command->legs_count; i++)
        entry.legs[i] =
            (struct wallet_entry_leg){ command->legs[i].account, command->legs[i].amount };
    return entry;
}

/* The same wallet, or none, and the same legs in the same order. */
static bool is_same(const struct wallet_ledger_entry *known, struct uuid wallet_id,
                    const struct wallet_entry *entry)
{
    if (known->kind != entry->kind || known->legs_count != entry->legs_count) return false;
    if (known->has_user_id != wallet_entry_has_wallet(entry)) return false;
    if (known->has_user_id &&
        !(uuid_equals(known->user_id, wallet_id) && money_equals(known->amount, entry->amount)))
        return false;
    for (size_t i = 0; i < entry->legs_count; i++) {
        if (known->legs[i].account != entry->legs[i].account ||
            !money_equals(known->legs[i].amount, entry->legs[i].amount))
            return false;
    }
    return true;
}

enum status wallet_handle_transfer_funds(struct request *request,
                                         const struct wallet_transfer_funds *command,
                                         struct wallet_funds_transferred *ret_reply)
{
    const struct wallet_entry entry = read_entry(command);
    struct wallet_ledger_entry known;
    bool exists;
    TRY(wallet_store_find_entry(request, entry.id, &known, &exists));
    ret_reply->transaction_id = entry.id;
    if (exists && !is_same(&known, command->wallet_id, &entry))
        return request_refuse(request, "/transfer_id", STATUS_ILLEGAL_TRANSITION,
                              "Under this id something else was transferred.");
    if (exists) return STATUS_OK;

    const enum status checked = wallet_entry_check(&entry);
    if (checked != STATUS_OK)
        return request_refuse(request, "/legs", checked,
                              "Legs are not of nothing, and cancel out in each currency.");
    if (!wallet_entry_has_wallet(&entry)) {
        wallet_store_save_house_entry(request, &entry);
        return STATUS_OK;
    }
    struct wallet *wallet;
    TRY(wallet_store_load(request, command->wallet_id, &wallet));
    struct wallet_lot_plan plan;
    TRY(wallet_move(request, wallet, entry.amount));
    TRY(wallet_plan_taking(request, wallet, money_make(-entry.amount.amount, entry.amount.currency),
                           &plan));
    wallet_store_save_entry(request, wallet, &entry);
    wallet_save_plan(request, wallet, &plan, entry.id);
    return STATUS_OK;
}
