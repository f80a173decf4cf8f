/* The rules of a cart: limits, prices of today, and what keeps a line from being ordered. */
#include "actors/order/cart.h"

#include <stdio.h>
#include <string.h>

enum status cart_check_active(const struct cart *cart)
{
    switch (cart->status) {
    case ORDER_CART_STATUS_ACTIVE:
        return STATUS_OK;
    case ORDER_CART_STATUS_LOCKED:
        return STATUS_CHECKOUT_IN_PROGRESS;
    case ORDER_CART_STATUS_ORDERED:
        return STATUS_CART_ALREADY_ORDERED;
    case ORDER_CART_STATUS_MERGED:
        return STATUS_CART_MERGED;
    }
    assert(false);
    return STATUS_INTERNAL;
}

bool cart_is_guests(const struct cart *cart)
{
    return uuid_is_zero(cart->user_id);
}

struct cart_line *cart_find_line(struct cart *cart, struct uuid line_id)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    for (size_t i = 0; i < cart->lines_count; i++)
        if (uuid_equals(cart->lines[i].id, line_id)) return &cart->lines[i];
    return NULL;
}

struct cart_line *cart_find_variant(struct cart *cart, struct uuid variant_id)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    for (size_t i = 0; i < cart->lines_count; i++)
        if (uuid_equals(cart->lines[i].variant_id, variant_id)) return &cart->lines[i];
    return NULL;
}

const struct catalog_offer *cart_find_offer(const struct catalog_offers *offers,
                                            struct uuid variant_id)
{
    for (size_t i = 0; i < offers->offers_count; i++)
        if (uuid_equals(offers->offers[i].variant_id, variant_id)) return &offers->offers[i];
    return NULL;
}

static bool has_price_in(const struct catalog_offer *offer, const char *currency)
{
    return offer->has_price && offer->price.amount >= 0 &&
           strcmp(offer->price.currency, currency) == 0;
}

enum status cart_check_offer(const struct catalog_offer *offer, const char *currency)
{
    if (offer == NULL) return STATUS_NOT_FOUND;
    if (!offer->is_listed) return STATUS_PRODUCT_UNAVAILABLE;
    if (!has_price_in(offer, currency)) return STATUS_CURRENCY_NOT_OFFERED;
    if (!offer->is_vendor_open) return STATUS_VENDOR_UNAVAILABLE;
    return STATUS_OK;
}

void cart_line_set_name(struct cart_line *line, struct text name)
{
    size_t length = 0;
    while (length < name.length) {
        const struct text rest = { .data = name.data + length, .length = name.length - length };
        const size_t width = text_utf8_width(rest);
        if (width == 0 || length + width > CART_NAME_BYTES_MAX) break;
        length += width;
    }
    if (length > 0) memcpy(line->name, name.data, length);
    line->name[length] = '\0';
    line->name_length = length;
}

struct text cart_line_name(const struct cart_line *line)
{
    assert(line->name_length <= CART_NAME_BYTES_MAX);
    return (struct text){ .data = line->name, .length = line->name_length };
}

static struct cart_line *append_line(struct cart *cart, struct uuid line_id)
{
    assert(cart->lines_count < CART_LINES_MAX);
    const int64_t position =
        cart->lines_count == 0 ? 1 : cart->lines[cart->lines_count - 1].position + 1;
    struct cart_line *line = &cart->lines[cart->lines_count++];
    *line = (struct cart_line){ .id = line_id, .position = position };
    return line;
}

struct cart_line *cart_put_units(struct cart *cart, struct uuid line_id,
                                 const struct catalog_offer *offer, int64_t quantity)
{
    assert(quantity >= 1);
    assert(quantity <= CART_LINE_UNITS_MAX);
    assert(offer->price.amount >= 0);
    struct cart_line *line = cart_find_variant(cart, offer->variant_id);
    if (line == NULL) line = append_line(cart, line_id);
    line->variant_id = offer->variant_id;
    line->product_id = offer->product_id;
    line->vendor_id = offer->vendor_id;
    line->quantity = quantity;
    line->unit_amount = offer->price.amount;
    cart_line_set_name(line, offer->name);
    return line;
}

