/* What becomes of a return or a claim whose units were sent again, and whose buyer does not get or
 * keep them: it is open again when the whole replacement is called off; of a part, what was paid
 * for these units goes back, of whatever order they were paid with. */
#pragma once

#include "actors/order/claim.h"
#include "actors/order/order_back.h"
#include "actors/order/order_life_store.h"

/* Whose units a replacement sends again: an exchanged return of an order, or a claim of it. */
struct replaced {
    struct order_life *life;
    struct order_return *exchanged; /* or NULL: it is a claim */
    struct claim *claim;
};

/* Of an order that replaces units of another one and is called off as a whole: queues that what it
 * replaced is open again, for its vendor to refund or send again, or for time. Of any other order:
 * nothing. Called before the order is saved, whose summary of the group is the later one. WAITS.
 * Statuses: OK, CORRUPT (nothing says that the order replaces its units), and those of
 * order_life_load() and order_life_save(). */
MUST_CHECK enum status replacement_reopen(struct request *request, struct order_life *life);

/* Of a replacement, units of whose lines (in the order of the life's) are called off or have come
 * back: queues that what was paid for them goes back, of the order with which they were paid,
 * however often they were sent again, and says so in `back`, which has what goes back of the
 * replacement itself. Of any other order: nothing. Called before the order is saved. WAITS.
 * Statuses: as replacement_reopen(), and those of order_back_take(). */
MUST_CHECK enum status replacement_give_back(struct request *request, struct order_life *life,
                                             const int64_t units[], struct order_back *back);

/* Units of each line, in the order of the life's, that the replacement of a return or a claim does
 * not send any more, and that were not given back: by this version there are none, versions before
 * left some. WAITS. Statuses: OK, ILLEGAL_TRANSITION (there are none; refused), and those of
 * order_life_load(). */
MUST_CHECK enum status replaced_find_rest(struct request *request, const struct replaced *replaced,
                                          int64_t ret_units[ORDER_LINES_MAX]);
