/* Which variants of a file are known: by SKU, then by options, then by the options' values. */
#include "actors/catalog/catalog_import_match.h"

#include "actors/catalog/catalog_item.h"
#include "messages/normal_form.h"

/* What tells a variant apart, of either kind. */
struct trait {
    struct text sku;
    const struct text_pair *options;
    size_t options_count;
};

static bool has_same_sku(const struct trait *a, const struct trait *b)
{
    return a->sku.length > 0 && text_equals(a->sku, b->sku);
}

static bool has_same_options(const struct trait *a, const struct trait *b)
{
    return catalog_options_are_same(a->options, a->options_count, b->options, b->options_count);
}

static bool has_same_values(const struct trait *a, const struct trait *b)
{
    if (a->options_count != b->options_count || a->options_count == 0) return false;
    for (size_t i = 0; i < a->options_count; i++)
        if (!text_equals(a->options[i].value, b->options[i].value)) return false;
    return true;
}

static struct trait trait_of(struct arena *arena, struct text sku, const struct text_pair *options,
                             size_t count)
{
    return (struct trait){ .sku = normal_key(arena, sku),
                           .options = catalog_options_keyed(arena, options, count),
                           .options_count = count };
}

/* A match on the way. */
struct match {
    struct trait *known, *imported;
    size_t known_count, imported_count;
    bool is_matched[CATALOG_VARIANTS_KEPT];
    int *matches;
};

typedef bool same_function(const struct trait *a, const struct trait *b);

static void match_by(struct match *match, same_function *is_same)
{
    for (size_t i = 0; i < match->imported_count; i++) {
        for (size_t k = 0; k < match->known_count && match->matches[i] == CATALOG_NO_MATCH; k++) {
            if (match->is_matched[k] || !is_same(&match->known[k], &match->imported[i])) continue;
            match->is_matched[k] = true;
            match->matches[i] = (int)k;
        }
    }
}

/* How many imported variants that are not matched are the same as this trait, and how many known
 * ones. */
static size_t count_imported(const struct match *match, const struct trait *trait)
{
    size_t count = 0;
    for (size_t i = 0; i < match->imported_count; i++)
        count +=
            match->matches[i] == CATALOG_NO_MATCH && has_same_values(&match->imported[i], trait);
    return count;
}

static size_t count_known(const struct match *match, const struct trait *trait)
{
    size_t count = 0;
    for (size_t k = 0; k < match->known_count; k++)
        count += !match->is_matched[k] && has_same_values(&match->known[k], trait);
    return count;
}

/* The names of options may be other ones; values that several have tell nothing. */
static void match_by_values(struct match *match)
{
    for (size_t k = 0; k < match->known_count; k++) {
        const struct trait *known = &match->known[k];
        if (match->is_matched[k] || count_known(match, known) != 1 ||
            count_imported(match, known) != 1)
            continue;
        for (size_t i = 0; i < match->imported_count; i++) {
            if (match->matches[i] != CATALOG_NO_MATCH ||
                !has_same_values(&match->imported[i], known))
                continue;
            match->is_matched[k] = true;
            match->matches[i] = (int)k;
        }
    }
}

void catalog_import_match(struct arena *arena, const struct catalog_known_variant *known,
                          size_t known_count, const struct catalog_imported_variant *imported,
                          size_t imported_count, int ret_matches[CATALOG_VARIANTS_MAX])
{
    assert(known_count <= CATALOG_VARIANTS_KEPT);
    assert(imported_count <= CATALOG_VARIANTS_MAX);
    struct match match = {
        .known = arena_allocate_array(arena, known_count, sizeof *match.known),
        .imported = arena_allocate_array(arena, imported_count, sizeof *match.imported),
        .known_count = known_count,
        .imported_count = imported_count,
        .matches = ret_matches,
    };
    for (size_t k = 0; k < known_count; k++)
        match.known[k] = trait_of(arena, known[k].sku, known[k].options, known[k].options_count);
    for (size_t i = 0; i < imported_count; i++) {
        const struct text sku = imported[i].has_sku ? imported[i].sku : (struct text){ 0 };
        match.imported[i] = trait_of(arena, sku, imported[i].options, imported[i].options_count);
        ret_matches[i] = CATALOG_NO_MATCH;
    }
    /* Rule by rule and not variant by variant, so that a weak match never takes a known variant
     * away from a strong one. */
    match_by(&match, has_same_sku);
    match_by(&match, has_same_options);
    match_by_values(&match);
}
