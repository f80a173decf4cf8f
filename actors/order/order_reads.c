/* SQL that reads groups and orders as they are committed. */
#include "actors/order/order_store.h"
#include "actors/order/order_supply_store.h"

#include "actors/order/order_offline_store.h"

static enum status read_enum(struct text name, const char *const *names, int count, int *ret_value)
{
    for (int i = 0; i < count; i++)
        if (text_equals_string(name, names[i])) {
            *ret_value = i;
            return STATUS_OK;
        }
    return STATUS_CORRUPT;
}

static enum status read_fulfilment(struct row *row, enum order_fulfilment_status *ret_status)
{
    int status;
    TRY(read_enum(row_text(row), order_fulfilment_status_names, ORDER_FULFILMENT_STATUS_COUNT,
                  &status));
    *ret_status = (enum order_fulfilment_status)status;
    return STATUS_OK;
}

/* What was agreed, collected, how, and until when. */
static enum status read_offline(struct row *row, struct order_offline_state *state)
{
    state->agreed = row_int(row);
    state->paid = row_int(row);
    TRY(order_offline_method_find(row_text(row), &state->method));
    state->due_at_us = row_int(row);
    return STATUS_OK;
}

static bool is_owed_at_the_door(const struct order_offline_state *state)
{
    return state->owed > 0 && state->method == ORDER_OFFLINE_METHOD_ON_DELIVERY;
}

static const struct statement find_group_statement = {
    .name = "order_group_find",
    .sql = "SELECT user_id, status, \"order\".payment_shown(order_group), total, currency, "
           "created_at, "
           "on_delivery - waived - collected, "
           "fulfilment_status, on_delivery, collected, coalesce(offline_method, 'on_delivery'), "
           "coalesce(payment_due_at, 0), coalesce(number, 0)::text, card_amount "
           "FROM \"order\".order_group WHERE id = $1",
};

enum status order_store_find_group(struct request *request, struct uuid group_id,
                                   struct stored_group *ret_group)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, group_id);
    struct rows rows;
    TRY(request_query(request, &find_group_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct stored_group stored = { .group = { .id = group_id } };
    if (!row_skip_null(&row)) stored.user_id = row_uuid(&row);
    int status, payment;
    TRY(read_enum(row_text(&row), order_group_status_names, ORDER_GROUP_STATUS_COUNT, &status));
    TRY(read_enum(row_text(&row), order_payment_status_names, ORDER_PAYMENT_STATUS_COUNT,
                  &payment));
    stored.group.status = (enum order_group_status)status;
    stored.group.payment_status = (enum order_payment_status)payment;
    const int64_t total = row_int(&row);
    stored.group.total = money_make(total, text_string(arena, row_text(&row)));
    stored.group.created_at_us = row_int(&row);
    struct order_offline_state offline = { .owed = row_int(&row) };
    TRY(read_fulfilment(&row, &stored.group.fulfilment_status));
    TRY(read_offline(&row, &offline));
    offline.number = row_text(&row);
    stored.card_amount = row_int(&row);
    const char *currency = stored.group.total.currency;
    stored.group.on_delivery = money_make(offline.owed, currency);
    stored.group.has_on_delivery = is_owed_at_the_door(&offline);
    stored.group.has_offline =
        order_offline_show(request, &offline, currency, &stored.group.offline) &&
        stored.group.status == ORDER_GROUP_STATUS_PLACED;
    *ret_group = stored;
    return STATUS_OK;
}

#define ORDER_COLUMNS                                                                              \
    "id, user_id, group_id, vendor_id, vendor_name, number, status, "                              \
    "\"order\".payment_shown(vendor_order), "                                                      \
    "currency, items, discount, shipping, tax, total, placed_at, on_delivery - waived - "          \
    "collected, "                                                                                  \
    "shipping_discount, has_details, fulfilment_status, version, "                                 \
    "refunded - card_refunded + card_to_wallet, card_refunded - card_to_wallet - card_by_hand, "   \
    "coalesce(returns_until, 0), business_number, on_delivery, collected, "                        \
    "coalesce(offline_method, 'on_delivery'), coalesce(payment_due_at, 0), "                       \
    "replaces_id "

static enum status read_order(struct request *request, struct row *row, struct uuid *ret_user_id,
                              bool *ret_has_details, struct order_order *ret_order)
{
    struct order_order order = { .id = row_uuid(row) };
    struct uuid user_id = { { 0 } };
    if (!row_skip_null(row)) user_id = row_uuid(row);
    order.group_id = row_uuid(row);
    order.vendor.id = row_uuid(row);
    order.vendor.name = row_text(row);
    order.number = row_text(row);
    int status, payment;
    TRY(read_enum(row_text(row), order_order_status_names, ORDER_ORDER_STATUS_COUNT, &status));
    TRY(read_enum(row_text(row), order_payment_status_names, ORDER_PAYMENT_STATUS_COUNT, &payment));
    order.status = (enum order_order_status)status;
    order.payment_status = (enum order_payment_status)payment;
    const char *currency = text_string(request_arena(request), row_text(row));
    order.totals.items = money_make(row_int(row), currency);
    order.totals.discount = money_make(row_int(row), currency);
    order.totals.shipping = money_make(row_int(row), currency);
    order.totals.tax = money_make(row_int(row), currency);
    order.totals.total = money_make(row_int(row), currency);
    order.placed_at_us = row_int(row);
    struct order_offline_state offline = { .owed = row_int(row), .number = order.number };
    order.on_delivery = money_make(offline.owed, currency);
    order.totals.shipping_discount = money_make(row_int(row), currency);
    *ret_has_details = row_bool(row);
    TRY(read_fulfilment(row, &order.fulfilment_status));
    order.version = row_int(row);
    const int64_t refunded = row_int(row);
    order.has_refunded = refunded > 0;
    order.refunded = money_make(refunded, currency);
    const int64_t to_card = row_int(row);
    order.has_card_refunded = to_card > 0;
    order.card_refunded = money_make(to_card, currency);
    order.returns_until_us = row_int(row);
    order.has_returns_until = order.returns_until_us > 0;
    order.has_business_number = !row_skip_null(row);
    if (order.has_business_number) order.business_number = row_text(row);
    TRY(read_offline(row, &offline));
    order.has_on_delivery = is_owed_at_the_door(&offline);
    order.has_offline = order_offline_show(request, &offline, currency, &order.offline);
    order.has_replaces_id = !row_skip_null(row);
    if (order.has_replaces_id) order.replaces_id = row_uuid(row);
    *ret_user_id = user_id;
    *ret_order = order;
    return STATUS_OK;
}

static enum status list_orders(struct request *request, const struct statement *statement,
                               const struct store_params *params, struct order_list *ret_list)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct order_list list = { .count = rows.count };
    list.orders = arena_allocate_array(arena, rows.count, sizeof *list.orders);
    list.user_ids = arena_allocate_array(arena, rows.count, sizeof *list.user_ids);
    list.have_details = arena_allocate_array(arena, rows.count, sizeof *list.have_details);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_order(request, &row, &list.user_ids[i], &list.have_details[i], &list.orders[i]));
    }
    *ret_list = list;
    return STATUS_OK;
}

