/* What shoppers and carts read of the catalogue. */
#include "actors/catalog/catalog_buy_box.h"
#include "actors/catalog/catalog_category_store.h"
#include "actors/catalog/catalog_counts.h"
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_find.h"
#include "actors/catalog/catalog_language.h"
#include "actors/catalog/catalog_list_store.h"
#include "actors/catalog/catalog_slugs.h"
#include "actors/catalog/catalog_store.h"
#include "actors/catalog/catalog_translation_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"

enum {
    CATALOG_PAGE_DEFAULT = 20,
    CATALOG_TREE_BYTES_MAX = 900 * 1024, /* leaves room in an envelope's body */
    CATALOG_TREE_ENTRY_BYTES = 100,      /* field names, ids and numbers of one category */
};

#define LANGUAGE_OF(request, query)                                                                \
    catalog_language_of(request, (query)->has_accept_language, (query)->accept_language)

/* The newest first, from the rows. */
static enum status list_newest(struct request *request, const struct catalog_list_products *query,
                               int64_t limit, struct catalog_product_page *ret_page)
{
    struct uuid after = catalog_cursor_first();
    struct catalog_list_result result;
    if (query->has_after && catalog_cursor_decode(query->after, &after) != STATUS_OK)
        return request_refuse_cursor(request);
    const struct text language = LANGUAGE_OF(request, query);
    TRY(catalog_list_store_products(request, query, after, limit, &result));
    if (language.length > 0)
        TRY(catalog_translate_summaries(request, language, result.products, result.count));
    ret_page->data = result.products;
    ret_page->has_more = result.count > (size_t)limit;
    ret_page->data_count = ret_page->has_more ? (size_t)limit : result.count;
    ret_page->has_next = ret_page->has_more;
    if (ret_page->has_next)
        ret_page->next =
            catalog_cursor_encode(request_arena(request), result.products[limit - 1].id);
    return STATUS_OK;
}

enum status catalog_handle_list_products(struct request *request,
                                         const struct catalog_list_products *query,
                                         struct catalog_product_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : CATALOG_PAGE_DEFAULT;
    if (query->has_sort && query->sort == CATALOG_PRODUCT_SORT_RELEVANCE && !query->has_q)
        return request_refuse(request, "/sort", STATUS_INVALID_PARAMETER,
                              "The sort relevance is known only together with q.");
    if (query->has_currency)
        TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, query->currency));
    /* An empty range has an empty page; PostgreSQL would look through the whole list for it. */
    if (query->has_min_price && query->has_max_price && query->min_price > query->max_price)
        return STATUS_OK;
    return catalog_find_is_wanted(request, query)
               ? catalog_find_products(request, query, limit, ret_reply)
               : list_newest(request, query, limit, ret_reply);
}

/* The market's own currency is that of the rows, so asking for it costs nothing. What has no price
 * in it has another one there. */
static enum status find_product(struct request *request, struct uuid product_id, bool has_currency,
                                struct text currency, struct catalog_product *ret_product)
{
    struct text other = TEXT("");
    if (has_currency) {
        TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, currency));
        if (!market_is_own_currency(request_config(request), currency)) other = currency;
    }
    TRY(catalog_list_store_product(request, product_id, other, ret_product));
    TRY(catalog_buy_box_fill_in(request, ret_product));
    return !has_currency || text_equals_string(currency, ret_product->price.currency)
               ? STATUS_OK
               : STATUS_NOT_SOLD_IN_CURRENCY;
}

static enum status translate(struct request *request, struct text language,
                             struct catalog_product *product)
{
    return language.length > 0 ? catalog_translate_product(request, language, product) : STATUS_OK;
}

enum status catalog_handle_get_product(struct request *request,
                                       const struct catalog_get_product *query,
                                       struct catalog_product *ret_reply)
{
    const struct text language = LANGUAGE_OF(request, query);
    TRY(find_product(request, query->product_id, query->has_currency, query->currency, ret_reply));
    return translate(request, language, ret_reply);
}

enum status catalog_handle_get_product_by_slug(struct request *request,
                                               const struct catalog_get_product_by_slug *query,
                                               struct catalog_product *ret_reply)
{
    struct uuid product;
    TRY(slug_book_find(request, &catalog_product_slugs, query->slug, &product));
    const struct text language = LANGUAGE_OF(request, query);
    TRY(find_product(request, product, query->has_currency, query->currency, ret_reply));
    return translate(request, language, ret_reply);
}

static enum status read_category(struct request *request, struct text language, struct uuid id,
                                 struct catalog_category_detail *ret_detail)
{
    struct catalog_names names;
    struct catalog_category_detail detail;
    TRY(catalog_category_store_describe(request, id, &detail));
    *ret_detail = detail;
    if (language.length == 0) return STATUS_OK;
    TRY(catalog_translate_categories(request, language, &names));
    ret_detail->name = catalog_names_find(&names, id, detail.name);
    ret_detail->breadcrumbs =
        catalog_translate_breadcrumbs(request_arena(request), &names, detail.breadcrumbs,
                                      detail.breadcrumbs_count, &ret_detail->path);
    return STATUS_OK;
}

