/* Entries of card payments. */
#include "actors/wallet/wallet_book.h"

static void add_leg(struct wallet_entry *entry, enum wallet_house_account account, int64_t amount,
                    const char *currency)
{
    if (amount == 0) return;
    entry->legs[entry->legs_count++] =
        (struct wallet_entry_leg){ account, money_make(amount, currency) };
}

bool wallet_book_entry(struct uuid id, bool is_topup, const struct wallet_booked *before,
                       const struct wallet_booked *now, const char *currency,
                       struct wallet_entry *ret_entry)
{
    assert(before != NULL && now != NULL);
    const int64_t paid = (now->captured - before->captured) - (now->refunded - before->refunded);
    const int64_t disputed = now->disputed - before->disputed;
    struct wallet_entry entry = { .id = id, .kind = WALLET_TRANSACTION_KIND_TRANSFER };
    add_leg(&entry, WALLET_HOUSE_ACCOUNT_PROVIDER, disputed - paid, currency);
    if (is_topup) {
        if (paid == disputed) return false;
        entry.kind =
            paid > disputed ? WALLET_TRANSACTION_KIND_TOPUP : WALLET_TRANSACTION_KIND_TOPUP_RETURN;
        entry.amount = money_make(paid - disputed, currency);
    } else {
        add_leg(&entry, WALLET_HOUSE_ACCOUNT_CLEARING, paid, currency);
        add_leg(&entry, WALLET_HOUSE_ACCOUNT_DISPUTES, -disputed, currency);
    }
    *ret_entry = entry;
    return entry.legs_count > 0;
}
