/* SQL of cards that shoppers keep. WAITS where it returns a status, which is OK or one of
 * request_query() where nothing else is said. */
#pragma once

#include "actors/host/request.h"
#include "payment_messages.h"

enum { CARDS_MAX = 10 /* of one shopper */ };
#define CARD_TRIES_LIFE_US (INT64_C(3600) * 1000000) /* tries count together within it */

/* With what the provider knows it by; texts are the arena's. */
struct kept_card {
    struct payment_card card; /* is_default is not set */
    bool is_leaving;          /* kept no more; then the card's state says nothing */
    struct uuid user_id;
    struct text customer, method, setup;
};
/* Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status kept_card_store_load(struct request *request, struct uuid card_id,
                                            struct kept_card *ret_card);
/* Those that can pay, or may yet, the first one before the others. */
MUST_CHECK enum status kept_card_store_list(struct request *request, struct uuid user_id,
                                            struct kept_card ret_cards[CARDS_MAX],
                                            size_t *ret_count);
/* Queues a new card, or what it is now; `due_at_us` when it is given up, 0: never. */
void kept_card_store_insert(struct request *request, const struct kept_card *card,
                            int64_t due_at_us);
void kept_card_store_save(struct request *request, const struct kept_card *card, int64_t due_at_us);
/* Queues that a card was set up, or declined, and that one which was is. */
void kept_card_store_note_try(struct request *request, struct uuid card_id, struct uuid user_id,
                              bool is_declined);
void kept_card_store_decline_try(struct request *request, struct uuid card_id);
/* How many were set up since then, whatever came of it. */
MUST_CHECK enum status kept_card_store_count_tries(struct request *request, struct uuid user_id,
                                                   int64_t since_us, int64_t *ret_count);
/* Queues that the card, or all of a shopper's, are kept no more; and that one is forgotten. */
void kept_card_store_drop(struct request *request, struct uuid card_id);
void kept_card_store_drop_all(struct request *request, struct uuid user_id);
void kept_card_store_forget(struct request *request, struct uuid card_id);
/* Cards of these shards that the provider is to forget, the longest first. */
MUST_CHECK enum status kept_card_store_list_due(struct request *request, unsigned shard_first,
                                                unsigned shard_last, size_t max,
                                                const struct uuid **ret_ids, size_t *ret_count);

/* The provider's own id of a shopper; empty where it has none yet. */
MUST_CHECK enum status kept_card_store_find_customer(struct request *request, struct uuid user_id,
                                                     struct text *ret_reference);
/* Queues the key of one; the same again changes nothing. */
void kept_card_store_begin_customer(struct request *request, struct uuid customer_id,
                                    struct uuid user_id);
/* Queues what the provider calls it, unless that is known. */
void kept_card_store_name_customer(struct request *request, struct uuid user_id,
                                   struct text reference);
