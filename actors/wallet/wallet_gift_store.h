/* Rows of gift cards. Nothing but SQL and its mapping; statuses of loads are those of
 * request_query(). */
#pragma once

#include "actors/host/list_place.h"
#include "actors/wallet/wallet_gift.h"
#include "actors/wallet/wallet_store.h"

/* A card, unless there is none of that id. WAITS. */
MUST_CHECK enum status wallet_store_find_gift_card(struct request *request, struct uuid card_id,
                                                   struct gift_card *ret_card, bool *ret_exists);
/* New cards of one member of staff, all alike but for their ids and codes, in this unit; in the
 * day since then no more than the limit (0: none) with what else was corrected, or the unit ends
 * with CONFLICT. */
struct gift_cards_made {
    const struct gift_card *cards;
    size_t count;
    int64_t total; /* minor units of them all */
    int64_t since_us, limit;
};
void wallet_store_add_gift_cards(struct request *request, const struct gift_cards_made *made);
/* An open card belongs to the wallet from now on. */
void wallet_store_save_claimed_card(struct request *request, const struct gift_card *card);
/* An open card is blocked. */
void wallet_store_save_blocked_card(struct request *request, const struct gift_card *card);
/* The wallet has the money. */
void wallet_store_save_settled_card(struct request *request, struct uuid card_id);
/* Which entry credits which card: once, whoever says so. */
void wallet_store_add_card_credit(struct request *request, struct uuid card_id,
                                  struct uuid transaction_id);

enum { WALLET_REDEEMED_CARDS_MAX = 50 };
/* Cards of the shards that were redeemed before then and are not settled, the first comes first.
 * WAITS. */
MUST_CHECK enum status wallet_store_list_redeemed_cards(struct request *request,
                                                        unsigned shard_first, unsigned shard_last,
                                                        int64_t before_us,
                                                        struct gift_card **ret_cards,
                                                        size_t *ret_count);
/* The newest first, behind a place; at most `max`. WAITS. */
MUST_CHECK enum status wallet_store_list_gift_cards(struct request *request,
                                                    const struct wallet_list_gift_cards *query,
                                                    const struct list_place *place, int64_t max,
                                                    struct gift_card **ret_cards,
                                                    size_t *ret_count);