static enum status list_by_id(struct request *request, const struct statement *statement,
                              struct uuid id, struct order_list *ret_list)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), id);
    return list_orders(request, statement, &params, ret_list);
}

/* Numbers end in -1, -2 ... -50 in the order of the cart, so that length first and text second sort
 * them. */
static const struct statement list_of_group_statement = {
    .name = "order_list_of_group",
    .sql = "SELECT " ORDER_COLUMNS
           "FROM \"order\".vendor_order WHERE group_id = $1 ORDER BY length(number), number",
};

enum status order_store_list_of_group(struct request *request, struct uuid group_id,
                                      struct order_list *ret_list)
{
    return list_by_id(request, &list_of_group_statement, group_id, ret_list);
}

static const struct statement list_of_user_statement = {
    .name = "order_list_of_user",
    .sql = "SELECT " ORDER_COLUMNS "FROM \"order\".vendor_order "
           "WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
};

enum status order_store_list_of_user(struct request *request, struct uuid user_id,
                                     struct uuid before, int64_t limit, struct order_list *ret_list)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, user_id);
    param_uuid(&params, arena, before);
    param_int(&params, arena, limit);
    return list_orders(request, &list_of_user_statement, &params, ret_list);
}

/* $1 whose, $2 before which id, $3 how many, $4 status, $5 payment, $6 and $7 times, $8 number, $9
 * fulfilment. Each walks an index from the newest on, and ends at the page's end. */
#define FILTER_SQL                                                                                 \
    "id < $2 AND ($4 = '' OR status = $4) AND ($5 = '' OR \"order\".payment_shown(vendor_order) "  \
    "= $5) "                                                                                       \
    "AND placed_at >= $6 AND placed_at < $7 AND ($8 = '' OR number = $8) "                         \
    "AND ($9 = '' OR fulfilment_status = $9) "                                                     \
    "ORDER BY id DESC LIMIT $3"

static const struct statement list_of_vendor_statement = {
    .name = "order_list_of_vendor",
    .sql =
        "SELECT " ORDER_COLUMNS "FROM \"order\".vendor_order WHERE vendor_id = $1 AND " FILTER_SQL,
};

static const struct statement list_of_buyer_statement = {
    .name = "order_list_of_buyer",
    .sql = "SELECT " ORDER_COLUMNS "FROM \"order\".vendor_order WHERE user_id = $1 AND " FILTER_SQL,
};

static const struct statement list_all_statement = {
    .name = "order_list_all",
    .sql = "SELECT " ORDER_COLUMNS
           "FROM \"order\".vendor_order WHERE $1::uuid IS NOT NULL AND " FILTER_SQL,
};

