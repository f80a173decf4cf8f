/* Publishes what search has to hear of. */
#include "actors/catalog/catalog_news.h"

#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_offer_store.h"
#include "catalog_messages.h"

static enum status publish(struct request *request, struct catalog_product_was_changed event)
{
    return request_publish(request, &catalog_product_was_changed_message, &event);
}

static enum status hint_rivals(struct request *request, struct uuid product_id,
                               const struct text *barcodes, size_t barcodes_count)
{
    struct uuid ids[CATALOG_RIVALS_TOLD_MAX + 1];
    size_t count;
    request_hint(request, product_id);
    TRY(catalog_offer_store_rivals(request, product_id, barcodes, barcodes_count, ids, &count));
    if (count > CATALOG_RIVALS_TOLD_MAX) {
        request_hint(request, (struct uuid){ { 0 } });
        return STATUS_OK;
    }
    for (size_t i = 0; i < count; i++)
        request_hint(request, ids[i]);
    return STATUS_OK;
}

enum status catalog_news_of_rivals(struct request *request, struct uuid product_id)
{
    return hint_rivals(request, product_id, NULL, 0);
}

enum status catalog_news_of_product(struct request *request, struct uuid product_id,
                                    bool is_visible)
{
    TRY(catalog_news_of_rivals(request, product_id));
    return publish(request, (struct catalog_product_was_changed){ .product_id = product_id,
                                                                  .is_visible = is_visible });
}

enum status catalog_news_of_item(struct request *request, const struct catalog_item *item,
                                 bool is_new)
{
    struct text *barcodes =
        arena_allocate_array(request_arena(request), item->variants_count, sizeof *barcodes);
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++)
        if (item->variants[i].barcode.length > 0) barcodes[count++] = item->variants[i].barcode;
    if (!is_new || count > 0)
        TRY(hint_rivals(request, item->id, barcodes, count));
    else
        request_hint(request, item->id);
    return publish(request,
                   (struct catalog_product_was_changed){
                       .product_id = item->id, .is_visible = catalog_item_is_listed(item) });
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
                                         .free = stock->on_hand - stock->held,
                                         .ahead = stock->ahead,
                                         .availability = catalog_stock_availability(stock),
                                         .sold = stock->sold };
}

static struct catalog_bundle_stock reckon(const struct catalog_bundle_part_row *rows, size_t count,
                                          const struct catalog_stock *stock, int64_t free,
                                          struct catalog_ahead ahead, int64_t now_us)
{
    struct catalog_part_stock parts[CATALOG_PARTS_MAX];
    assert(count <= CATALOG_PARTS_MAX);
    for (size_t i = 0; i < count; i++) {
        parts[i] = rows[i].stock;
        if (!uuid_equals(rows[i].part.variant_id, stock->variant_id)) continue;
        parts[i].free = free;
        parts[i].ahead = ahead;
    }
    return catalog_bundle_reckon(parts, count, now_us);
}

/* Events of bundles in one unit, beside its own; search hears of further ones from the sweep. */
enum { BUNDLES_TOLD_MAX = 12 };

/* What is read is as it was before this unit; the stock in hand stands for the part's own row. When
 * two parts change at once, the sweep over the bundles finds what neither of them has seen. */
enum status catalog_news_of_part(struct request *request, struct catalog_news_before before,
                                 const struct catalog_stock *stock)
{
    const int64_t now_us = request_now_us(request);
    struct catalog_bundle_part_row *rows;
    size_t count, end, told = 0;
    if (!stock->is_part) return STATUS_OK;
    TRY(catalog_bundle_store_load_around(request, stock->variant_id, &rows, &count));
    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count && end - i < CATALOG_PARTS_MAX; end++)
            if (!uuid_equals(rows[end].bundle_id, rows[i].bundle_id)) break;
        const struct catalog_bundle_stock was =
            reckon(&rows[i], end - i, stock, before.free, before.ahead, now_us);
        const struct catalog_bundle_stock is =
            reckon(&rows[i], end - i, stock, stock->on_hand - stock->held, stock->ahead, now_us);
        const bool is_told =
            was.availability == is.availability && was.available_on_us == is.available_on_us;
        if (!is_told && told++ < BUNDLES_TOLD_MAX)
            TRY(catalog_news_of_product(request, rows[i].bundle_product_id, true));
        else if (!is_told || was.available != is.available)
            request_hint(request, rows[i].bundle_product_id);
    }
    return STATUS_OK;
}

enum status catalog_news_of_stock(struct request *request, struct catalog_news_before before,
                                  const struct catalog_stock *stock)
{
    const enum catalog_stock_news news =
        catalog_stock_news(before.availability, before.sold, stock);
    if (catalog_stock_available(stock) != before.available || news == CATALOG_STOCK_AVAILABILITY) {
        request_hint(request, stock->product_id);
        TRY(catalog_news_of_part(request, before, stock));
    }
    if (news == CATALOG_STOCK_AVAILABILITY) TRY(catalog_news_of_rivals(request, stock->product_id));
    if (news == CATALOG_STOCK_NO_NEWS) return STATUS_OK;
    return publish(request, (struct catalog_product_was_changed){
                                .product_id = stock->product_id,
                                .is_visible = true,
                                .has_is_only_sales = news == CATALOG_STOCK_SALES,
                                .is_only_sales = news == CATALOG_STOCK_SALES });
}
