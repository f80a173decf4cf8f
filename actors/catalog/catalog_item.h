/* A product as its vendor and staff see it: where it stands, where it may go, what it may say.
 * Pure. Texts, lists and prices are lent: they live as long as the request that has loaded them. */
#pragma once

#include "actors/catalog/catalog_ahead.h"
#include "actors/catalog/catalog_attribute.h"
#include "actors/catalog/catalog_price.h"
#include "catalog_messages.h"

enum {
    CATALOG_ITEM_VARIANTS_MAX = 100,  /* that can be bought, of one product */
    CATALOG_ITEM_OPTIONS_MAX = 3,     /* of one variant */
    CATALOG_ITEM_PRICES_MAX = 10,     /* of one variant: one per currency */
    CATALOG_ITEM_CURRENCIES_MAX = 10, /* of one product, besides the first */
    CATALOG_ITEM_BYTES_MAX = 180000,  /* so that it fits into a stored answer */
};

struct catalog_item_variant {
    struct uuid id;
    struct text sku, barcode; /* empty: none */
    const struct text_pair *options;
    size_t options_count;
    const struct catalog_item_price *prices; /* one per currency */
    size_t prices_count;
    int64_t weight_grams; /* or CATALOG_ITEM_NONE */
    struct catalog_quantities quantities;
    int64_t on_hand, held, stock_version; /* as they were read; imports leave them 0 */
    struct catalog_ahead ahead;           /* likewise */
    bool is_bundle;                       /* likewise */
};

/* One that was uploaded. */
struct catalog_picture {
    struct uuid id;
    struct text digest; /* of its file, as hexadecimal digits */
    int64_t width, height;
    struct text alt; /* empty: nothing is said of it */
};

/* A product with the variants that can be bought, in their order. */
struct catalog_item {
    struct uuid id, vendor_id;
    int64_t version; /* of the row it was read from; 0: there is none yet */
    enum catalog_product_status status;
    bool is_blocked; /* hidden by staff */
    struct text review_note;
    struct uuid category_id;
    struct text category_path;
    const struct uuid *ancestors; /* of the category, itself included */
    size_t ancestors_count;
    const struct uuid *old_ancestors; /* of the category that the row names */
    size_t old_ancestors_count;
    struct text handle, name, slug, description;
    bool is_slug_new;                       /* it has another one in its row, or none */
    struct text seo_title, seo_description; /* for search engines; empty: none */
    const struct text *images;              /* pictures that are links */
    size_t images_count;
    const struct catalog_picture *pictures; /* those that were uploaded */
    size_t pictures_count;
    const struct catalog_item_attribute *attributes; /* in the order of their definitions */
    size_t attributes_count;
    enum common_tax_class tax_class;
    bool is_digital; /* nothing is sent */
    bool has_profile;
    struct uuid profile_id; /* a shipping profile of the vendor domain */
    struct text digest;     /* of the file that it was imported from; empty: of none */
    bool has_import;        /* it is written by an import: what is read has none */
    struct uuid import_id;
    int64_t created_at_us, updated_at_us;
    const struct catalog_item_variant *variants;
    size_t variants_count;
    bool had_currencies; /* its rows had prices in another currency than the market's */
    bool has_change;                                        /* one waits for approval */
    const struct catalog_product_translation *translations; /* in other languages */
    size_t translations_count;
};

/* ---- where a product stands ---- */

enum catalog_move {
    CATALOG_MOVE_PUBLISH, /* by the vendor, as the next three */
    CATALOG_MOVE_HIDE,
    CATALOG_MOVE_ARCHIVE,
    CATALOG_MOVE_CHANGE,  /* of what it says, or costs */
    CATALOG_MOVE_APPROVE, /* by staff, as the next three */
    CATALOG_MOVE_REJECT,
    CATALOG_MOVE_BLOCK,
    CATALOG_MOVE_RESTORE,
    CATALOG_MOVE_COUNT
};

/* Moves the item; `needs_approval` is the market's setting market.product_approval. Statuses: OK,
 * ILLEGAL_TRANSITION (nothing changed). */
MUST_CHECK enum status catalog_item_move(struct catalog_item *item, enum catalog_move move,
                                         bool needs_approval);
/* A sentence for people, in the arena: where the product stands and which moves are possible. */
struct text catalog_item_explain(struct arena *arena, const struct catalog_item *item);
/* An import publishes or hides the product as the file says, unless staff has to decide or the
 * vendor has deleted it. `is_known`: it existed before the import. */
void catalog_item_import_status(struct catalog_item *item, bool is_known, bool is_listed);
/* True of a product that its first save has put at version 1: nothing that is its own was there
 * before. */
bool catalog_item_is_new(const struct catalog_item *item);
/* True if shoppers see it. */
bool catalog_item_is_listed(const struct catalog_item *item);

/* ---- what it says ---- */

/* The variant's price in `currency`, lent by it, or NULL. */
const struct catalog_item_price *catalog_item_price_in(const struct catalog_item_variant *variant,
                                                       const char *currency);
/* The lowest price of the variants in `currency`, lent by one of them; if none has a price in it,
 * in the first currency there is. At least one variant must have a price. */
const struct catalog_item_price *catalog_item_cheapest(const struct catalog_item *item,
                                                       const char *currency);
/* The currencies that variants have prices in, besides the one of catalog_item_cheapest(), in the
 * order in which they stand there; lent. Those beyond CATALOG_ITEM_CURRENCIES_MAX are left out. */
size_t catalog_item_other_currencies(const struct catalog_item *item, const char *market,
                                     const char *ret_currencies[CATALOG_ITEM_CURRENCIES_MAX]);
/* The price of the product in a sale: the lowest of its variants', while that is below the list
 * price of the cheapest, in its currency. It runs now, or is the next that will; none will: amount
 * 0. Ask again at its end: another one may follow. */
struct catalog_sale catalog_item_sale_after(const struct catalog_item *item, const char *currency,
                                            int64_t now_us);
/* The lowest price of the 30 days before such a sale of the item began, or CATALOG_ITEM_NONE. */
int64_t catalog_item_prior(const struct catalog_item *item, const char *currency,
                           const struct catalog_sale *sale);
/* True if both have the same names with the same values, in any order. */
bool catalog_options_are_same(const struct text_pair *a, size_t a_count, const struct text_pair *b,
                              size_t b_count);
/* The item with variants whose SKUs and options are what tells them apart (normal_key()), in the
 * arena: two that differ in case only are the same. For comparing only. */
struct catalog_item catalog_item_keyed(struct arena *arena, const struct catalog_item *item);
/* The same of options alone. */
const struct text_pair *catalog_options_keyed(struct arena *arena, const struct text_pair *options,
                                              size_t count);
/* True if another variant of the item has the options of variant `index`, or its SKU. Variants
 * without an SKU do not have the same one. */
bool catalog_item_repeats_options(const struct catalog_item *item, size_t index);
bool catalog_item_repeats_sku(const struct catalog_item *item, size_t index);
/* How many bytes the item takes in an answer at most: its texts and room for everything else. */
size_t catalog_item_bytes(const struct catalog_item *item);
