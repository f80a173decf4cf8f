/* What a first reading of a file finds out, before any product of it is believed: how it writes
 * numbers, and which products and SKUs stand in several places. Used by product_reader.c. Pure. */
#pragma once

#include "messages/product_file/decimal.h"
#include "messages/product_file/places.h"
#include "runtime/arena.h"

struct product_survey {
    struct decimal_habit habit;
    struct places *places;
    uint64_t products, rows;
};

/* What is noted of rows that belong together. */
struct survey_group {
    struct text vendor; /* empty: none */
    struct text handle;
    bool has_name;
    uint64_t line;
};

void product_survey_init(struct product_survey *survey);
/* Frees what it knows; the survey may be all zeros. */
void product_survey_clear(struct product_survey *survey);
/* Notes where a group of rows begins, and on which line a SKU of a vendor's stands. Statuses: OK,
 * OUT_OF_RANGE (more names than PLACES_MAX). */
MUST_CHECK enum status product_survey_note_group(struct product_survey *survey, struct arena *arena,
                                                 const struct survey_group *group);
MUST_CHECK enum status product_survey_note_sku(struct product_survey *survey, struct arena *arena,
                                               struct text vendor, struct text sku, uint64_t line);
/* True if rows of the same product stand in two places: other rows are between them. */
bool product_survey_is_apart(const struct product_survey *survey, struct arena *arena,
                             const struct survey_group *group, struct place *ret_place);
/* True if the SKU of the vendor stands on two lines. */
bool product_survey_repeats_sku(const struct product_survey *survey, struct arena *arena,
                                struct text vendor, struct text sku, struct place *ret_place);
