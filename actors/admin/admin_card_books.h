/* What payments, orders and ledger know of card payments, held against each other. Pure. */
#pragma once

#include "admin_messages.h"
#include "runtime/arena.h"

/* What each knows of one payment; NULL: it has never heard of it. */
struct admin_card_view {
    const struct common_card_book *payment, *order, *ledger;
};
/* The rule that it breaks, in words; NULL: none, or it cannot be said yet. What has changed later
 * than that may be on its way to the others. */
const char *admin_card_fault(const struct admin_card_view *view, int64_t settled_before_us);

/* What each has said, in the order of the ids, all of the same page. */
struct admin_card_pages {
    struct common_card_books payments, orders, ledger;
    size_t limit; /* who has as many may have more */
};
/* Compares what all of them have told of: up to the first end of a page behind which there may be
 * more. Adds at most `most` violations. */
void admin_card_compare(const struct admin_card_pages *pages, int64_t settled_before_us,
                        struct arena *arena, size_t most,
                        struct admin_compared_card_books *ret_compared);
