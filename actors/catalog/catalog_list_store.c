/* SQL of product lists. Statements are planned once for all parameters (PostgreSQL's generic plan),
 * which shapes them: the inner LIMIT is a constant, because the planner takes an unknown LIMIT for
 * a tenth of the table; filters are CASE expressions and scalar subqueries, because it takes
 * unknown ranges for too selective and may hash an EXISTS over the whole table. So each page is one
 * index range, read backwards, with nested loops that stop when the page is full. */
#include "actors/catalog/catalog_list_store.h"

#include "actors/catalog/catalog_row.h"

/* $1 behind this id, $2 and $3 price range, $4 in stock (1, 0; -1: either), $5 limit, $6 now. */
#define IN_STOCK_SQL                                                                               \
    "((SELECT true FROM catalog.stock k WHERE k.product_id = p.id"                                 \
    " AND k.is_active AND " AVAILABILITY_SQL("$6") " < 3 LIMIT 1) IS TRUE)"
/* The least of its variants (enum catalog_availability), and the first day of a pre-order. */
#define AVAILABILITIES_SQL                                                                         \
    " coalesce((SELECT min(" AVAILABILITY_SQL(                                                     \
        "$6") ") FROM catalog.stock k"                                                             \
              " WHERE k.product_id = p.id AND k.is_active), 3),"                                   \
              " coalesce((SELECT min(" AVAILABLE_ON_SQL(                                           \
                  "$6") ") FROM catalog.stock k WHERE k.product_id = p.id AND k.is_active), 0)"
#define STOCK_FILTER_SQL " CASE WHEN $4 = -1 THEN true ELSE ($4 = 1) = " IN_STOCK_SQL " END"
/* Each statement is there twice: most lists have no price range, and asking for what stands at the
 * end of a row takes all of it apart, for each row that is looked at. */
#define ON_SALE_SQL "p.sale_from <= $6 AND $6 < p.sale_to"
#define PRICE_FILTER_SQL                                                                           \
    " CASE WHEN CASE WHEN " ON_SALE_SQL " THEN p.sale_amount ELSE p.price_amount END"              \
    " BETWEEN $2 AND $3 THEN true ELSE false END AND"
#define LISTING_FILTER_SQL                                                                         \
    " CASE WHEN l.price_amount BETWEEN $2 AND $3 THEN true ELSE l.price_amount IS NULL END AND"
#define IN_CATEGORY_SQL(number)                                                                    \
    " CASE WHEN " number " IS NULL THEN true ELSE (SELECT true FROM catalog.listing l"             \
    " WHERE l.category_id = " number " AND l.product_id = p.id) IS TRUE END"
#define PAGE_COLUMNS_SQL                                                                           \
    " p.id, p.vendor_id, v.name AS vendor_name, p.name, p.slug, p.category_id, "                   \
    "p.price_amount,"                                                                              \
    " p.price_currency, p.compare_at_amount, p.picture, p.images,"                                 \
    " CASE WHEN " ON_SALE_SQL " THEN p.sale_amount ELSE 0 END AS sale_amount, p.sale_prior"
#define OPEN_VENDOR_SQL " JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open"
#define SUMMARY_SQL                                                                                \
    "SELECT p.id, p.vendor_id, p.vendor_name, p.name, p.slug, p.category_id,"                      \
    " (SELECT c.path FROM catalog.category c WHERE c.id = p.category_id),"                         \
    " p.price_amount, p.price_currency, coalesce(p.compare_at_amount, -1)," AVAILABILITIES_SQL "," \
    " coalesce(p.picture, p.images[1], ''), p.sale_amount,"                                        \
    " CASE WHEN p.sale_amount > 0 THEN coalesce(p.sale_prior, -1) ELSE -1 END FROM ("
#define SUMMARY_END_SQL " LIMIT 101) p ORDER BY p.id DESC LIMIT $5"

/* A product's row is in the market's currency, unless it has no price in that. */
#define SOLD_IN_SQL(number) " CASE WHEN p.price_currency = " number " THEN true ELSE false END AND"

/* By whether the query has a price range, or a currency with or without one. */
enum { ANY_PRICE, PRICED, SOLD_IN, KINDS };

