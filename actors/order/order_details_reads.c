/* SQL that reads what orders keep besides their lines. */
#include "actors/order/cart_store.h"
#include "actors/order/order_store.h"

/* Deliveries, promotions and taxes of orders in one statement; what a column means depends on the
 * kind of its row. */
enum detail_kind { DETAIL_DELIVERY, DETAIL_PROMOTION, DETAIL_TAX, DETAIL_KIND_COUNT };

static const struct statement details_statement = {
    .name = "order_details",
    .sql = "SELECT d.order_id, 0 AS kind, d.profile_id AS first_id, d.method_id AS second_id, "
           "d.method_name AS name, NULL::text AS code, d.handling_days AS n1, d.amount AS n2, "
           "d.discount AS n3, d.tax AS n4, false AS flag, d.position "
           "FROM \"order\".order_delivery d WHERE d.order_id = ANY ($1) "
           "UNION ALL "
           "SELECT p.order_id, 1, p.promotion_id, p.promotion_id, p.name, p.code, "
           "sum(d.market_amount)::bigint, sum(d.vendor_amount)::bigint, 0, 0, false, p.position "
           "FROM \"order\".order_promotion p JOIN \"order\".order_discount d "
           "ON d.order_id = p.order_id AND d.promotion_id = p.promotion_id "
           "WHERE p.order_id = ANY ($1) GROUP BY p.order_id, p.promotion_id "
           "UNION ALL "
           "SELECT r.order_id, 2, r.rate_id, r.rate_id, r.name, NULL, r.ppm, sum(t.base)::bigint, "
           "sum(t.amount)::bigint, 0, r.is_included, r.position "
           "FROM \"order\".order_rate r JOIN \"order\".order_tax t "
           "ON t.order_id = r.order_id AND t.rate_id = r.rate_id "
           "WHERE r.order_id = ANY ($1) GROUP BY r.order_id, r.rate_id "
           "ORDER BY order_id, kind, position",
};

struct detail {
    struct uuid first_id, second_id;
    struct text name, code;
    bool has_code, flag;
    int64_t numbers[4];
};

static void add_delivery(const struct detail *detail, const char *currency,
                         struct order_order_delivery *ret_delivery)
{
    *ret_delivery = (struct order_order_delivery){
        .profile_id = detail->first_id,
        .method_id = detail->second_id,
        .method_name = detail->name,
        .handling_days = detail->numbers[0],
        .amount = money_make(detail->numbers[1], currency),
        .discount = money_make(detail->numbers[2], currency),
        .tax = money_make(detail->numbers[3], currency),
    };
}

static void add_promotion(const struct detail *detail, const char *currency,
                          struct order_order_promotion *ret_promotion)
{
    *ret_promotion = (struct order_order_promotion){
        .promotion_id = detail->first_id,
        .name = detail->name,
        .has_code = detail->has_code,
        .code = detail->code,
        .discount = money_make(detail->numbers[0] + detail->numbers[1], currency),
        .vendor_bears = money_make(detail->numbers[1], currency),
    };
}

static void add_tax(const struct detail *detail, const char *currency,
                    struct order_tax_line *ret_tax)
{
    *ret_tax = (struct order_tax_line){ .name = detail->name,
                                        .rate_ppm = detail->numbers[0],
                                        .base = money_make(detail->numbers[1], currency),
                                        .amount = money_make(detail->numbers[2], currency),
                                        .is_included = detail->flag };
}

/* Where the next detail of each kind goes: rows of one order stand together, by kind, so each
 * order's are slices of three arrays. */
struct detail_lists {
    struct order_order_delivery *deliveries;
    struct order_order_promotion *promotions;
    struct order_tax_line *taxes;
};

static enum status add_detail(struct order_order *order, int64_t kind, const struct detail *detail,
                              struct detail_lists *lists)
{
    const char *currency = order->totals.total.currency;
    switch (kind) {
    case DETAIL_DELIVERY:
        if (order->deliveries_count++ == 0) order->deliveries = lists->deliveries;
        add_delivery(detail, currency, lists->deliveries++);
        return STATUS_OK;
    case DETAIL_PROMOTION:
        if (order->promotions_count++ == 0) order->promotions = lists->promotions;
        add_promotion(detail, currency, lists->promotions++);
        return STATUS_OK;
    case DETAIL_TAX:
        if (order->totals.taxes_count++ == 0) order->totals.taxes = lists->taxes;
        add_tax(detail, currency, lists->taxes++);
        return STATUS_OK;
    default:
        return STATUS_CORRUPT;
    }
}

static void read_detail(struct row *row, struct detail *ret_detail)
{
    struct detail detail = { .first_id = row_uuid(row) };
    detail.second_id = row_uuid(row);
    detail.name = row_text(row);
    detail.has_code = !row_skip_null(row);
    if (detail.has_code) detail.code = row_text(row);
    for (size_t i = 0; i < ARRAY_LENGTH(detail.numbers); i++)
        detail.numbers[i] = row_int(row);
    detail.flag = row_bool(row);
    *ret_detail = detail;
}

static enum status fill_prices(struct request *request, struct order_list *list,
                               const struct uuid *ids, size_t count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid_array(&params, arena, ids, count);
    struct rows rows;
    TRY(request_query(request, &details_statement, &params, &rows));
    struct detail_lists lists = {
        .deliveries = arena_allocate_array(arena, rows.count, sizeof *lists.deliveries),
        .promotions = arena_allocate_array(arena, rows.count, sizeof *lists.promotions),
        .taxes = arena_allocate_array(arena, rows.count, sizeof *lists.taxes),
    };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct order_order *order = order_list_find(list, row_uuid(&row));
        const int64_t kind = row_int(&row);
        struct detail detail;
        read_detail(&row, &detail);
        if (order == NULL) return STATUS_CORRUPT;
        TRY(add_detail(order, kind, &detail, &lists));
    }
    return STATUS_OK;
}

static enum status fill_addresses(struct request *request, struct order_list *list,
                                  const struct uuid *group_ids, size_t count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(order_store_query_addresses(request, group_ids, count, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid group_id = row_uuid(&row);
        struct common_postal_address *address = arena_allocate(arena, sizeof *address);
        cart_store_read_address_row(&row, address);
        for (size_t k = 0; k < list->count; k++) {
            if (!uuid_equals(list->orders[k].group_id, group_id)) continue;
            list->orders[k].has_address = true;
            list->orders[k].address = *address;
        }
    }
    return STATUS_OK;
}

enum status order_store_fill_details(struct request *request, struct order_list *list)
{
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, list->count, sizeof *ids);
    struct uuid *group_ids = arena_allocate_array(arena, list->count, sizeof *group_ids);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!list->have_details[i]) continue;
        ids[count] = list->orders[i].id;
        group_ids[count++] = list->orders[i].group_id;
    }
    if (count == 0) return STATUS_OK;
    TRY(fill_prices(request, list, ids, count));
    return fill_addresses(request, list, group_ids, count);
}
