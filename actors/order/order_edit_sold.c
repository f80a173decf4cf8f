/* Asks the catalogue for what an edit adds, as a cart of its own. */
#include "actors/order/order_edit_sold.h"

#include <string.h>

#include "actors/order/cart_answer.h"

static void ask_for(struct cart *cart, struct uuid line_id, struct uuid variant_id,
                    int64_t quantity)
{
    assert(cart->lines_count < CART_LINES_MAX);
    cart->lines[cart->lines_count++] =
        (struct cart_line){ .id = line_id, .variant_id = variant_id, .quantity = quantity };
}

static void mark_late(const struct cart_line *line, const struct catalog_offer *offer,
                      struct order_edit_late_units *late)
{
    const int64_t units = cart_backordered_units(offer, line->quantity);
    if (units == 0) return;
    assert(late->count < ORDER_LINES_MAX);
    late->late[late->count++] =
        (struct order_edit_late){ .line_id = line->id,
                                  .backordered = units,
                                  .has_available_on = offer->has_available_on,
                                  .available_on_us = offer->available_on_us };
}

enum status order_edit_require_sold(struct request *request, const struct order_edit *edit,
                                    const struct order_order *order,
                                    struct order_edit_late_units *ret_late)
{
    struct cart *cart = arena_allocate(request_arena(request), sizeof *cart);
    struct catalog_offers offers;
    ret_late->count = 0;
    memcpy(cart->currency, edit->added.currency, sizeof cart->currency);
    for (size_t i = 0; i < edit->lines_count; i++)
        for (size_t k = 0; k < order->lines_count; k++)
            if (uuid_equals(order->lines[k].id, edit->lines[i].line_id))
                ask_for(cart, edit->lines[i].new_line_id, order->lines[k].variant_id,
                        edit->lines[i].quantity);
    const size_t lines_count = cart->lines_count;
    for (size_t i = 0; i < edit->goods_count; i++)
        ask_for(cart, edit->goods[i].new_line_id, edit->goods[i].variant_id,
                edit->goods[i].quantity);
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line_state state = cart_examine_line(cart, &cart->lines[i], &offers);
        const char *pointer = i < lines_count
                                  ? request_pointer_at(request, "/lines", i)
                                  : request_pointer_at(request, "/goods", i - lines_count);
        if (state.is_product_unavailable)
            return request_refuse(request, pointer, STATUS_PRODUCT_UNAVAILABLE, NULL);
        if (state.is_vendor_unavailable)
            return request_refuse(request, pointer, STATUS_VENDOR_UNAVAILABLE, NULL);
        mark_late(&cart->lines[i], state.offer, ret_late);
    }
    return STATUS_OK;
}

static const struct order_edit_late *find_late(const struct order_edit_late_units *late,
                                               struct uuid line_id)
{
    for (size_t i = 0; i < late->count; i++)
        if (uuid_equals(late->late[i].line_id, line_id)) return &late->late[i];
    return NULL;
}

void order_edit_show_late(struct arena *arena, struct order_edit *edit,
                          const struct order_edit_late_units *late)
{
    struct order_edit_line *lines =
        arena_copy(arena, edit->lines, edit->lines_count * sizeof *lines);
    struct order_edit_goods_line *goods =
        arena_copy(arena, edit->goods, edit->goods_count * sizeof *goods);
    for (size_t i = 0; i < edit->lines_count; i++) {
        const struct order_edit_late *units = find_late(late, lines[i].new_line_id);
        if (units == NULL) continue;
        lines[i].has_backordered = true;
        lines[i].backordered = units->backordered;
        lines[i].has_available_on = units->has_available_on;
        lines[i].available_on_us = units->available_on_us;
    }
    for (size_t i = 0; i < edit->goods_count; i++) {
        const struct order_edit_late *units = find_late(late, goods[i].new_line_id);
        if (units == NULL) continue;
        goods[i].has_backordered = true;
        goods[i].backordered = units->backordered;
        goods[i].has_available_on = units->has_available_on;
        goods[i].available_on_us = units->available_on_us;
    }
    edit->lines = lines;
    edit->goods = goods;
}