#define LIST_ALL_SQL(price)                                                                        \
    SUMMARY_SQL "SELECT" PAGE_COLUMNS_SQL " FROM catalog.product p" OPEN_VENDOR_SQL                \
                " WHERE p.is_listed AND p.id < $1"                                                 \
                " AND" price STOCK_FILTER_SQL " ORDER BY p.id DESC" SUMMARY_END_SQL
#define LIST_ALL_PRICED_SQL LIST_ALL_SQL(PRICE_FILTER_SQL)
#define LIST_ALL_SOLD_SQL LIST_ALL_SQL(SOLD_IN_SQL("$7") PRICE_FILTER_SQL)

static const struct statement list_all[KINDS] = {
    [ANY_PRICE] = { .name = "catalog_list_all", .sql = LIST_ALL_SQL("") },
    [PRICED] = { .name = "catalog_list_all_priced", .sql = LIST_ALL_PRICED_SQL },
    [SOLD_IN] = { .name = "catalog_list_all_sold", .sql = LIST_ALL_SOLD_SQL },
};

/* $7 category, $8 currency. */
#define LIST_CATEGORY_SQL(price)                                                                   \
    SUMMARY_SQL "SELECT" PAGE_COLUMNS_SQL                                                          \
                " FROM catalog.listing l JOIN catalog.product p ON p.id = l.product_id"            \
                " AND p.is_listed" OPEN_VENDOR_SQL                                                 \
                " WHERE l.category_id = $7 AND l.product_id < $1 AND" price STOCK_FILTER_SQL       \
                " ORDER BY l.product_id DESC" SUMMARY_END_SQL
#define LIST_CATEGORY_PRICED_SQL LIST_CATEGORY_SQL(LISTING_FILTER_SQL PRICE_FILTER_SQL)
#define LIST_CATEGORY_SOLD_SQL                                                                     \
    LIST_CATEGORY_SQL(SOLD_IN_SQL("$8") LISTING_FILTER_SQL PRICE_FILTER_SQL)

static const struct statement list_category[KINDS] = {
    [ANY_PRICE] = { .name = "catalog_list_category", .sql = LIST_CATEGORY_SQL("") },
    [PRICED] = { .name = "catalog_list_category_priced", .sql = LIST_CATEGORY_PRICED_SQL },
    [SOLD_IN] = { .name = "catalog_list_category_sold", .sql = LIST_CATEGORY_SOLD_SQL },
};

/* $7 vendor, $8 category or null, $9 currency. */
#define LIST_VENDOR_SQL(price)                                                                     \
    SUMMARY_SQL "SELECT" PAGE_COLUMNS_SQL " FROM catalog.product p" OPEN_VENDOR_SQL                \
                " WHERE p.is_listed AND p.vendor_id = $7 AND p.id < $1"                            \
                " AND" IN_CATEGORY_SQL("$8") " AND" price STOCK_FILTER_SQL                         \
                                             " ORDER BY p.id DESC" SUMMARY_END_SQL
#define LIST_VENDOR_PRICED_SQL LIST_VENDOR_SQL(PRICE_FILTER_SQL)
#define LIST_VENDOR_SOLD_SQL LIST_VENDOR_SQL(SOLD_IN_SQL("$9") PRICE_FILTER_SQL)

static const struct statement list_vendor[KINDS] = {
    [ANY_PRICE] = { .name = "catalog_list_vendor", .sql = LIST_VENDOR_SQL("") },
    [PRICED] = { .name = "catalog_list_vendor_priced", .sql = LIST_VENDOR_PRICED_SQL },
    [SOLD_IN] = { .name = "catalog_list_vendor_sold", .sql = LIST_VENDOR_SOLD_SQL },
};

static_assert(CATALOG_PAGE_MAX == 100, "the inner LIMIT 101 is one more");

static void param_optional_uuid(struct store_params *params, struct arena *arena, bool is_given,
                                struct uuid id)
{
    if (is_given) {
        param_uuid(params, arena, id);
    } else {
        param_null_uuid(params);
    }
}