enum status cart_add_units(struct cart *cart, struct uuid line_id,
                           const struct catalog_offer *offer, int64_t quantity,
                           struct cart_line **ret_line, int64_t *ret_requested)
{
    assert(quantity >= 1);
    assert(cart_check_offer(offer, cart->currency) == STATUS_OK);
    const struct cart_line *line = cart_find_variant(cart, offer->variant_id);
    if (line == NULL && cart->lines_count == CART_LINES_MAX) return STATUS_CART_FULL;
    const int64_t before = line == NULL ? 0 : line->quantity;
    if (quantity > CART_LINE_UNITS_MAX - before) return STATUS_CART_FULL;
    const int64_t requested = before + quantity;
    *ret_requested = requested;
    if (requested > offer->available) return STATUS_INSUFFICIENT_STOCK;

    *ret_line = cart_put_units(cart, line_id, offer, requested);
    return STATUS_OK;
}

enum status cart_set_units(struct cart_line *line, const struct catalog_offer *offer,
                           int64_t quantity)
{
    assert(quantity >= 1);
    assert(quantity <= CART_LINE_UNITS_MAX);
    if (offer == NULL || quantity > offer->available) return STATUS_INSUFFICIENT_STOCK;
    line->quantity = quantity;
    return STATUS_OK;
}

void cart_remove_line(struct cart *cart, struct cart_line *line)
{
    assert(line >= cart->lines);
    assert(line < cart->lines + cart->lines_count);
    const size_t index = (size_t)(line - cart->lines);
    memmove(line, line + 1, (cart->lines_count - index - 1) * sizeof *line);
    cart->lines_count--;
    /* Activations keep the cart as bytes; zeroing what is unused keeps old lines out of them. */
    memset(&cart->lines[cart->lines_count], 0, sizeof *line);
}

enum status cart_price_line(const struct cart *cart, const struct cart_line *line,
                            const struct catalog_offers *offers,
                            struct cart_priced_line *ret_priced)
{
    assert(line->quantity >= 1);
    const struct catalog_offer *offer = cart_find_offer(offers, line->variant_id);
    struct cart_priced_line priced = { .offer = offer };
    const bool has_price = offer != NULL && has_price_in(offer, cart->currency);
    /* Without a price of today the last one is shown, beside the problem that keeps the line from
     * being ordered. */
    priced.unit_price =
        money_make(has_price ? offer->price.amount : line->unit_amount, cart->currency);
    priced.available = offer == NULL ? 0 : offer->available;
    priced.is_product_unavailable = offer == NULL || !offer->is_listed;
    priced.is_without_price = offer != NULL && !has_price;
    priced.is_vendor_unavailable = offer != NULL && !offer->is_vendor_open;
    priced.is_short_of_stock = offer != NULL && offer->available < line->quantity;
    TRY(money_multiply(priced.unit_price, line->quantity, &priced.total));
    *ret_priced = priced;
    return STATUS_OK;
}

struct order_totals order_totals_of_items(struct money items)
{
    assert(items.amount >= 0);
    const struct money nothing = money_make(0, items.currency);
    return (struct order_totals){
        .items = items, .discount = nothing, .shipping = nothing, .tax = nothing, .total = items
    };
}

static struct order_problem problem_of_status(enum status status)
{
    return (struct order_problem){ text_of(status_name(status)), text_of(status_title(status)) };
}

