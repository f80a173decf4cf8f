/* What search has to hear of: events that name a product or a vendor, published in the unit of the
 * write that changes what is searched, filtered or sorted by. And hints about the product, or about
 * anything, to those who keep pages: these show how many units there are, too. */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* Statuses of all of them: those of request_publish(). */
/* Pages of other vendors' products that are the same item are new, too, since they say which offer
 * is best, and pages of the bundles that it is a part of. WAITS. */
MUST_CHECK enum status catalog_news_of_product(struct request *request, struct uuid product_id,
                                               bool is_visible);
/* The same of a product of this unit, with the barcodes that it has now; a new one had none before.
 * WAITS unless it is new and has none. */
MUST_CHECK enum status catalog_news_of_item(struct request *request,
                                            const struct catalog_item *item, bool is_new);
/* Only what catalog_news_of_product() says to those who keep pages. WAITS. */
MUST_CHECK enum status catalog_news_of_rivals(struct request *request, struct uuid product_id);
MUST_CHECK enum status catalog_news_of_vendor(struct request *request, struct uuid vendor_id);

/* Queues that products stand elsewhere, or their category is called otherwise. */
MUST_CHECK enum status catalog_news_of_category(struct request *request, struct uuid category_id);

/* The stock as it was before a rule changed it. */
struct catalog_news_before {
    int64_t available, sold, free;
    struct catalog_ahead ahead;
    enum catalog_availability availability;
};
struct catalog_news_before catalog_news_before(const struct catalog_stock *stock);
/* Tells of the bundles that the variant is a part of, at most 50: search of the first 12 that can
 * be bought in another way now, those who keep pages of those of which there are more or fewer.
 * Asks nothing of a variant that is none's part. WAITS. */
MUST_CHECK enum status catalog_news_of_part(struct request *request,
                                            struct catalog_news_before before,
                                            const struct catalog_stock *stock);
/* Publishes what catalog_stock_news() finds worth it, and tells of the variant's bundles. */
MUST_CHECK enum status catalog_news_of_stock(struct request *request,
                                             struct catalog_news_before before,
                                             const struct catalog_stock *stock);
