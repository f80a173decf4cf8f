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
    struct text sku; /* empty: none */
    int64_t position;
    bool is_active;
    const struct text *options; /* name, value, name, value ... */
    size_t options_count;       /* texts, twice the number of options */
    struct catalog_quantities quantities;
};

/* Finds out which known variant each imported one is: the one of the same SKU, else of the same
 * options, else the active one at the same place (unless both have an SKU). No known variant is
 * matched twice. `ret_matches[i]` is the index of the known one, or CATALOG_NO_MATCH for a new
 * variant. */
void catalog_import_match(const struct catalog_known_variant *known, size_t known_count,
                          const struct catalog_imported_variant *imported, size_t imported_count,
                          int ret_matches[CATALOG_VARIANTS_MAX]);
