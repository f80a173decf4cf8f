/* The states of a product as a table, and what it may say. */
#include "actors/catalog/catalog_item.h"

#include <string.h>

#include "messages/normal_form.h"

/* ---- where a product stands ---- */

#define BIT(status) (1U << CATALOG_PRODUCT_STATUS_##status)

/* From which states a move is possible. Whether staff has hidden the product is asked beside it. */
static const unsigned move_from[CATALOG_MOVE_COUNT] = {
    [CATALOG_MOVE_PUBLISH] = BIT(DRAFT) | BIT(HIDDEN) | BIT(REJECTED),
    [CATALOG_MOVE_HIDE] = BIT(IN_REVIEW) | BIT(PUBLISHED),
    [CATALOG_MOVE_ARCHIVE] =
        BIT(DRAFT) | BIT(IN_REVIEW) | BIT(PUBLISHED) | BIT(HIDDEN) | BIT(REJECTED),
    [CATALOG_MOVE_CHANGE] =
        BIT(DRAFT) | BIT(IN_REVIEW) | BIT(PUBLISHED) | BIT(HIDDEN) | BIT(REJECTED),
    [CATALOG_MOVE_APPROVE] = BIT(IN_REVIEW),
    [CATALOG_MOVE_REJECT] = BIT(IN_REVIEW),
    [CATALOG_MOVE_BLOCK] = BIT(IN_REVIEW) | BIT(PUBLISHED) | BIT(HIDDEN),
    [CATALOG_MOVE_RESTORE] = BIT(HIDDEN) | BIT(ARCHIVED),
};

static bool is_possible(const struct catalog_item *item, enum catalog_move move)
{
    assert((unsigned)move < CATALOG_MOVE_COUNT);
    assert((unsigned)item->status < CATALOG_PRODUCT_STATUS_COUNT);
    if ((move_from[move] >> item->status & 1U) == 0) return false;
    if (item->status != CATALOG_PRODUCT_STATUS_HIDDEN) return true;
    /* Only staff takes back what staff has done, and nothing else. */
    if (move == CATALOG_MOVE_PUBLISH || move == CATALOG_MOVE_BLOCK) return !item->is_blocked;
    return move != CATALOG_MOVE_RESTORE || item->is_blocked;
}

static enum catalog_product_status published_or_reviewed(enum catalog_product_status from,
                                                         bool needs_approval)
{
    /* What staff has rejected, staff must see again before it is published. */
    return needs_approval || from == CATALOG_PRODUCT_STATUS_REJECTED
               ? CATALOG_PRODUCT_STATUS_IN_REVIEW
               : CATALOG_PRODUCT_STATUS_PUBLISHED;
}

/* A deleted product comes back to its vendor, hidden, and stays blocked if it was; one that staff
 * has hidden is published again. */
static void restore(struct catalog_item *item)
{
    if (item->status == CATALOG_PRODUCT_STATUS_ARCHIVED) {
        item->status = CATALOG_PRODUCT_STATUS_HIDDEN;
        return;
    }
    item->status = CATALOG_PRODUCT_STATUS_PUBLISHED;
    item->is_blocked = false;
}

enum status catalog_item_move(struct catalog_item *item, enum catalog_move move,
                              bool needs_approval)
{
    const enum catalog_product_status from = item->status;
    if (!is_possible(item, move)) return STATUS_ILLEGAL_TRANSITION;
    switch (move) {
    case CATALOG_MOVE_PUBLISH:
        item->status = published_or_reviewed(from, needs_approval);
        break;
    case CATALOG_MOVE_HIDE:
        item->status = CATALOG_PRODUCT_STATUS_HIDDEN;
        break;
    case CATALOG_MOVE_ARCHIVE:
        item->status = CATALOG_PRODUCT_STATUS_ARCHIVED;
        break;
    case CATALOG_MOVE_APPROVE:
        item->status = CATALOG_PRODUCT_STATUS_PUBLISHED;
        break;
    case CATALOG_MOVE_REJECT:
        item->status = CATALOG_PRODUCT_STATUS_REJECTED;
        break;
    case CATALOG_MOVE_BLOCK:
        item->status = CATALOG_PRODUCT_STATUS_HIDDEN;
        item->is_blocked = true;
        break;
    case CATALOG_MOVE_RESTORE:
        restore(item);
        break;
    case CATALOG_MOVE_CHANGE:
    case CATALOG_MOVE_COUNT:
        break;
    }
    return STATUS_OK;
}

