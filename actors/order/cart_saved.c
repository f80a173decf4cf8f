/* What shoppers put aside for later, from the catalogue or out of a cart, and take into a cart
 * again. What moves between cart and list does so in one unit: both are in the shopper's shard. */
#include "actors/host/market_currency.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_show.h"
#include "actors/order/cart_store.h"
#include "actors/order/saved_item_store.h"
#include "order_handlers.h"

/* ---- as they are shown ---- */

static enum status ask_offers(struct request *request, const struct saved_item *items, size_t count,
                              struct text currency, struct text accept_language,
                              struct catalog_offers *ret_offers)
{
    struct uuid *ids = arena_allocate_array(request_arena(request), count, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = items[i].variant_id;
    *ret_offers = (struct catalog_offers){ 0 };
    if (count == 0) return STATUS_OK;
    const struct catalog_get_offers query = { .variant_ids = ids,
                                              .variant_ids_count = count,
                                              .currency = currency,
                                              .has_accept_language = accept_language.length > 0,
                                              .accept_language = accept_language };
    return request_ask(request, &catalog_get_offers_message, &query, ret_offers);
}

static void show_item(struct request *request, const struct saved_item *item,
                      const struct catalog_offer *offer, const char *currency,
                      struct order_saved_item *ret_item)
{
    enum status problem =
        offer == NULL ? STATUS_PRODUCT_UNAVAILABLE : cart_check_offer(offer, currency);
    if (problem == STATUS_OK && offer->available < item->quantity)
        problem = STATUS_INSUFFICIENT_STOCK;
    *ret_item = (struct order_saved_item){ .variant_id = item->variant_id,
                                           .product_id = item->product_id,
                                           .vendor_id = item->vendor_id,
                                           .name = item->name,
                                           .quantity = item->quantity,
                                           .saved_at_us = item->saved_at_us };
    if (problem != STATUS_OK) {
        struct order_problem *problems = arena_allocate(request_arena(request), sizeof *problems);
        *problems =
            (struct order_problem){ text_of(status_name(problem)), text_of(status_title(problem)) };
        ret_item->problems = problems;
        ret_item->problems_count = 1;
    }
    if (offer == NULL) return;
    ret_item->product_id = offer->product_id;
    ret_item->vendor_id = offer->vendor_id;
    ret_item->has_vendor_name = offer->vendor_name.length > 0;
    ret_item->vendor_name = offer->vendor_name;
    ret_item->name = offer->name;
    ret_item->has_slug = offer->has_slug;
    ret_item->slug = offer->slug;
    ret_item->options = offer->options;
    ret_item->options_count = offer->options_count;
    ret_item->has_image = offer->has_image;
    ret_item->image = offer->image;
    ret_item->has_price = offer->has_price;
    ret_item->price = offer->price;
    ret_item->available = offer->available;
}

enum status order_handle_list_saved_items(struct request *request,
                                          const struct order_list_saved_items *query,
                                          struct order_saved_items *ret_reply)
{
    struct arena *arena = request_arena(request);
    const char *currency = query->has_currency
                               ? text_string(arena, query->currency)
                               : config_text(request_config(request), SETTING_MARKET_CURRENCY);
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_PARAMETER, text_of(currency)));
    struct saved_item *items;
    size_t count;
    TRY(saved_item_store_list(request, request_principal(request)->id, &items, &count));
    struct catalog_offers offers;
    TRY(ask_offers(request, items, count, text_of(currency), LANGUAGE_OF(query), &offers));
    struct order_saved_item *data = arena_allocate_array(arena, count, sizeof *data);
    for (size_t i = 0; i < count; i++)
        show_item(request, &items[i], cart_find_offer(&offers, items[i].variant_id), currency,
                  &data[i]);
    ret_reply->data = data;
    ret_reply->data_count = count;
    return STATUS_OK;
}

/* ---- put aside ---- */

static enum status check_room(struct request *request, struct uuid variant_id, bool *ret_is_there)
{
    int64_t others;
    TRY(saved_item_store_count(request, request_principal(request)->id, variant_id, &others,
                               ret_is_there));
    if (others < SAVED_ITEMS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_SAVED_ITEMS, SAVED_ITEMS_MAX, NULL);
}

/* Also what is not sold at the moment: that is what a list is for. */
enum status order_handle_save_item(struct request *request, const struct order_save_item *command,
                                   struct order_saved_item *ret_reply)
{
    const char *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    struct saved_item item = { .variant_id = command->variant_id,
                               .quantity = command->has_quantity ? command->quantity : 1,
                               .saved_at_us = request_now_us(request) };
    struct catalog_offers offers;
    bool is_there;
    TRY(ask_offers(request, &item, 1, text_of(currency), LANGUAGE_OF(command), &offers));
    const struct catalog_offer *offer = cart_find_offer(&offers, item.variant_id);
    if (offer == NULL || !offer->is_listed) return STATUS_NOT_FOUND;
    TRY(check_room(request, item.variant_id, &is_there));
    item.product_id = offer->product_id;
    item.vendor_id = offer->vendor_id;
    item.name = offer->name;
    saved_item_store_put(request, request_principal(request)->id, &item);
    if (is_there) request_set_http_status(request, 200);
    show_item(request, &item, offer, currency, ret_reply);
    return STATUS_OK;
}

enum status order_handle_remove_saved_item(struct request *request,
                                           const struct order_remove_saved_item *command)
{
    const struct uuid user_id = request_principal(request)->id;
    struct saved_item item;
    TRY(saved_item_store_find(request, user_id, command->variant_id, &item));
    saved_item_store_remove(request, user_id, command->variant_id);
    return STATUS_OK;
}

/* ---- out of a cart, and into it ---- */

enum status order_handle_save_line(struct request *request, const struct order_save_line *command,
                                   struct order_cart *ret_reply)
{
    const struct cart_change change = { .cart_id = command->cart_id,
                                        .versions = VERSIONS_OF(command) };
    struct cart *cart;
    TRY(cart_load_for_change(request, &change, &cart));
    struct cart_line *line = cart_find_line(cart, command->line_id);
    if (line == NULL) return STATUS_NOT_FOUND;
    bool is_there;
    TRY(check_room(request, line->variant_id, &is_there));
    const struct text name = cart_line_name(line);
    const struct saved_item item = { .variant_id = line->variant_id,
                                     .product_id = line->product_id,
                                     .vendor_id = line->vendor_id,
                                     .name = text_format(request_arena(request), "%.*s",
                                                         (int)name.length, name.data),
                                     .quantity = line->quantity,
                                     .saved_at_us = request_now_us(request) };
    cart_remove_line(cart, line);
    cart_store_remove_line(request, cart, command->line_id);
    saved_item_store_put(request, cart->user_id, &item);
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    return cart_answer(request, cart, &offers, ret_reply);
}

enum status order_handle_unsave_item(struct request *request,
                                     const struct order_unsave_item *command,
                                     struct order_cart *ret_reply)
{
    const struct cart_change change = { .cart_id = command->cart_id,
                                        .versions = VERSIONS_OF(command) };
    struct cart *cart;
    struct saved_item item;
    TRY(cart_load_for_change(request, &change, &cart));
    TRY(saved_item_store_find(request, cart->user_id, command->variant_id, &item));
    saved_item_store_remove(request, cart->user_id, item.variant_id);
    return cart_add_and_answer(request, cart, item.variant_id, item.quantity, LANGUAGE_OF(command),
                               ret_reply);
}
