/* Which variants of an imported product are known already. Pure. */
#pragma once

#include "actors/catalog/catalog_price.h"

enum {
    CATALOG_VARIANTS_MAX = 100,  /* of a product as a file gives it */
    CATALOG_VARIANTS_KEPT = 200, /* known variants that a match considers, active ones first */
    CATALOG_NO_MATCH = -1,
};

/* A variant that exists. */
struct catalog_known_variant {
    struct uuid id;
    struct text sku, barcode; /* empty: none */
    bool is_active;
    const struct text_pair *options;
    size_t options_count;
    struct catalog_quantities quantities;
    int64_t weight_grams; /* or CATALOG_ITEM_NONE */
};

/* Finds out which known variant each imported one is: the one of the same SKU; else of the same
 * options, in whatever order; else of the same values in the same order under other names, if there
 * is one such variant only on either side. Never the one that stands at the same place: rows are
 * sorted, and then an id, with what is sold and held of it, would become another thing's. Texts
 * are compared by normal_key(), in the arena. No known variant is matched twice, and as long as no
 * two imported ones have an SKU or the options in common, their order decides nothing.
 * `ret_matches[i]` is the index of the known one, or CATALOG_NO_MATCH for a new variant. */
void catalog_import_match(struct arena *arena, const struct catalog_known_variant *known,
                          size_t known_count, const struct catalog_imported_variant *imported,
                          size_t imported_count, int ret_matches[CATALOG_VARIANTS_MAX]);
