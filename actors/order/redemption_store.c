/* SQL of redemptions. */
#include "actors/order/redemption_store.h"

#include "actors/order/promotion_row.h"

/* ---- loading ---- */

static const struct statement uses_load = {
    .name = "order_promotion_uses",
    .sql = "SELECT p.status, p.starts_at, p.ends_at, p.limit_total, p.limit_per_customer, p.held,"
           " p.used, p.version, r.state, r.customer, r.expires_at"
           " FROM \"order\".promotion p LEFT JOIN \"order\".redemption r"
           " ON r.promotion_id = p.id AND r.group_id = $2 WHERE p.id = $1",
};
static const struct statement redemption_load = {
    .name = "order_redemption_load",
    .sql = "SELECT state, customer, expires_at FROM \"order\".redemption"
           " WHERE promotion_id = $1 AND group_id = $2",
};

/* Nulls all of them where there is none. */
static enum status read_redemption(struct row *row, struct redemption *redemption)
{
    if (row_skip_null(row)) return STATUS_OK;
    redemption->exists = true;
    if (!order_machine_find_state(ORDER_MACHINE_REDEMPTION, row_text(row), &redemption->state))
        return STATUS_CORRUPT;
    if (!row_skip_null(row)) redemption->customer = row_uuid(row);
    redemption->expires_at_us = row_int(row);
    return STATUS_OK;
}

static bool read_optional(struct row *row, int64_t *ret_value)
{
    if (row_skip_null(row)) return false;
    *ret_value = row_int(row);
    return true;
}

static enum status read_uses(struct row *row, struct promotion_uses *uses)
{
    int status;
    TRY(promotion_row_enum(row_text(row), order_promotion_status_names,
                           ORDER_PROMOTION_STATUS_COUNT, &status));
    uses->status = (enum order_promotion_status)status;
    uses->period.starts_us = row_int(row);
    uses->period.has_end = read_optional(row, &uses->period.ends_us);
    uses->has_limit_total = read_optional(row, &uses->limit_total);
    uses->has_limit_per_customer = read_optional(row, &uses->limit_per_customer);
    uses->held = row_int(row);
    uses->used = row_int(row);
    uses->version = row_int(row);
    return STATUS_OK;
}

static enum status query_pair(struct request *request, const struct statement *statement,
                              struct uuid promotion_id, struct uuid group_id, struct rows *ret_rows)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, promotion_id);
    param_uuid(params, arena, group_id);
    return request_query(request, statement, params, ret_rows);
}

