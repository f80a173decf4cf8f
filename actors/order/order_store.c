/* SQL that writes checkouts: begin, place, fail. Each is one statement over cart, group and orders.
 */
#include "actors/order/order_store.h"

#include "actors/order/order_offline.h"

/* Parameters 1 to 4 of the statements below: cart, the version that was read, now, group. The value
 * in memory follows the row. */
static struct store_params *change_cart(struct request *request, const struct statement *statement,
                                        struct cart *cart, enum order_cart_status status,
                                        struct uuid group_id)
{
    assert(cart->version >= 1);
    assert(!uuid_is_zero(group_id));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_uuid(params, arena, cart->id);
    param_int(params, arena, cart->version);
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, group_id);
    cart->version++;
    cart->status = status;
    cart->group_id = status == ORDER_CART_STATUS_ACTIVE ? (struct uuid){ 0 } : group_id;
    request_remember(request, cart, sizeof *cart);
    return params;
}

static const struct statement begin_statement = {
    .name = "order_group_begin",
    .sql = "WITH cart AS (UPDATE \"order\".cart SET status = 'locked', group_id = $4, "
           "version = version + 1, updated_at = $3 "
           "WHERE id = $1 AND version = $2 AND status = 'active' RETURNING user_id), "
           "made AS (INSERT INTO \"order\".order_group "
           "(id, cart_id, user_id, status, payment_status, total, currency, created_at, "
           "guest_email, on_delivery, guest_locale, business_number) "
           "SELECT $4, $1, cart.user_id, 'pending', 'unpaid', $5, $6, $3, nullif($7, ''), $8, "
           "nullif($9, ''), $10 "
           "FROM cart) "
           "SELECT CASE WHEN EXISTS (SELECT 1 FROM \"order\".leaving_shopper l "
           "JOIN cart ON l.user_id = cart.user_id WHERE l.until > $3) "
           "THEN \"order\".refuse_leaving_shopper() "
           "ELSE host.require_one((SELECT count(*) FROM cart)) END",
    .on_check = STATUS_ACCOUNT_CLOSING,
};

void order_store_begin_group(struct request *request, struct cart *cart,
                             const struct order_checkout_data *checkout,
                             const struct order_guest_contact *guest)
{
    assert(cart->status == ORDER_CART_STATUS_ACTIVE);
    assert(cart->lines_count >= 1);
    assert((guest->email.length > 0) == cart_is_guests(cart));
    struct arena *arena = request_arena(request);
    struct store_params *params =
        change_cart(request, &begin_statement, cart, ORDER_CART_STATUS_LOCKED, checkout->group_id);
    param_int(params, arena, checkout->total.amount);
    param_text(params, arena, text_of(checkout->total.currency));
    param_text(params, arena, guest->email);
    param_int(params, arena, checkout->has_on_delivery ? checkout->on_delivery.amount : 0);
    param_text(params, arena, guest->locale);
    param_optional_text(params, arena, checkout->has_business_number, checkout->business_number);
    if (cart->country[0] != '\0') order_store_keep_address(request, cart->id, checkout->group_id);
}