static const char *const move_names[CATALOG_MOVE_COUNT] = {
    [CATALOG_MOVE_PUBLISH] = "publish",         [CATALOG_MOVE_HIDE] = "hide",
    [CATALOG_MOVE_ARCHIVE] = "delete",          [CATALOG_MOVE_CHANGE] = "change",
    [CATALOG_MOVE_APPROVE] = "approve (staff)", [CATALOG_MOVE_REJECT] = "reject (staff)",
    [CATALOG_MOVE_BLOCK] = "hide (staff)",      [CATALOG_MOVE_RESTORE] = "restore (staff)",
};

struct text catalog_item_explain(struct arena *arena, const struct catalog_item *item)
{
    struct text_builder detail;
    text_builder_init(&detail, arena, 255);
    text_builder_add(&detail, TEXT("The product is "));
    text_builder_add(&detail, text_of(catalog_product_status_names[item->status]));
    if (item->is_blocked) text_builder_add(&detail, TEXT(" by staff"));
    text_builder_add(&detail, TEXT("; possible now:"));
    for (enum catalog_move move = 0; move < CATALOG_MOVE_COUNT; move++) {
        if (!is_possible(item, move)) continue;
        text_builder_add_byte(&detail, ' ');
        text_builder_add(&detail, text_of(move_names[move]));
    }
    return text_builder_view(&detail);
}

void catalog_item_import_status(struct catalog_item *item, bool is_known, bool is_listed)
{
    const bool is_kept =
        is_known && (item->is_blocked || item->status == CATALOG_PRODUCT_STATUS_IN_REVIEW ||
                     item->status == CATALOG_PRODUCT_STATUS_REJECTED ||
                     item->status == CATALOG_PRODUCT_STATUS_ARCHIVED);
    /* Not listed is what a draft is already. */
    if (is_kept || (is_known && is_listed == catalog_item_is_listed(item))) return;
    item->status = is_listed ? CATALOG_PRODUCT_STATUS_PUBLISHED : CATALOG_PRODUCT_STATUS_HIDDEN;
}

bool catalog_item_is_new(const struct catalog_item *item)
{
    return item->version == 1;
}

bool catalog_item_is_listed(const struct catalog_item *item)
{
    return item->status == CATALOG_PRODUCT_STATUS_PUBLISHED;
}

/* ---- what it says ---- */

const struct catalog_item_price *catalog_item_price_in(const struct catalog_item_variant *variant,
                                                       const char *currency)
{
    for (size_t i = 0; i < variant->prices_count; i++) {
        if (strcmp(variant->prices[i].price.currency, currency) == 0) return &variant->prices[i];
    }
    return NULL;
}

static const struct catalog_item_price *cheapest_in(const struct catalog_item *item,
                                                    const char *currency)
{
    const struct catalog_item_price *cheapest = NULL;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_price *price =
            catalog_item_price_in(&item->variants[i], currency);
        if (price == NULL) continue;
        if (cheapest == NULL || price->price.amount < cheapest->price.amount) cheapest = price;
    }
    return cheapest;
}

