/* What was ordered before is put into the shopper's cart again. Orders and carts have actors of
 * their own, so it is three messages: the order's asks for a cart, then asks it to take the lines,
 * once under an Idempotency-Key, since quantities add up.
 */
#include "actors/order/cart_answer.h"
#include "actors/order/cart_merge.h"
#include "actors/order/cart_store.h"
#include "actors/order/order_store.h"
#include "actors/order/price.h"
#include "order_handlers.h"

/* More of goods that stand there before, since an edit or a replacement has a line of its own. */
static void collect_line(const struct order_order_line *line, struct order_guest_line *lines,
                         size_t *count)
{
    size_t place = 0;
    while (place < *count && !uuid_equals(lines[place].variant_id, line->variant_id))
        place++;
    if (place == CART_LINES_MAX) return;
    if (place == *count)
        lines[(*count)++] =
            (struct order_guest_line){ .variant_id = line->variant_id, .name = line->name };
    const int64_t quantity = lines[place].quantity + line->quantity;
    lines[place].quantity = quantity < PRICE_QUANTITY_MAX ? quantity : PRICE_QUANTITY_MAX;
}

/* What was sent again was ordered once. Only the first id is asked for afterwards, and all are the
 * same. */
static void drop_replacements(struct order_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!list->orders[i].has_replaces_id) list->orders[kept++] = list->orders[i];
    list->count = kept;
}

/* At most as many lines as a cart has. */
static size_t collect_lines(const struct order_order *orders, size_t count,
                            struct order_guest_line *ret_lines)
{
    size_t lines_count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < orders[i].lines_count; k++)
            collect_line(&orders[i].lines[k], ret_lines, &lines_count);
    return lines_count;
}

static enum status refill(struct request *request, const struct order_order *orders, size_t count,
                          struct order_refilled_cart *ret_reply)
{
    const struct uuid user_id = request_principal(request)->id;
    struct order_guest_line *lines =
        arena_allocate_array(request_arena(request), CART_LINES_MAX, sizeof *lines);
    const struct text currency =
        text_format(request_arena(request), "%s", orders[0].totals.total.currency);
    const struct order_open_cart open = { .user_id = user_id, .currency = currency };
    struct order_opened_cart opened;
    TRY(request_ask(request, &order_open_cart_message, &open, &opened));
    const struct order_refill_cart command = { .cart_id = opened.cart_id,
                                               .user_id = user_id,
                                               .has_currency = true,
                                               .currency = currency,
                                               .lines = lines,
                                               .lines_count = collect_lines(orders, count, lines) };
    return request_ask_once(request, &order_refill_cart_message, &command, ret_reply);
}

static enum status refill_of(struct request *request, struct order_list *list,
                             struct order_refilled_cart *ret_reply)
{
    const struct uuid user_id = request_principal(request)->id;
    if (list->count == 0 || !uuid_equals(list->user_ids[0], user_id)) return STATUS_NOT_FOUND;
    TRY(order_store_fill_lines(request, list));
    return refill(request, list->orders, list->count, ret_reply);
}

enum status order_handle_reorder_group(struct request *request,
                                       const struct order_reorder_group *command,
                                       struct order_refilled_cart *ret_reply)
{
    struct order_list list;
    TRY(order_store_list_of_group(request, command->group_id, &list));
    drop_replacements(&list);
    return refill_of(request, &list, ret_reply);
}

enum status order_handle_reorder(struct request *request, const struct order_reorder *command,
                                 struct order_refilled_cart *ret_reply)
{
    struct order_list list;
    TRY(order_store_find_order(request, command->order_id, &list));
    return refill_of(request, &list, ret_reply);
}

enum status order_handle_refill_cart(struct request *request,
                                     const struct order_refill_cart *command,
                                     struct order_refilled_cart *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct cart *cart;
    TRY(cart_store_load(request, command->cart_id, &cart));
    if (!uuid_equals(cart->user_id, command->user_id)) return STATUS_NOT_FOUND;
    TRY(cart_refuse_inactive(request, cart));
    struct catalog_offers wanted, offers;
    struct uuid *ids = arena_allocate_array(arena, CART_LINES_MAX, sizeof *ids);
    for (size_t i = 0; i < command->lines_count; i++)
        ids[i] = command->lines[i].variant_id;
    const struct catalog_get_offers query = { .variant_ids = ids,
                                              .variant_ids_count = command->lines_count,
                                              .currency = text_of(cart->currency) };
    TRY(request_ask(request, &catalog_get_offers_message, &query, &wanted));
    struct uuid *line_ids = arena_allocate_array(arena, CART_LINES_MAX, sizeof *line_ids);
    for (size_t i = 0; i < command->lines_count; i++)
        line_ids[i] = request_new_id(request);
    struct cart_merge *merge = arena_allocate(arena, sizeof *merge);
    const struct cart_lines_from from = { command->lines, command->lines_count, command->currency };
    cart_merge_lines(cart, &from, line_ids, &wanted, CART_MERGE_ADD, merge);
    if (merge->has_changed) cart_store_replace_lines(request, cart);
    ret_reply->adjustments = merge->adjustments;
    ret_reply->adjustments_count = merge->adjustments_count;
    TRY(cart_ask_offers(request, cart, NULL, &offers));
    return cart_answer(request, cart, &offers, &ret_reply->cart);
}