enum status catalog_handle_get_category(struct request *request,
                                        const struct catalog_get_category *query,
                                        struct catalog_category_detail *ret_reply)
{
    const struct text language = LANGUAGE_OF(request, query);
    return read_category(request, language, query->category_id, ret_reply);
}

enum status catalog_handle_get_category_by_slug(struct request *request,
                                                const struct catalog_get_category_by_slug *query,
                                                struct catalog_category_detail *ret_reply)
{
    struct uuid category;
    TRY(slug_book_find(request, &catalog_category_slugs, query->slug, &category));
    const struct text language = LANGUAGE_OF(request, query);
    return read_category(request, language, category, ret_reply);
}

/* How many categories fit into one answer. Parents come first, so what is cut off are leaves. */
static size_t count_fitting(const struct catalog_category *categories, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count && i < CATALOG_TREE_MAX; i++) {
        bytes += CATALOG_TREE_ENTRY_BYTES + categories[i].name.length + categories[i].slug.length +
                 categories[i].path.length;
        if (bytes > CATALOG_TREE_BYTES_MAX) return i;
    }
    return count < CATALOG_TREE_MAX ? count : CATALOG_TREE_MAX;
}

/* Parents come before what is below them. */
static void translate_tree(struct arena *arena, const struct catalog_names *names,
                           struct catalog_category *categories, size_t count)
{
    size_t above[CATALOG_LEVELS_MAX] = { 0 }; /* the last one of each depth */
    for (size_t i = 0; i < count; i++) {
        struct catalog_category *category = &categories[i];
        category->name = catalog_names_find(names, category->id, category->name);
        if (category->depth < 0 || category->depth >= CATALOG_LEVELS_MAX) continue;
        above[category->depth] = i;
        if (category->depth == 0) {
            category->path = category->name;
            continue;
        }
        const struct text parent = categories[above[category->depth - 1]].path;
        category->path = text_format(arena, "%.*s > %.*s", (int)parent.length, parent.data,
                                     (int)category->name.length, category->name.data);
    }
}

enum status catalog_handle_list_categories(struct request *request,
                                           const struct catalog_list_categories *query,
                                           struct catalog_category_tree *ret_reply)
{
    const struct text language = LANGUAGE_OF(request, query);
    struct catalog_category *categories;
    struct catalog_names names;
    size_t count;
    TRY(catalog_list_store_categories(request, &categories, &count));
    if (query->has_counts && query->counts) TRY(catalog_counts_tell(request, categories, count));
    if (language.length > 0) {
        TRY(catalog_translate_categories(request, language, &names));
        translate_tree(request_arena(request), &names, categories, count);
    }
    ret_reply->data = categories;
    ret_reply->data_count = count_fitting(categories, count);
    ret_reply->has_more = ret_reply->data_count < count;
    return STATUS_OK;
}

enum status catalog_handle_find_goods(struct request *request,
                                      const struct catalog_find_goods *query,
                                      struct catalog_known_goods *ret_reply)
{
    if (query->product_ids_count + query->category_ids_count == 0) return STATUS_OK;
    return catalog_list_store_find_goods(request, query, ret_reply);
}

enum status catalog_handle_find_owed(struct request *request, const struct catalog_find_owed *query,
                                     struct catalog_owed_goods *ret_reply)
{
    struct catalog_owed_units *owed;
    if (query->variant_ids_count == 0) return STATUS_OK;
    TRY(catalog_store_list_owed(request, query->variant_ids, query->variant_ids_count, &owed,
                                &ret_reply->data_count));
    ret_reply->data = owed;
    return STATUS_OK;
}

/* A cart may be older than the market's list of currencies. */
static void hide_prices(struct request *request, struct catalog_offers *reply)
{
    struct catalog_offer *offers =
        arena_copy(request_arena(request), reply->offers, reply->offers_count * sizeof *offers);
    for (size_t i = 0; i < reply->offers_count; i++) {
        offers[i].has_price = offers[i].has_sale_price = false;
        offers[i].has_sale_from = offers[i].has_sale_to = false;
        offers[i].tiers_count = offers[i].group_prices_count = 0;
    }
    reply->offers = offers;
}

enum status catalog_handle_get_offers(struct request *request,
                                      const struct catalog_get_offers *query,
                                      struct catalog_offers *ret_reply)
{
    if (query->variant_ids_count == 0) return STATUS_OK;
    TRY(catalog_list_store_offers(request, query, ret_reply));
    const struct text language = LANGUAGE_OF(request, query);
    if (language.length > 0) TRY(catalog_translate_offers(request, language, ret_reply));
    if (!market_sells_in(request_config(request), query->currency)) hide_prices(request, ret_reply);
    return STATUS_OK;
}