const struct catalog_item_price *catalog_item_cheapest(const struct catalog_item *item,
                                                       const char *currency)
{
    const struct catalog_item_price *cheapest = cheapest_in(item, currency);
    for (size_t i = 0; i < item->variants_count && cheapest == NULL; i++) {
        if (item->variants[i].prices_count == 0) continue;
        cheapest = cheapest_in(item, item->variants[i].prices[0].price.currency);
    }
    assert(cheapest != NULL);
    return cheapest;
}

static bool has_currency(const char *const *currencies, size_t count, const char *currency)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(currencies[i], currency) == 0) return true;
    }
    return false;
}

size_t catalog_item_other_currencies(const struct catalog_item *item, const char *market,
                                     const char *ret_currencies[CATALOG_ITEM_CURRENCIES_MAX])
{
    const char *own = catalog_item_cheapest(item, market)->price.currency;
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *variant = &item->variants[i];
        for (size_t k = 0; k < variant->prices_count; k++) {
            const char *currency = variant->prices[k].price.currency;
            if (strcmp(currency, own) == 0 || has_currency(ret_currencies, count, currency))
                continue;
            if (count < CATALOG_ITEM_CURRENCIES_MAX) ret_currencies[count++] = currency;
        }
    }
    return count;
}

/* The lowest price of the variants at that time, or that of the list if it is lower. */
static int64_t lowest_at(const struct catalog_item *item, const struct money *list, int64_t at_us)
{
    int64_t lowest = list->amount;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_price *price =
            catalog_item_price_in(&item->variants[i], list->currency);
        if (price == NULL) continue;
        const int64_t amount = catalog_price_at(price, at_us);
        if (amount < lowest) lowest = amount;
    }
    return lowest;
}

/* When the next sale of a variant begins or ends; CATALOG_SALE_FOR_GOOD: never. */
static int64_t next_turn(const struct catalog_item *item, const char *currency, int64_t after_us)
{
    int64_t next = CATALOG_SALE_FOR_GOOD;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_price *price =
            catalog_item_price_in(&item->variants[i], currency);
        if (price == NULL || price->sale.amount == 0) continue;
        if (price->sale.from_us > after_us && price->sale.from_us < next)
            next = price->sale.from_us;
        if (price->sale.to_us > after_us && price->sale.to_us < next) next = price->sale.to_us;
    }
    return next;
}

/* From when on the price is another than `amount`; CATALOG_SALE_FOR_GOOD: never. */
static int64_t turn_from(const struct catalog_item *item, const struct money *list, int64_t amount,
                         int64_t at_us)
{
    while (at_us < CATALOG_SALE_FOR_GOOD && lowest_at(item, list, at_us) == amount)
        at_us = next_turn(item, list->currency, at_us);
    return at_us;
}

struct catalog_sale catalog_item_sale_after(const struct catalog_item *item, const char *currency,
                                            int64_t now_us)
{
    const struct money list = catalog_item_cheapest(item, currency)->price;
    struct catalog_sale sale = { .from_us = turn_from(item, &list, list.amount, now_us) };
    if (sale.from_us == CATALOG_SALE_FOR_GOOD) return (struct catalog_sale){ 0 };
    sale.amount = lowest_at(item, &list, sale.from_us);
    sale.to_us = turn_from(item, &list, sale.amount, sale.from_us);
    return sale;
}

int64_t catalog_item_prior(const struct catalog_item *item, const char *currency,
                           const struct catalog_sale *sale)
{
    const struct money list = catalog_item_cheapest(item, currency)->price;
    for (size_t i = 0; i < item->variants_count && sale->amount > 0; i++) {
        const struct catalog_item_price *price =
            catalog_item_price_in(&item->variants[i], list.currency);
        if (price != NULL && price->sale.amount == sale->amount &&
            catalog_sale_runs(&price->sale, sale->from_us))
            return price->prior;
    }
    return CATALOG_ITEM_NONE;
}

static bool has_option(const struct text_pair *options, size_t count,
                       const struct text_pair *option)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equals(options[i].name, option->name))
            return text_equals(options[i].value, option->value);
    }
    return false;
}