static const struct statement place_statement = {
    .name = "order_group_place",
    .sql =
        "WITH cart AS (UPDATE \"order\".cart SET status = 'ordered', version = version + 1, "
        "updated_at = $3, country = NULL, region_code = NULL, receiver = NULL, line1 = NULL, "
        "line2 = NULL, city = NULL, postal_code = NULL, region = NULL, phone = NULL "
        "WHERE id = $1 AND version = $2 AND status = 'locked' AND group_id = $4 RETURNING 1), "
        "placed AS (UPDATE \"order\".order_group SET status = 'placed', payment_status = $21, "
        "number = $5, placed_at = $3 WHERE id = $4 AND status = 'pending' "
        "RETURNING business_number), "
        "orders AS (INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, "
        "vendor_name, number, status, payment_status, items, total, currency, placed_at, "
        "on_delivery, discount, shipping, shipping_discount, tax, has_details, version, due_at, "
        "business_number) "
        "SELECT o.id, $4, $6, o.vendor_id, o.vendor_name, o.number, o.status, o.payment_status, "
        "o.items, o.total, $7, $3, o.on_delivery, o.discount, o.shipping, o.shipping_discount, "
        "o.tax, $33, $39, "
        "CASE WHEN o.status IN ('awaiting_acceptance', 'pending_payment') THEN $40 END, "
        "(SELECT business_number FROM placed) "
        "FROM unnest($8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::bigint[], "
        "$22::text[], $23::bigint[], $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[], "
        "$34::bigint[], $38::text[]) "
        "AS o (id, vendor_id, vendor_name, number, items, payment_status, on_delivery, discount, "
        "shipping, shipping_discount, tax, total, status)), "
        "lines AS (INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, "
        "product_id, name, sku, quantity, unit_amount, total, slug, image, options, list_amount, "
        "discount, tax) "
        "SELECT l.id, l.order_id, $4, l.position, l.variant_id, l.product_id, l.name, "
        "nullif(l.sku, ''), l.quantity, l.unit_amount, l.quantity * l.unit_amount, l.slug, "
        "l.image, "
        "($28::text[])[l.options_end - l.options_count + 1 : l.options_end], "
        "nullif(l.list_amount, l.unit_amount), l.discount, l.tax "
        "FROM unnest($13::uuid[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::text[], "
        "$19::bigint[], $20::bigint[], $24::text[], $25::text[], $26::bigint[], $27::bigint[], "
        "$35::bigint[], $36::bigint[], $37::bigint[]) "
        "WITH ORDINALITY AS l (id, order_id, variant_id, product_id, name, sku, quantity, "
        "unit_amount, slug, image, options_count, options_end, list_amount, discount, tax, "
        "position)) "
        "SELECT host.require_count((SELECT count(*) FROM cart) + (SELECT count(*) FROM placed), 2)",
    .on_duplicate = STATUS_ILLEGAL_TRANSITION,
};

static void add_orders(struct store_params *params, struct arena *arena,
                       const struct order_group *group)
{
    const size_t count = group->orders_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *vendor_ids = arena_allocate_array(arena, count, sizeof *vendor_ids);
    struct text *vendor_names = arena_allocate_array(arena, count, sizeof *vendor_names);
    struct text *numbers = arena_allocate_array(arena, count, sizeof *numbers);
    int64_t *items = arena_allocate_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct order_order *order = &group->orders[i];
        ids[i] = order->id;
        vendor_ids[i] = order->vendor.id;
        vendor_names[i] = order->vendor.name;
        numbers[i] = order->number;
        items[i] = order->totals.items.amount;
    }
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, vendor_ids, count);
    param_text_array(params, arena, vendor_names, count);
    param_text_array(params, arena, numbers, count);
    param_int_array(params, arena, items, count);
}

static void add_lines(struct store_params *params, struct arena *arena,
                      const struct order_group *group)
{
    struct uuid *ids[4]; /* line, order, variant, product */
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        ids[i] = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids[i]);
    struct text *names = arena_allocate_array(arena, CART_LINES_MAX, sizeof *names);
    struct text *skus = arena_allocate_array(arena, CART_LINES_MAX, sizeof *skus);
    int64_t *quantities = arena_allocate_array(arena, CART_LINES_MAX, sizeof *quantities);
    int64_t *unit_amounts = arena_allocate_array(arena, CART_LINES_MAX, sizeof *unit_amounts);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        const struct order_order *order = &group->orders[i];
        for (size_t k = 0; k < order->lines_count; k++, count++) {
            assert(count < CART_LINES_MAX);
            const struct order_order_line *line = &order->lines[k];
            ids[0][count] = line->id;
            ids[1][count] = order->id;
            ids[2][count] = line->variant_id;
            ids[3][count] = line->product_id;
            names[count] = line->name;
            skus[count] = line->has_sku ? line->sku : TEXT("");
            quantities[count] = line->quantity;
            unit_amounts[count] = line->unit_price.amount;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        param_uuid_array(params, arena, ids[i], count);
    param_text_array(params, arena, names, count);
    param_text_array(params, arena, skus, count);
    param_int_array(params, arena, quantities, count);
    param_int_array(params, arena, unit_amounts, count);
}

/* What each line was called beside its name; the options of all lines are one array, of which each
 * line has a slice. */
