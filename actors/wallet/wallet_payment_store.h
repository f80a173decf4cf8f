/* SQL of card payments in the ledger: how much of each is booked, and top-ups. */
#pragma once

#include "actors/host/request.h"
#include "actors/wallet/wallet_book.h"

/* What is booked of a payment; zeros where nothing is. Statuses: OK, those of request_query(). */
MUST_CHECK enum status wallet_store_find_booked(struct request *request, struct uuid payment_id,
                                                struct wallet_booked *ret_booked,
                                                int64_t *ret_version);
/* The same of several, those left out of which nothing is; the arena's. Statuses as above. */
MUST_CHECK enum status wallet_store_list_booked(struct request *request,
                                                const struct wallet_get_booked *query,
                                                struct wallet_payment_bookings *ret_bookings);
/* Queues what is booked now, by that version, over the version that was found (0: none). */
void wallet_store_save_booked(struct request *request, const struct wallet_book_payment *command,
                              int64_t version_before);
/* Queues that an entry is one of the payment's. */
void wallet_store_add_booking(struct request *request, struct uuid transaction_id,
                              struct uuid payment_id);

/* Top-ups of a wallet in one currency that may be credited, or were: since then, how many, and of
 * how much; and what is still on its way, unless it began so long ago that it was given up. */
struct wallet_topups {
    int64_t count, sum, pending;
};
/* Statuses: OK, those of request_query(). */
MUST_CHECK enum status wallet_store_count_topups(struct request *request, struct uuid wallet_id,
                                                 const char *currency, int64_t since_us,
                                                 struct wallet_topups *ret_topups);
/* Whether one is on its way, and not given up. Statuses as above. */
MUST_CHECK enum status wallet_store_has_pending_topup(struct request *request,
                                                      struct uuid wallet_id, bool *ret_has);
/* Whether the top-up is counted already. Statuses as above. */
MUST_CHECK enum status wallet_store_has_topup(struct request *request, struct uuid payment_id,
                                              bool *ret_has);
/* Queues a pending top-up; and what has become of it, unless that is known. */
void wallet_store_add_topup(struct request *request, const struct wallet_reserve_topup *command);
void wallet_store_end_topup(struct request *request, struct uuid payment_id, bool is_credited);
/* Wallets that owe the market something, as the operators' queue lists them; the arena's. Statuses:
 * OK, those of request_query(). */
MUST_CHECK enum status wallet_store_list_debts(struct request *request,
                                               const struct queue_list_stuck *query,
                                               struct common_stuck_items *ret_items);
