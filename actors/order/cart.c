/* The rules of a cart: limits, prices of today, and what keeps a line from being ordered. */
#include "actors/order/cart.h"

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

bool cart_is_draft(const struct cart *cart)
{
    return cart->draft != CART_DRAFT_NONE;
}

enum order_draft_status cart_draft_status(enum cart_draft draft, enum order_cart_status status)
{
    assert(draft != CART_DRAFT_NONE);
    if (status == ORDER_CART_STATUS_ORDERED) return ORDER_DRAFT_STATUS_PLACED;
    return draft == CART_DRAFT_SENT ? ORDER_DRAFT_STATUS_SENT : ORDER_DRAFT_STATUS_OPEN;
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

/* The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014): every bit of what goes in moves half of those that come out. */
static uint64_t stir(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

int64_t cart_parts_mark(const struct catalog_offer *offer)
{
    uint64_t sum = offer->parts_count;
    for (size_t i = 0; i < offer->parts_count; i++) {
        uint64_t halves[2];
        static_assert(sizeof halves == sizeof(struct uuid), "an id is two numbers");
        memcpy(halves, offer->parts[i].variant_id.bytes, sizeof halves);
        sum += stir(stir(stir(halves[0]) ^ halves[1]) ^ (uint64_t)offer->parts[i].quantity);
    }
    return (int64_t)(sum >> 1 | 1);
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
    line->parts_mark = cart_parts_mark(offer);
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
    line->parts_mark = cart_parts_mark(offer);
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

enum status cart_line_problem(const struct cart_line_state *state)
{
    if (state->is_product_unavailable) return STATUS_PRODUCT_UNAVAILABLE;
    if (state->is_without_price) return STATUS_CURRENCY_NOT_OFFERED;
    if (state->is_vendor_unavailable) return STATUS_VENDOR_UNAVAILABLE;
    if (state->is_quantity_wrong) return STATUS_QUANTITY_NOT_SOLD;
    return state->is_bundle_changed ? STATUS_BUNDLE_CHANGED : STATUS_OK;
}

int64_t cart_fit_quantity(const struct catalog_offer *offer, int64_t quantity)
{
    int64_t most = quantity < offer->available ? quantity : offer->available;
    if (offer->has_quantity_max && most > offer->quantity_max) most = offer->quantity_max;
    if (offer->has_quantity_step && offer->quantity_step > 1) most -= most % offer->quantity_step;
    return offer->has_quantity_min && most < offer->quantity_min ? 0 : most;
}

int64_t cart_backordered_units(const struct catalog_offer *offer, int64_t quantity)
{
    assert(quantity >= 1);
    return offer->has_ready && quantity > offer->ready ? quantity - offer->ready : 0;
}

static bool is_sold_in(const struct catalog_offer *offer, int64_t quantity)
{
    if (offer->has_quantity_min && quantity < offer->quantity_min) return false;
    if (offer->has_quantity_max && quantity > offer->quantity_max) return false;
    return !offer->has_quantity_step || quantity % offer->quantity_step == 0;
}

/* Units of a variant that lines other than `line` take, as goods or as parts of bundles. */
static int64_t taken_by_others(const struct cart *cart, const struct cart_line *line,
                               const struct catalog_offers *offers, struct uuid variant_id)
{
    int64_t taken = 0;
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *other = &cart->lines[i];
        if (other == line) continue;
        const struct catalog_offer *offer = cart_find_offer(offers, other->variant_id);
        if (uuid_equals(other->variant_id, variant_id)) taken += other->quantity;
        for (size_t k = 0; offer != NULL && k < offer->parts_count; k++)
            if (uuid_equals(offer->parts[k].variant_id, variant_id))
                taken += other->quantity * offer->parts[k].quantity;
    }
    return taken;
}

static bool has_bundles(const struct catalog_offers *offers)
{
    for (size_t i = 0; i < offers->offers_count; i++)
        if (offers->offers[i].parts_count > 0) return true;
    return false;
}

/* How many of a line there are beside what the other lines take: bundles and their parts share
 * stock, so one line alone does not tell. */
static int64_t available_to(const struct cart *cart, const struct cart_line *line,
                            const struct catalog_offer *offer, const struct catalog_offers *offers)
{
    int64_t available = offer->available;
    if (!has_bundles(offers)) return available;
    if (offer->parts_count == 0) available -= taken_by_others(cart, line, offers, line->variant_id);
    for (size_t i = 0; i < offer->parts_count; i++) {
        const struct catalog_bundle_part *part = &offer->parts[i];
        const int64_t taken = taken_by_others(cart, line, offers, part->variant_id);
        const int64_t left = (part->available - taken) / part->quantity;
        if (left < available) available = left;
    }
    return available > 0 ? available : 0;
}

struct cart_line_state cart_examine_line(const struct cart *cart, const struct cart_line *line,
                                         const struct catalog_offers *offers)
{
    assert(line->quantity >= 1);
    const struct catalog_offer *offer = cart_find_offer(offers, line->variant_id);
    const bool has_price = offer != NULL && has_price_in(offer, cart->currency);
    const int64_t available = offer == NULL ? 0 : available_to(cart, line, offer, offers);
    return (struct cart_line_state){
        .offer = offer,
        .list_amount = has_price ? offer->price.amount : line->unit_amount,
        .is_product_unavailable = offer == NULL || !offer->is_listed,
        .is_without_price = offer != NULL && !has_price,
        .is_vendor_unavailable = offer != NULL && !offer->is_vendor_open,
        .is_short_of_stock = offer != NULL && available < line->quantity,
        .is_quantity_wrong = offer != NULL && !is_sold_in(offer, line->quantity),
        .is_bundle_changed =
            offer != NULL && line->parts_mark != 0 && line->parts_mark != cart_parts_mark(offer),
        .available = available,
    };
}

/* ---- codes ---- */

static size_t find_code(const struct cart *cart, struct text code)
{
    size_t i = 0;
    while (i < cart->codes_count && !text_equals_string(code, cart->codes[i]))
        i++;
    return i;
}

enum status cart_add_code(struct cart *cart, struct text code)
{
    assert(code.length >= 1);
    assert(code.length <= CART_CODE_BYTES_MAX);
    if (find_code(cart, code) < cart->codes_count) return STATUS_OK;
    if (cart->codes_count == CART_CODES_MAX) return STATUS_TOO_MANY_COUPONS;
    char *kept = cart->codes[cart->codes_count++];
    memcpy(kept, code.data, code.length);
    kept[code.length] = '\0';
    return STATUS_OK;
}

bool cart_remove_code(struct cart *cart, struct text code)
{
    const size_t index = find_code(cart, code);
    if (index == cart->codes_count) return false;
    cart->codes_count--;
    memmove(cart->codes[index], cart->codes[index + 1],
            (cart->codes_count - index) * sizeof cart->codes[0]);
    memset(cart->codes[cart->codes_count], 0, sizeof cart->codes[0]);
    return true;
}
