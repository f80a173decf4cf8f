/* Rows of promotions as those who make them see and change them. Finds and lists WAIT and see
 * committed rows only, with the statuses of request_query() and CORRUPT; what they give lives in
 * the request's arena. Saves are queued. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/promotion.h"

/* Also NOT_FOUND. */
MUST_CHECK enum status promotion_edit_store_find(struct request *request, struct uuid promotion_id,
                                                 struct promotion *ret_promotion);

struct promotion_filter {
    bool has_status; /* without: all but archived ones */
    enum order_promotion_status status;
    bool is_markets, is_vendors; /* at most one: only the market's, only vendors' */
    bool has_owner;              /* one vendor's own */
    struct uuid owner_id;
};
/* By falling ids, from below `before` on, at most `limit`. */
MUST_CHECK enum status promotion_edit_store_list(struct request *request,
                                                 const struct promotion_filter *filter,
                                                 struct uuid before, int64_t limit,
                                                 struct promotion **ret_promotions,
                                                 size_t *ret_count);

/* What there is besides a promotion that is to be made or changed. */
struct promotion_company {
    int64_t owner_version;   /* 0: its owner has made none yet */
    int64_t kept_count;      /* of the owner, not archived */
    int64_t automatic_count; /* others of the owner that take a place as automatic ones do */
    bool is_code_taken;      /* another one holds the code */
};
MUST_CHECK enum status promotion_edit_store_look(struct request *request,
                                                 const struct promotion *promotion,
                                                 struct promotion_company *ret_company);
/* Moves the owner's row from the version that was seen, so that of two who count and then add only
 * one does; the unit of the other ends with CONFLICT. */
void promotion_edit_store_count(struct request *request, struct uuid owner_id, int64_t version);

/* Queues a new promotion, or one that was changed (its version is the new one; the unit ends with
 * CONFLICT when the row is not at the version before). Who holds the code while it may run takes it
 * from one that has ended; when another has been quicker the unit ends with CONFLICT. */
void promotion_edit_store_add(struct request *request, const struct promotion *promotion);
void promotion_edit_store_save(struct request *request, const struct promotion *promotion);
