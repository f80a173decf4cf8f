/* SQL of what orders keep besides their lines: address, deliveries, promotions, taxes. Orders
 * without any of them write and read nothing here. */
#include "actors/order/cart_store.h"
#include "actors/order/order_store.h"

bool order_has_details(const struct order_order *order)
{
    return order->has_address || order->deliveries_count > 0 || order->promotions_count > 0 ||
           order->totals.taxes_count > 0;
}

/* ---- the address ---- */

static const struct statement keep_address_statement = {
    .name = "order_keep_address",
    .sql = "INSERT INTO \"order\".group_address (group_id, country, region_code, receiver, line1, "
           "line2, city, postal_code, region, phone) "
           "SELECT $2, " CART_ADDRESS_COLUMNS "FROM \"order\".cart a WHERE a.id = $1",
};

void order_store_keep_address(struct request *request, struct uuid cart_id, struct uuid group_id)
{
    struct store_params *params = request_write(request, &keep_address_statement);
    param_uuid(params, request_arena(request), cart_id);
    param_uuid(params, request_arena(request), group_id);
}

#define FORGET                                                                                     \
    "UPDATE \"order\".group_address a SET receiver = NULL, line1 = NULL, line2 = NULL, "           \
    "city = NULL, postal_code = NULL, region = NULL, phone = NULL "

static const struct statement forget_of_user_statement = {
    .name = "order_forget_addresses",
    .sql = FORGET "FROM \"order\".order_group g WHERE g.user_id = $1 AND a.group_id = g.id "
                  "AND a.receiver IS NOT NULL",
};

void order_store_forget_addresses(struct request *request, struct uuid user_id)
{
    struct store_params *params = request_write(request, &forget_of_user_statement);
    param_uuid(params, request_arena(request), user_id);
}

/* A guest's address goes when his e-mail address has gone. */
static const struct statement forget_of_group_statement = {
    .name = "order_forget_address",
    .sql = FORGET "FROM \"order\".order_group g WHERE g.id = $1 AND a.group_id = g.id "
                  "AND g.user_id IS NULL AND g.guest_email IS NULL",
};

void order_store_forget_address(struct request *request, struct uuid group_id)
{
    struct store_params *params = request_write(request, &forget_of_group_statement);
    param_uuid(params, request_arena(request), group_id);
}

static const struct statement addresses_statement = {
    .name = "order_addresses",
    .sql = "SELECT a.group_id, " CART_ADDRESS_COLUMNS "FROM \"order\".group_address a "
           "WHERE a.group_id = ANY ($1) AND a.receiver IS NOT NULL",
};

enum status order_store_query_addresses(struct request *request, const struct uuid *group_ids,
                                        size_t count, struct rows *ret_rows)
{
    struct store_params params = { 0 };
    param_uuid_array(&params, request_arena(request), group_ids, count);
    return request_query(request, &addresses_statement, &params, ret_rows);
}