static enum status load_redemption(struct request *request, const struct promotion_uses *uses,
                                   struct redemption *redemption)
{
    const struct redemption *recent = redemption_recall(uses, redemption->group_id);
    if (recent != NULL) {
        *redemption = *recent;
        return STATUS_OK;
    }
    struct rows rows;
    TRY(query_pair(request, &redemption_load, uses->promotion_id, redemption->group_id, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    return read_redemption(&row, redemption);
}

enum status redemption_store_load(struct request *request, struct uuid promotion_id,
                                  struct uuid group_id, struct promotion_uses **ret_uses,
                                  struct redemption *ret_redemption)
{
    struct promotion_uses *uses = arena_allocate(request_arena(request), sizeof *uses);
    struct redemption redemption = { .group_id = group_id };
    if (request_recall(request, uses, sizeof *uses)) {
        assert(uuid_equals(uses->promotion_id, promotion_id));
        TRY(load_redemption(request, uses, &redemption));
    } else {
        struct rows rows;
        TRY(query_pair(request, &uses_load, promotion_id, group_id, &rows));
        if (rows.count == 0) return STATUS_NOT_FOUND;
        struct row row = rows_at(&rows, 0);
        *uses = (struct promotion_uses){ .promotion_id = promotion_id };
        TRY(read_uses(&row, uses));
        TRY(read_redemption(&row, &redemption));
    }
    *ret_uses = uses;
    *ret_redemption = redemption;
    return STATUS_OK;
}

/* ---- a customer's ---- */

/* A row for each redemption of those who count as this customer, or one without for each of them
 * who has none. */
static const struct statement customer_load = {
    .name = "order_redemptions_of_customer",
    .sql = "SELECT c.id, r.group_id FROM unnest(\"order\".customers_like($2)) AS c (id)"
           " LEFT JOIN \"order\".redemption r ON r.promotion_id = $1 AND r.customer = c.id"
           " AND r.state IN ('held', 'used') ORDER BY c.id LIMIT 2001",
};

/* What is remembered of one customer counts as it is remembered. */
static int64_t count_remembered(const struct promotion_uses *uses, struct uuid customer)
{
    int64_t count = 0;
    for (size_t i = 0; i < uses->recent_count; i++)
        if (uuid_equals(uses->recent[i].customer, customer) && redemption_counts(&uses->recent[i]))
            count++;
    return count;
}

/* Those of what is remembered as it is, the other rows as they are. Rows of one customer come
 * together. */
enum status redemption_store_count_of(struct request *request, const struct promotion_uses *uses,
                                      struct uuid customer, int64_t *ret_count)
{
    struct rows rows;
    TRY(query_pair(request, &customer_load, uses->promotion_id, customer, &rows));
    int64_t count = 0;
    struct uuid before = { { 0 } };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid one = row_uuid(&row);
        if (!uuid_equals(one, before)) count += count_remembered(uses, one);
        before = one;
        if (row_skip_null(&row)) continue;
        if (redemption_recall(uses, row_uuid(&row)) == NULL) count++;
    }
    *ret_count = count;
    return STATUS_OK;
}

/* ---- saving ---- */

/* Parameters 1 to 6. The counters that were seen are those of the guard: that they may have been
 * otherwise in between does no harm. */
#define MOVE_COUNTERS                                                                              \
    "WITH p AS (UPDATE \"order\".promotion SET held = $2, used = $3"                               \
    " WHERE id = $1 AND held = $4 AND used = $5 AND version = $6 RETURNING 1)"

static void param_counters(struct store_params *params, struct arena *arena,
                           const struct promotion_uses *uses, int64_t held, int64_t used)
{
    param_uuid(params, arena, uses->promotion_id);
    param_int(params, arena, uses->held);
    param_int(params, arena, uses->used);
    param_int(params, arena, held);
    param_int(params, arena, used);
    param_int(params, arena, uses->version);
}

/* Where a customer has a limit, his rows are counted once more in the unit itself: what the actor
 * remembers has an end, and the units before it are committed by then. */
static const struct statement hold_save = {
    .name = "order_redemption_hold",
    .sql = MOVE_COUNTERS
    ", r AS (INSERT INTO \"order\".redemption (promotion_id, group_id, shard, customer, state,"
    " expires_at, created_at) VALUES ($1, $7, $8, $9, 'held', $10, $11))"
    " SELECT require_one((SELECT count(*) FROM p)),"
    " CASE WHEN $12::bigint >= 0 THEN require_count((SELECT count(*) FROM \"order\".redemption o"
    " WHERE o.promotion_id = $1 AND o.customer = ANY (\"order\".customers_like($9))"
    " AND o.state IN ('held', 'used')), $12) END",
    .on_duplicate = STATUS_CONFLICT,
};

void redemption_store_save_held(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption, int64_t customer_uses)
{
    assert(redemption->state == ORDER_STATE_REDEMPTION_HELD);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &hold_save);
    param_counters(params, arena, uses, uses->held - 1, uses->used);
    param_uuid(params, arena, redemption->group_id);
    param_small(params, arena, (int16_t)uuid_shard(uses->promotion_id));
    param_uuid(params, arena, redemption->customer);
    param_int(params, arena, redemption->expires_at_us);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, uses->has_limit_per_customer ? customer_uses : -1);
    request_remember(request, uses, sizeof *uses);
}

static const struct statement move_save = {
    .name = "order_redemption_move",
    .sql = MOVE_COUNTERS ", r AS (UPDATE \"order\".redemption SET state = $9, settled_at ="
                         " CASE WHEN $9 IN ('released', 'returned') THEN $10::bigint END"
                         " WHERE promotion_id = $1 AND group_id = $7 AND state = $8 RETURNING 1)"
                         " SELECT require_one((SELECT count(*) FROM p)"
                         " * (SELECT count(*) FROM r))",
};