/* Adds the parameters from $7 on and chooses the statement. */
static const struct statement *choose_statement(struct store_params *params, struct arena *arena,
                                                const struct catalog_list_products *query)
{
    const bool has_range = query->has_min_price || query->has_max_price;
    const int kind = query->has_currency ? SOLD_IN : has_range ? PRICED : ANY_PRICE;
    const struct statement *statement = list_all;
    if (query->has_vendor) {
        param_uuid(params, arena, query->vendor);
        param_optional_uuid(params, arena, query->has_category, query->category);
        statement = list_vendor;
    } else if (query->has_category) {
        param_uuid(params, arena, query->category);
        statement = list_category;
    }
    if (query->has_currency) param_text(params, arena, query->currency);
    return &statement[kind];
}

static void read_summary(struct row *row, struct catalog_product_summary *product)
{
    product->id = row_uuid(row);
    product->vendor.id = row_uuid(row);
    product->vendor.name = row_text(row);
    product->name = row_text(row);
    product->slug = row_text(row);
    product->category.id = row_uuid(row);
    product->category.path = row_text(row);
    product->price = catalog_row_money(row);
    product->compare_at_price = product->price;
    product->compare_at_price.amount = row_int(row);
    product->has_compare_at_price = product->compare_at_price.amount >= 0;
    product->has_availability = true;
    product->availability = (enum catalog_availability)row_int(row);
    product->in_stock = product->availability != CATALOG_AVAILABILITY_OUT_OF_STOCK;
    product->available_on_us = row_int(row);
    product->has_available_on = product->availability == CATALOG_AVAILABILITY_PREORDER;
    product->image = row_text(row);
    product->has_image = product->image.length > 0;
    product->sale_price = money_make(row_int(row), product->price.currency);
    product->has_sale_price = product->sale_price.amount > 0;
    product->lowest_price_30_days = money_make(row_int(row), product->price.currency);
    product->has_lowest_price_30_days = product->lowest_price_30_days.amount >= 0;
}

enum status catalog_list_store_products(struct request *request,
                                        const struct catalog_list_products *query,
                                        struct uuid after, int64_t limit,
                                        struct catalog_list_result *ret_result)
{
    assert(limit >= 1);
    assert(limit <= CATALOG_PAGE_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, after);
    param_int(params, arena, query->has_min_price ? query->min_price : 0);
    param_int(params, arena, query->has_max_price ? query->max_price : INT64_MAX);
    param_small(params, arena, query->has_in_stock ? query->in_stock : -1);
    param_int(params, arena, limit + 1);
    param_int(params, arena, request_now_us(request));
    const struct statement *statement = choose_statement(params, arena, query);
    TRY(request_query(request, statement, params, &rows));
    assert(rows.count <= (size_t)limit + 1);
    struct catalog_list_result result = { .count = rows.count };
    result.products = arena_allocate_array(arena, rows.count, sizeof *result.products);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_summary(&row, &result.products[i]);
    }
    *ret_result = result;
    return STATUS_OK;
}

/* ---- what there is ---- */

static const struct statement find_goods = {
    .name = "catalog_find_goods",
    .sql = "SELECT ARRAY(SELECT p.id FROM catalog.product p WHERE p.id = ANY ($1::uuid[])"
           " AND coalesce(p.vendor_id = $3, true)),"
           " ARRAY(SELECT c.id FROM catalog.category c WHERE c.id = ANY ($2::uuid[]))",
};

enum status catalog_list_store_find_goods(struct request *request,
                                          const struct catalog_find_goods *query,
                                          struct catalog_known_goods *ret_goods)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->product_ids, query->product_ids_count);
    param_uuid_array(params, arena, query->category_ids, query->category_ids_count);
    param_uuid_or_null(params, arena,
                       query->has_vendor_id ? query->vendor_id : (struct uuid){ { 0 } });
    TRY(request_query(request, &find_goods, params, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    ret_goods->product_ids_count = row_uuid_array(&row, arena, &ret_goods->product_ids);
    ret_goods->category_ids_count = row_uuid_array(&row, arena, &ret_goods->category_ids);
    return STATUS_OK;
}
