/* Whether what a promotion names is there. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/promotion.h"

/* Asks the catalogue for the products and categories that a promotion names (a product of a
 * promotion for one vendor must be that vendor's): one ask, none where it names nothing. WAITS.
 * Statuses: OK, INVALID_VALUE (the fault names the first that is not there), and those of
 * request_ask(). */
MUST_CHECK enum status promotion_check_goods(struct request *request,
                                             const struct promotion *promotion);
/* Looks for the groups of customers that a promotion is for; one statement, none where it is for
 * all. WAITS. Statuses: OK, INVALID_VALUE (as above), and those of request_query(). */
MUST_CHECK enum status promotion_check_groups(struct request *request,
                                              const struct promotion *promotion);
/* Asks for the vendor whose goods staff's promotion is about. WAITS. Statuses as above. */
MUST_CHECK enum status promotion_check_vendor(struct request *request, struct uuid vendor_id);
