/* SQL of stock, reservations and copies of vendors. */
#include "actors/catalog/catalog_store.h"

#include "actors/catalog/catalog_row.h"
#include "catalog_messages.h"

/* ---- stock ---- */

static const struct statement stock_load = {
    .name = "catalog_stock_load",
    .sql = "SELECT k.on_hand, k.held, k.sold, k.version, k.is_active,"
           " k.product_id," AHEAD_SQL ", k.owed_max, k.is_bundle, k.is_part,"
           " r.state, r.quantity, r.expires_at"
           " FROM catalog.stock k"
           " LEFT JOIN catalog.reservation r"
           " ON r.reservation_id = $2 AND r.variant_id = k.variant_id"
           " WHERE k.variant_id = $1",
};

/* The cells of a LEFT JOIN: all of them are NULL when there is no reservation. */
static void read_reservation(struct row *row, struct catalog_reservation *reservation)
{
    if (row_skip_null(row)) return;
    reservation->state = (enum catalog_reservation_state)row_int(row);
    reservation->quantity = row_int(row);
    reservation->expires_at_us = row_int(row);
    assert(reservation->state >= CATALOG_RESERVATION_HELD);
    assert(reservation->state <= CATALOG_RESERVATION_EXPIRED);
}

static enum status load_rows(struct request *request, struct uuid variant_id,
                             struct catalog_stock *stock, struct catalog_reservation *reservation)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, variant_id);
    param_uuid(params, arena, reservation->id);
    TRY(request_query(request, &stock_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    stock->variant_id = variant_id;
    stock->on_hand = row_int(&row);
    stock->held = row_int(&row);
    stock->sold = row_int(&row);
    stock->version = row_int(&row);
    stock->is_active = row_bool(&row);
    stock->product_id = row_uuid(&row);
    stock->ahead = catalog_ahead_at(catalog_row_ahead(&row), request_now_us(request));
    stock->owed_max = row_int(&row);
    stock->is_bundle = row_bool(&row);
    stock->is_part = row_bool(&row);
    assert(stock->held >= 0);
    assert(stock->held <= stock->on_hand + stock->owed_max);
    read_reservation(&row, reservation);
    return STATUS_OK;
}

static const struct statement reservation_load = {
    .name = "catalog_reservation_load",
    .sql = "SELECT state, quantity, expires_at FROM catalog.reservation"
           " WHERE reservation_id = $1 AND variant_id = $2",
};

static enum status load_reservation(struct request *request, struct uuid variant_id,
                                    struct catalog_reservation *reservation)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, reservation->id);
    param_uuid(params, arena, variant_id);
    TRY(request_query(request, &reservation_load, params, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    read_reservation(&row, reservation);
    return STATUS_OK;
}

enum status catalog_store_load_stock(struct request *request, struct uuid variant_id,
                                     struct uuid reservation_id, bool may_be_new,
                                     struct catalog_stock *ret_stock,
                                     struct catalog_reservation *ret_reservation)
{
    struct catalog_reservation reservation = { .id = reservation_id };
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    if (!request_recall(request, stock, sizeof *stock)) {
        TRY(load_rows(request, variant_id, stock, &reservation));
    } else {
        assert(uuid_equals(stock->variant_id, variant_id));
        stock->ahead = catalog_ahead_at(stock->ahead, request_now_us(request));
        const struct catalog_reservation *recent = catalog_stock_recall(stock, reservation_id);
        if (recent != NULL) {
            reservation = *recent;
        } else if (!may_be_new) {
            TRY(load_reservation(request, variant_id, &reservation));
        }
    }
    *ret_stock = *stock;
    *ret_reservation = reservation;
    return STATUS_OK;
}

enum status catalog_store_refresh_stock(struct request *request, struct catalog_stock *stock,
                                        struct catalog_reservation *reservation, bool *ret_is_newer)
{
    struct catalog_reservation loaded = { .id = reservation->id };
    struct catalog_stock *fresh = arena_allocate(request_arena(request), sizeof *fresh);
    TRY(load_rows(request, stock->variant_id, fresh, &loaded));
    const bool is_stock_newer = fresh->version > stock->version;
    *ret_is_newer = is_stock_newer || loaded.state != CATALOG_RESERVATION_NONE;
    if (is_stock_newer) *stock = *fresh;
    if (*ret_is_newer) *reservation = loaded;
    return STATUS_OK;
}

/* One statement checks the stock's row, changes it, and writes the reservation: half the work of
 * two. This is the hottest statement of the market. */
static const struct statement stock_reserve = {
    .name = "catalog_stock_reserve",
    .sql = "WITH s AS (UPDATE catalog.stock SET held = $2, version = version + 1"
           " WHERE variant_id = $1 AND version = $3 RETURNING 1),"
           " r AS (INSERT INTO catalog.reservation"
           " (reservation_id, variant_id, quantity, state, expires_at, shard)"
           " VALUES ($4, $1, $5, 1, $6, $7))"
           " SELECT require_one(count(*)) FROM s",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_store_save_reserved(struct request *request, const struct catalog_stock *stock,
                                 const struct catalog_reservation *reservation)
{
    assert(reservation->state == CATALOG_RESERVATION_HELD);
    assert(reservation->quantity > 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_reserve);
    param_uuid(params, arena, stock->variant_id);
    param_int(params, arena, stock->held);
    param_int(params, arena, stock->version - 1);
    param_uuid(params, arena, reservation->id);
    param_int(params, arena, reservation->quantity);
    param_int(params, arena, reservation->expires_at_us);
    param_small(params, arena, (int16_t)uuid_shard(stock->variant_id));
    request_remember(request, stock, sizeof *stock);
}

static const struct statement stock_mark = {
    .name = "catalog_stock_mark",
    .sql = "INSERT INTO catalog.reservation"
           " (reservation_id, variant_id, quantity, state, expires_at, shard)"
           " VALUES ($1, $2, 0, 2, $3, $4)",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_store_save_mark(struct request *request, const struct catalog_stock *stock,
                             const struct catalog_reservation *reservation)
{
    assert(reservation->state == CATALOG_RESERVATION_RELEASED);
    assert(reservation->quantity == 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_mark);
    param_uuid(params, arena, reservation->id);
    param_uuid(params, arena, stock->variant_id);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)uuid_shard(stock->variant_id));
    request_remember(request, stock, sizeof *stock);
}

/* The states are numbers: 1 held, 3 committed, 4 expired (enum catalog_reservation_state). Only a
 * held reservation ends, but an expired one may still be committed; only a commit is a movement. */
static const struct statement stock_settle = {
    .name = "catalog_stock_settle",
    .sql = "WITH s AS (UPDATE catalog.stock SET on_hand = $2, held = $3, sold = $4,"
           " version = version + 1 WHERE variant_id = $1 AND version = $5 RETURNING 1),"
           " r AS (UPDATE catalog.reservation SET state = $7"
           " WHERE reservation_id = $6 AND variant_id = $1"
           " AND (state = 1 OR (state = 4 AND $7 = 3)) RETURNING quantity),"
           " m AS (INSERT INTO catalog.stock_movement"
           " (variant_id, version, kind, delta, reference, at)"
           " SELECT $1, $5 + 1, 2, -r.quantity, $6, $8 FROM r WHERE $7 = 3)"
           " SELECT require_one((SELECT count(*) FROM s) * (SELECT count(*) FROM r))",
};

void catalog_store_save_settled(struct request *request, const struct catalog_stock *stock,
                                const struct catalog_reservation *reservation)
{
    assert(reservation->state > CATALOG_RESERVATION_HELD);
    assert(reservation->state <= CATALOG_RESERVATION_EXPIRED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_settle);
    param_uuid(params, arena, stock->variant_id);
    param_int(params, arena, stock->on_hand);
    param_int(params, arena, stock->held);
    param_int(params, arena, stock->sold);
    param_int(params, arena, stock->version - 1);
    param_uuid(params, arena, reservation->id);
    param_small(params, arena, (int16_t)reservation->state);
    param_int(params, arena, request_now_us(request));
    request_remember(request, stock, sizeof *stock);
}

static const struct statement stock_keep = {
    .name = "catalog_stock_keep",
    .sql = "WITH r AS (UPDATE catalog.reservation SET expires_at = $3"
           " WHERE reservation_id = $1 AND variant_id = $2 AND state = 1 RETURNING 1)"
           " SELECT require_one(count(*)) FROM r",
};

void catalog_store_save_kept(struct request *request, const struct catalog_stock *stock,
                             const struct catalog_reservation *reservation)
{
    assert(reservation->state == CATALOG_RESERVATION_HELD);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_keep);
    param_uuid(params, arena, reservation->id);
    param_uuid(params, arena, stock->variant_id);
    param_int(params, arena, reservation->expires_at_us);
    request_remember(request, stock, sizeof *stock);
}

