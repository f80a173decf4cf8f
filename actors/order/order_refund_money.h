/* Where the money of a refund went, as rows of refunds say it and answers show it. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"
#include "storage/values.h"

/* What order_refund_money_read() reads, of a row that may not be there. */
#define ORDER_REFUND_MONEY(row)                                                                    \
    "coalesce(" row ".total, 0), coalesce(" row ".set_off, 0), coalesce(" row ".waived, 0), "      \
    "coalesce(" row ".manual, 0), coalesce(" row ".card, 0), coalesce(" row ".card_state, ''), "   \
    "coalesce(" row ".card_code, ''), coalesce(" row ".settled_at, 0), "                           \
    "coalesce(" row ".by_bank, 0) "

/* All in one currency; what is neither set off nor goes another way goes to the wallet. */
struct order_refund_money {
    struct money total, set_off, waived, refunded, manual;
    struct order_card_refund card;
    int64_t settled_at_us; /* 0: nothing is, or nothing is to be */
};
/* Statuses: OK, CORRUPT. */
MUST_CHECK enum status order_refund_money_read(struct row *row, const char *currency,
                                               struct order_refund_money *ret_money);

/* In a record of the contract that has all of it: a cancellation, a refund of a return or a claim,
 * and of staff. */
#define ORDER_REFUND_MONEY_SHOW(record, money)                                                     \
    do {                                                                                           \
        (record)->total = (money)->total;                                                          \
        (record)->waived = (money)->waived;                                                        \
        (record)->refunded = (money)->refunded;                                                    \
        (record)->has_card = (money)->card.amount.amount > 0 || (money)->card.has_by_bank;         \
        (record)->card = (money)->card;                                                            \
        (record)->has_manual = (money)->manual.amount > 0;                                         \
        (record)->manual = (money)->manual;                                                        \
        (record)->has_settled_at = (money)->settled_at_us > 0;                                     \
        (record)->settled_at_us = (money)->settled_at_us;                                          \
    } while (0)
/* The same of a record that also tells what was set off. */
#define ORDER_REFUND_MONEY_SHOW_ALL(record, money)                                                 \
    do {                                                                                           \
        ORDER_REFUND_MONEY_SHOW(record, money);                                                    \
        (record)->has_set_off = (money)->set_off.amount > 0;                                       \
        (record)->set_off = (money)->set_off;                                                      \
    } while (0)
