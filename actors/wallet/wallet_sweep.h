/* What the wallet domain does by the clock beside ending holds (struct domain_sweep). */
#pragma once

#include "actors/host/request.h"

/* Credit that has expired lapses. WAITS. */
enum status wallet_sweep_lapsed_credit(struct request *request, unsigned shard_first,
                                       unsigned shard_last);
/* Shoppers are told of credit that lapses soon. WAITS. */
enum status wallet_sweep_expiring_credit(struct request *request, unsigned shard_first,
                                         unsigned shard_last);
/* Redeemed gift cards are credited, where that was cut short, and settled. WAITS. */
enum status wallet_sweep_redeemed_cards(struct request *request, unsigned shard_first,
                                        unsigned shard_last);
