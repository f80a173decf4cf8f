/* A checkout's parts: one for each vendor, and that they add up. */
#include "actors/order/order.h"

static struct order_part *find_part(struct order_split *split, struct uuid vendor_id)
{
    for (size_t i = 0; i < split->parts_count; i++)
        if (uuid_equals(split->parts[i].vendor_id, vendor_id)) return &split->parts[i];
    return NULL;
}

static struct order_part *find_or_add_part(struct order_split *split,
                                           const struct order_checkout_line *line)
{
    struct order_part *part = find_part(split, line->vendor_id);
    if (part != NULL) return part;
    assert(split->parts_count < ORDER_PARTS_MAX);
    part = &split->parts[split->parts_count++];
    part->vendor_id = line->vendor_id;
    part->vendor_name = line->vendor_name;
    part->sums = (struct order_sums){ .items = 0 };
    part->lines_count = 0;
    part->deliveries_count = 0;
    return part;
}

static enum status add_to(int64_t *sum, int64_t amount)
{
    return __builtin_add_overflow(*sum, amount, sum) ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

/* What is taken off `whole`. Statuses: OK, OUT_OF_RANGE, INVALID_VALUE (more than there is). */
static enum status sum_discounts(const struct order_checkout_discount *discounts, size_t count,
                                 int64_t whole, int64_t *ret_sum)
{
    *ret_sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (discounts[i].market_amount < 0 || discounts[i].vendor_amount < 0)
            return STATUS_INVALID_VALUE;
        TRY(add_to(ret_sum, discounts[i].market_amount));
        TRY(add_to(ret_sum, discounts[i].vendor_amount));
    }
    return *ret_sum <= whole ? STATUS_OK : STATUS_INVALID_VALUE;
}

/* What is added to the price as tax. */
static enum status add_taxes(const struct order_checkout_data *checkout,
                             const struct order_checkout_tax *taxes, size_t count, int64_t *sum)
{
    for (size_t i = 0; i < count; i++) {
        if (taxes[i].amount < 0) return STATUS_INVALID_VALUE;
        if (!checkout->prices_include_tax) TRY(add_to(sum, taxes[i].amount));
    }
    return STATUS_OK;
}

static enum status add_line(const struct order_checkout_data *checkout, size_t index,
                            struct order_split *split)
{
    const struct order_checkout_line *line = &checkout->lines[index];
    struct money total;
    int64_t discount;
    TRY(money_multiply(line->unit_price, line->quantity, &total));
    if (!money_equals(total, line->total)) return STATUS_INVALID_VALUE;
    if (!money_same_currency(total, checkout->total)) return STATUS_INVALID_VALUE;
    struct order_part *part = find_or_add_part(split, line);
    TRY(sum_discounts(line->discounts, line->discounts_count, total.amount, &discount));
    TRY(add_to(&part->sums.items, total.amount));
    TRY(add_to(&part->sums.discount, discount));
    TRY(add_taxes(checkout, line->taxes, line->taxes_count, &part->sums.added_tax));
    assert(part->lines_count < CART_LINES_MAX);
    part->lines[part->lines_count++] = (uint8_t)index;
    return STATUS_OK;
}

static enum status add_delivery(const struct order_checkout_data *checkout, size_t index,
                                struct order_split *split)
{
    const struct order_checkout_delivery *delivery = &checkout->deliveries[index];
    struct order_part *part = find_part(split, delivery->vendor_id);
    int64_t discount;
    if (part == NULL || delivery->amount < 0) return STATUS_INVALID_VALUE;
    TRY(sum_discounts(delivery->discounts, delivery->discounts_count, delivery->amount, &discount));
    TRY(add_to(&part->sums.shipping, delivery->amount));
    TRY(add_to(&part->sums.shipping_discount, discount));
    TRY(add_taxes(checkout, delivery->taxes, delivery->taxes_count, &part->sums.added_tax));
    if (part->deliveries_count == CART_LINES_MAX) return STATUS_OUT_OF_RANGE;
    part->deliveries[part->deliveries_count++] = (uint8_t)index;
    return STATUS_OK;
}

enum status order_split_by_vendor(const struct order_checkout_data *checkout,
                                  struct order_split *ret_split)
{
    if (checkout->lines_count < 1 || checkout->lines_count > CART_LINES_MAX)
        return STATUS_OUT_OF_RANGE;
    ret_split->parts_count = 0;
    for (size_t i = 0; i < checkout->lines_count; i++)
        TRY(add_line(checkout, i, ret_split));
    for (size_t i = 0; i < checkout->deliveries_count; i++)
        TRY(add_delivery(checkout, i, ret_split));
    int64_t sum = 0;
    for (size_t i = 0; i < ret_split->parts_count; i++) {
        struct order_part *part = &ret_split->parts[i];
        struct order_sums *sums = &part->sums;
        sums->total = sums->items - sums->discount; /* neither is negative, nor their difference */
        TRY(add_to(&sums->total, sums->shipping - sums->shipping_discount));
        TRY(add_to(&sums->total, sums->added_tax));
        TRY(add_to(&sum, sums->total));
        part->total = money_make(sums->total, checkout->total.currency);
    }
    return sum == checkout->total.amount ? STATUS_OK : STATUS_INVALID_VALUE;
}