/* With what is set aside: an order is there before its reservation is committed. A variant may have
 * become a bundle since it was sold. */
static const struct statement owed_list = {
    .name = "catalog_stock_owed",
    .sql = "SELECT k.variant_id, greatest(k.held - k.on_hand, 0), k.version FROM catalog.stock k"
           " WHERE k.variant_id = ANY ($1::uuid[]) LIMIT 200",
};

enum status catalog_store_list_owed(struct request *request, const struct uuid *variant_ids,
                                    size_t ids_count, struct catalog_owed_units **ret_owed,
                                    size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, variant_ids, ids_count);
    TRY(request_query(request, &owed_list, params, &rows));
    struct catalog_owed_units *owed = arena_allocate_array(arena, rows.count, sizeof *owed);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        owed[i].variant_id = row_uuid(&row);
        owed[i].units = row_int(&row);
        owed[i].version = row_int(&row);
    }
    *ret_owed = owed;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status catalog_store_load_level(struct request *request, struct uuid variant_id,
                                     struct catalog_stock *ret_stock)
{
    struct arena *arena = request_arena(request);
    struct catalog_stock *remembered = arena_allocate(arena, sizeof *remembered);
    struct catalog_stock *row = arena_allocate(arena, sizeof *row);
    struct catalog_reservation none = { 0 };
    const bool is_remembered = request_recall(request, remembered, sizeof *remembered);
    TRY(load_rows(request, variant_id, row, &none));
    *ret_stock = is_remembered && remembered->version >= row->version ? *remembered : *row;
    ret_stock->ahead = catalog_ahead_at(ret_stock->ahead, request_now_us(request));
    return STATUS_OK;
}

