/* SQL of carts and the mapping of their rows. */
#include "actors/order/cart_store.h"

#include <string.h>

#define CART_COLUMNS                                                                               \
    "c.id, c.user_id, c.merged_into, c.group_id, c.status, c.draft, c.currency, c.version, "       \
    "c.country, c.region_code, c.codes, l.id, l.variant_id, l.product_id, l.vendor_id, "           \
    "l.quantity, "                                                                                 \
    "l.unit_amount, l.position, l.method_id, l.parts_mark, l.name "

enum status cart_store_read_status(struct text name, enum order_cart_status *ret_status)
{
    for (int i = 0; i < ORDER_CART_STATUS_COUNT; i++)
        if (text_equals_string(name, order_cart_status_names[i])) {
            *ret_status = (enum order_cart_status)i;
            return STATUS_OK;
        }
    return STATUS_CORRUPT;
}

enum cart_draft cart_store_read_draft(struct row *row)
{
    if (row_skip_null(row)) return CART_DRAFT_NONE;
    return text_equals_string(row_text(row), "sent") ? CART_DRAFT_SENT : CART_DRAFT_OPEN;
}

static enum status read_short(struct row *row, char *ret_text, size_t size)
{
    const struct text text = row_text(row);
    if (text.length >= size) return STATUS_CORRUPT;
    memcpy(ret_text, text.data, text.length);
    ret_text[text.length] = '\0';
    return STATUS_OK;
}

static enum status read_codes(struct row *row, struct arena *arena, struct cart *cart)
{
    const struct text *codes;
    cart->codes_count = row_text_array(row, arena, &codes);
    if (cart->codes_count > CART_CODES_MAX) return STATUS_CORRUPT;
    for (size_t i = 0; i < cart->codes_count; i++) {
        if (codes[i].length > CART_CODE_BYTES_MAX) return STATUS_CORRUPT;
        memcpy(cart->codes[i], codes[i].data, codes[i].length);
    }
    return STATUS_OK;
}

static enum status read_header(struct row *row, struct arena *arena, struct cart *cart)
{
    cart->id = row_uuid(row);
    if (!row_skip_null(row)) cart->user_id = row_uuid(row);
    if (!row_skip_null(row)) cart->merged_into = row_uuid(row);
    if (!row_skip_null(row)) cart->group_id = row_uuid(row);
    TRY(cart_store_read_status(row_text(row), &cart->status));
    cart->draft = cart_store_read_draft(row);
    TRY(read_short(row, cart->currency, sizeof cart->currency));
    cart->version = row_int(row);
    if (!row_skip_null(row)) TRY(read_short(row, cart->country, sizeof cart->country));
    if (!row_skip_null(row)) TRY(read_short(row, cart->region, sizeof cart->region));
    return read_codes(row, arena, cart);
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
    if (!row_skip_null(row)) line->method_id = row_uuid(row);
    line->parts_mark = row_int(row);
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
        TRY(read_header(&row, request_arena(request), cart));
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
           "WHERE c.user_id = $1 AND c.status IN ('active', 'locked') AND c.draft IS NULL "
           "ORDER BY l.position",
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
    param_uuid_or_null(params, arena, cart->user_id); /* none of a guest */
    param_small(params, arena, (int16_t)uuid_shard(cart->id));
    param_text(params, arena, text_of(cart->currency));
    param_int(params, arena, cart->version);
    param_int(params, arena, request_now_us(request));
    return cart;
}

struct store_params *cart_store_move_version(struct request *request,
                                             const struct statement *statement, struct cart *cart)
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

#define LINE_COLUMNS                                                                               \
    "(id, cart_id, variant_id, product_id, vendor_id, name, quantity, unit_amount, position, "     \
    "method_id, parts_mark) "
#define LINE_OVERWRITES                                                                            \
    "ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id, "                            \
    "vendor_id = excluded.vendor_id, name = excluded.name, quantity = excluded.quantity, "         \
    "unit_amount = excluded.unit_amount, method_id = excluded.method_id, "                         \
    "parts_mark = excluded.parts_mark) "

