/* SQL of what cards have paid for no order. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* What the group of a payment says: whether it takes the amount for its card part (also while that
 * is not decided), and whether staff was told of the payment before. WAITS. */
MUST_CHECK enum status card_stray_store_judge(struct request *request, struct uuid payment_id,
                                              struct money captured, bool *ret_fits,
                                              bool *ret_is_known);
/* Queues what was heard last. */
void card_stray_store_note(struct request *request, const struct order_note_card_payment *command);
/* Whether it waits for staff. WAITS. */
MUST_CHECK enum status card_stray_store_has(struct request *request, struct uuid payment_id,
                                            bool *ret_has);

/* What orders know of card payments, see messages/books.toml. WAITS. */
MUST_CHECK enum status card_stray_store_list_books(struct request *request,
                                                   const struct books_list_card_books *query,
                                                   struct common_card_books *ret_books);
