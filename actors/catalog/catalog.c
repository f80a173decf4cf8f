/* Rules of stock and of category paths. */
#include "actors/catalog/catalog.h"

#include <string.h>

/* What holds before and after every rule; stock_is_sound in the table is its last judge. */
static void stock_check(const struct catalog_stock *stock)
{
    assert(stock->held >= 0);
    assert(stock->on_hand - stock->held >= -stock->owed_max);
    assert(stock->owed_max >= stock->ahead.limit);
    assert(stock->sold >= 0);
    assert(stock->recent_count <= CATALOG_RECENT_MAX);
    assert(stock->recent_next < CATALOG_RECENT_MAX);
}

int64_t catalog_stock_available(const struct catalog_stock *stock)
{
    const int64_t free = stock->on_hand - stock->held + stock->ahead.limit;
    return stock->is_active && !stock->is_bundle && free > 0 ? free : 0;
}

enum catalog_availability catalog_stock_availability(const struct catalog_stock *stock)
{
    const int64_t always = 0; /* a pre-order that is over is none any more */
    if (catalog_stock_available(stock) == 0) return CATALOG_AVAILABILITY_OUT_OF_STOCK;
    return catalog_ahead_availability(stock->ahead, stock->on_hand - stock->held, always);
}

int64_t catalog_stock_on_hand(const struct catalog_stock *stock)
{
    return stock->on_hand > 0 ? stock->on_hand : 0;
}

int64_t catalog_stock_owed(const struct catalog_stock *stock)
{
    return stock->held > stock->on_hand ? stock->held - stock->on_hand : 0;
}

const struct catalog_reservation *catalog_stock_recall(const struct catalog_stock *stock,
                                                       struct uuid reservation_id)
{
    assert(stock->recent_count <= CATALOG_RECENT_MAX);
    for (size_t i = 0; i < stock->recent_count; i++) {
        if (uuid_equals(stock->recent[i].id, reservation_id)) return &stock->recent[i];
    }
    return NULL;
}

/* One reservation stands in the ring at most once, so that the newest state is found. */
static void stock_note(struct catalog_stock *stock, const struct catalog_reservation *reservation)
{
    assert(reservation->state != CATALOG_RESERVATION_NONE);
    assert(reservation->quantity >= 0);
    for (size_t i = 0; i < stock->recent_count; i++) {
        if (!uuid_equals(stock->recent[i].id, reservation->id)) continue;
        stock->recent[i] = *reservation;
        return;
    }
    stock->recent[stock->recent_next] = *reservation;
    stock->recent_next = (stock->recent_next + 1) % CATALOG_RECENT_MAX;
    if (stock->recent_count < CATALOG_RECENT_MAX) stock->recent_count++;
}

static void stock_give_back(struct catalog_stock *stock, struct catalog_reservation *reservation,
                            enum catalog_reservation_state state)
{
    assert(reservation->state == CATALOG_RESERVATION_HELD);
    assert(stock->held >= reservation->quantity);
    stock->held -= reservation->quantity;
    stock->version++;
    reservation->state = state;
    stock_note(stock, reservation);
    stock_check(stock);
}

enum status catalog_stock_reserve(struct catalog_stock *stock,
                                  struct catalog_reservation *reservation, bool *ret_is_changed)
{
    stock_check(stock);
    switch (reservation->state) {
    case CATALOG_RESERVATION_HELD:
    case CATALOG_RESERVATION_COMMITTED:
        *ret_is_changed = false;
        return STATUS_OK;
    case CATALOG_RESERVATION_RELEASED:
    case CATALOG_RESERVATION_EXPIRED:
        return STATUS_RESERVATION_RELEASED;
    case CATALOG_RESERVATION_NONE:
        break;
    }
    assert(reservation->quantity > 0);
    if (reservation->quantity > catalog_stock_available(stock)) return STATUS_INSUFFICIENT_STOCK;
    stock->held += reservation->quantity;
    stock->version++;
    reservation->state = CATALOG_RESERVATION_HELD;
    stock_note(stock, reservation);
    stock_check(stock);
    *ret_is_changed = true;
    return STATUS_OK;
}

