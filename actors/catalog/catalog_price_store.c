/* SQL of prices: all those of a product by one statement, whatever the number of variants. */
#include "actors/catalog/catalog_price_store.h"

#include "actors/catalog/catalog_row.h"
#include "storage/columns.h"

enum { PRICES_READ_MAX = 2000 };

static const struct statement prices_list = {
    .name = "catalog_prices_list",
    .sql =
        "SELECT w.id, r.currency, r.amount, coalesce(r.compare_at_amount, -1)," SALE_AND_TIERS_SQL
        ", coalesce(r.prior_amount, -1)"
        " FROM catalog.variant w JOIN catalog.stock k ON k.variant_id = w.id"
        " JOIN catalog.variant_price r ON r.variant_id = w.id WHERE w.product_id = $1"
        " ORDER BY NOT k.is_active, w.id, r.currency LIMIT 2000",
};

enum status catalog_price_store_list(struct request *request, struct uuid product_id,
                                     struct catalog_priced *ret_priced)
{
    static_assert(PRICES_READ_MAX == 2000, "the LIMIT of prices_list");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    TRY(request_query(request, &prices_list, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    struct catalog_item_price *prices = arena_allocate_array(arena, rows.count, sizeof *prices);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
        const char *currency = text_string(arena, row_text(&row));
        prices[i].price = money_make(row_int(&row), currency);
        prices[i].compare_at = row_int(&row);
        prices[i].sale = catalog_row_sale(&row);
        prices[i].tiers_count = catalog_row_tiers(&row, arena, &prices[i].tiers);
        prices[i].prior = row_int(&row);
    }
    *ret_priced =
        (struct catalog_priced){ .variant_ids = ids, .prices = prices, .count = rows.count };
    return STATUS_OK;
}

const struct catalog_item_price *catalog_priced_of(const struct catalog_priced *priced,
                                                   struct uuid variant_id, size_t *ret_count)
{
    size_t first = 0;
    while (first < priced->count && !uuid_equals(priced->variant_ids[first], variant_id))
        first++;
    size_t end = first;
    while (end < priced->count && uuid_equals(priced->variant_ids[end], variant_id))
        end++;
    *ret_count = end - first;
    return priced->prices + first;
}

#define PRICES_SQL                                                                                 \
    "INSERT INTO catalog.variant_price AS r (variant_id, currency, amount, compare_at_amount,"     \
    " sale_amount, sale_from, sale_to, tier_quantities, tier_amounts, prior_amount, since)"        \
    " SELECT u.id, u.currency, u.amount, nullif(u.compare_at, -1), nullif(u.sale, 0),"             \
    " CASE WHEN u.sale > 0 THEN u.sale_from END, CASE WHEN u.sale > 0 THEN u.sale_to END,"         \
    " nullif(u.tier_quantities, '{}')::bigint[], nullif(u.tier_amounts, '{}')::bigint[],"          \
    " CASE WHEN u.sale > 0 THEN nullif(u.prior, -1) END, u.at"                                     \
    " FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],"               \
    " $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[]) AS u"      \
    " (id, currency, amount, compare_at, sale, sale_from, sale_to, prior, at, tier_quantities,"    \
    " tier_amounts)"

static const struct statement prices_add = {
    .name = "catalog_prices_add",
    .sql = PRICES_SQL,
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

static const struct statement prices_save = {
    .name = "catalog_prices_save",
    .sql = PRICES_SQL
    " ON CONFLICT (variant_id, currency) DO UPDATE SET amount = excluded.amount,"
    " compare_at_amount = excluded.compare_at_amount, sale_amount = excluded.sale_amount,"
    " sale_from = excluded.sale_from, sale_to = excluded.sale_to,"
    " tier_quantities = excluded.tier_quantities, tier_amounts = excluded.tier_amounts,"
    " prior_amount = excluded.prior_amount,"
    " since = CASE WHEN r.amount = excluded.amount"
    " AND r.sale_amount IS NOT DISTINCT FROM excluded.sale_amount"
    " AND r.sale_from IS NOT DISTINCT FROM excluded.sale_from"
    " AND r.sale_to IS NOT DISTINCT FROM excluded.sale_to THEN r.since"
    " ELSE excluded.since END",
};

/* A number of each price, and its tiers. */
enum column { AMOUNT, COMPARE_AT, SALE, SALE_FROM, SALE_TO, PRIOR, SINCE, COLUMNS };
struct columns {
    struct uuid *ids;
    struct text *currencies;
    int64_t *numbers[COLUMNS];
    struct text *tier_quantities, *tier_amounts;
    size_t count;
};

static struct columns new_columns(struct arena *arena, const struct catalog_item *item)
{
    struct columns columns = { .count = 0 };
    size_t prices = 0;
    for (size_t i = 0; i < item->variants_count; i++)
        prices += item->variants[i].prices_count;
    columns.ids = arena_allocate_array(arena, prices, sizeof *columns.ids);
    columns.currencies = arena_allocate_array(arena, prices, sizeof *columns.currencies);
    for (size_t i = 0; i < COLUMNS; i++)
        columns.numbers[i] = arena_allocate_array(arena, prices, sizeof *columns.numbers[i]);
    columns.tier_quantities = arena_allocate_array(arena, prices, sizeof *columns.tier_quantities);
    columns.tier_amounts = arena_allocate_array(arena, prices, sizeof *columns.tier_amounts);
    return columns;
}

static void add_price(struct arena *arena, struct columns *columns, struct uuid variant_id,
                      const struct catalog_item_price *price, int64_t now_us)
{
    const size_t place = columns->count++;
    int64_t quantities[CATALOG_TIERS_MAX], amounts[CATALOG_TIERS_MAX];
    assert(price->tiers_count <= CATALOG_TIERS_MAX);
    for (size_t i = 0; i < price->tiers_count; i++) {
        quantities[i] = price->tiers[i].from_quantity;
        amounts[i] = price->tiers[i].unit_amount;
    }
    columns->ids[place] = variant_id;
    columns->currencies[place] = text_of(price->price.currency);
    columns->numbers[AMOUNT][place] = price->price.amount;
    columns->numbers[COMPARE_AT][place] = price->compare_at;
    columns->numbers[SALE][place] = price->sale.amount;
    columns->numbers[SALE_FROM][place] = price->sale.from_us;
    columns->numbers[SALE_TO][place] = price->sale.to_us;
    columns->numbers[PRIOR][place] = price->prior;
    columns->numbers[SINCE][place] = now_us;
    columns->tier_quantities[place] = columns_int_list(arena, quantities, price->tiers_count);
    columns->tier_amounts[place] = columns_int_list(arena, amounts, price->tiers_count);
}

/* Before the new price is written: what the old one was, and since when. */
static const struct statement prices_keep = {
    .name = "catalog_prices_keep",
    .sql = "INSERT INTO catalog.price_past (variant_id, currency, amount, sale_amount, sale_from,"
           " sale_to, since, until) SELECT r.variant_id, r.currency, r.amount, r.sale_amount,"
           " r.sale_from, r.sale_to, r.since, $7 FROM unnest($1::uuid[], $2::text[], $3::bigint[],"
           " $4::bigint[], $5::bigint[], $6::bigint[])"
           " AS u (id, currency, amount, sale, sale_from, sale_to)"
           " JOIN catalog.variant_price r ON r.variant_id = u.id AND r.currency = u.currency"
           " WHERE r.since < $7 AND (r.amount <> u.amount OR coalesce(r.sale_amount, 0) <> u.sale"
           " OR u.sale > 0 AND (r.sale_from <> u.sale_from OR r.sale_to <> u.sale_to))"
           " ON CONFLICT (variant_id, currency, until) DO NOTHING",
};

static void keep_past(struct request *request, const struct columns *columns)
{
    static const enum column kept[] = { AMOUNT, SALE, SALE_FROM, SALE_TO };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &prices_keep);
    param_uuid_array(params, arena, columns->ids, columns->count);
    param_text_array(params, arena, columns->currencies, columns->count);
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        param_int_array(params, arena, columns->numbers[kept[i]], columns->count);
    param_int(params, arena, request_now_us(request));
}

void catalog_price_store_save(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    struct columns columns = new_columns(arena, item);
    for (size_t i = 0; i < item->variants_count; i++) {
        for (size_t k = 0; k < item->variants[i].prices_count; k++)
            add_price(arena, &columns, item->variants[i].id, &item->variants[i].prices[k],
                      request_now_us(request));
    }
    if (item->version > 1) keep_past(request, &columns);
    struct store_params *params =
        request_write(request, catalog_item_is_new(item) ? &prices_add : &prices_save);
    param_uuid_array(params, arena, columns.ids, columns.count);
    param_text_array(params, arena, columns.currencies, columns.count);
    for (size_t i = 0; i < COLUMNS; i++)
        param_int_array(params, arena, columns.numbers[i], columns.count);
    param_text_array(params, arena, columns.tier_quantities, columns.count);
    param_text_array(params, arena, columns.tier_amounts, columns.count);
}
