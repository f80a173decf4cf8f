/* Cells that several statements of the catalogue select. */
#include "actors/catalog/catalog_row.h"

#include <string.h>

struct money catalog_row_money(struct row *row)
{
    struct money money = { .amount = row_int(row) };
    const struct text currency = row_text(row);
    assert(currency.length == sizeof money.currency - 1); /* the table's check */
    memcpy(money.currency, currency.data, currency.length);
    return money;
}

struct catalog_sale catalog_row_sale(struct row *row)
{
    struct catalog_sale sale = { .amount = row_int(row) };
    sale.from_us = row_int(row);
    sale.to_us = row_int(row);
    assert(sale.amount >= 0);
    return sale;
}

size_t catalog_row_tiers(struct row *row, struct arena *arena,
                         const struct catalog_tier **ret_tiers)
{
    *ret_tiers = NULL;
    if (row_skip_null(row)) {
        const bool is_null_too = row_skip_null(row);
        assert(is_null_too); /* the table's check, as the next one */
        return 0;
    }
    const int64_t *quantities, *amounts;
    const size_t count = row_int_array(row, arena, &quantities);
    const size_t amounts_count = row_int_array(row, arena, &amounts);
    assert(amounts_count == count);
    struct catalog_tier *tiers = arena_allocate_array(arena, count, sizeof *tiers);
    for (size_t i = 0; i < count; i++)
        tiers[i] =
            (struct catalog_tier){ .from_quantity = quantities[i], .unit_amount = amounts[i] };
    *ret_tiers = tiers;
    return count;
}

struct catalog_quantities catalog_row_quantities(struct row *row)
{
    struct catalog_quantities quantities = { .min = row_int(row) };
    quantities.step = row_int(row);
    quantities.max = row_int(row);
    return quantities;
}

struct catalog_ahead catalog_row_ahead(struct row *row)
{
    struct catalog_ahead ahead = { .policy = (enum catalog_stock_policy)row_int(row) };
    assert((unsigned)ahead.policy < CATALOG_STOCK_POLICY_COUNT);
    ahead.limit = row_int(row);
    ahead.available_on_us = row_int(row);
    return ahead;
}
