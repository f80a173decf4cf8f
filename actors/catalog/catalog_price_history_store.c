/* SQL of prices that are over. */
#include "actors/catalog/catalog_price_history_store.h"

#include <string.h>

#include "actors/catalog/catalog_price_history.h"
#include "actors/catalog/catalog_row.h"
#include "actors/host/trim.h"

/* Rows that are said now come first; of those that are over the newest, so that a price that
 * changes all day loses its oldest versions first. */
static const struct statement history_read = {
    .name = "catalog_price_history",
    .sql = "SELECT r.variant_id, r.currency, r.amount, r.sale_amount, r.sale_from, r.sale_to,"
           " r.since, r.until, r.prior FROM ("
           "SELECT v.variant_id, v.currency, v.amount, coalesce(v.sale_amount, 0) AS sale_amount,"
           " coalesce(v.sale_from, 0) AS sale_from, coalesce(v.sale_to, 0) AS sale_to, v.since,"
           " 9223372036854775807 AS until, coalesce(v.prior_amount, -1) AS prior"
           " FROM catalog.variant_price v WHERE v.variant_id = ANY ($1)"
           " UNION ALL SELECT o.variant_id, o.currency, o.amount, coalesce(o.sale_amount, 0),"
           " coalesce(o.sale_from, 0), coalesce(o.sale_to, 0), o.since, o.until, -1"
           " FROM catalog.price_past o WHERE o.variant_id = ANY ($1) AND o.until > $2) r"
           " ORDER BY r.until DESC LIMIT 5000",
};

struct history {
    struct uuid *ids;
    struct text *currencies;
    struct catalog_price_span *spans;
    int64_t *priors;
    size_t count;
};

static enum status read_history(struct request *request, const struct uuid *ids, size_t count,
                                struct history *ret_history)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, ids, count);
    param_int(params, arena, request_now_us(request) - CATALOG_PRIOR_WINDOW_US);
    TRY(request_query(request, &history_read, params, &rows));
    struct history history = {
        .ids = arena_allocate_array(arena, rows.count, sizeof *history.ids),
        .currencies = arena_allocate_array(arena, rows.count, sizeof *history.currencies),
        .spans = arena_allocate_array(arena, rows.count, sizeof *history.spans),
        .priors = arena_allocate_array(arena, rows.count, sizeof *history.priors),
        .count = rows.count,
    };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        history.ids[i] = row_uuid(&row);
        history.currencies[i] = row_text(&row);
        history.spans[i].amount = row_int(&row);
        history.spans[i].sale = catalog_row_sale(&row);
        history.spans[i].since_us = row_int(&row);
        history.spans[i].until_us = row_int(&row);
        history.priors[i] = row_int(&row);
    }
    *ret_history = history;
    return STATUS_OK;
}

/* What is said now ends now, unless it is the same sale of the same price: then its word stands. */
static int64_t find_prior(struct arena *arena, const struct history *history, struct uuid variant,
                          const struct catalog_item_price *price, int64_t now_us)
{
    struct catalog_price_span *spans = arena_allocate_array(arena, history->count, sizeof *spans);
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (!uuid_equals(history->ids[i], variant) ||
            !text_equals_string(history->currencies[i], price->price.currency))
            continue;
        spans[count] = history->spans[i];
        const bool is_current = spans[count].until_us == INT64_MAX;
        if (is_current && spans[count].amount == price->price.amount &&
            spans[count].sale.amount == price->sale.amount &&
            spans[count].sale.from_us == price->sale.from_us)
            return history->priors[i];
        if (is_current) spans[count].until_us = now_us;
        count++;
    }
    return catalog_price_prior(price, spans, count, now_us);
}

static bool has_sale(const struct catalog_item_variant *variant)
{
    for (size_t i = 0; i < variant->prices_count; i++)
        if (variant->prices[i].sale.amount > 0) return true;
    return false;
}

enum status catalog_price_history_settle(struct request *request, struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const int64_t now_us = request_now_us(request);
    struct history history = { .count = 0 };
    struct catalog_item_variant *variants =
        arena_copy(arena, item->variants, item->variants_count * sizeof *variants);
    struct uuid *ids = arena_allocate_array(arena, item->variants_count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++)
        if (has_sale(&variants[i])) ids[count++] = variants[i].id;
    if (count == 0) return STATUS_OK;
    if (item->version > 0) TRY(read_history(request, ids, count, &history));
    for (size_t i = 0; i < item->variants_count; i++) {
        if (!has_sale(&variants[i])) continue;
        struct catalog_item_price *prices =
            arena_copy(arena, variants[i].prices, variants[i].prices_count * sizeof *prices);
        for (size_t k = 0; k < variants[i].prices_count; k++)
            prices[k].prior = prices[k].sale.amount == 0
                                  ? CATALOG_PRIOR_NONE
                                  : find_prior(arena, &history, variants[i].id, &prices[k], now_us);
        variants[i].prices = prices;
    }
    item->variants = variants;
    return STATUS_OK;
}

/* ---- the end ---- */

static const struct statement history_trim = {
    .name = "catalog_price_history_trim",
    .sql =
        "WITH gone AS (DELETE FROM catalog.price_past p USING ("
        "SELECT variant_id, currency, until FROM catalog.price_past WHERE until <= $1 LIMIT $2) o"
        " WHERE p.variant_id = o.variant_id AND p.currency = o.currency AND p.until = o.until"
        " RETURNING 1) SELECT count(*) FROM gone",
};

/* They belong to no shard: whoever has the first one forgets them. */
enum status catalog_price_history_sweep(struct request *request, unsigned shard_first,
                                        unsigned shard_last)
{
    (void)shard_last;
    struct arena *arena = request_arena(request);
    struct store_params params = { .count = 0 };
    int64_t gone = TRIM_ROWS_MAX;
    param_int(&params, arena, request_now_us(request) - CATALOG_PRIOR_WINDOW_US);
    param_int(&params, arena, TRIM_ROWS_MAX);
    for (size_t i = 0; i < TRIM_ROUNDS_MAX && gone == TRIM_ROWS_MAX && shard_first == 0; i++) {
        struct rows rows;
        TRY(request_query(request, &history_trim, &params, &rows));
        struct row row = rows_at(&rows, 0);
        gone = row_int(&row);
    }
    return STATUS_OK;
}
