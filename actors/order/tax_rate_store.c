/* SQL of tax rates. */
#include "actors/order/tax_rate_store.h"

#include "actors/order/tax_rate_rules.h"

#define RATE_COLUMNS                                                                               \
    "id, name, country, region, tax_class, ppm, starts_at, ends_at, created_at, version, "         \
    "exempts_businesses "
#define RATE_SELECT "SELECT " RATE_COLUMNS "FROM \"order\".tax_rate "

static void read_rate(struct row *row, struct order_tax_rate *rate)
{
    *rate = (struct order_tax_rate){ .id = row_uuid(row) };
    rate->name = row_text(row);
    rate->country = row_text(row);
    rate->has_country = rate->country.length > 0;
    rate->region = row_text(row);
    rate->has_region = rate->region.length > 0;
    rate->tax_class = (enum common_tax_class)row_int(row);
    rate->rate_ppm = row_int(row);
    rate->starts_at_us = row_int(row);
    rate->has_ends_at = !row_skip_null(row);
    if (rate->has_ends_at) rate->ends_at_us = row_int(row);
    rate->created_at_us = row_int(row);
    rate->version = row_int(row);
    rate->has_exempts_businesses = rate->exempts_businesses = row_bool(row);
}

enum status tax_rate_store_find(struct request *request, struct uuid rate_id,
                                struct order_tax_rate *ret_rate)
{
    assert(ret_rate != NULL);
    static const struct statement find = { .name = "order_tax_rate_find",
                                           .sql = RATE_SELECT "WHERE id = $1" };
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), rate_id);
    TRY(request_query(request, &find, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_rate(&row, ret_rate);
    return STATUS_OK;
}

enum status tax_rate_store_list(struct request *request, struct text country, struct uuid before,
                                int64_t limit, const struct order_tax_rate **ret_rates,
                                size_t *ret_count)
{
    assert(ret_rates != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "order_tax_rate_list",
        .sql = RATE_SELECT "WHERE id < $1 AND ($2 = '' OR country = $2) ORDER BY id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, before);
    param_text(&params, arena, country);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list, &params, &rows));
    struct order_tax_rate *rates = arena_allocate_array(arena, rows.count, sizeof *rates);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_rate(&row, &rates[i]);
    }
    *ret_rates = rates;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status tax_rate_store_count(struct request *request, struct text country, int64_t *ret_count)
{
    static const struct statement count = {
        .name = "order_tax_rate_count",
        .sql = "SELECT count(*) FROM \"order\".tax_rate WHERE country = $1",
    };
    struct store_params params = { 0 };
    struct rows rows;
    param_text(&params, request_arena(request), country);
    TRY(request_query(request, &count, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

enum status tax_rate_store_table(struct request *request, const struct tax_question *question,
                                 struct tax_table *ret_table)
{
    assert(ret_table != NULL);
    static const struct statement read = {
        .name = "order_tax_rate_table",
        .sql = "SELECT " RATE_COLUMNS ", (SELECT b.number FROM \"order\".business b "
               "WHERE b.user_id = $4 AND b.status = 'verified' AND b.country = $1) "
               "FROM \"order\".tax_rate WHERE country = ANY (ARRAY['', $1]) "
               "AND (ends_at IS NULL OR ends_at > $2) LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_text(&params, arena, question->country);
    param_int(&params, arena, question->now_us);
    param_int(&params, arena, 2 * TAX_RATES_OF_COUNTRY_MAX);
    param_uuid_or_null(&params, arena, question->user_id);
    TRY(request_query(request, &read, &params, &rows));
    struct tax_rate *table = arena_allocate_array(arena, rows.count, sizeof *table);
    *ret_table = (struct tax_table){ .rates = table, .count = rows.count };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct order_tax_rate rate;
        read_rate(&row, &rate);
        table[i] = (struct tax_rate){ .id = rate.id,
                                      .name = rate.name,
                                      .country = rate.country,
                                      .region = rate.region,
                                      .tax_class = (unsigned)rate.tax_class,
                                      .ppm = rate.rate_ppm,
                                      .period = { .starts_us = rate.starts_at_us,
                                                  .ends_us = rate.ends_at_us,
                                                  .has_end = rate.has_ends_at },
                                      .exempts_businesses = rate.exempts_businesses };
        if (!row_skip_null(&row)) ret_table->business_number = row_text(&row);
    }
    return STATUS_OK;
}

/* ---- writes ---- */

static void param_rate(struct store_params *params, struct arena *arena,
                       const struct order_tax_rate *rate)
{
    param_text(params, arena, rate->name);
    param_int(params, arena, rate->rate_ppm);
    param_int(params, arena, rate->starts_at_us);
    if (rate->has_ends_at)
        param_int(params, arena, rate->ends_at_us);
    else
        param_null_int(params);
    param_bool(params, arena, rate->exempts_businesses);
}

void tax_rate_store_add(struct request *request, const struct order_tax_rate *rate)
{
    assert(rate != NULL);
    static const struct statement add = {
        .name = "order_tax_rate_add",
        .sql = "INSERT INTO \"order\".tax_rate (id, name, ppm, starts_at, ends_at, "
               "exempts_businesses, "
               "country, region, tax_class, created_at) "
               "VALUES ($1, $2, $3::bigint, $4, $5, $6, $7, $8, $9, $10)",
        .on_duplicate = STATUS_TAX_RATE_EXISTS,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, rate->id);
    param_rate(params, arena, rate);
    param_text(params, arena, rate->has_country ? rate->country : TEXT(""));
    param_text(params, arena, rate->has_region ? rate->region : TEXT(""));
    param_small(params, arena, (int16_t)rate->tax_class);
    param_int(params, arena, rate->created_at_us);
}

void tax_rate_store_save(struct request *request, const struct order_tax_rate *rate)
{
    assert(rate != NULL);
    static const struct statement save = {
        .name = "order_tax_rate_save",
        .sql = "WITH u AS (UPDATE \"order\".tax_rate SET name = $3, ppm = $4::bigint, "
               "starts_at = $5, ends_at = $6, exempts_businesses = $7, version = version + 1 "
               "WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_TAX_RATE_EXISTS,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, rate->id);
    param_int(params, arena, rate->version - 1);
    param_rate(params, arena, rate);
}

void tax_rate_store_remove(struct request *request, const struct order_tax_rate *rate)
{
    assert(rate != NULL);
    static const struct statement remove = {
        .name = "order_tax_rate_remove",
        .sql = "WITH u AS (DELETE FROM \"order\".tax_rate WHERE id = $1 AND version = $2 "
               "RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, rate->id);
    param_int(params, arena, rate->version);
}