enum status order_store_find_address(struct request *request, struct uuid group_id,
                                     struct common_postal_address *ret_address)
{
    struct rows rows;
    TRY(order_store_query_addresses(request, &group_id, 1, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    (void)row_uuid(&row);
    cart_store_read_address_row(&row, ret_address);
    return STATUS_OK;
}

static const struct statement is_first_statement = {
    .name = "order_is_first",
    .sql = "SELECT NOT EXISTS (SELECT 1 FROM \"order\".vendor_order WHERE user_id = $1)",
};

enum status order_store_is_first(struct request *request, struct uuid user_id, bool *ret_is_first)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), user_id);
    struct rows rows;
    TRY(request_query(request, &is_first_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_first = row_bool(&row);
    return STATUS_OK;
}

static const struct statement is_first_of_guest_statement = {
    .name = "order_is_first_of_guest",
    .sql = "SELECT NOT EXISTS (SELECT 1 FROM \"order\".order_group WHERE guest_email = $1 "
           "AND user_id IS NULL AND status = 'placed')",
};

enum status order_store_is_first_of_guest(struct request *request, struct text email,
                                          bool *ret_is_first)
{
    struct store_params params = { 0 };
    param_text(&params, request_arena(request), email);
    struct rows rows;
    TRY(request_query(request, &is_first_of_guest_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_first = row_bool(&row);
    return STATUS_OK;
}

/* ---- placed ---- */

/* Of each delivery of a checkout: its order, and the row that it becomes. */
struct placed_deliveries {
    struct uuid *ids, *order_ids;
};

static struct uuid order_of_vendor(const struct order_group *group, struct uuid vendor_id)
{
    for (size_t i = 0; i < group->orders_count; i++)
        if (uuid_equals(group->orders[i].vendor.id, vendor_id)) return group->orders[i].id;
    assert(false);
    return (struct uuid){ { 0 } };
}

static const struct statement deliveries_statement = {
    .name = "order_place_deliveries",
    .sql = "INSERT INTO \"order\".order_delivery (id, order_id, profile_id, method_id, "
           "method_name, handling_days, amount, discount, tax, position) "
           "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], "
           "$6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) WITH ORDINALITY",
};

static void place_deliveries(struct request *request, const struct order_checkout_data *checkout,
                             const struct placed_deliveries *placed)
{
    enum { NUMBERS = 4 };
    const size_t count = checkout->deliveries_count;
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct uuid *profiles = arena_allocate_array(arena, count, sizeof *profiles);
    struct uuid *methods = arena_allocate_array(arena, count, sizeof *methods);
    struct text *names = arena_allocate_array(arena, count, sizeof *names);
    int64_t *numbers[NUMBERS];
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = arena_allocate_array(arena, count, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        const struct order_checkout_delivery *delivery = &checkout->deliveries[i];
        profiles[i] = delivery->profile_id;
        methods[i] = delivery->method_id;
        names[i] = delivery->method_name;
        numbers[0][i] = delivery->handling_days;
        numbers[1][i] = delivery->amount;
        numbers[2][i] = order_sum_of_discounts(delivery->discounts, delivery->discounts_count);
        numbers[3][i] = order_sum_of_taxes(delivery->taxes, delivery->taxes_count);
    }
    struct store_params *params = request_write(request, &deliveries_statement);
    param_uuid_array(params, arena, placed->ids, count);
    param_uuid_array(params, arena, placed->order_ids, count);
    param_uuid_array(params, arena, profiles, count);
    param_uuid_array(params, arena, methods, count);
    param_text_array(params, arena, names, count);
    for (size_t i = 0; i < NUMBERS; i++)
        param_int_array(params, arena, numbers[i], count);
}

/* Rows of shares: which order, which line or delivery, of which promotion or rate, two amounts. */
struct share_rows {
    struct uuid *order_ids, *subject_ids, *of_ids;
    int64_t *first, *second;
    size_t count, room;
};

static struct share_rows make_share_rows(struct arena *arena, size_t room)
{
    return (struct share_rows){ .order_ids = arena_allocate_array(arena, room, sizeof(struct uuid)),
                                .subject_ids =
                                    arena_allocate_array(arena, room, sizeof(struct uuid)),
                                .of_ids = arena_allocate_array(arena, room, sizeof(struct uuid)),
                                .first = arena_allocate_array(arena, room, sizeof(int64_t)),
                                .second = arena_allocate_array(arena, room, sizeof(int64_t)),
                                .room = room };
}

static void add_share(struct share_rows *rows, struct uuid order_id, struct uuid subject_id,
                      struct uuid of_id, int64_t first, int64_t second)
{
    assert(rows->count < rows->room);
    rows->order_ids[rows->count] = order_id;
    rows->subject_ids[rows->count] = subject_id;
    rows->of_ids[rows->count] = of_id;
    rows->first[rows->count] = first;
    rows->second[rows->count++] = second;
}

static const struct statement discounts_statement = {
    .name = "order_place_discounts",
    .sql = "INSERT INTO \"order\".order_discount (order_id, subject_id, promotion_id, "
           "market_amount, vendor_amount) "
           "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])",
};

static const struct statement taxes_statement = {
    .name = "order_place_taxes",
    .sql = "INSERT INTO \"order\".order_tax (order_id, subject_id, rate_id, base, amount) "
           "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])",
};

static void write_shares(struct request *request, const struct statement *statement,
                         const struct share_rows *rows)
{
    if (rows->count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_uuid_array(params, arena, rows->order_ids, rows->count);
    param_uuid_array(params, arena, rows->subject_ids, rows->count);
    param_uuid_array(params, arena, rows->of_ids, rows->count);
    param_int_array(params, arena, rows->first, rows->count);
    param_int_array(params, arena, rows->second, rows->count);
}

static void add_discounts(struct share_rows *rows, const struct order_checkout_data *checkout,
                          struct uuid order_id, struct uuid subject_id,
                          const struct order_checkout_discount *discounts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_share(rows, order_id, subject_id,
                  checkout->promotions[discounts[i].promotion].promotion_id,
                  discounts[i].market_amount, discounts[i].vendor_amount);
}

static void add_taxes(struct share_rows *rows, const struct order_checkout_data *checkout,
                      struct uuid order_id, struct uuid subject_id,
                      const struct order_checkout_tax *taxes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_share(rows, order_id, subject_id, checkout->rates[taxes[i].rate].rate_id, taxes[i].base,
                  taxes[i].amount);
}

static void place_shares(struct request *request, const struct order_checkout_data *checkout,
                         const struct order_group *group, const struct placed_deliveries *placed)
{
    struct arena *arena = request_arena(request);
    const size_t subjects = checkout->lines_count + checkout->deliveries_count;
    struct share_rows discounts = make_share_rows(arena, subjects * checkout->promotions_count);
    struct share_rows taxes = make_share_rows(arena, subjects * checkout->rates_count);
    for (size_t i = 0; i < checkout->lines_count; i++) {
        const struct order_checkout_line *line = &checkout->lines[i];
        const struct uuid order_id = order_of_vendor(group, line->vendor_id);
        add_discounts(&discounts, checkout, order_id, line->line_id, line->discounts,
                      line->discounts_count);
        add_taxes(&taxes, checkout, order_id, line->line_id, line->taxes, line->taxes_count);
    }
    for (size_t i = 0; i < checkout->deliveries_count; i++) {
        const struct order_checkout_delivery *delivery = &checkout->deliveries[i];
        add_discounts(&discounts, checkout, placed->order_ids[i], placed->ids[i],
                      delivery->discounts, delivery->discounts_count);
        add_taxes(&taxes, checkout, placed->order_ids[i], placed->ids[i], delivery->taxes,
                  delivery->taxes_count);
    }
    write_shares(request, &discounts_statement, &discounts);
    write_shares(request, &taxes_statement, &taxes);
}

/* Promotions and rates of the orders that have a share of them. */
static const struct statement names_statement = {
    .name = "order_place_names",
    .sql = "WITH promotions AS (INSERT INTO \"order\".order_promotion "
           "(order_id, promotion_id, name, code, position) "
           "SELECT DISTINCT d.order_id, p.id, p.name, nullif(p.code, ''), p.position "
           "FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY "
           "AS p (id, name, code, position) "
           "JOIN \"order\".order_discount d ON d.promotion_id = p.id AND d.order_id = ANY ($1)) "
           "INSERT INTO \"order\".order_rate (order_id, rate_id, name, ppm, is_included, "
           "position) "
           "SELECT DISTINCT t.order_id, r.id, r.name, r.ppm, $8, r.position "
           "FROM unnest($5::uuid[], $6::text[], $7::bigint[]) WITH ORDINALITY "
           "AS r (id, name, ppm, position) "
           "JOIN \"order\".order_tax t ON t.rate_id = r.id AND t.order_id = ANY ($1)",
};

static void place_names(struct request *request, const struct order_checkout_data *checkout,
                        const struct order_group *group)
{
    const size_t promotions = checkout->promotions_count, rates = checkout->rates_count;
    if (promotions + rates == 0) return;
    struct arena *arena = request_arena(request);
    struct uuid *orders = arena_allocate_array(arena, group->orders_count, sizeof *orders);
    struct uuid *ids = arena_allocate_array(arena, promotions + rates, sizeof *ids);
    struct text *names = arena_allocate_array(arena, promotions + rates, sizeof *names);
    struct text *codes = arena_allocate_array(arena, promotions, sizeof *codes);
    int64_t *ppm = arena_allocate_array(arena, rates, sizeof *ppm);
    for (size_t i = 0; i < group->orders_count; i++)
        orders[i] = group->orders[i].id;
    for (size_t i = 0; i < promotions; i++) {
        ids[i] = checkout->promotions[i].promotion_id;
        names[i] = checkout->promotions[i].name;
        codes[i] = checkout->promotions[i].has_code ? checkout->promotions[i].code : TEXT("");
    }
    for (size_t i = 0; i < rates; i++) {
        ids[promotions + i] = checkout->rates[i].rate_id;
        names[promotions + i] = checkout->rates[i].name;
        ppm[i] = checkout->rates[i].ppm;
    }
    struct store_params *params = request_write(request, &names_statement);
    param_uuid_array(params, arena, orders, group->orders_count);
    param_uuid_array(params, arena, ids, promotions);
    param_text_array(params, arena, names, promotions);
    param_text_array(params, arena, codes, promotions);
    param_uuid_array(params, arena, ids + promotions, rates);
    param_text_array(params, arena, names + promotions, rates);
    param_int_array(params, arena, ppm, rates);
    param_bool(params, arena, checkout->prices_include_tax);
}

void order_store_place_details(struct request *request, const struct order_checkout_data *checkout,
                               const struct order_group *group)
{
    const size_t count = checkout->deliveries_count;
    struct arena *arena = request_arena(request);
    struct placed_deliveries placed = {
        .ids = arena_allocate_array(arena, count, sizeof(struct uuid)),
        .order_ids = arena_allocate_array(arena, count, sizeof(struct uuid)),
    };
    for (size_t i = 0; i < count; i++) {
        placed.ids[i] = request_new_id(request);
        placed.order_ids[i] = order_of_vendor(group, checkout->deliveries[i].vendor_id);
    }
    place_deliveries(request, checkout, &placed);
    place_shares(request, checkout, group, &placed);
    place_names(request, checkout, group);
}
