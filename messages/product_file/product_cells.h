/* What a row of a product file has in its cells, before it is known to which product it belongs.
 * Pure. */
#pragma once

#include "messages/product_file/product_columns.h"
#include "runtime/arena.h"

/* The field of the row without white space around it; empty if it is not there. */
struct text product_cell(const struct product_columns *columns, const struct csv_row *row,
                         enum product_field field);
/* What tells the product of the row apart; it may be in the arena. */
struct text product_cell_handle(const struct product_columns *columns, const struct csv_row *row,
                                struct arena *arena);
/* WooCommerce: what its variations may call the row's product, "id:" and its number, though it has
 * an SKU; else empty. In the arena. */
struct text product_cell_by_id(const struct product_columns *columns, const struct csv_row *row,
                               struct arena *arena);
/* The product's name: empty of rows that only add to a product. */
struct text product_cell_name(const struct product_columns *columns, const struct csv_row *row);
/* True if the row has a variant of its own. */
bool product_cells_have_variant(const struct product_columns *columns, const struct csv_row *row,
                                bool is_first);
