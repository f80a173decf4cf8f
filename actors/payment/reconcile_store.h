/* SQL of the provider's reports: days, movements, what does not fit. WAITS where it returns a
 * status, which is OK or one of request_query() where nothing else is said. */
#pragma once

#include "actors/host/request.h"
#include "actors/payment/payment_reconcile.h"

enum { RECONCILE_BATCH_MAX = PROVIDER_MOVEMENTS_MAX };

/* A day, as it stands; of version 0 one that nobody has begun. */
struct reconcile_day {
    int64_t day;
    enum payment_reconciliation_state state;
    struct text cursor;
    int64_t version;
};
MUST_CHECK enum status reconcile_store_load(struct request *request, int64_t day,
                                            struct reconcile_day *ret_day);
/* Queues how far it is now, over the version that was loaded; done: with its sums. */
void reconcile_store_save(struct request *request, const struct reconcile_day *day);
/* Days until the last one that are not done, or have something open that was last judged before
 * `checked_before_us` and was found since: the earliest first, at most `max`. */
struct reconcile_due {
    int64_t last_day, checked_before_us, found_since_us;
};
MUST_CHECK enum status reconcile_store_list_due(struct request *request,
                                                const struct reconcile_due *due, int64_t max,
                                                const int64_t **ret_days, size_t *ret_count);

/* What is known of the payments that the movements are about, without what the ledger has of them:
 * ret_known[i] is of movements[i]. */
MUST_CHECK enum status reconcile_store_find_known(struct request *request,
                                                  const struct provider_movement *movements,
                                                  size_t count, struct reconcile_known *ret_known);
/* Queues the lines of a page; those that are there stay as they are. */
void reconcile_store_add_movements(struct request *request, int64_t day,
                                   const struct provider_movement *movements,
                                   const struct reconcile_known *known, size_t count);

/* Something that does not fit. */
struct reconcile_difference {
    struct uuid id;
    enum payment_difference_kind kind;
    enum payment_movement_kind movement;
    struct text movement_id, source; /* movement_id empty: of a fact */
    struct uuid payment_id;          /* zero: none of ours */
    struct text fact;                /* of what is not reported */
    bool has_reported, has_known;
    int64_t reported, known;
    struct text currency;
};
/* Queues those that are not there. */
void reconcile_store_add_differences(struct request *request, int64_t day,
                                     const struct reconcile_difference *differences, size_t count);
/* What we were told between these times (real), and no report has; without an id yet. */
MUST_CHECK enum status
reconcile_store_list_unreported(struct request *request, int64_t from_us, int64_t before_us,
                                struct reconcile_difference ret_differences[RECONCILE_BATCH_MAX],
                                size_t *ret_count);

/* What of a day is open and due, with its movement as it was kept; the longest unjudged first. */
struct reconcile_open {
    struct reconcile_difference difference;
    struct provider_movement movement; /* of one with a movement_id */
    bool is_reported;                  /* of a fact: by now, or it counts no more */
};
MUST_CHECK enum status
reconcile_store_list_open(struct request *request, int64_t day, int64_t checked_before_us,
                          struct reconcile_open ret_open[RECONCILE_BATCH_MAX], size_t *ret_count);
/* Queues what they are now; `is_over[i]`: it fits. */
void reconcile_store_judge_again(struct request *request,
                                 const struct reconcile_difference *differences,
                                 const bool *is_over, size_t count);