void redemption_store_save_moved(struct request *request, const struct promotion_uses *uses,
                                 const struct redemption *redemption, enum order_state from)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &move_save);
    const bool was_held = from == ORDER_STATE_REDEMPTION_HELD;
    const bool was_used = from == ORDER_STATE_REDEMPTION_USED;
    const bool is_used = redemption->state == ORDER_STATE_REDEMPTION_USED;
    assert(was_held || was_used);
    param_counters(params, arena, uses, uses->held + was_held, uses->used + was_used - is_used);
    param_uuid(params, arena, redemption->group_id);
    param_text(params, arena, text_of(order_machine_state_name(from)));
    param_text(params, arena, text_of(order_machine_state_name(redemption->state)));
    param_int(params, arena, request_now_us(request));
    request_remember(request, uses, sizeof *uses);
}

static const struct statement mark_save = {
    .name = "order_redemption_mark",
    .sql = "INSERT INTO \"order\".redemption (promotion_id, group_id, shard, state, expires_at,"
           " created_at, settled_at) VALUES ($1, $2, $3, 'released', $4, $4, $4)",
    .on_duplicate = STATUS_CONFLICT,
};

void redemption_store_save_mark(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption)
{
    assert(redemption->state == ORDER_STATE_REDEMPTION_RELEASED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &mark_save);
    param_uuid(params, arena, uses->promotion_id);
    param_uuid(params, arena, redemption->group_id);
    param_small(params, arena, (int16_t)uuid_shard(uses->promotion_id));
    param_int(params, arena, request_now_us(request));
    request_remember(request, uses, sizeof *uses);
}

/* The state is a parameter here and above: said as text it would let the planner walk an index of
 * all that stand there, for want of rows to tell it better. */
static const struct statement keep_save = {
    .name = "order_redemption_keep",
    .sql = "WITH r AS (UPDATE \"order\".redemption SET expires_at = $3"
           " WHERE promotion_id = $1 AND group_id = $2 AND state = $4 RETURNING 1)"
           " SELECT require_one(count(*)) FROM r",
};

void redemption_store_save_kept(struct request *request, const struct promotion_uses *uses,
                                const struct redemption *redemption)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &keep_save);
    param_uuid(params, arena, uses->promotion_id);
    param_uuid(params, arena, redemption->group_id);
    param_int(params, arena, redemption->expires_at_us);
    param_text(params, arena, text_of(order_machine_state_name(redemption->state)));
    request_remember(request, uses, sizeof *uses);
}

/* ---- beside a change of the promotion ---- */

void redemption_store_recall_counts(struct request *request, struct promotion *promotion)
{
    struct promotion_uses *uses = arena_allocate(request_arena(request), sizeof *uses);
    if (!request_recall(request, uses, sizeof *uses)) return;
    promotion->held = uses->held;
    promotion->used = uses->used;
}

void redemption_store_remember_terms(struct request *request, const struct promotion *promotion)
{
    struct promotion_uses *uses = arena_allocate(request_arena(request), sizeof *uses);
    if (!request_recall(request, uses, sizeof *uses)) return;
    uses->status = promotion->status;
    uses->period = promotion->price.period;
    uses->has_limit_total = promotion->has_limit_total;
    uses->limit_total = promotion->limit_total;
    uses->has_limit_per_customer = promotion->has_limit_per_customer;
    uses->limit_per_customer = promotion->limit_per_customer;
    uses->version = promotion->version;
    request_remember(request, uses, sizeof *uses);
}

/* ---- by the clock ---- */

enum status redemption_store_list_due(struct request *request, unsigned shard_first,
                                      unsigned shard_last, const struct due_object **ret_due,
                                      size_t *ret_count)
{
    static const struct statement due = {
        .name = "order_redemptions_due",
        .sql = "SELECT promotion_id, group_id FROM \"order\".redemption WHERE state = 'held'"
               " AND expires_at <= $1 AND shard BETWEEN $2 AND $3 ORDER BY expires_at LIMIT $4",
    };
    return order_due_list(request, &due, shard_first, shard_last, REDEMPTIONS_DUE_MAX, ret_due,
                          ret_count);
}

static const struct statement list_of_group = {
    .name = "order_redemptions_of_group",
    .sql = "SELECT promotion_id FROM \"order\".redemption WHERE group_id = $1 "
           "AND state IN ('held', 'used') LIMIT $2",
};

enum status redemption_store_list_of_group(struct request *request, struct uuid group_id,
                                           const struct uuid **ret_ids, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, group_id);
    param_int(&params, arena, PRICE_PROMOTIONS_MAX);
    struct rows rows;
    TRY(request_query(request, &list_of_group, &params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
