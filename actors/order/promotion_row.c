/* Reads rows of promotions. */
#include "actors/order/promotion_row.h"

#include <string.h>

enum status promotion_row_enum(struct text name, const char *const *names, int count,
                               int *ret_value)
{
    for (int i = 0; i < count; i++)
        if (text_equals_string(name, names[i])) {
            *ret_value = i;
            return STATUS_OK;
        }
    return STATUS_CORRUPT;
}

static struct uuid optional_uuid(struct row *row)
{
    return row_skip_null(row) ? (struct uuid){ 0 } : row_uuid(row);
}

static struct text optional_text(struct row *row)
{
    return row_skip_null(row) ? (struct text){ 0 } : row_text(row);
}

static bool optional_int(struct row *row, int64_t *ret_value)
{
    *ret_value = 0;
    if (row_skip_null(row)) return false;
    *ret_value = row_int(row);
    return true;
}

static void read_selection(struct row *row, struct arena *arena,
                           struct price_selection *ret_selection)
{
    struct price_selection selection = { .kind = PRICE_SELECT_ALL };
    selection.products_count = row_uuid_array(row, arena, &selection.products);
    selection.category_id = optional_uuid(row);
    if (!uuid_is_zero(selection.category_id)) selection.kind = PRICE_SELECT_CATEGORY;
    if (selection.products_count > 0) selection.kind = PRICE_SELECT_PRODUCTS;
    *ret_selection = selection;
}

/* Columns from vendor_id to get_quantity. */
static enum status read_effect(struct row *row, struct promotion *promotion)
{
    struct price_promotion *price = &promotion->price;
    int status, kind;
    price->vendor_id = optional_uuid(row);
    promotion->name = row_text(row);
    promotion->code_typed = optional_text(row);
    price->code = optional_text(row);
    price->needs_code = price->code.length > 0;
    TRY(promotion_row_enum(row_text(row), order_promotion_status_names,
                           ORDER_PROMOTION_STATUS_COUNT, &status));
    TRY(promotion_row_enum(row_text(row), order_promotion_kind_names, ORDER_PROMOTION_KIND_COUNT,
                           &kind));
    promotion->status = (enum order_promotion_status)status;
    price->kind = (enum price_promotion_kind)kind;
    price->ppm = row_int(row);
    const struct text currency = optional_text(row);
    assert(currency.length < sizeof promotion->currency);
    if (currency.length > 0) memcpy(promotion->currency, currency.data, currency.length);
    price->fixed_amount = row_int(row);
    price->buy_quantity = row_int(row);
    price->get_quantity = row_int(row);
    return STATUS_OK;
}

/* Columns from target_products to market_ppm. */
static enum status read_conditions(struct row *row, struct arena *arena,
                                   struct promotion *promotion)
{
    struct price_promotion *price = &promotion->price;
    int bearer;
    read_selection(row, arena, &price->target);
    read_selection(row, arena, &price->qualifying);
    price->quantity_min = row_int(row);
    price->subtotal_min_amount = row_int(row);
    promotion->group_ids_count = row_uuid_array(row, arena, &promotion->group_ids);
    price->has_group = promotion->group_ids_count > 0;
    price->needs_first_order = row_bool(row);
    price->period.starts_us = row_int(row);
    price->period.has_end = optional_int(row, &price->period.ends_us);
    price->is_exclusive = row_bool(row);
    price->priority = row_int(row);
    price->has_cap = optional_int(row, &price->cap_amount);
    TRY(promotion_row_enum(row_text(row), order_promotion_bearer_names,
                           ORDER_PROMOTION_BEARER_COUNT, &bearer));
    price->bearer = (enum price_bearer)bearer;
    price->market_ppm = row_int(row);
    return STATUS_OK;
}

enum status promotion_row_read(struct row *row, struct arena *arena,
                               struct promotion *ret_promotion)
{
    struct promotion *promotion = ret_promotion;
    *promotion = (struct promotion){ 0 };
    promotion->price.id = row_uuid(row);
    promotion->owner_id = row_uuid(row);
    TRY(read_effect(row, promotion));
    TRY(read_conditions(row, arena, promotion));
    promotion->has_limit_total = optional_int(row, &promotion->limit_total);
    promotion->has_limit_per_customer = optional_int(row, &promotion->limit_per_customer);
    promotion->held = row_int(row);
    promotion->used = row_int(row);
    promotion->version = row_int(row);
    promotion->created_at_us = row_int(row);
    promotion->updated_at_us = row_int(row);
    return STATUS_OK;
}
