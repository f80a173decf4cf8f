/* Rows of what needs a second member of the staff. Nothing but SQL and its mapping; the same table
 * in every domain's database. */
#pragma once

#include "actors/host/approval.h"
#include "actors/host/list_place.h"

struct approval {
    struct common_approval shown; /* without its request, and which way */
    uint16_t number;
    struct text body; /* empty: its words were forgotten */
    struct uuid subject_id, counted;
};

/* What counts together, and how much of one member of the staff waits. WAITS. */
MUST_CHECK enum status approval_store_count(struct request *request,
                                            const struct approval_wish *wish, struct uuid staff_id,
                                            int64_t *ret_alone, int64_t *ret_open);
/* Queues what is done alone; the unit ends with CONFLICT where all of it would come to `from`. */
void approval_store_note(struct request *request, const struct approval_wish *wish, int64_t from);
/* Queues what waits. */
void approval_store_add(struct request *request, const struct approval *approval);
/* As it is now: what waited too long is expired. WAITS. Statuses: OK, NOT_FOUND, CORRUPT. */
MUST_CHECK enum status approval_store_find(struct request *request, struct uuid id,
                                           struct approval *ret_approval);
/* Queues what was decided; the unit ends with CONFLICT when something was before. */
void approval_store_decide(struct request *request, const struct common_approval *decided);
/* The newest first, behind a place, at most `max`. WAITS. Statuses: OK, CORRUPT. */
MUST_CHECK enum status approval_store_list(struct request *request,
                                           const struct approvals_list_requests *filter,
                                           const struct list_place *place, int64_t max,
                                           struct approval **ret_approvals, size_t *ret_count);
