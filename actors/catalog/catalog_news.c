/* Publishes what search has to hear of. */
#include "actors/catalog/catalog_news.h"

#include "catalog_messages.h"

static enum status publish(struct request *request, struct catalog_product_was_changed event)
{
    return request_publish(request, &catalog_product_was_changed_message, &event);
}

enum status catalog_news_of_product(struct request *request, struct uuid product_id,
                                    bool is_visible)
{
    request_hint(request, product_id);
    return publish(request, (struct catalog_product_was_changed){ .product_id = product_id,
                                                                  .is_visible = is_visible });
}

enum status catalog_news_of_vendor(struct request *request, struct uuid vendor_id)
{
    const struct catalog_vendor_copy_was_changed event = { .vendor_id = vendor_id };
    request_hint(request, (struct uuid){ { 0 } });
    return request_publish(request, &catalog_vendor_copy_was_changed_message, &event);
}

enum status catalog_news_of_category(struct request *request, struct uuid category_id)
{
    const struct catalog_category_was_changed event = { .category_id = category_id };
    request_hint(request, (struct uuid){ { 0 } });
    return request_publish(request, &catalog_category_was_changed_message, &event);
}

struct catalog_news_before catalog_news_before(const struct catalog_stock *stock)
{
    return (struct catalog_news_before){ .available = catalog_stock_available(stock),
                                         .sold = stock->sold };
}

enum status catalog_news_of_stock(struct request *request, struct catalog_news_before before,
                                  const struct catalog_stock *stock)
{
    const enum catalog_stock_news news = catalog_stock_news(before.available, before.sold, stock);
    if (catalog_stock_available(stock) != before.available)
        request_hint(request, stock->product_id);
    if (news == CATALOG_STOCK_NO_NEWS) return STATUS_OK;
    return publish(request, (struct catalog_product_was_changed){
                                .product_id = stock->product_id,
                                .is_visible = true,
                                .has_is_only_sales = news == CATALOG_STOCK_SALES,
                                .is_only_sales = news == CATALOG_STOCK_SALES });
}