static void add_looks(struct store_params *params, struct arena *arena,
                      const struct order_group *group)
{
    enum { OPTIONS_MAX = 3 };
    struct text *slugs = arena_allocate_array(arena, CART_LINES_MAX, sizeof *slugs);
    struct text *images = arena_allocate_array(arena, CART_LINES_MAX, sizeof *images);
    int64_t *counts = arena_allocate_array(arena, CART_LINES_MAX, sizeof *counts);
    int64_t *ends = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ends);
    struct text *options =
        arena_allocate_array(arena, 2 * OPTIONS_MAX * CART_LINES_MAX, sizeof *options);
    size_t count = 0, options_count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        for (size_t k = 0; k < group->orders[i].lines_count; k++, count++) {
            const struct order_order_line *line = &group->orders[i].lines[k];
            assert(line->options_count <= OPTIONS_MAX);
            slugs[count] = line->has_slug ? line->slug : TEXT("");
            images[count] = line->has_image ? line->image : TEXT("");
            for (size_t o = 0; o < line->options_count; o++) {
                options[options_count++] = line->options[o].name;
                options[options_count++] = line->options[o].value;
            }
            counts[count] = (int64_t)(2 * line->options_count);
            ends[count] = (int64_t)options_count;
        }
    }
    param_text_array(params, arena, slugs, count);
    param_text_array(params, arena, images, count);
    param_int_array(params, arena, counts, count);
    param_int_array(params, arena, ends, count);
    param_text_array(params, arena, options, options_count);
}

static void add_payment(struct store_params *params, struct arena *arena,
                        const struct order_group *group)
{
    const size_t count = group->orders_count;
    struct text *statuses = arena_allocate_array(arena, count, sizeof *statuses);
    int64_t *on_delivery = arena_allocate_array(arena, count, sizeof *on_delivery);
    for (size_t i = 0; i < count; i++) {
        const struct order_order *order = &group->orders[i];
        statuses[i] = text_of(order_payment_status_names[order->payment_status]);
        on_delivery[i] = order->has_offline ? order->offline.owed.amount : 0;
    }
    param_text(params, arena, text_of(order_payment_status_names[group->payment_status]));
    param_text_array(params, arena, statuses, count);
    param_int_array(params, arena, on_delivery, count);
}

/* $29 to $37: what orders and lines keep of their price. */
static void add_prices(struct store_params *params, struct arena *arena,
                       const struct order_group *group)
{
    enum { SUMS = 5, SHARES = 3 };
    int64_t *sums[SUMS], *shares[SHARES];
    bool has_details = false;
    for (size_t i = 0; i < SUMS; i++)
        sums[i] = arena_allocate_array(arena, group->orders_count, sizeof *sums[i]);
    for (size_t i = 0; i < SHARES; i++)
        shares[i] = arena_allocate_array(arena, CART_LINES_MAX, sizeof *shares[i]);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        const struct order_order *order = &group->orders[i];
        sums[0][i] = order->totals.discount.amount;
        sums[1][i] = order->totals.shipping.amount;
        sums[2][i] = order->totals.shipping_discount.amount;
        sums[3][i] = order->totals.tax.amount;
        sums[4][i] = order->totals.total.amount;
        has_details = has_details || order_has_details(order);
        for (size_t k = 0; k < order->lines_count; k++, count++) {
            const struct order_order_line *line = &order->lines[k];
            shares[0][count] =
                line->has_list_price ? line->list_price.amount : line->unit_price.amount;
            shares[1][count] = line->discount.amount;
            shares[2][count] = line->tax.amount;
        }
    }
    for (size_t i = 0; i < SUMS - 1; i++)
        param_int_array(params, arena, sums[i], group->orders_count);
    param_bool(params, arena, has_details);
    param_int_array(params, arena, sums[SUMS - 1], group->orders_count);
    for (size_t i = 0; i < SHARES; i++)
        param_int_array(params, arena, shares[i], count);
}

/* When something happens by itself to those that wait: for the transfer that the group waits for,
 * or for their vendors. */
static int64_t first_due(struct request *request, const struct order_group *group)
{
    const struct config *config = request_config(request);
    const int64_t now_us = request_now_us(request);
    if (group->has_offline && group->offline.method == ORDER_OFFLINE_METHOD_TRANSFER)
        return order_offline_first_due(
            now_us, group->offline.due_at_us,
            config_duration_us(config, SETTING_MARKET_TRANSFER_REMINDER));
    return now_us + config_duration_us(config, SETTING_MARKET_ACCEPTANCE_DEADLINE);
}

