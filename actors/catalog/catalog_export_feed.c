/* Feeds: what is published, as shopping sites read it. */
#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_export_store.h"
#include "actors/catalog/catalog_feed.h"
#include "actors/catalog/catalog_item_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"

enum {
    PAGE_PRODUCTS_MAX = 100,
    PAGE_BYTES = 128 * 1024, /* a page that has so many takes no further product */
    ITEMS_ROOM = 900 * 1024, /* what is left of this the last product may take */
    HEAD_ROOM = 2000,
    TAIL_ROOM = 100,
};

static struct catalog_feed feed_of(struct request *request, struct text currency)
{
    const struct config *config = request_config(request);
    return (struct catalog_feed){
        .market_url = config_text(config, SETTING_MARKET_URL),
        .market_name = config_text(config, SETTING_MARKET_NAME),
        .currency = text_string(request_arena(request), currency),
        .now_us = request_now_us(request),
    };
}

/* How each variant of the item is sold; bundles are asked for only where there are some. */
static enum status load_stock(struct request *request, const struct catalog_item *item,
                              struct catalog_feed_stock **ret_stock)
{
    struct arena *arena = request_arena(request);
    const size_t count = item->variants_count;
    struct catalog_feed_stock *stock = arena_allocate_array(arena, count, sizeof *stock);
    struct uuid *bundles = arena_allocate_array(arena, count, sizeof *bundles);
    struct catalog_bundle_part_row *rows = NULL;
    const struct catalog_bundle_part *parts;
    size_t bundles_count = 0, rows_count = 0, parts_count;
    for (size_t i = 0; i < count; i++)
        if (item->variants[i].is_bundle) bundles[bundles_count++] = item->variants[i].id;
    if (bundles_count > 0)
        TRY(catalog_bundle_store_load(request, bundles, bundles_count, &rows, &rows_count));
    for (size_t i = 0; i < count; i++) {
        stock[i] = catalog_feed_stock_of(&item->variants[i], request_now_us(request));
        if (!item->variants[i].is_bundle) continue;
        const struct catalog_bundle_stock bundle = catalog_bundle_of(
            request, item->variants[i].id, rows, rows_count, &parts, &parts_count);
        const bool is_early = bundle.availability == CATALOG_AVAILABILITY_PREORDER;
        stock[i] = (struct catalog_feed_stock){
            .availability = bundle.availability,
            .available_on_us = is_early ? bundle.available_on_us : 0,
        };
    }
    *ret_stock = stock;
    return STATUS_OK;
}

/* One that would fill a page alone is left out: its links are longer than any site takes. */
static enum status add_product(struct request *request, const struct catalog_feed *feed,
                               const struct catalog_exported *listed, struct text_builder *items)
{
    struct arena *arena = request_arena(request);
    struct catalog_item *item = arena_allocate(arena, sizeof *item);
    struct catalog_feed_stock *stock;
    const size_t before = items->length;
    const enum status status = catalog_item_store_load(request, listed->product_id, item);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(status);
    if (!catalog_item_is_listed(item)) return STATUS_OK;
    TRY(load_stock(request, item, &stock));
    catalog_feed_item(items, arena, feed, item, stock, listed->vendor_name);
    if (!items->is_full) return STATUS_OK;
    items->length = before;
    items->is_full = false;
    return STATUS_OK;
}

/* Items of the products behind `after`; returns the last that was looked at. */
static enum status add_items(struct request *request, const struct catalog_feed *feed,
                             const struct uuid *vendor_id, struct uuid after,
                             struct text_builder *items, struct uuid *ret_last, bool *ret_has_more)
{
    struct catalog_exported *listed;
    size_t count, taken = 0;
    TRY(catalog_export_store_list_visible(request, vendor_id, after, PAGE_PRODUCTS_MAX + 1, &listed,
                                          &count));
    text_builder_init(items, request_arena(request), ITEMS_ROOM);
    while (taken < count && taken < PAGE_PRODUCTS_MAX && items->length < PAGE_BYTES)
        TRY(add_product(request, feed, &listed[taken++], items));
    *ret_has_more = taken < count;
    *ret_last = taken > 0 ? listed[taken - 1].product_id : after;
    return STATUS_OK;
}

enum status catalog_handle_export_own_feed(struct request *request,
                                           const struct catalog_export_own_feed *query,
                                           struct catalog_exported_feed *ret_reply)
{
    const struct text market =
        text_of(config_text(request_config(request), SETTING_MARKET_CURRENCY));
    const struct text currency = query->has_currency ? query->currency : market;
    const struct uuid vendor_id = request_principal(request)->id;
    struct uuid after = { { 0 } }, last;
    struct text_builder items, file;
    bool has_more;
    if (query->has_after && catalog_cursor_decode(query->after, &after) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, currency));
    const struct catalog_feed feed = feed_of(request, currency);
    TRY(add_items(request, &feed, &vendor_id, after, &items, &last, &has_more));
    text_builder_init(&file, request_arena(request), HEAD_ROOM + ITEMS_ROOM + TAIL_ROOM);
    catalog_feed_head(&file, &feed);
    text_builder_add(&file, text_builder_view(&items));
    catalog_feed_tail(&file);
    ret_reply->file = text_builder_view(&file);
    ret_reply->has_more = ret_reply->has_next = has_more;
    if (has_more) ret_reply->next = catalog_cursor_encode(request_arena(request), last);
    return file.is_full ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

enum status catalog_handle_export_feed(struct request *request,
                                       const struct catalog_export_feed *query,
                                       struct catalog_feed_page *ret_reply)
{
    struct arena *arena = request_arena(request);
    const struct uuid first = { { 0 } };
    struct text_builder head, items, tail;
    struct uuid vendor_id;
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, query->currency));
    if (query->has_vendor)
        TRY(catalog_export_store_find_vendor(request, query->vendor, &vendor_id));
    const struct catalog_feed feed = feed_of(request, query->currency);
    TRY(add_items(request, &feed, query->has_vendor ? &vendor_id : NULL,
                  query->has_after ? query->after : first, &items, &ret_reply->last,
                  &ret_reply->has_more));
    text_builder_init(&head, arena, HEAD_ROOM);
    catalog_feed_head(&head, &feed);
    text_builder_init(&tail, arena, TAIL_ROOM);
    catalog_feed_tail(&tail);
    ret_reply->head = text_builder_view(&head);
    ret_reply->items = text_builder_view(&items);
    ret_reply->tail = text_builder_view(&tail);
    ret_reply->has_last = true;
    return STATUS_OK;
}