static void show_line_problems(const struct cart_line *line, const struct cart_priced_line *priced,
                               struct cart_view *view, size_t index)
{
    struct order_problem *problems = view->line_problems[index];
    size_t count = 0;
    if (priced->is_product_unavailable)
        problems[count++] = problem_of_status(STATUS_PRODUCT_UNAVAILABLE);
    if (priced->is_without_price)
        problems[count++] = problem_of_status(STATUS_CURRENCY_NOT_OFFERED);
    if (priced->is_vendor_unavailable)
        problems[count++] = problem_of_status(STATUS_VENDOR_UNAVAILABLE);
    if (priced->is_short_of_stock) {
        (void)snprintf(view->details[index], CART_DETAIL_BYTES_MAX, "%lld wanted, %lld available.",
                       (long long)line->quantity, (long long)priced->available);
        problems[count++] = (struct order_problem){ text_of(status_name(STATUS_INSUFFICIENT_STOCK)),
                                                    text_of(view->details[index]) };
    }
    assert(count <= CART_LINE_PROBLEMS_MAX);
    view->lines[index].problems = problems;
    view->lines[index].problems_count = count;
}

/* One problem of the cart for each kind of problem that its lines have, or that it is empty. */
static size_t show_cart_problems(const struct cart *cart, struct cart_view *view)
{
    bool is_product_unavailable = false, is_without_price = false, is_vendor_unavailable = false,
         is_short_of_stock = false;
    for (size_t i = 0; i < cart->lines_count; i++) {
        is_product_unavailable |= view->priced[i].is_product_unavailable;
        is_without_price |= view->priced[i].is_without_price;
        is_vendor_unavailable |= view->priced[i].is_vendor_unavailable;
        is_short_of_stock |= view->priced[i].is_short_of_stock;
    }
    const struct {
        bool is_there;
        enum status status;
    } kinds[CART_PROBLEMS_MAX] = { { cart->lines_count == 0, STATUS_EMPTY_CART },
                                   { is_product_unavailable, STATUS_PRODUCT_UNAVAILABLE },
                                   { is_without_price, STATUS_CURRENCY_NOT_OFFERED },
                                   { is_vendor_unavailable, STATUS_VENDOR_UNAVAILABLE },
                                   { is_short_of_stock, STATUS_INSUFFICIENT_STOCK } };
    size_t count = 0;
    for (size_t i = 0; i < CART_PROBLEMS_MAX; i++)
        if (kinds[i].is_there) view->problems[count++] = problem_of_status(kinds[i].status);
    assert(count <= CART_PROBLEMS_MAX);
    return count;
}

/* What the catalogue says of the line today. */
static void show_offer(const struct catalog_offer *offer, struct order_cart_line *line)
{
    line->has_vendor_name = offer->vendor_name.length > 0;
    line->vendor_name = offer->vendor_name;
    line->name = offer->name;
    line->has_slug = offer->has_slug;
    line->slug = offer->slug;
    line->options = offer->options;
    line->options_count = offer->options_count;
    line->has_image = offer->has_image;
    line->image = offer->image;
    line->has_sku = offer->has_sku;
    line->sku = offer->sku;
}

enum status cart_show(const struct cart *cart, const struct catalog_offers *offers,
                      struct cart_view *view, struct order_cart *ret_cart)
{
    assert(cart->lines_count <= CART_LINES_MAX);
    struct money items = money_make(0, cart->currency);
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *line = &cart->lines[i];
        struct cart_priced_line *priced = &view->priced[i];
        TRY(cart_price_line(cart, line, offers, priced));
        TRY(money_add(items, priced->total, &items));
        view->lines[i] = (struct order_cart_line){ .id = line->id,
                                                   .variant_id = line->variant_id,
                                                   .product_id = line->product_id,
                                                   .vendor_id = line->vendor_id,
                                                   .name = cart_line_name(line),
                                                   .quantity = line->quantity,
                                                   .unit_price = priced->unit_price,
                                                   .total = priced->total };
        if (priced->offer != NULL) show_offer(priced->offer, &view->lines[i]);
        show_line_problems(line, priced, view, i);
    }
    *ret_cart = (struct order_cart){ .id = cart->id,
                                     .version = cart->version,
                                     .status = cart->status,
                                     .currency = text_of(cart->currency),
                                     .lines = view->lines,
                                     .lines_count = cart->lines_count,
                                     .totals = order_totals_of_items(items),
                                     .problems = view->problems,
                                     .problems_count = show_cart_problems(cart, view) };
    return STATUS_OK;
}
