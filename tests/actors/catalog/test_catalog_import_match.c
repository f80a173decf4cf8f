/* Claims about which variants of a file are known already. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_import_match.h"

static struct arena *arena;
static int matches[CATALOG_VARIANTS_MAX];

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static const struct text_pair red = { { "Colour", 6 }, { "Red", 3 } };
static const struct text_pair blue = { { "Colour", 6 }, { "Blue", 4 } };
static const struct text_pair red_in_capitals = { { "COLOUR", 6 }, { "RED", 3 } };
static const struct text_pair farbe_rot = { { "Farbe", 5 }, { "Red", 3 } };
static const struct text_pair farbe_blau = { { "Farbe", 5 }, { "Blue", 4 } };

static struct catalog_known_variant known_of(const char *sku, const struct text_pair *option)
{
    return (struct catalog_known_variant){
        .sku = text_of(sku), .is_active = true, .options = option, .options_count = option != NULL
    };
}

static struct catalog_imported_variant imported_of(const char *sku, const struct text_pair *option)
{
    return (struct catalog_imported_variant){ .has_sku = sku != NULL,
                                              .sku = text_of(sku),
                                              .options = option,
                                              .options_count = option != NULL };
}

static void variants_are_known_by_sku_before_options(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("a", &red), known_of("b", &blue) };
    const struct catalog_imported_variant imported[] = { imported_of("b", &red),
                                                         imported_of("new", &red),
                                                         imported_of(NULL, &blue) };
    catalog_import_match(arena, known, 2, imported, 3, matches);
    assert_int_equal(matches[0], 1);
    assert_int_equal(matches[1], 0);
    assert_int_equal(matches[2], CATALOG_NO_MATCH);
}

static void the_same_place_makes_no_variant_known(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("a", &red), known_of("", &red) };
    const struct catalog_imported_variant imported[] = { imported_of("z", &blue),
                                                         imported_of(NULL, &blue) };
    catalog_import_match(arena, known, 1, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
    catalog_import_match(arena, known + 1, 1, imported + 1, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

static void case_and_normal_form_do_not_count(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("Caf\xC3\xA9-1", &blue),
                                                   known_of("", &red) };
    const struct catalog_imported_variant imported[] = { imported_of(NULL, &red_in_capitals),
                                                         imported_of("CAFE\xCC\x81-1", &blue) };
    catalog_import_match(arena, known, 2, imported, 2, matches);
    assert_int_equal(matches[0], 1);
    assert_int_equal(matches[1], 0);
}

static void a_known_variant_is_matched_once(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("a", &red) };
    const struct catalog_imported_variant imported[] = { imported_of("a", &blue),
                                                         imported_of("a", &red) };
    catalog_import_match(arena, known, 1, imported, 2, matches);
    assert_int_equal(matches[0], 0);
    assert_int_equal(matches[1], CATALOG_NO_MATCH);
}

static void a_variant_that_has_gone_comes_back(void **state)
{
    (void)state;
    struct catalog_known_variant known[] = { known_of("", &blue), known_of("", &red) };
    known[1].is_active = false;
    const struct catalog_imported_variant imported[] = { imported_of(NULL, &red) };
    catalog_import_match(arena, known, 2, imported, 1, matches);
    assert_int_equal(matches[0], 1);
}

static void an_active_variant_goes_before_one_that_has_gone(void **state)
{
    (void)state;
    struct catalog_known_variant known[] = { known_of("a", &red), known_of("a", &red) };
    known[1].is_active = false;
    const struct catalog_imported_variant imported[] = { imported_of("a", &red) };
    catalog_import_match(arena, known, 2, imported, 1, matches);
    assert_int_equal(matches[0], 0);
}

static void a_product_of_one_variant_without_options_keeps_it(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("old", NULL) };
    const struct catalog_imported_variant imported[] = { imported_of("new", NULL) };
    catalog_import_match(arena, known, 1, imported, 1, matches);
    assert_int_equal(matches[0], 0);
}

static void renamed_options_keep_the_variants_of_their_values(void **state)
{
    (void)state;
    const struct catalog_known_variant known[] = { known_of("", &red), known_of("", &blue) };
    const struct catalog_imported_variant imported[] = { imported_of(NULL, &farbe_blau),
                                                         imported_of(NULL, &farbe_rot) };
    catalog_import_match(arena, known, 2, imported, 2, matches);
    assert_int_equal(matches[0], 1);
    assert_int_equal(matches[1], 0);
}

static void values_that_several_have_tell_nothing(void **state)
{
    (void)state;
    static const struct text_pair trim = { { "Trim", 4 }, { "Red", 3 } };
    const struct catalog_known_variant known[] = { known_of("", &red), known_of("", &trim) };
    const struct catalog_imported_variant imported[] = { imported_of(NULL, &farbe_rot) };
    catalog_import_match(arena, known, 2, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

static void nothing_is_known_of_a_new_product(void **state)
{
    (void)state;
    const struct catalog_imported_variant imported[] = { imported_of(NULL, NULL) };
    catalog_import_match(arena, NULL, 0, imported, 1, matches);
    assert_int_equal(matches[0], CATALOG_NO_MATCH);
}

/* ---- any order ---- */