/* $38 to $40: where they stand, their first rows of history, and until when they wait. */
static void add_beginnings(struct request *request, struct store_params *params,
                           const struct order_group *group)
{
    struct arena *arena = request_arena(request);
    struct text *statuses = arena_allocate_array(arena, group->orders_count, sizeof *statuses);
    for (size_t i = 0; i < group->orders_count; i++)
        statuses[i] = text_of(order_order_status_names[group->orders[i].status]);
    param_text_array(params, arena, statuses, group->orders_count);
    int64_t version = 0;
    for (size_t i = 0; i < group->orders_count; i++)
        if (group->orders[i].version > version) version = group->orders[i].version;
    param_int(params, arena, version);
    param_int(params, arena, first_due(request, group));
}

static const struct statement price_lists_statement = {
    .name = "order_lines_price_lists",
    .sql = "UPDATE \"order\".order_line SET price_list_id = u.list_id "
           "FROM unnest($1::uuid[], $2::uuid[]) AS u (id, list_id) WHERE order_line.id = u.id",
};

/* Few lines have one, and nobody else pays for a column of it. */
static void keep_price_lists(struct request *request, const struct order_group *group)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids);
    struct uuid *lists = arena_allocate_array(arena, CART_LINES_MAX, sizeof *lists);
    size_t count = 0;
    for (size_t i = 0; i < group->orders_count; i++) {
        for (size_t k = 0; k < group->orders[i].lines_count; k++) {
            const struct order_order_line *line = &group->orders[i].lines[k];
            if (!line->has_price_list_id) continue;
            ids[count] = line->id;
            lists[count++] = line->price_list_id;
        }
    }
    if (count == 0) return;
    struct store_params *params = request_write(request, &price_lists_statement);
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, lists, count);
}

void order_store_place_group(struct request *request, struct cart *cart,
                             const struct order_group *group, int64_t number)
{
    assert(cart->status == ORDER_CART_STATUS_LOCKED);
    cart->country[0] = cart->region[0] = '\0';
    assert(group->orders_count >= 1);
    assert(group->orders_count <= ORDER_PARTS_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params =
        change_cart(request, &place_statement, cart, ORDER_CART_STATUS_ORDERED, group->id);
    param_int(params, arena, number);
    param_uuid_or_null(params, arena, cart->user_id); /* none of a guest */
    param_text(params, arena, text_of(cart->currency));
    add_orders(params, arena, group);
    add_lines(params, arena, group);
    add_payment(params, arena, group);
    add_looks(params, arena, group);
    add_prices(params, arena, group);
    add_beginnings(request, params, group);
    keep_price_lists(request, group);
}

static const struct statement fail_statement = {
    .name = "order_group_fail",
    .sql =
        "WITH cart AS (UPDATE \"order\".cart SET status = 'active', group_id = NULL, "
        "version = version + 1, updated_at = $3 "
        "WHERE id = $1 AND version = $2 AND status = 'locked' AND group_id = $4 RETURNING 1), "
        "failed AS (UPDATE \"order\".order_group SET status = 'failed', refusal = $5 "
        "WHERE id = $4 AND status = 'pending' RETURNING 1) "
        "SELECT host.require_count((SELECT count(*) FROM cart) + (SELECT count(*) FROM failed), 2)",
};

void order_store_fail_group(struct request *request, struct cart *cart, struct text refusal)
{
    assert(cart->status == ORDER_CART_STATUS_LOCKED);
    struct store_params *params =
        change_cart(request, &fail_statement, cart, ORDER_CART_STATUS_ACTIVE, cart->group_id);
    param_text(params, request_arena(request), refusal);
}

static const struct statement draw_number_statement = {
    .name = "order_draw_number",
    .sql = "SELECT nextval('\"order\".order_number'), created_at "
           "FROM \"order\".order_group WHERE id = $1 AND status = 'pending'",
};

enum status order_store_draw_number(struct request *request, struct uuid group_id,
                                    int64_t *ret_number, int64_t *ret_created_at_us)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), group_id);
    struct rows rows;
    TRY(request_query(request, &draw_number_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_number = row_int(&row);
    *ret_created_at_us = row_int(&row);
    return STATUS_OK;
}
