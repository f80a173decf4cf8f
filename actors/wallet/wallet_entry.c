/* What an entry of the ledger is made of. */
#include "actors/wallet/wallet_entry.h"

struct uuid wallet_purchase_id(struct uuid hold_id)
{
    return uuid_derive_named(hold_id, TEXT("post"), 1);
}

struct uuid wallet_refund_transaction_id(struct uuid refund_id)
{
    return uuid_derive_named(refund_id, TEXT("refund"), 1);
}

struct uuid wallet_transfer_transaction_id(struct uuid transfer_id)
{
    return uuid_derive_named(transfer_id, TEXT("transfer"), 1);
}

struct wallet_entry wallet_entry_of(struct uuid id, enum wallet_transaction_kind kind,
                                    struct money amount, enum wallet_house_account account,
                                    struct text reference)
{
    assert(amount.amount > INT64_MIN);
    return (struct wallet_entry){
        .id = id,
        .kind = kind,
        .amount = amount,
        .legs = { { account, money_make(-amount.amount, amount.currency) } },
        .legs_count = 1,
        .reference = reference,
    };
}

/* Adds up the legs of one currency. */
static enum status sum_of_currency(const struct wallet_entry *entry, const char *currency,
                                   int64_t *ret_sum)
{
    struct money sum = money_make(0, currency);
    if (money_same_currency(entry->amount, sum)) TRY(money_add(sum, entry->amount, &sum));
    for (size_t i = 0; i < entry->legs_count; i++)
        if (money_same_currency(entry->legs[i].amount, sum))
            TRY(money_add(sum, entry->legs[i].amount, &sum));
    *ret_sum = sum.amount;
    return STATUS_OK;
}

static enum status check_leg(const struct wallet_entry *entry, struct money amount)
{
    int64_t sum;
    if (currency_exponent(amount.currency) < 0 || amount.amount == 0) return STATUS_INVALID_VALUE;
    TRY(sum_of_currency(entry, amount.currency, &sum));
    return sum == 0 ? STATUS_OK : STATUS_INVALID_VALUE;
}

enum status wallet_entry_check(const struct wallet_entry *entry)
{
    assert(entry->legs_count <= WALLET_LEGS_MAX);
    if (entry->legs_count == 0) return STATUS_INVALID_VALUE;
    if (wallet_entry_has_wallet(entry)) TRY(check_leg(entry, entry->amount));
    for (size_t i = 0; i < entry->legs_count; i++)
        TRY(check_leg(entry, entry->legs[i].amount));
    return STATUS_OK;
}
