/* SQL of what staff sees of reports. WAITS where it returns a status, which is OK or one of
 * request_query() where nothing else is said. */
#pragma once

#include "actors/host/list_place.h"
#include "actors/payment/payment_reconcile.h"

/* Days before that one, the latest first, with their sums; at most `max`; the arena's. */
MUST_CHECK enum status reconcile_store_list_days(struct request *request, int64_t before_day,
                                                 int64_t max,
                                                 struct payment_reconciliation **ret_days,
                                                 size_t *ret_count);
/* Differences behind a place, the latest first. */
struct reconcile_filter {
    struct list_place before;
    struct uuid difference_id; /* zero: any */
    const char *state;         /* "open", "over", "": any */
    int64_t day;               /* -1: any */
    const char *kind;          /* "": any */
};
MUST_CHECK enum status reconcile_store_list_differences(struct request *request,
                                                        const struct reconcile_filter *filter,
                                                        int64_t max,
                                                        struct payment_difference **ret_differences,
                                                        size_t *ret_count);
/* Queues that somebody has looked at an open one; one that is not, ends the unit with CONFLICT. */
void reconcile_store_settle(struct request *request, struct uuid difference_id, struct text reason);
