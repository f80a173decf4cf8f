/* What the files of the wallet's SQL share. */
#pragma once

#include "actors/wallet/wallet_store.h"

/* A CTE `b` that makes an account what $3 and $4 say, provided that its version is what the rule
 * saw. What is missing in it only ever becomes less, but where a bank takes something back. */
#define WALLET_UPDATE_BALANCE_OWING(missing)                                                       \
    "b AS (UPDATE wallet.balance SET balance = $3, held = $4, version = version + 1,"              \
    " overdraft = " missing " WHERE wallet_id = $1 AND currency = $2 AND version = $5"             \
    " RETURNING 1)"
#define WALLET_UPDATE_BALANCE                                                                      \
    WALLET_UPDATE_BALANCE_OWING("least(overdraft, greatest(0, $4::bigint - $3::bigint))")

/* $1 to $6 of every statement that changes a balance: wallet, currency, the account as it shall be,
 * the version that the rule saw. A wallet that never had the currency (a hold of amount 0) has no
 * row to change; then $6 is 0. */
void wallet_store_add_account(struct store_params *params, struct arena *arena,
                              const struct wallet *wallet, const char *currency);
/* An amount of a row, whose currency has three letters, or none in a mark. */
struct money wallet_store_money(int64_t amount, struct text currency);
/* What the table says of a transaction; its check allows no other kind. */
enum wallet_transaction_kind wallet_store_kind(struct text name);
