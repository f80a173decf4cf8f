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
