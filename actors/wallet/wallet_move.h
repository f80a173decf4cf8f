/* What changes a balance and says why it cannot: for commands that credit or debit a wallet and
 * name the amount. */
#pragma once

#include "actors/host/request.h"
#include "actors/wallet/wallet.h"

/* Credits the wallet (positive), up to the greatest balance that the market allows, or takes out of
 * it (negative) what can be spent; each refusal has a fault. Statuses: OK, OUT_OF_RANGE,
 * INVALID_VALUE, INSUFFICIENT_FUNDS, LIMIT_EXCEEDED. */
MUST_CHECK enum status wallet_move(struct request *request, struct wallet *wallet,
                                   struct money amount);
/* The same where the amount comes from elsewhere: `pointer` is what the request has said. */
MUST_CHECK enum status wallet_move_at(struct request *request, const char *pointer,
                                      struct wallet *wallet, struct money amount);
/* LIMIT_EXCEEDED of "/amount" unless so much more, positive, stays within the limit that a setting
 * says; `name` is what the limit is called. */
MUST_CHECK enum status wallet_keep_limit(struct request *request, enum setting setting,
                                         const char *name, int64_t so_far, struct money more);
/* Tells how much can be spent of what was wanted; returns INSUFFICIENT_FUNDS. `pointer` lives as
 * long as the request. */
enum status wallet_refuse_for_lack_of_funds(struct request *request, const char *pointer,
                                            const struct wallet *wallet, struct money wanted);