/* Knuth's linear congruential generator: the same numbers in every run. */
static uint64_t seed;

static size_t random_below(size_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % limit;
}

static void shuffle(size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        const size_t other = random_below(i), last = order[i - 1];
        order[i - 1] = order[other];
        order[other] = last;
    }
}

/* Variant n of a product: two options, whose values differ from every other's, and for some an
 * SKU. */
static struct catalog_known_variant random_variant(size_t n)
{
    struct text_pair *options = arena_allocate_array(arena, 2, sizeof *options);
    options[0] = (struct text_pair){ TEXT("Size"), text_format(arena, "S%zu", n / 3) };
    options[1] = (struct text_pair){ TEXT("Colour"), text_format(arena, "C%zu", n % 3) };
    return (struct catalog_known_variant){ .sku = random_below(2) == 0
                                                      ? text_format(arena, "sku-%zu", n)
                                                      : TEXT(""),
                                           .is_active = true,
                                           .options = options,
                                           .options_count = 2 };
}

/* The same variant as a file has it another time. */
static struct catalog_imported_variant written_again(const struct catalog_known_variant *known,
                                                     bool is_renamed, bool is_turned)
{
    struct text_pair *options = arena_allocate_array(arena, 2, sizeof *options);
    const size_t first = is_turned ? 1 : 0;
    for (size_t i = 0; i < 2; i++) {
        options[i] = known->options[i == 0 ? first : 1 - first];
        if (is_renamed)
            options[i].name = i == 0 ? TEXT("Gr\xC3\xB6\xC3\x9F"
                                            "e")
                                     : TEXT("Farbe");
    }
    return (struct catalog_imported_variant){
        .has_sku = known->sku.length > 0, .sku = known->sku, .options = options, .options_count = 2
    };
}

static void no_order_of_rows_and_no_name_of_an_option_moves_an_id(void **state)
{
    (void)state;
    for (seed = 1; seed < 3000; seed++) {
        const uint64_t round = seed;
        struct catalog_known_variant known[12];
        static struct catalog_imported_variant imported[12]; /* too large for a frame */
        size_t order[12];
        const size_t count = 1 + random_below(12);
        /* Under other names the order of the options tells which is which. */
        const bool is_renamed = random_below(2) == 0;
        const bool is_turned = !is_renamed && random_below(2) == 0;
        for (size_t i = 0; i < count; i++)
            known[i] = random_variant(i);
        shuffle(order, count);
        const size_t kept = 1 + random_below(count); /* the others have gone */
        for (size_t i = 0; i < kept; i++)
            imported[i] = written_again(&known[order[i]], is_renamed, is_turned);
        catalog_import_match(arena, known, count, imported, kept, matches);
        for (size_t i = 0; i < kept; i++)
            if (matches[i] != (int)order[i])
                fail_msg("round %llu: row %zu is variant %zu, and was taken for %d",
                         (unsigned long long)round, i, order[i], matches[i]);
        arena_reset(arena);
        seed = round;
    }
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(variants_are_known_by_sku_before_options),
        CLAIM(the_same_place_makes_no_variant_known),
        CLAIM(case_and_normal_form_do_not_count),
        CLAIM(a_known_variant_is_matched_once),
        CLAIM(a_variant_that_has_gone_comes_back),
        CLAIM(an_active_variant_goes_before_one_that_has_gone),
        CLAIM(a_product_of_one_variant_without_options_keeps_it),
        CLAIM(renamed_options_keep_the_variants_of_their_values),
        CLAIM(values_that_several_have_tell_nothing),
        CLAIM(nothing_is_known_of_a_new_product),
        CLAIM(no_order_of_rows_and_no_name_of_an_option_moves_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
