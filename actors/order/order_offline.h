/* What is paid outside of the market: at the door, by transfer, for an invoice. Who says that it
 * came, what that does to an order, and what happens when it does not. Pure. */
#pragma once

#include "actors/order/order_life.h"

/* What is still to be paid outside of the market, in minor units. */
int64_t order_offline_owed(const struct order_life *life);
/* All that is owed was received; `note` (may be empty) stands in the history. An order that waited
 * for it is placed, and accepted unless its vendor is to be asked. Statuses: OK, NOTHING_OWED,
 * ILLEGAL_TRANSITION (nothing has changed). */
MUST_CHECK enum status order_offline_collect(struct order_life *life, struct text note,
                                             const struct order_terms *terms);
/* To be called when something was waived: an order that waited goes on when nothing is owed of it
 * any more. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_offline_follow(struct order_life *life,
                                            const struct order_terms *terms);
/* Of what was received something has gone back, a part or all of it, by whatever way: that it was
 * received cannot be undone any more. */
bool order_offline_has_gone_back(const struct order_life *life);
/* It was not received after all: the sum is owed again, and the order stays where it is. Statuses:
 * OK, ALREADY_REFUNDED, ILLEGAL_TRANSITION (nothing was received, or it has ended; nothing has
 * changed). */
MUST_CHECK enum status order_offline_undo(struct order_life *life, struct text reason,
                                          const struct order_terms *terms);
/* Money of a refund was handed back. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_offline_hand_back(struct order_life *life, struct text note,
                                               const struct order_terms *terms);
/* The buyer of an order that waits was reminded: next it waits until the end of its time. Statuses:
 * as order_life_pull(). */
MUST_CHECK enum status order_offline_remind(struct order_life *life,
                                            const struct order_terms *terms);

/* Whether a vendor may take back that an order was paid: its own word, the last that was said of
 * its money, not longer ago than `window_us`. */
struct order_offline_mark {
    bool is_paid, is_vendors; /* what was said last, and whether a vendor's team has said it */
    int64_t marked_at_us;
};
bool order_offline_may_take_back(const struct order_offline_mark *mark, int64_t now_us,
                                 int64_t window_us);

/* An invoice of a checkout of which its buyer is reminded. */
struct order_invoice_due {
    struct uuid order_id; /* an order of which something is owed; zero: none */
    int64_t owed;         /* of all its orders, minor units */
    int64_t payment_due_at_us, remind_at_us;
};
/* When its buyer is reminded next, after the reminder of now: once more, `pause_us` (0: not) from
 * now. 0: not any more. */
int64_t order_offline_next_reminder(const struct order_invoice_due *due, int64_t now_us,
                                    int64_t pause_us);

/* When something happens first to an order that waits until `due_at_us`: its buyer is reminded so
 * long before, if that is still ahead, else it ends. */
int64_t order_offline_first_due(int64_t now_us, int64_t due_at_us, int64_t reminder_us);
/* The number of a checkout by that of one of its orders: "100001" of "100001-2". */
struct text order_offline_reference(struct text order_number);
