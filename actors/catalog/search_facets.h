/* How many products there are of each kind: counted row by row, then the most frequent are told.
 * Owns its memory. */
#pragma once

#include "actors/catalog/search_row.h"

struct search_counts;

/* For one reader; grows with its names. */
struct search_counts *search_counts_new(void);
/* NULL is fine. */
void search_counts_destroy(struct search_counts **counts);
/* Begins to count for a query. Names and bounds (which rise) are lent until the counts are told. */
void search_counts_begin(struct search_counts *counts, const struct search_names *names,
                         const int64_t *price_bounds, size_t price_bounds_count);
/* Counts a row that has the words: in all facets when it passes every filter, in one when only the
 * filter of this one keeps it out. Returns true if it passes. */
bool search_counts_add(struct search_counts *counts, const struct search_sieve *sieve,
                       const struct search_row *row);
/* The same of packed bytes, for a sieve that is open. Statuses: OK, CORRUPT. */
MUST_CHECK enum status search_counts_add_packed(struct search_counts *counts, struct text packed);
/* Rows that passed. */
int64_t search_counts_total(const struct search_counts *counts);
/* All of it in the arena. */
const struct search_facets *search_counts_tell(const struct search_counts *counts,
                                               struct arena *arena);
