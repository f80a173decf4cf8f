/* Which of several vendors' offers of one item is best: what they cost with delivery is asked of
 * the vendors. */
#pragma once

#include "actors/catalog/catalog_offer_store.h"

enum {
    CATALOG_RIVAL_VENDORS_MAX = 50,       /* who are asked how they send */
    CATALOG_DELIVERY_WAIT_US = 500 * 1000 /* for the answer; offers are then compared without */
};

/* Puts the offers of each variant, which stand together, into their order, with what is known of
 * how they are sent: nothing where the vendors do not answer in time, and offers compare by their
 * prices. About variants of one offer nobody is asked unless `asks_all`. WAITS. Statuses: OK,
 * STOPPING. */
MUST_CHECK enum status catalog_buy_box_rank(struct request *request, struct catalog_item_row *rows,
                                            size_t count, const char *currency, bool asks_all);
/* Fills in `buy_box` of those variants of a listed product whose item is offered more than once;
 * asks nothing of a product without barcodes. WAITS. Statuses: OK, STOPPING and those of
 * request_query(). */
MUST_CHECK enum status catalog_buy_box_fill_in(struct request *request,
                                               struct catalog_product *product);
