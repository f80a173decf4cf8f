/* What lines take from the stock. */
#include "actors/order/line_stock.h"

const struct order_line_part *line_parts_of(struct arena *arena, const struct catalog_offer *offer)
{
    struct order_line_part *parts = arena_allocate_array(arena, offer->parts_count, sizeof *parts);
    for (size_t i = 0; i < offer->parts_count; i++)
        parts[i] = (struct order_line_part){ .variant_id = offer->parts[i].variant_id,
                                             .name = offer->parts[i].name,
                                             .has_sku = offer->parts[i].has_sku,
                                             .sku = offer->parts[i].sku,
                                             .quantity = offer->parts[i].quantity };
    return parts;
}

void line_stock_add(struct line_stock *stock, struct uuid variant_id, int64_t quantity)
{
    assert(quantity >= 1);
    for (size_t i = 0; i < stock->count; i++) {
        if (!uuid_equals(stock->units[i].variant_id, variant_id)) continue;
        stock->units[i].quantity += quantity;
        return;
    }
    if (stock->count == LINE_STOCK_MAX) {
        stock->is_full = true;
        return;
    }
    stock->units[stock->count++] = (struct order_stock_units){ variant_id, quantity };
}

void line_stock_add_parts(struct line_stock *stock, const struct order_line_part *parts,
                          size_t parts_count, int64_t quantity)
{
    for (size_t i = 0; i < parts_count; i++)
        line_stock_add(stock, parts[i].variant_id, parts[i].quantity * quantity);
}

void line_stock_add_line(struct line_stock *stock, struct uuid variant_id,
                         const struct order_line_part *parts, size_t parts_count, int64_t quantity)
{
    if (parts_count == 0)
        line_stock_add(stock, variant_id, quantity);
    else
        line_stock_add_parts(stock, parts, parts_count, quantity);
}

size_t line_stock_give_back(const struct line_stock *parts, struct uuid back_id,
                            struct order_recall_line *restocks, size_t count)
{
    const struct uuid restock_id = uuid_derive_named(back_id, TEXT("parts"), 0);
    for (size_t i = 0; i < parts->count; i++)
        restocks[count++] = (struct order_recall_line){
            .line_id = restock_id,
            .has_restock_id = true,
            .restock_id = restock_id,
            .variant_id = parts->units[i].variant_id,
            .quantity = parts->units[i].quantity,
        };
    return count;
}

/* What is set aside is one entry for each variant. What goes back some day is one for each line of
 * other goods, and one for each variant that is a part: that is at least as much. */
bool line_stock_holds(struct arena *arena, const struct cart *cart,
                      const struct catalog_offers *offers)
{
    struct line_stock *parts = arena_allocate(arena, sizeof *parts);
    size_t others = 0;
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *line = &cart->lines[i];
        const struct catalog_offer *offer = cart_find_offer(offers, line->variant_id);
        others += offer == NULL || offer->parts_count == 0;
        for (size_t k = 0; offer != NULL && k < offer->parts_count; k++)
            line_stock_add(parts, offer->parts[k].variant_id,
                           offer->parts[k].quantity * line->quantity);
    }
    return !parts->is_full && others + parts->count <= LINE_STOCK_MAX;
}

bool line_stock_holds_more(struct arena *arena, const struct order_order *order, size_t more)
{
    struct line_stock *parts = arena_allocate(arena, sizeof *parts);
    size_t others = more;
    for (size_t i = 0; i < order->lines_count; i++) {
        const struct order_order_line *line = &order->lines[i];
        others += line->parts_count == 0;
        line_stock_add_parts(parts, line->parts, line->parts_count, line->quantity);
    }
    return !parts->is_full && others + parts->count <= LINE_STOCK_MAX;
}
