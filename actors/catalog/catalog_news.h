/* What search has to hear of: events that name a product or a vendor, published in the unit of the
 * write that changes what is searched, filtered or sorted by. And hints about the product, or about
 * anything, to those who keep pages: these show how many units there are, too. */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/host/request.h"

/* Statuses of all of them: those of request_publish(). */
MUST_CHECK enum status catalog_news_of_product(struct request *request, struct uuid product_id,
                                               bool is_visible);
MUST_CHECK enum status catalog_news_of_vendor(struct request *request, struct uuid vendor_id);

/* The stock as it was before a rule changed it. */
/* Queues that products stand elsewhere, or their category is called otherwise. */
MUST_CHECK enum status catalog_news_of_category(struct request *request, struct uuid category_id);
struct catalog_news_before {
    int64_t available, sold;
};
struct catalog_news_before catalog_news_before(const struct catalog_stock *stock);
/* Publishes what catalog_stock_news() finds worth it. */
MUST_CHECK enum status catalog_news_of_stock(struct request *request,
                                             struct catalog_news_before before,
                                             const struct catalog_stock *stock);