bool catalog_options_are_same(const struct text_pair *a, size_t a_count, const struct text_pair *b,
                              size_t b_count)
{
    if (a_count != b_count) return false;
    for (size_t i = 0; i < a_count; i++) {
        if (!has_option(b, b_count, &a[i])) return false;
    }
    return true;
}

const struct text_pair *catalog_options_keyed(struct arena *arena, const struct text_pair *options,
                                              size_t count)
{
    struct text_pair *keyed = arena_allocate_array(arena, count, sizeof *keyed);
    for (size_t i = 0; i < count; i++)
        keyed[i] = (struct text_pair){ normal_key(arena, options[i].name),
                                       normal_key(arena, options[i].value) };
    return keyed;
}

struct catalog_item catalog_item_keyed(struct arena *arena, const struct catalog_item *item)
{
    struct catalog_item keyed = *item;
    struct catalog_item_variant *variants =
        arena_allocate_array(arena, item->variants_count, sizeof *variants);
    for (size_t i = 0; i < item->variants_count; i++) {
        variants[i] = item->variants[i];
        variants[i].sku = normal_key(arena, variants[i].sku);
        variants[i].options =
            catalog_options_keyed(arena, variants[i].options, variants[i].options_count);
    }
    keyed.variants = variants;
    return keyed;
}

bool catalog_item_repeats_options(const struct catalog_item *item, size_t index)
{
    assert(index < item->variants_count);
    const struct catalog_item_variant *variant = &item->variants[index];
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *other = &item->variants[i];
        if (i != index && catalog_options_are_same(variant->options, variant->options_count,
                                                   other->options, other->options_count))
            return true;
    }
    return false;
}

bool catalog_item_repeats_sku(const struct catalog_item *item, size_t index)
{
    assert(index < item->variants_count);
    const struct text sku = item->variants[index].sku;
    for (size_t i = 0; i < item->variants_count && sku.length > 0; i++) {
        if (i != index && text_equals(item->variants[i].sku, sku)) return true;
    }
    return false;
}

/* Bytes beside the texts: field names, ids, numbers and lengths, as msgpack encodes them, rounded
 * up. */
enum {
    ITEM_ROOM = 1040,
    VARIANT_ROOM = 412,
    PICTURE_ROOM = 768, /* with its addresses */
    PRICE_ROOM = 48,
    SALE_ROOM = 96,
    TIER_ROOM = 80,
    ATTRIBUTE_ROOM = 56,
    TEXT_ROOM = 8
};

size_t catalog_item_bytes(const struct catalog_item *item)
{
    size_t bytes = ITEM_ROOM + item->name.length + item->seo_title.length +
                   item->seo_description.length + item->handle.length + item->description.length +
                   item->category_path.length + item->review_note.length;
    for (size_t i = 0; i < item->images_count; i++)
        bytes += 2 * (TEXT_ROOM + item->images[i].length);
    for (size_t i = 0; i < item->attributes_count; i++)
        bytes += ATTRIBUTE_ROOM + item->attributes[i].key.length + item->attributes[i].name.length +
                 item->attributes[i].unit.length + item->attributes[i].value.length;
    for (size_t i = 0; i < item->pictures_count; i++)
        bytes += PICTURE_ROOM + item->pictures[i].alt.length;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *variant = &item->variants[i];
        bytes += VARIANT_ROOM + variant->sku.length + variant->barcode.length +
                 PRICE_ROOM * variant->prices_count;
        for (size_t k = 0; k < variant->prices_count; k++)
            bytes += (variant->prices[k].sale.amount > 0 ? SALE_ROOM : 0) +
                     TIER_ROOM * variant->prices[k].tiers_count;
        for (size_t k = 0; k < variant->options_count; k++)
            bytes +=
                2 * TEXT_ROOM + variant->options[k].name.length + variant->options[k].value.length;
    }
    return bytes;
}