enum status catalog_stock_release(struct catalog_stock *stock,
                                  struct catalog_reservation *reservation, bool *ret_is_changed)
{
    stock_check(stock);
    switch (reservation->state) {
    case CATALOG_RESERVATION_COMMITTED:
        return STATUS_ILLEGAL_TRANSITION;
    case CATALOG_RESERVATION_RELEASED:
    case CATALOG_RESERVATION_EXPIRED:
        *ret_is_changed = false;
        return STATUS_OK;
    case CATALOG_RESERVATION_NONE:
        /* A mark changes no quantity, so the row of the stock and its version stay as they are. */
        reservation->state = CATALOG_RESERVATION_RELEASED;
        reservation->quantity = 0;
        stock_note(stock, reservation);
        break;
    case CATALOG_RESERVATION_HELD:
        stock_give_back(stock, reservation, CATALOG_RESERVATION_RELEASED);
        break;
    }
    *ret_is_changed = true;
    return STATUS_OK;
}

enum status catalog_stock_commit(struct catalog_stock *stock,
                                 struct catalog_reservation *reservation, bool *ret_is_changed)
{
    stock_check(stock);
    switch (reservation->state) {
    case CATALOG_RESERVATION_NONE:
        return STATUS_NOT_FOUND;
    case CATALOG_RESERVATION_RELEASED:
        return STATUS_RESERVATION_RELEASED;
    case CATALOG_RESERVATION_EXPIRED:
        /* The sale was made in time, but an outage delayed its commit until the reservation had
         * expired. The order stands, so the units are sold if they are still free
         * (actors/catalog/README.md, Decisions: reservations end once). */
        if (reservation->quantity > stock->on_hand - stock->held + stock->ahead.limit)
            return STATUS_RESERVATION_RELEASED;
        stock->held += reservation->quantity;
        break;
    case CATALOG_RESERVATION_COMMITTED:
        *ret_is_changed = false;
        return STATUS_OK;
    case CATALOG_RESERVATION_HELD:
        break;
    }
    assert(stock->held >= reservation->quantity);
    stock->on_hand -= reservation->quantity;
    stock->held -= reservation->quantity;
    stock->sold += reservation->quantity;
    stock->version++;
    reservation->state = CATALOG_RESERVATION_COMMITTED;
    stock_note(stock, reservation);
    stock_check(stock);
    *ret_is_changed = true;
    return STATUS_OK;
}

void catalog_stock_expire(struct catalog_stock *stock, struct catalog_reservation *reservation,
                          int64_t now_us, bool *ret_is_changed)
{
    stock_check(stock);
    const bool is_due =
        reservation->state == CATALOG_RESERVATION_HELD && reservation->expires_at_us <= now_us;
    if (is_due) stock_give_back(stock, reservation, CATALOG_RESERVATION_EXPIRED);
    *ret_is_changed = is_due;
}

void catalog_stock_keep(struct catalog_stock *stock, struct catalog_reservation *reservation,
                        int64_t now_us, int64_t until_us, bool *ret_is_changed)
{
    stock_check(stock);
    *ret_is_changed = reservation->state == CATALOG_RESERVATION_HELD &&
                      reservation->expires_at_us <= now_us && reservation->expires_at_us < until_us;
    if (!*ret_is_changed) return;
    reservation->expires_at_us = until_us;
    stock_note(stock, reservation);
}

enum status catalog_stock_set(struct catalog_stock *stock, int64_t on_hand, bool *ret_is_changed)
{
    stock_check(stock);
    assert(on_hand >= 0);
    *ret_is_changed = catalog_stock_on_hand(stock) != on_hand;
    if (!*ret_is_changed) return STATUS_OK;
    /* More than there were is never too little, whatever is still owed. */
    if (on_hand < stock->on_hand && on_hand - stock->held < -stock->ahead.limit)
        return STATUS_INSUFFICIENT_STOCK;
    stock->on_hand = on_hand;
    stock->version++;
    stock_check(stock);
    return STATUS_OK;
}

