/* SQL of promotions for those who make them. */
#include "actors/order/promotion_edit_store.h"

#include "actors/order/promotion_row.h"

#define PROMOTION_SELECT "SELECT " PROMOTION_COLUMNS " FROM \"order\".promotion p"

enum status promotion_edit_store_find(struct request *request, struct uuid promotion_id,
                                      struct promotion *ret_promotion)
{
    static const struct statement find = { .name = "order_promotion_find",
                                           .sql = PROMOTION_SELECT " WHERE p.id = $1" };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, promotion_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return promotion_row_read(&row, arena, ret_promotion);
}

/* $1 behind this id, $2 status or '', $3 limit, $4 owners: 0 all, 1 the market, 2 vendors. */
#define LIST_FILTER                                                                                \
    " p.id < $1 AND CASE WHEN $2 = '' THEN p.status <> 'archived' ELSE p.status = $2 END"

static const struct statement list_all = {
    .name = "order_promotions_of_all",
    .sql = PROMOTION_SELECT " WHERE" LIST_FILTER " AND CASE $4::bigint WHEN 0 THEN true ELSE"
                            " (p.owner_id = '00000000-0000-0000-0000-000000000000') = ($4 = 1) END"
                            " ORDER BY p.id DESC LIMIT $3",
};
static const struct statement list_of_owner = {
    .name = "order_promotions_of_owner",
    .sql = PROMOTION_SELECT " WHERE p.owner_id = $4 AND" LIST_FILTER
                            " ORDER BY p.owner_id DESC, p.id DESC LIMIT $3",
};

enum status promotion_edit_store_list(struct request *request,
                                      const struct promotion_filter *filter, struct uuid before,
                                      int64_t limit, struct promotion **ret_promotions,
                                      size_t *ret_count)
{
    assert(filter != NULL);
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, before);
    param_text(params, arena,
               filter->has_status ? text_of(order_promotion_status_names[filter->status])
                                  : TEXT(""));
    param_int(params, arena, limit);
    if (filter->has_owner)
        param_uuid(params, arena, filter->owner_id);
    else
        param_int(params, arena, filter->is_markets ? 1 : filter->is_vendors ? 2 : 0);
    TRY(request_query(request, filter->has_owner ? &list_of_owner : &list_all, params, &rows));
    struct promotion *promotions = arena_allocate_array(arena, rows.count, sizeof *promotions);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(promotion_row_read(&row, arena, &promotions[i]));
    }
    *ret_promotions = promotions;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- what there is besides ---- */

/* A NULL code is nobody's. */
static const struct statement look_around = {
    .name = "order_promotion_company",
    .sql = "SELECT coalesce((SELECT o.version FROM \"order\".promotion_owner o"
           " WHERE o.owner_id = $1), 0),"
           " (SELECT count(*) FROM \"order\".promotion p"
           " WHERE p.owner_id = $1 AND p.status <> 'archived'),"
           " (SELECT count(*) FROM \"order\".promotion p WHERE p.owner_id = $1"
           " AND p.status = 'active' AND p.code_key IS NULL AND p.id <> $2"
           " AND coalesce(p.ends_at > $4, true)),"
           " EXISTS (SELECT 1 FROM \"order\".promotion p WHERE p.code_key = $3 AND p.holds_code"
           " AND p.id <> $2 AND coalesce(p.ends_at > $4, true))",
};

enum status promotion_edit_store_look(struct request *request, const struct promotion *promotion,
                                      struct promotion_company *ret_company)
{
    assert(promotion != NULL);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, promotion->owner_id);
    param_uuid(params, arena, promotion->price.id);
    param_optional_text(params, arena, promotion->price.needs_code, promotion->price.code);
    param_int(params, arena, request_now_us(request));
    TRY(request_query(request, &look_around, params, &rows));
    struct row row = rows_at(&rows, 0);
    ret_company->owner_version = row_int(&row);
    ret_company->kept_count = row_int(&row);
    ret_company->automatic_count = row_int(&row);
    ret_company->is_code_taken = row_bool(&row);
    return STATUS_OK;
}

void promotion_edit_store_count(struct request *request, struct uuid owner_id, int64_t version)
{
    static const struct statement count = {
        .name = "order_promotion_count",
        .sql = "WITH o AS (INSERT INTO \"order\".promotion_owner AS o (owner_id, version)"
               " VALUES ($1, 1) ON CONFLICT (owner_id) DO UPDATE SET version = o.version + 1"
               " WHERE o.version = $2 RETURNING 1) SELECT require_one(count(*)) FROM o",
    };
    struct store_params *params = request_write(request, &count);
    param_uuid(params, request_arena(request), owner_id);
    param_int(params, request_arena(request), version);
}

/* ---- saving ---- */