static const struct statement stock_set = {
    .name = "catalog_stock_set",
    .sql = "WITH s AS (UPDATE catalog.stock SET on_hand = $2, received = sold + $2,"
           " version = version + 1 WHERE variant_id = $1 AND version = $3 RETURNING 1),"
           " m AS (INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)"
           " SELECT $1, $3 + 1, $6, $4, $5 FROM s)"
           " SELECT require_one(count(*)) FROM s",
};

static void put_level(struct request *request, struct uuid variant_id, int64_t on_hand,
                      int64_t version, int64_t delta, enum catalog_movement_kind kind)
{
    assert(delta != 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_set);
    param_uuid(params, arena, variant_id);
    param_int(params, arena, on_hand);
    param_int(params, arena, version);
    param_int(params, arena, delta);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)kind);
}

void catalog_store_put_level(struct request *request, struct uuid variant_id, int64_t on_hand,
                             int64_t version, int64_t delta)
{
    put_level(request, variant_id, on_hand, version, delta, CATALOG_MOVEMENT_KIND_SET);
}

void catalog_store_save_level(struct request *request, const struct catalog_stock *stock,
                              enum catalog_movement_kind kind, int64_t delta)
{
    put_level(request, stock->variant_id, stock->on_hand, stock->version - 1, delta, kind);
    request_remember(request, stock, sizeof *stock);
}

static const struct statement stock_ahead = {
    .name = "catalog_stock_ahead",
    .sql = "WITH s AS (UPDATE catalog.stock SET policy = $2, ahead_limit = $3,"
           " available_on = nullif($4, 0), owed_max = $5, version = version + 1"
           " WHERE variant_id = $1 AND version = $6 RETURNING 1)"
           " SELECT require_one(count(*)) FROM s",
};

void catalog_store_save_ahead(struct request *request, const struct catalog_stock *stock)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &stock_ahead);
    param_uuid(params, arena, stock->variant_id);
    param_small(params, arena, (int16_t)stock->ahead.policy);
    param_int(params, arena, stock->ahead.limit);
    param_int(params, arena, stock->ahead.available_on_us);
    param_int(params, arena, stock->owed_max);
    param_int(params, arena, stock->version - 1);
    request_remember(request, stock, sizeof *stock);
}

static const struct statement stock_due = {
    .name = "catalog_stock_due",
    .sql = "SELECT reservation_id, variant_id FROM catalog.reservation"
           " WHERE state = 1 AND expires_at <= $1 AND shard BETWEEN $2 AND $3"
           " ORDER BY expires_at LIMIT 200",
};

enum status catalog_store_list_due(struct request *request, unsigned shard_first,
                                   unsigned shard_last, struct catalog_due *ret_due,
                                   size_t *ret_count)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    static_assert(CATALOG_DUE_MAX == 200, "the LIMIT of stock_due");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    TRY(request_query(request, &stock_due, params, &rows));
    assert(rows.count <= CATALOG_DUE_MAX);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_due[i].reservation_id = row_uuid(&row);
        ret_due[i].variant_id = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- vendors ---- */

static const struct statement vendor_save = {
    .name = "catalog_vendor_save",
    .sql = "INSERT INTO catalog.vendor_copy AS c (vendor_id, version, name, is_open)"
           " VALUES ($1, $2, $3, $4) ON CONFLICT (vendor_id) DO UPDATE"
           " SET version = excluded.version, name = excluded.name, is_open = excluded.is_open"
           " WHERE c.version < excluded.version",
};

void catalog_store_save_vendor(struct request *request, const struct catalog_copy_vendor *vendor)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &vendor_save);
    param_uuid(params, arena, vendor->vendor_id);
    param_int(params, arena, vendor->version);
    param_text(params, arena, vendor->name);
    param_bool(params, arena, vendor->is_open);
}

static const struct statement vendor_find = {
    .name = "catalog_vendor_find",
    .sql = "SELECT version, is_open FROM catalog.vendor_copy WHERE vendor_id = $1",
};

enum status catalog_store_find_vendor(struct request *request, struct uuid vendor_id,
                                      struct catalog_vendor_copy *ret_copy)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &vendor_find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_copy->version = row_int(&row);
    ret_copy->is_open = row_bool(&row);
    return STATUS_OK;
}
