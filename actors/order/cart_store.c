/* SQL of carts and the mapping of their rows. */
#include "actors/order/cart_store.h"

#include <string.h>

#define CART_COLUMNS                                                                               \
    "c.id, c.user_id, c.merged_into, c.group_id, c.status, c.currency, c.version, "                \
    "l.id, l.variant_id, l.product_id, l.vendor_id, l.quantity, l.unit_amount, l.position, "       \
    "l.name "

static enum status read_status(struct text name, enum order_cart_status *ret_status)
{
    for (int i = 0; i < ORDER_CART_STATUS_COUNT; i++)
        if (text_equals_string(name, order_cart_status_names[i])) {
            *ret_status = (enum order_cart_status)i;
            return STATUS_OK;
        }
    return STATUS_CORRUPT;
}

static enum status read_header(struct row *row, struct cart *cart)
{
    cart->id = row_uuid(row);
    if (!row_skip_null(row)) cart->user_id = row_uuid(row);
    if (!row_skip_null(row)) cart->merged_into = row_uuid(row);
    if (!row_skip_null(row)) cart->group_id = row_uuid(row);
    TRY(read_status(row_text(row), &cart->status));
    const struct text currency = row_text(row);
    if (currency.length >= sizeof cart->currency) return STATUS_CORRUPT;
    memcpy(cart->currency, currency.data, currency.length);
    cart->version = row_int(row);
    return STATUS_OK;
}

static void read_line(struct row *row, struct cart_line *line)
{
    line->id = row_uuid(row);
    line->variant_id = row_uuid(row);
    line->product_id = row_uuid(row);
    line->vendor_id = row_uuid(row);
    line->quantity = row_int(row);
    line->unit_amount = row_int(row);
    line->position = row_int(row);
    cart_line_set_name(line, row_text(row));
}

/* One row per line, or a single one whose line is NULL. */
static enum status read_cart(struct request *request, const struct rows *rows,
                             struct cart **ret_cart)
{
    if (rows->count == 0) return STATUS_NOT_FOUND;
    if (rows->count > CART_LINES_MAX) return STATUS_CORRUPT;
    struct cart *cart = arena_allocate(request_arena(request), sizeof *cart);
    for (size_t i = 0; i < rows->count; i++) {
        struct row row = rows_at(rows, i);
        TRY(read_header(&row, cart));
        if (row_skip_null(&row)) break;
        read_line(&row, &cart->lines[cart->lines_count++]);
    }
    *ret_cart = cart;
    return STATUS_OK;
}

static enum status query_cart(struct request *request, const struct statement *statement,
                              struct uuid id, struct cart **ret_cart)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), id);
    struct rows rows;
    TRY(request_query(request, statement, &params, &rows));
    return read_cart(request, &rows, ret_cart);
}

static const struct statement load_statement = {
    .name = "order_cart_load",
    .sql = "SELECT " CART_COLUMNS "FROM \"order\".cart c "
           "LEFT JOIN \"order\".cart_line l ON l.cart_id = c.id "
           "WHERE c.id = $1 ORDER BY l.position",
};

enum status cart_store_read(struct request *request, struct uuid cart_id, struct cart **ret_cart)
{
    return query_cart(request, &load_statement, cart_id, ret_cart);
}

enum status cart_store_load(struct request *request, struct uuid cart_id, struct cart **ret_cart)
{
    struct cart *cart = arena_allocate(request_arena(request), sizeof *cart);
    if (!request_recall(request, cart, sizeof *cart))
        return cart_store_read(request, cart_id, ret_cart);
    assert(uuid_equals(cart->id, cart_id));
    *ret_cart = cart;
    return STATUS_OK;
}

static const struct statement find_active_statement = {
    .name = "order_cart_find_active",
    .sql = "SELECT " CART_COLUMNS "FROM \"order\".cart c "
           "LEFT JOIN \"order\".cart_line l ON l.cart_id = c.id "
           "WHERE c.user_id = $1 AND c.status IN ('active', 'locked') ORDER BY l.position",
};

enum status cart_store_find_active(struct request *request, struct uuid user_id,
                                   struct cart **ret_cart)
{
    return query_cart(request, &find_active_statement, user_id, ret_cart);
}

static const struct statement create_statement = {
    .name = "order_cart_create",
    .sql = "INSERT INTO \"order\".cart "
           "(id, user_id, shard, status, currency, version, created_at, updated_at) "
           "VALUES ($1, $2, $3, 'active', $4, $5, $6, $6)",
    .on_duplicate = STATUS_CONFLICT,
};

struct cart *cart_store_create(struct request *request, struct uuid user_id, const char *currency)
{
    struct arena *arena = request_arena(request);
    struct cart *cart = arena_allocate(arena, sizeof *cart);
    assert(strlen(currency) < sizeof cart->currency);
    cart->id = request_new_id(request);
    cart->user_id = user_id;
    cart->status = ORDER_CART_STATUS_ACTIVE;
    memcpy(cart->currency, currency, strlen(currency));
    cart->version = 1;
    struct store_params *params = request_write(request, &create_statement);
    param_uuid(params, arena, cart->id);
    if (cart_is_guests(cart))
        param_null_uuid(params);
    else
        param_uuid(params, arena, cart->user_id);
    param_small(params, arena, (int16_t)uuid_shard(cart->id));
    param_text(params, arena, text_of(cart->currency));
    param_int(params, arena, cart->version);
    param_int(params, arena, request_now_us(request));
    return cart;
}

/* $1 cart, $2 its version, $3 now. A cart that is locked or ordered does not change, whatever the
 * handler remembers of it. */