void catalog_stock_receive(struct catalog_stock *stock, int64_t quantity)
{
    stock_check(stock);
    assert(quantity >= 1);
    stock->on_hand += quantity;
    stock->version++;
    stock_check(stock);
}

enum status catalog_stock_change(struct catalog_stock *stock, int64_t delta)
{
    stock_check(stock);
    if (delta == 0) return STATUS_OK;
    if (delta > CATALOG_ON_HAND_MAX - stock->on_hand) return STATUS_OUT_OF_RANGE;
    if (delta < 0 && stock->on_hand + delta - stock->held < -stock->ahead.limit)
        return STATUS_INSUFFICIENT_STOCK;
    stock->on_hand += delta;
    stock->version++;
    stock_check(stock);
    return STATUS_OK;
}

void catalog_stock_sell_ahead(struct catalog_stock *stock, struct catalog_ahead ahead)
{
    stock_check(stock);
    const int64_t owed = catalog_stock_owed(stock);
    stock->ahead = ahead;
    stock->owed_max = owed > ahead.limit ? owed : ahead.limit;
    stock->version++;
    stock_check(stock);
}

/* The number with its first two binary digits only; few are none. */
static int64_t rounded(int64_t count)
{
    enum { FEW = 8, DIGITS_END = 4 };
    int shift = 0;
    if (count < FEW) return 0;
    while (count >> shift >= DIGITS_END)
        shift++;
    return count >> shift << shift;
}

enum catalog_stock_news catalog_stock_news(enum catalog_availability before, int64_t sold,
                                           const struct catalog_stock *stock)
{
    assert(sold >= 0);
    if (before != catalog_stock_availability(stock)) return CATALOG_STOCK_AVAILABILITY;
    return rounded(sold) != rounded(stock->sold) ? CATALOG_STOCK_SALES : CATALOG_STOCK_NO_NEWS;
}

/* Cuts the next name off: the bytes up to the next " > ", or all that is left. */
static struct text path_cut_name(struct text *rest)
{
    static const char separator[] = " > ";
    const char *end = memmem(rest->data, rest->length, separator, sizeof separator - 1);
    struct text name = *rest;
    if (end == NULL) {
        *rest = (struct text){ 0 };
        return text_trim(name);
    }
    name.length = (size_t)(end - rest->data);
    /* The separator's last blank stays in `rest`: in "A > > B" it is the first blank of the second
     * separator, without which the empty name between them would not be seen. */
    rest->data = end + 2;
    rest->length -= name.length + 2;
    return text_trim(name);
}

enum status catalog_path_split(struct arena *arena, struct text text, struct catalog_path *ret_path)
{
    if (text.length == 0 || text_characters(text) > CATALOG_PATH_MAX) return STATUS_INVALID_VALUE;
    struct text_builder joined;
    text_builder_init(&joined, arena, CATALOG_PATH_MAX * TEXT_CHARACTER_BYTES_MAX);
    struct catalog_path path = { 0 };
    struct text rest = text;
    do {
        const struct text name = path_cut_name(&rest);
        if (name.length == 0 || text_characters(name) > CATALOG_CATEGORY_NAME_MAX)
            return STATUS_INVALID_VALUE;
        if (path.levels == CATALOG_LEVELS_MAX) return STATUS_INVALID_VALUE;
        if (path.levels > 0) text_builder_add(&joined, TEXT(" > "));
        text_builder_add(&joined, name);
        if (joined.is_full || text_characters(text_builder_view(&joined)) > CATALOG_PATH_MAX)
            return STATUS_INVALID_VALUE;
        path.names[path.levels] = name;
        path.paths[path.levels] = text_copy(arena, text_builder_view(&joined));
        path.levels++;
    } while (rest.length > 0);
    *ret_path = path;
    return STATUS_OK;
}
