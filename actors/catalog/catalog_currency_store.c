/* SQL of a product in other currencies: all of them by one statement. */
#include "actors/catalog/catalog_currency_store.h"

#include "actors/catalog/catalog_document.h"

/* As with the row of a product, search is told of a sale that has begun with this write. */
static const struct statement currencies_save = {
    .name = "catalog_currencies_save",
    .sql = "WITH gone AS (DELETE FROM catalog.product_currency WHERE product_id = $1"
           " AND currency <> ALL ($2::text[]))"
           " INSERT INTO catalog.product_currency (product_id, currency, price_amount,"
           " compare_at_amount, sale_amount, sale_from, sale_to, sale_prior, sale_announced,"
           " document) SELECT $1, u.currency, u.price, nullif(u.compare_at, -1),"
           " nullif(u.sale, 0), CASE WHEN u.sale > 0 THEN u.sale_from END,"
           " CASE WHEN u.sale > 0 THEN u.sale_to END, nullif(u.prior, -1),"
           " CASE WHEN u.sale > 0 AND u.sale_from <= $3 THEN u.sale_from END, u.document"
           " FROM unnest($2::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],"
           " $8::bigint[], $9::bigint[], $10::bytea[])"
           " AS u (currency, price, compare_at, sale, sale_from, sale_to, prior, document)"
           " ON CONFLICT (product_id, currency) DO UPDATE SET price_amount = excluded.price_amount,"
           " compare_at_amount = excluded.compare_at_amount, sale_amount = excluded.sale_amount,"
           " sale_from = excluded.sale_from, sale_to = excluded.sale_to,"
           " sale_prior = excluded.sale_prior, sale_announced = excluded.sale_announced,"
           " document = excluded.document",
};

struct columns {
    struct text currencies[CATALOG_ITEM_CURRENCIES_MAX], documents[CATALOG_ITEM_CURRENCIES_MAX];
    int64_t prices[CATALOG_ITEM_CURRENCIES_MAX], compare_ats[CATALOG_ITEM_CURRENCIES_MAX];
    int64_t sales[CATALOG_ITEM_CURRENCIES_MAX], froms[CATALOG_ITEM_CURRENCIES_MAX];
    int64_t tos[CATALOG_ITEM_CURRENCIES_MAX], priors[CATALOG_ITEM_CURRENCIES_MAX];
    size_t count;
};

static enum status add_currency(struct request *request, const struct catalog_item *item,
                                const char *currency, struct columns *columns)
{
    const size_t i = columns->count++;
    const struct catalog_item_price *cheapest = catalog_item_cheapest(item, currency);
    const struct catalog_sale sale =
        catalog_item_sale_after(item, currency, request_now_us(request));
    columns->currencies[i] = text_of(currency);
    columns->prices[i] = cheapest->price.amount;
    columns->compare_ats[i] = cheapest->compare_at;
    columns->sales[i] = sale.amount;
    columns->froms[i] = sale.from_us;
    columns->tos[i] = sale.to_us;
    columns->priors[i] = catalog_item_prior(item, currency, &sale);
    return catalog_document_encode(request_arena(request), item, cheapest, &columns->documents[i]);
}

enum status catalog_currency_store_save(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const char *market = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    const char *currencies[CATALOG_ITEM_CURRENCIES_MAX];
    const size_t count =
        catalog_item_is_listed(item) ? catalog_item_other_currencies(item, market, currencies) : 0;
    if (count == 0 && !item->had_currencies) return STATUS_OK;
    struct columns *columns = arena_allocate(arena, sizeof *columns);
    for (size_t i = 0; i < count; i++)
        TRY(add_currency(request, item, currencies[i], columns));
    struct store_params *params = request_write(request, &currencies_save);
    param_uuid(params, arena, item->id);
    param_text_array(params, arena, columns->currencies, count);
    param_int(params, arena, request_now_us(request));
    param_int_array(params, arena, columns->prices, count);
    param_int_array(params, arena, columns->compare_ats, count);
    param_int_array(params, arena, columns->sales, count);
    param_int_array(params, arena, columns->froms, count);
    param_int_array(params, arena, columns->tos, count);
    param_int_array(params, arena, columns->priors, count);
    param_bytes_array(params, arena, columns->documents, count);
    return STATUS_OK;
}
