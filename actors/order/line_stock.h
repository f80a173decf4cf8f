/* What the lines of a basket take from the stock: the goods themselves, or, of bundles, their
 * parts, summed over all lines. Pure. */
#pragma once

#include "actors/order/cart.h"
#include "runtime/arena.h"

/* Variants that one process asks for; with one more, it still tells that it is done. */
enum { LINE_STOCK_MAX = 60 };

struct line_stock {
    struct order_stock_units units[LINE_STOCK_MAX];
    size_t count;
    bool is_full; /* there would have been more; what is there is of no use then */
};

/* What the offer's bundle is made of, as lines keep it, in the arena; none of other goods. */
const struct order_line_part *line_parts_of(struct arena *arena, const struct catalog_offer *offer);
/* Whether the cart takes no more variants from the stock than one process asks for. */
bool line_stock_holds(struct arena *arena, const struct cart *cart,
                      const struct catalog_offers *offers);

/* The same of an order with so many lines more. */
bool line_stock_holds_more(struct arena *arena, const struct order_order *order, size_t more);

/* Adds units of one variant to what there is of it. */
void line_stock_add(struct line_stock *stock, struct uuid variant_id, int64_t quantity);
/* Adds the parts of so many bundles. */
void line_stock_add_parts(struct line_stock *stock, const struct order_line_part *parts,
                          size_t parts_count, int64_t quantity);
/* Adds a line: its parts, if it has any, or else its goods. */
void line_stock_add_line(struct line_stock *stock, struct uuid variant_id,
                         const struct order_line_part *parts, size_t parts_count, int64_t quantity);

/* What goes back of a recall. Bundles of several lines have parts in common, so their parts go back
 * as one sum for each variant, under a restock of their own; `restocks` must have room for
 * LINE_STOCK_MAX more than it has. Returns how many there are then. */
size_t line_stock_give_back(const struct line_stock *parts, struct uuid back_id,
                            struct order_recall_line *restocks, size_t count);
