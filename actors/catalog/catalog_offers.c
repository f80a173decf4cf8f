/* Several vendors' offers of one item: what shoppers compare, and what staff sets apart. */
#include <stdlib.h>
#include <string.h>

#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_offer_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"

/* The rows of a variant stand together. */
static int compare_rows(const void *a, const void *b)
{
    const struct catalog_item_row *x = a, *y = b;
    return catalog_rival_compare(&x->rival, &y->rival);
}

enum status catalog_handle_list_item_offers(struct request *request,
                                            const struct catalog_list_item_offers *query,
                                            struct catalog_item_offers *ret_reply)
{
    struct catalog_item_row *rows;
    size_t count;
    const char *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    if (query->has_currency) {
        TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, query->currency));
        currency = text_string(request_arena(request), query->currency);
    }
    TRY(catalog_offer_store_list(request, query->product_id, currency, &rows, &count));
    struct catalog_item_offer *offers =
        arena_allocate_array(request_arena(request), count, sizeof *offers);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count; end++)
            if (!uuid_equals(rows[end].variant_of, rows[first].variant_of)) break;
        qsort(rows + first, end - first, sizeof *rows, compare_rows);
        for (size_t i = first; i < end; i++) {
            offers[i] = rows[i].offer;
            offers[i].is_best = i == first && rows[i].rival.can_be_bought;
        }
    }
    ret_reply->data = offers;
    ret_reply->data_count = count;
    return STATUS_OK;
}

enum status catalog_handle_separate_product(struct request *request,
                                            const struct catalog_separate_product *command)
{
    struct catalog_item item;
    TRY(catalog_edit_check_reason(request, command->reason));
    TRY(catalog_edit_open_any(request, command->product_id, (struct versions){ NULL, 0 }, &item));
    catalog_offer_store_separate(request, item.id, command->is_separate);
    return catalog_news_of_rivals(request, item.id);
}
