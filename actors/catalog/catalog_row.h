/* How cells that several of the catalogue's statements select are read. */
#pragma once

#include "actors/catalog/catalog_price.h"
#include "storage/values.h"

/* Reads two cells: an amount in minor units, then its currency. */
struct money catalog_row_money(struct row *row);

/* What a row of catalog.variant_price, which may be missing, says beside the price: five cells. */
#define SALE_AND_TIERS_SQL                                                                         \
    " coalesce(r.sale_amount, 0), coalesce(r.sale_from, 0), coalesce(r.sale_to, 0),"               \
    " r.tier_quantities, r.tier_amounts"
/* Read the first three of them, and the other two; none: amount 0, count 0. Tiers live in the
 * arena.
 */
struct catalog_sale catalog_row_sale(struct row *row);
size_t catalog_row_tiers(struct row *row, struct arena *arena,
                         const struct catalog_tier **ret_tiers);

/* How many of a variant are sold together: three cells. */
#define QUANTITIES_SQL                                                                             \
    " coalesce(w.quantity_min, 0), coalesce(w.quantity_step, 0), coalesce(w.quantity_max, 0)"
struct catalog_quantities catalog_row_quantities(struct row *row);
