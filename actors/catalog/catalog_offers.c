/* Several vendors' offers of one item: what shoppers compare, and what staff sets apart. */
#include "actors/catalog/catalog_buy_box.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_news.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"

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
    TRY(catalog_buy_box_rank(request, rows, count, currency, true));
    struct catalog_item_offer *offers =
        arena_allocate_array(request_arena(request), count, sizeof *offers);
    for (size_t i = 0; i < count; i++)
        offers[i] = rows[i].offer;
    ret_reply->data = offers;
    ret_reply->data_count = count;
    return STATUS_OK;
}

/* Own pages say what sending costs, and those of rivals may name one of these as the best offer. */
enum status catalog_handle_tell_of_shipping(struct request *request,
                                            const struct catalog_tell_of_shipping *command,
                                            struct catalog_shipping_told *ret_reply)
{
    struct catalog_offer_page page = { .is_last = true };
    const bool is_about_all = command->has_is_about_all && command->is_about_all;
    if (!is_about_all)
        TRY(catalog_offer_store_page(request, command->vendor_id,
                                     command->has_after ? command->after : (struct uuid){ { 0 } },
                                     &page));
    if (is_about_all || page.ids_count > CATALOG_OFFER_PAGE_IDS_MAX) {
        request_hint(request, (struct uuid){ { 0 } });
        return STATUS_OK;
    }
    for (size_t i = 0; i < page.ids_count; i++)
        request_hint(request, page.ids[i]);
    ret_reply->has_next = !page.is_last;
    ret_reply->next = page.last;
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
