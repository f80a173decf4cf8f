/* Which variants of a file are known: by SKU, then by options, then by place. */
#include "actors/catalog/catalog_import_match.h"

static bool has_same_sku(const struct catalog_known_variant *known,
                         const struct catalog_imported_variant *imported, size_t position)
{
    (void)position;
    return imported->has_sku && imported->sku.length > 0 && text_equals(known->sku, imported->sku);
}

/* In the same order, too: files keep it. */
static bool has_same_options(const struct catalog_known_variant *known,
                             const struct catalog_imported_variant *imported, size_t position)
{
    (void)position;
    if (known->options_count != 2 * imported->options_count) return false;
    for (size_t i = 0; i < imported->options_count; i++) {
        if (!text_equals(known->options[2 * i], imported->options[i].name)) return false;
        if (!text_equals(known->options[2 * i + 1], imported->options[i].value)) return false;
    }
    return true;
}

static bool has_same_place(const struct catalog_known_variant *known,
                           const struct catalog_imported_variant *imported, size_t position)
{
    /* Two numbers of the vendor's own are two things, wherever they stand. */
    if (known->sku.length > 0 && imported->has_sku && imported->sku.length > 0) return false;
    return known->is_active && known->position == (int64_t)position;
}

void catalog_import_match(const struct catalog_known_variant *known, size_t known_count,
                          const struct catalog_imported_variant *imported, size_t imported_count,
                          int ret_matches[CATALOG_VARIANTS_MAX])
{
    static bool (*const is_same[])(const struct catalog_known_variant *,
                                   const struct catalog_imported_variant *,
                                   size_t) = { has_same_sku, has_same_options, has_same_place };
    bool is_matched[CATALOG_VARIANTS_KEPT] = { false };
    assert(known_count <= CATALOG_VARIANTS_KEPT);
    assert(imported_count <= CATALOG_VARIANTS_MAX);
    for (size_t i = 0; i < imported_count; i++)
        ret_matches[i] = CATALOG_NO_MATCH;
    /* Rule by rule and not variant by variant, so that a weak match never takes a known variant
     * away from a strong one. */
    for (size_t rule = 0; rule < ARRAY_LENGTH(is_same); rule++) {
        for (size_t i = 0; i < imported_count; i++) {
            for (size_t k = 0; k < known_count && ret_matches[i] == CATALOG_NO_MATCH; k++) {
                if (is_matched[k] || !is_same[rule](&known[k], &imported[i], i)) continue;
                is_matched[k] = true;
                ret_matches[i] = (int)k;
            }
        }
    }
}
