/* How a guest's lines join those of an account: quantities, stock, and what cannot come over. */
#include "actors/order/cart_merge.h"

/* What there would be in the cart if the shop had everything. */
static int64_t wanted_units(enum cart_merge_strategy strategy, int64_t account, int64_t guest)
{
    switch (strategy) {
    case CART_MERGE_ADD:
        return account + guest;
    case CART_MERGE_MAX:
        return account > guest ? account : guest;
    case CART_MERGE_GUEST:
    case CART_MERGE_ACCOUNT:
        break;
    }
    return guest;
}

/* A shortage never takes units from the account that it had before: the cart only shows it, as it
 * does without a merge. */
static int64_t granted_units(int64_t wanted, int64_t account, int64_t available)
{
    assert(wanted >= 1);
    assert(account >= 0);
    const int64_t stock = available > account ? available : account;
    const int64_t most = stock < CART_LINE_UNITS_MAX ? stock : CART_LINE_UNITS_MAX;
    return wanted < most ? wanted : most;
}

static void adjust(struct cart_merge *merge, enum common_cart_adjustment_code code,
                   const struct order_guest_line *from, int64_t requested, int64_t granted)
{
    assert(merge->adjustments_count < CART_LINES_MAX);
    merge->adjustments[merge->adjustments_count++] =
        (struct common_cart_adjustment){ .code = code,
                                         .variant_id = from->variant_id,
                                         .name = from->name,
                                         .requested = requested,
                                         .granted = granted };
}

static bool is_wanted(const struct order_guest_line *lines, size_t count, struct uuid variant_id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(lines[i].variant_id, variant_id)) return true;
    return false;
}

/* From the end, since the lines behind a removed one move up. */
static void remove_others(struct cart *cart, const struct order_guest_line *lines, size_t count,
                          struct cart_merge *merge)
{
    for (size_t i = cart->lines_count; i > 0; i--) {
        if (is_wanted(lines, count, cart->lines[i - 1].variant_id)) continue;
        cart_remove_line(cart, &cart->lines[i - 1]);
        merge->has_changed = true;
    }
}

static void merge_line(struct cart *cart, const struct order_guest_line *from, struct uuid line_id,
                       const struct catalog_offer *offer, enum cart_merge_strategy strategy,
                       bool is_in_other, struct cart_merge *merge)
{
    const struct cart_line *old = cart_find_variant(cart, from->variant_id);
    const int64_t account = old == NULL ? 0 : old->quantity;
    const int64_t wanted = wanted_units(strategy, account, from->quantity);
    /* Looked at before cart_check_offer(), which does not tell a hidden product from one that has
     * no price in this currency. */
    if (offer == NULL || !offer->is_listed || !offer->is_vendor_open) {
        adjust(merge, COMMON_CART_ADJUSTMENT_CODE_LINE_UNAVAILABLE, from, wanted, account);
        return;
    }
    if (cart_check_offer(offer, cart->currency) != STATUS_OK) {
        adjust(merge, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_MISMATCH, from, wanted, account);
        return;
    }
    const int64_t granted = granted_units(wanted, account, offer->available);
    if (old == NULL && granted > 0 && cart->lines_count == CART_LINES_MAX) {
        adjust(merge, COMMON_CART_ADJUSTMENT_CODE_CART_FULL, from, wanted, 0);
        return;
    }
    /* One for each line; the quantities tell whether there are fewer, too. */
    if (is_in_other && granted > 0)
        adjust(merge, COMMON_CART_ADJUSTMENT_CODE_CURRENCY_CHANGED, from, wanted, granted);
    else if (granted < wanted)
        adjust(merge, COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, from, wanted, granted);
    if (granted == account) return;
    cart_put_units(cart, line_id, offer, granted);
    merge->has_changed = true;
}

void cart_merge_lines(struct cart *cart, const struct cart_lines_from *from,
                      const struct uuid *line_ids, const struct catalog_offers *offers,
                      enum cart_merge_strategy strategy, struct cart_merge *ret_merge)
{
    const struct order_guest_line *lines = from->lines;
    const size_t lines_count = from->count;
    const bool is_in_other =
        from->currency.length > 0 && !text_equals_string(from->currency, cart->currency);
    assert(lines_count <= CART_LINES_MAX);
    assert(cart->lines_count <= CART_LINES_MAX);
    assert(strategy <= CART_MERGE_ACCOUNT);
    ret_merge->has_changed = false;
    ret_merge->adjustments_count = 0;
    if (strategy == CART_MERGE_ACCOUNT && cart->lines_count > 0) return;
    if (strategy == CART_MERGE_GUEST && lines_count > 0)
        remove_others(cart, lines, lines_count, ret_merge);
    for (size_t i = 0; i < lines_count; i++)
        merge_line(cart, &lines[i], line_ids[i], cart_find_offer(offers, lines[i].variant_id),
                   strategy, is_in_other, ret_merge);
}

static void leave_code(struct cart_merge_wishes *wishes, struct text code)
{
    assert(wishes->left_count < CART_CODES_MAX);
    wishes->left[wishes->left_count++] = code;
}

void cart_merge_wishes(struct cart *cart, const struct order_adopt_lines *from,
                       enum cart_merge_strategy strategy, struct cart_merge_wishes *ret_wishes)
{
    assert(from->codes_count <= CART_CODES_MAX);
    assert(cart->codes_count <= CART_CODES_MAX);
    const bool stays = strategy == CART_MERGE_ACCOUNT && cart->lines_count > 0;
    const bool is_replaced = strategy == CART_MERGE_GUEST && from->lines_count > 0;
    *ret_wishes = (struct cart_merge_wishes){ .have_codes_changed = false };
    if (is_replaced) {
        ret_wishes->have_codes_changed = cart->codes_count > 0;
        cart->codes_count = 0;
    }
    for (size_t i = 0; i < from->codes_count; i++) {
        const size_t before = cart->codes_count;
        if (stays || cart_add_code(cart, from->codes[i]) != STATUS_OK)
            leave_code(ret_wishes, from->codes[i]);
        ret_wishes->have_codes_changed |= cart->codes_count != before;
    }
    const bool has_own = cart->country[0] != '\0';
    ret_wishes->takes_address = from->has_address && !stays && (is_replaced || !has_own);
    ret_wishes->leaves_address = from->has_address && !ret_wishes->takes_address;
}