/* An ended promotion keeps its code until somebody needs it: time passes without writing. */
static void take_code(struct request *request, const struct promotion *promotion)
{
    static const struct statement take = {
        .name = "order_promotion_take_code",
        .sql = "UPDATE \"order\".promotion SET holds_code = false"
               " WHERE code_key = $1 AND holds_code AND id <> $2 AND ends_at <= $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &take);
    param_text(params, arena, promotion->price.code);
    param_uuid(params, arena, promotion->price.id);
    param_int(params, arena, request_now_us(request));
}

static bool holds_code(struct request *request, const struct promotion *promotion)
{
    return promotion->price.needs_code && promotion_may_run(promotion, request_now_us(request));
}

static void param_int_or_null(struct store_params *params, struct arena *arena, bool is_there,
                              int64_t value)
{
    if (is_there)
        param_int(params, arena, value);
    else
        param_null_int(params);
}

static void param_selection(struct store_params *params, struct arena *arena,
                            const struct price_selection *selection)
{
    param_uuid_array(params, arena, selection->products, selection->products_count);
    if (selection->kind == PRICE_SELECT_CATEGORY)
        param_uuid(params, arena, selection->category_id);
    else
        param_null_uuid(params);
}

/* Parameters 3 to 29. */
static void param_promotion(struct store_params *params, struct request *request,
                            const struct promotion *promotion)
{
    struct arena *arena = request_arena(request);
    const struct price_promotion *price = &promotion->price;
    param_text(params, arena, promotion->name);
    param_bool(params, arena, holds_code(request, promotion));
    param_text(params, arena, text_of(order_promotion_status_names[promotion->status]));
    param_text(params, arena, text_of(order_promotion_kind_names[price->kind]));
    param_int(params, arena, price->ppm);
    param_optional_text(params, arena, promotion->currency[0] != '\0',
                        text_of(promotion->currency));
    param_int(params, arena, price->fixed_amount);
    param_int(params, arena, price->buy_quantity);
    param_int(params, arena, price->get_quantity);
    param_selection(params, arena, &price->target);
    param_selection(params, arena, &price->qualifying);
    param_int(params, arena, price->quantity_min);
    param_int(params, arena, price->subtotal_min_amount);
    param_uuid_array(params, arena, promotion->group_ids, promotion->group_ids_count);
    param_bool(params, arena, price->needs_first_order);
    param_int(params, arena, price->period.starts_us);
    param_int_or_null(params, arena, price->period.has_end, price->period.ends_us);
    param_bool(params, arena, price->is_exclusive);
    param_int(params, arena, price->priority);
    param_int_or_null(params, arena, price->has_cap, price->cap_amount);
    param_text(params, arena, text_of(order_promotion_bearer_names[price->bearer]));
    param_int(params, arena, price->market_ppm);
    param_int_or_null(params, arena, promotion->has_limit_total, promotion->limit_total);
    param_int_or_null(params, arena, promotion->has_limit_per_customer,
                      promotion->limit_per_customer);
    param_int(params, arena, promotion->updated_at_us);
}

/* A new promotion is made and changed at the same time, and its zero vendor is null. */
void promotion_edit_store_add(struct request *request, const struct promotion *promotion)
{
    static const struct statement add = {
        .name = "order_promotion_add",
        .sql = "INSERT INTO \"order\".promotion (id, owner_id, name, holds_code, status, kind,"
               " off_ppm, currency, fixed_amount, buy_quantity, get_quantity, target_products,"
               " target_category, qualifying_products, qualifying_category, quantity_min,"
               " subtotal_min, group_ids, needs_first_order, starts_at, ends_at, is_exclusive,"
               " priority, cap, bearer, market_ppm, limit_total, limit_per_customer, created_at,"
               " updated_at, vendor_id, code, code_key)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
               " $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $29,"
               " nullif($30, '00000000-0000-0000-0000-000000000000'::uuid), $31, $32)",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(promotion != NULL);
    assert(promotion->version == 1);
    if (holds_code(request, promotion)) take_code(request, promotion);
    struct arena *arena = request_arena(request);
    const struct price_promotion *price = &promotion->price;
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, price->id);
    param_uuid(params, arena, promotion->owner_id);
    param_promotion(params, request, promotion);
    param_uuid(params, arena, price->vendor_id);
    param_optional_text(params, arena, price->needs_code, promotion->code_typed);
    param_optional_text(params, arena, price->needs_code, price->code);
}

/* A limit that a hold has just reached is looked at again. */
void promotion_edit_store_save(struct request *request, const struct promotion *promotion)
{
    static const struct statement save = {
        .name = "order_promotion_save",
        .sql = "WITH p AS (UPDATE \"order\".promotion SET name = $3, holds_code = $4, status = $5,"
               " kind = $6, off_ppm = $7, currency = $8, fixed_amount = $9, buy_quantity = $10,"
               " get_quantity = $11, target_products = $12, target_category = $13,"
               " qualifying_products = $14, qualifying_category = $15, quantity_min = $16,"
               " subtotal_min = $17, group_ids = $18, needs_first_order = $19, starts_at = $20,"
               " ends_at = $21, is_exclusive = $22, priority = $23, cap = $24, bearer = $25,"
               " market_ppm = $26, limit_total = $27, limit_per_customer = $28, updated_at = $29,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM p",
        .on_duplicate = STATUS_CONFLICT,
        .on_check = STATUS_CONFLICT,
    };
    assert(promotion != NULL);
    assert(promotion->version > 1);
    if (holds_code(request, promotion)) take_code(request, promotion);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, request_arena(request), promotion->price.id);
    param_int(params, request_arena(request), promotion->version - 1);
    param_promotion(params, request, promotion);
}