/* By its number there is at most one, whoever's it is. */
static const struct statement find_number_statement = {
    .name = "order_find_number",
    .sql = "SELECT " ORDER_COLUMNS "FROM \"order\".vendor_order WHERE number = $8 "
           "AND ($1 = '00000000-0000-0000-0000-000000000000' OR $1 IN (vendor_id, user_id)) "
           "AND " FILTER_SQL,
};

enum status order_store_list_by(struct request *request, const struct order_filter *filter,
                                struct uuid before, int64_t limit, struct order_list *ret_list)
{
    assert(filter != NULL);
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    const struct statement *statement = &list_all_statement;
    struct uuid whose = filter->vendor_id;
    if (!uuid_is_zero(filter->vendor_id)) statement = &list_of_vendor_statement;
    if (!uuid_is_zero(filter->user_id)) {
        statement = &list_of_buyer_statement;
        whose = filter->user_id;
    }
    if (filter->number.length > 0) statement = &find_number_statement;
    param_uuid(&params, arena, whose);
    param_uuid(&params, arena, before);
    param_int(&params, arena, limit);
    param_text(&params, arena, filter->status);
    param_text(&params, arena, filter->payment_status);
    param_int(&params, arena, filter->has_placed_from ? filter->placed_from_us : 0);
    param_int(&params, arena, filter->has_placed_to ? filter->placed_to_us : INT64_MAX);
    param_text(&params, arena, filter->number);
    param_text(&params, arena, filter->fulfilment_status);
    return list_orders(request, statement, &params, ret_list);
}

static const struct statement find_order_statement = {
    .name = "order_find",
    .sql = "SELECT " ORDER_COLUMNS "FROM \"order\".vendor_order WHERE id = $1",
};

enum status order_store_find_order(struct request *request, struct uuid order_id,
                                   struct order_list *ret_list)
{
    return list_by_id(request, &find_order_statement, order_id, ret_list);
}

static const struct statement lines_statement = {
    .name = "order_lines",
    .sql =
        "SELECT order_id, id, variant_id, product_id, name, slug, options, image, sku, quantity, "
        "unit_amount, total, list_amount, discount, tax, cancelled, packed, shipped, delivered, "
        "returned, price_list_id, " ORDER_SUPPLY_COLUMNS
        "FROM \"order\".order_line WHERE order_id = ANY ($1) ORDER BY "
        "order_id, "
        "position",
};

static enum status read_line(struct row *row, struct arena *arena, const char *currency,
                             struct order_order_line *ret_line)
{
    struct order_order_line line = { .id = row_uuid(row) };
    line.variant_id = row_uuid(row);
    line.product_id = row_uuid(row);
    line.name = row_text(row);
    line.slug = row_text(row);
    line.has_slug = line.slug.length > 0;
    line.options = row_text_pairs(row, arena, &line.options_count);
    line.image = row_text(row);
    line.has_image = line.image.length > 0;
    line.has_sku = !row_skip_null(row);
    if (line.has_sku) line.sku = row_text(row);
    line.quantity = row_int(row);
    line.unit_price = money_make(row_int(row), currency);
    line.total = money_make(row_int(row), currency);
    line.has_list_price = !row_skip_null(row);
    if (line.has_list_price) line.list_price = money_make(row_int(row), currency);
    line.discount = money_make(row_int(row), currency);
    line.tax = money_make(row_int(row), currency);
    line.cancelled = row_int(row);
    line.packed = row_int(row);
    line.shipped = row_int(row);
    line.delivered = row_int(row);
    line.returned = row_int(row);
    line.has_price_list_id = !row_skip_null(row);
    if (line.has_price_list_id) line.price_list_id = row_uuid(row);
    TRY(order_supply_read(row, arena, &line));
    *ret_line = line;
    return STATUS_OK;
}

enum status order_store_fill_lines(struct request *request, struct order_list *list)
{
    if (list->count == 0) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, list->count, sizeof *ids);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->orders[i].id;
    struct store_params params = { 0 };
    param_uuid_array(&params, arena, ids, list->count);
    struct rows rows;
    TRY(request_query(request, &lines_statement, &params, &rows));

    /* Rows of one order stand together, so each order's lines are a slice of one array. */
    struct order_order_line *lines = arena_allocate_array(arena, rows.count, sizeof *lines);
    struct order_order *order = NULL;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid order_id = row_uuid(&row);
        if (order == NULL || !uuid_equals(order->id, order_id)) {
            order = order_list_find(list, order_id);
            if (order == NULL) return STATUS_CORRUPT;
            order->lines = &lines[i];
        }
        TRY(read_line(&row, arena, order->totals.total.currency, &lines[i]));
        order->lines_count++;
    }
    return order_store_fill_details(request, list);
}

enum status order_store_fill_group(struct request *request, struct order_group *group)
{
    assert(group->orders_count == 0);
    if (group->status != ORDER_GROUP_STATUS_PLACED) return STATUS_OK;
    struct order_list list;
    TRY(order_store_list_of_group(request, group->id, &list));
    TRY(order_store_fill_lines(request, &list));
    group->orders = list.orders;
    group->orders_count = list.count;
    return STATUS_OK;
}