#define MOVE_VERSION                                                                               \
    "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3 "             \
    "WHERE id = $1 AND version = $2 AND status = 'active' RETURNING 1), "

/* Parameters 1 to 3 of MOVE_VERSION; the value in memory follows the row. */
static struct store_params *move_version(struct request *request, const struct statement *statement,
                                         struct cart *cart)
{
    assert(cart->version >= 1);
    assert(cart->lines_count <= CART_LINES_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_uuid(params, arena, cart->id);
    param_int(params, arena, cart->version);
    param_int(params, arena, request_now_us(request));
    cart->version++;
    request_remember(request, cart, sizeof *cart);
    return params;
}

static const struct statement put_line_statement = {
    .name = "order_cart_put_line",
    .sql = MOVE_VERSION
    "line AS (INSERT INTO \"order\".cart_line "
    "(id, cart_id, variant_id, product_id, vendor_id, name, quantity, unit_amount, position) "
    "VALUES ($4, $1, $5, $6, $7, $8, $9, $10, $11) "
    "ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id, "
    "vendor_id = excluded.vendor_id, name = excluded.name, quantity = excluded.quantity, "
    "unit_amount = excluded.unit_amount) "
    "SELECT host.require_one(count(*)) FROM moved",
    .on_duplicate = STATUS_CONFLICT,
};

void cart_store_put_line(struct request *request, struct cart *cart, const struct cart_line *line)
{
    assert(line >= cart->lines);
    assert(line < cart->lines + cart->lines_count);
    assert(line->quantity >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = move_version(request, &put_line_statement, cart);
    param_uuid(params, arena, line->id);
    param_uuid(params, arena, line->variant_id);
    param_uuid(params, arena, line->product_id);
    param_uuid(params, arena, line->vendor_id);
    param_text(params, arena, cart_line_name(line));
    param_int(params, arena, line->quantity);
    param_int(params, arena, line->unit_amount);
    param_int(params, arena, line->position);
}

static const struct statement remove_line_statement = {
    .name = "order_cart_remove_line",
    .sql = MOVE_VERSION "line AS (DELETE FROM \"order\".cart_line WHERE id = $4) "
                        "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_remove_line(struct request *request, struct cart *cart, struct uuid line_id)
{
    assert(cart_find_line(cart, line_id) == NULL);
    struct store_params *params = move_version(request, &remove_line_statement, cart);
    param_uuid(params, request_arena(request), line_id);
}

/* Both parts of the statement see the rows from before it. That is safe because lines keep their
 * ids from change to change: no row is deleted and inserted at once. */
static const struct statement replace_lines_statement = {
    .name = "order_cart_replace_lines",
    .sql = MOVE_VERSION
    "gone AS (DELETE FROM \"order\".cart_line WHERE cart_id = $1 AND id <> ALL ($4::uuid[])), "
    "line AS (INSERT INTO \"order\".cart_line "
    "(id, cart_id, variant_id, product_id, vendor_id, name, quantity, unit_amount, position) "
    "SELECT l.id, $1, l.variant_id, l.product_id, l.vendor_id, l.name, l.quantity, l.unit_amount, "
    "l.position FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], "
    "$9::bigint[], $10::bigint[], $11::bigint[]) AS l (id, variant_id, product_id, vendor_id, "
    "name, quantity, unit_amount, position) "
    "ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id, "
    "vendor_id = excluded.vendor_id, name = excluded.name, quantity = excluded.quantity, "
    "unit_amount = excluded.unit_amount) "
    "SELECT host.require_one(count(*)) FROM moved",
    .on_duplicate = STATUS_CONFLICT,
};

void cart_store_replace_lines(struct request *request, struct cart *cart)
{
    enum { IDS = 4, NUMBERS = 3 }; /* columns of each type */
    struct arena *arena = request_arena(request);
    const size_t count = cart->lines_count;
    struct uuid *ids[IDS];
    int64_t *numbers[NUMBERS];
    struct text *names = arena_allocate_array(arena, CART_LINES_MAX, sizeof *names);
    for (size_t i = 0; i < IDS; i++)
        ids[i] = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids[i]);
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = arena_allocate_array(arena, CART_LINES_MAX, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        const struct cart_line *line = &cart->lines[i];
        ids[0][i] = line->id;
        ids[1][i] = line->variant_id;
        ids[2][i] = line->product_id;
        ids[3][i] = line->vendor_id;
        names[i] = cart_line_name(line);
        numbers[0][i] = line->quantity;
        numbers[1][i] = line->unit_amount;
        numbers[2][i] = line->position;
    }
    struct store_params *params = move_version(request, &replace_lines_statement, cart);
    for (size_t i = 0; i < IDS; i++)
        param_uuid_array(params, arena, ids[i], count);
    param_text_array(params, arena, names, count);
    for (size_t i = 0; i < NUMBERS; i++)
        param_int_array(params, arena, numbers[i], count);
}

static const struct statement close_statement = {
    .name = "order_cart_close",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET status = 'merged', merged_into = $4, "
           "version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2 "
           "AND status = 'active' AND user_id IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_close(struct request *request, struct cart *cart, struct uuid user_id)
{
    assert(cart_is_guests(cart));
    assert(cart->status == ORDER_CART_STATUS_ACTIVE);
    assert(!uuid_is_zero(user_id));
    cart->status = ORDER_CART_STATUS_MERGED;
    cart->merged_into = user_id;
    struct store_params *params = move_version(request, &close_statement, cart);
    param_uuid(params, request_arena(request), user_id);
}