static const struct statement put_line_statement = {
    .name = "order_cart_put_line",
    .sql =
        CART_MOVE_VERSION "line AS (INSERT INTO \"order\".cart_line " LINE_COLUMNS
                          "VALUES ($4, $1, $5, $6, $7, $8, $9, $10, $11, $12, $13) " LINE_OVERWRITES
                          "SELECT host.require_one(count(*)) FROM moved",
    .on_duplicate = STATUS_CONFLICT,
};

void cart_store_put_line(struct request *request, struct cart *cart, const struct cart_line *line)
{
    assert(line >= cart->lines);
    assert(line < cart->lines + cart->lines_count);
    assert(line->quantity >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = cart_store_move_version(request, &put_line_statement, cart);
    param_uuid(params, arena, line->id);
    param_uuid(params, arena, line->variant_id);
    param_uuid(params, arena, line->product_id);
    param_uuid(params, arena, line->vendor_id);
    param_text(params, arena, cart_line_name(line));
    param_int(params, arena, line->quantity);
    param_int(params, arena, line->unit_amount);
    param_int(params, arena, line->position);
    param_uuid_or_null(params, arena, line->method_id);
    param_int(params, arena, line->parts_mark);
}

static const struct statement remove_line_statement = {
    .name = "order_cart_remove_line",
    .sql = CART_MOVE_VERSION "line AS (DELETE FROM \"order\".cart_line WHERE id = $4) "
                             "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_remove_line(struct request *request, struct cart *cart, struct uuid line_id)
{
    assert(cart_find_line(cart, line_id) == NULL);
    struct store_params *params = cart_store_move_version(request, &remove_line_statement, cart);
    param_uuid(params, request_arena(request), line_id);
}

/* Both parts of the statement see the rows from before it. That is safe because lines keep their
 * ids from change to change: no row is deleted and inserted at once. */
static const struct statement replace_lines_statement = {
    .name = "order_cart_replace_lines",
    .sql = CART_MOVE_VERSION
    "gone AS (DELETE FROM \"order\".cart_line WHERE cart_id = $1 AND id <> ALL ($4::uuid[])), "
    "line AS (INSERT INTO \"order\".cart_line " LINE_COLUMNS
    "SELECT l.id, $1, l.variant_id, l.product_id, l.vendor_id, l.name, l.quantity, l.unit_amount, "
    "l.position, nullif(l.method_id, '00000000-0000-0000-0000-000000000000'), l.parts_mark "
    "FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], "
    "$10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[]) AS l (id, variant_id, "
    "product_id, vendor_id, method_id, name, quantity, unit_amount, position, "
    "parts_mark) " LINE_OVERWRITES "SELECT host.require_one(count(*)) FROM moved",
    .on_duplicate = STATUS_CONFLICT,
};

void cart_store_replace_lines(struct request *request, struct cart *cart)
{
    enum { IDS = 5, NUMBERS = 4 }; /* columns of each type */
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
        ids[4][i] = line->method_id;
        names[i] = cart_line_name(line);
        numbers[0][i] = line->quantity;
        numbers[1][i] = line->unit_amount;
        numbers[2][i] = line->position;
        numbers[3][i] = line->parts_mark;
    }
    struct store_params *params = cart_store_move_version(request, &replace_lines_statement, cart);
    for (size_t i = 0; i < IDS; i++)
        param_uuid_array(params, arena, ids[i], count);
    param_text_array(params, arena, names, count);
    for (size_t i = 0; i < NUMBERS; i++)
        param_int_array(params, arena, numbers[i], count);
}

/* ---- the address and the codes ---- */

static const struct statement set_address_statement = {
    .name = "order_cart_set_address",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3, "
           "country = $4, region_code = $5, receiver = $6, line1 = $7, line2 = $8, city = $9, "
           "postal_code = $10, region = $11, phone = $12 "
           "WHERE id = $1 AND version = $2 AND status = 'active' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_set_address(struct request *request, struct cart *cart,
                            const struct common_postal_address *address)
{
    assert(address->country.length < sizeof cart->country);
    assert(!address->has_region_code || address->region_code.length < sizeof cart->region);
    struct arena *arena = request_arena(request);
    memset(cart->country, 0, sizeof cart->country);
    memset(cart->region, 0, sizeof cart->region);
    memcpy(cart->country, address->country.data, address->country.length);
    if (address->has_region_code)
        memcpy(cart->region, address->region_code.data, address->region_code.length);
    struct store_params *params = cart_store_move_version(request, &set_address_statement, cart);
    param_text(params, arena, address->country);
    param_optional_text(params, arena, address->has_region_code, address->region_code);
    param_text(params, arena, address->name);
    param_text(params, arena, address->line1);
    param_optional_text(params, arena, address->has_line2, address->line2);
    param_text(params, arena, address->city);
    param_optional_text(params, arena, address->has_postal_code, address->postal_code);
    param_optional_text(params, arena, address->has_region, address->region);
    param_optional_text(params, arena, address->has_phone, address->phone);
}

static const struct statement read_address_statement = {
    .name = "order_cart_read_address",
    .sql = "SELECT " CART_ADDRESS_COLUMNS "FROM \"order\".cart a "
           "WHERE a.id = $1 AND a.receiver IS NOT NULL",
};

static bool read_optional(struct row *row, struct text *ret_text)
{
    if (row_skip_null(row)) return false;
    *ret_text = row_text(row);
    return true;
}

void cart_store_read_address_row(struct row *row, struct common_postal_address *ret_address)
{
    struct common_postal_address address = { .country = row_text(row) };
    address.has_region_code = read_optional(row, &address.region_code);
    address.name = row_text(row);
    address.line1 = row_text(row);
    address.has_line2 = read_optional(row, &address.line2);
    address.city = row_text(row);
    address.has_postal_code = read_optional(row, &address.postal_code);
    address.has_region = read_optional(row, &address.region);
    address.has_phone = read_optional(row, &address.phone);
    *ret_address = address;
}

enum status cart_store_read_address(struct request *request, struct uuid cart_id,
                                    struct common_postal_address *ret_address)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), cart_id);
    struct rows rows;
    TRY(request_query(request, &read_address_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    cart_store_read_address_row(&row, ret_address);
    return STATUS_OK;
}

static const struct statement set_codes_statement = {
    .name = "order_cart_set_codes",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3, "
           "codes = $4 WHERE id = $1 AND version = $2 AND status = 'active' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_set_codes(struct request *request, struct cart *cart)
{
    struct text codes[CART_CODES_MAX];
    for (size_t i = 0; i < cart->codes_count; i++)
        codes[i] = text_of(cart->codes[i]);
    struct store_params *params = cart_store_move_version(request, &set_codes_statement, cart);
    param_text_array(params, request_arena(request), codes, cart->codes_count);
}

static const struct statement set_currency_statement = {
    .name = "order_cart_set_currency",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3, "
           "currency = $4 WHERE id = $1 AND version = $2 AND status = 'active' RETURNING 1), "
           "line AS (UPDATE \"order\".cart_line l SET unit_amount = n.unit_amount "
           "FROM unnest($5::uuid[], $6::bigint[]) AS n (id, unit_amount) "
           "WHERE l.id = n.id AND l.cart_id = $1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_set_currency(struct request *request, struct cart *cart)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids);
    int64_t *amounts = arena_allocate_array(arena, CART_LINES_MAX, sizeof *amounts);
    for (size_t i = 0; i < cart->lines_count; i++) {
        ids[i] = cart->lines[i].id;
        amounts[i] = cart->lines[i].unit_amount;
    }
    struct store_params *params = cart_store_move_version(request, &set_currency_statement, cart);
    param_text(params, arena, text_of(cart->currency));
    param_uuid_array(params, arena, ids, cart->lines_count);
    param_int_array(params, arena, amounts, cart->lines_count);
}

static const struct statement close_statement = {
    .name = "order_cart_close",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET status = 'merged', merged_into = $4, "
           "version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2 "
           "AND status = 'active' AND user_id IS NULL AND draft IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void cart_store_close(struct request *request, struct cart *cart, struct uuid user_id)
{
    assert(cart_is_guests(cart));
    assert(cart->status == ORDER_CART_STATUS_ACTIVE);
    assert(!uuid_is_zero(user_id));
    cart->status = ORDER_CART_STATUS_MERGED;
    cart->merged_into = user_id;
    struct store_params *params = cart_store_move_version(request, &close_statement, cart);
    param_uuid(params, request_arena(request), user_id);
}
