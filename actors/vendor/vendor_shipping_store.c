/* SQL of shipping methods. */
#include "actors/vendor/vendor_shipping_store.h"

#include "actors/vendor/vendor_shipping_rules.h"
#include "vendor_messages.h"

#define METHOD_SELECT                                                                              \
    "SELECT id, name, kind, currency, price_amount, countries, is_active, created_at, version,"    \
    " free_above_amount, price_per_kg_amount, profile_id, handling_days, weight_max_grams,"        \
    " transit_days_min, transit_days_max FROM vendor.shipping_method"

static void read_optional(struct row *row, const char *currency, bool *ret_has,
                          struct money *ret_money)
{
    *ret_has = !row_skip_null(row);
    if (*ret_has) *ret_money = money_make(row_int(row), currency);
}

static void read_method(struct row *row, struct arena *arena, struct vendor_shipping_method *method)
{
    *method = (struct vendor_shipping_method){ .id = row_uuid(row) };
    method->name = row_text(row);
    method->kind = (enum vendor_shipping_kind)row_int(row);
    const char *currency = text_string(arena, row_text(row));
    method->price = money_make(row_int(row), currency);
    method->countries_count = row_text_array(row, arena, &method->countries);
    method->is_active = row_bool(row);
    method->created_at_us = row_int(row);
    method->version = row_int(row);
    read_optional(row, currency, &method->has_free_above, &method->free_above);
    read_optional(row, currency, &method->has_price_per_kg, &method->price_per_kg);
    method->profile_id = row_uuid(row);
    method->handling_days = row_int(row);
    method->has_weight_max_grams = !row_skip_null(row);
    if (method->has_weight_max_grams) method->weight_max_grams = row_int(row);
    method->has_transit_days_min = !row_skip_null(row);
    if (method->has_transit_days_min) method->transit_days_min = row_int(row);
    method->has_transit_days_max = !row_skip_null(row);
    if (method->has_transit_days_max) method->transit_days_max = row_int(row);
}

enum status vendor_shipping_find(struct request *request, struct uuid method_id,
                                 struct uuid vendor_id, struct vendor_shipping_method *ret_method)
{
    assert(ret_method != NULL);
    static const struct statement find = {
        .name = "vendor_find_shipping_method",
        .sql = METHOD_SELECT " WHERE id = $1 AND vendor_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, method_id);
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_method(&row, arena, ret_method);
    return STATUS_OK;
}

enum status vendor_shipping_list(struct request *request, struct uuid vendor_id,
                                 const struct vendor_shipping_method **ret_methods,
                                 size_t *ret_count)
{
    assert(ret_methods != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list_shipping_methods",
        .sql = METHOD_SELECT " WHERE vendor_id = $1 ORDER BY name, id LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_int(params, arena, VENDOR_SHIPPING_METHODS_MAX);
    TRY(request_query(request, &list, params, &rows));
    struct vendor_shipping_method *methods =
        arena_allocate_array(arena, rows.count, sizeof *methods);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_method(&row, arena, &methods[i]);
    }
    *ret_methods = methods;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Parameters 3 to 15. */
static void param_method(struct store_params *params, struct arena *arena,
                         const struct vendor_shipping_method *method)
{
    param_text(params, arena, method->name);
    param_small(params, arena, (int16_t)method->kind);
    param_text(params, arena, text_of(method->price.currency));
    param_int(params, arena, method->price.amount);
    param_optional_int(params, arena, method->has_free_above, method->free_above.amount);
    param_optional_int(params, arena, method->has_price_per_kg, method->price_per_kg.amount);
    param_text_array(params, arena, method->countries, method->countries_count);
    param_bool(params, arena, method->is_active);
    param_uuid(params, arena, method->profile_id);
    param_small(params, arena, (int16_t)method->handling_days);
    param_optional_int(params, arena, method->has_weight_max_grams, method->weight_max_grams);
    param_optional_int(params, arena, method->has_transit_days_min, method->transit_days_min);
    param_optional_int(params, arena, method->has_transit_days_max, method->transit_days_max);
}

void vendor_shipping_add(struct request *request, const struct vendor_shipping_method *method,
                         struct uuid vendor_id)
{
    assert(method != NULL);
    static const struct statement add = {
        .name = "vendor_add_shipping_method",
        .sql = "INSERT INTO vendor.shipping_method (id, vendor_id, name, kind, currency,"
               " price_amount, free_above_amount, price_per_kg_amount, countries, is_active,"
               " profile_id, handling_days, weight_max_grams, transit_days_min, transit_days_max,"
               " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
               " $14::bigint, $15::bigint, $16)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, method->id);
    param_uuid(params, arena, vendor_id);
    param_method(params, arena, method);
    param_int(params, arena, method->created_at_us);
}

/* Guarded by the version, so that a change never overwrites one that it has not seen. */
void vendor_shipping_save(struct request *request, const struct vendor_shipping_method *method)
{
    assert(method != NULL);
    static const struct statement save = {
        .name = "vendor_save_shipping_method",
        .sql = "WITH u AS (UPDATE vendor.shipping_method SET name = $3, kind = $4, currency = $5,"
               " price_amount = $6, free_above_amount = $7, price_per_kg_amount = $8,"
               " countries = $9, is_active = $10, profile_id = $11, handling_days = $12,"
               " weight_max_grams = $13, transit_days_min = $14::bigint,"
               " transit_days_max = $15::bigint, version = version + 1"
               " WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, method->id);
    param_int(params, arena, method->version - 1);
    param_method(params, arena, method);
}

void vendor_shipping_remove(struct request *request, const struct vendor_shipping_method *method)
{
    assert(method != NULL);
    static const struct statement remove = {
        .name = "vendor_remove_shipping_method",
        .sql = "WITH u AS (DELETE FROM vendor.shipping_method WHERE id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, method->id);
    param_int(params, arena, method->version);
}

enum status vendor_shipping_announce(struct request *request)
{
    const struct vendor_shipping_was_changed event = { .vendor_id =
                                                           request_principal(request)->id };
    return request_publish(request, &vendor_shipping_was_changed_message, &event);
}
