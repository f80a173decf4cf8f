/* What an index keeps of a product besides its words: by what it is sorted, filtered and counted.
 * Pure. Categories, vendors and attributes are numbers (search_names.h). */
#pragma once

#include "actors/catalog/search_names.h"

enum {
    SEARCH_ROW_PRICE_BYTES = 3 + 1 + 8,
    SEARCH_ROW_VARIANTS_BYTES_MAX = 320, /* a hundred of twenty values */
    SEARCH_ROW_BYTES_MAX = 1 + 3 * 10 + 5 + 1 + 5 * SEARCH_CATEGORIES_MAX + 1 +
                           5 * SEARCH_ATTRIBUTES_MAX + SEARCH_ROW_VARIANTS_BYTES_MAX +
                           SEARCH_ROW_PRICE_BYTES * SEARCH_CURRENCIES_MAX + 1,
    SEARCH_SORT_KEY_BYTES = 8 + 16,
};

struct search_row {
    int64_t price, sold;
    int rating_hundredths;
    bool is_in_stock, is_on_sale;
    uint32_t vendor;
    uint32_t categories[SEARCH_CATEGORIES_MAX];
    size_t categories_count;
    uint32_t attributes[SEARCH_ATTRIBUTES_MAX]; /* their values */
    size_t attributes_count;
    uint64_t variants[SEARCH_VARIANTS_MAX]; /* search_row_combine() */
    size_t variants_count;
    bool is_foreign;
    struct search_price prices[SEARCH_CURRENCIES_MAX]; /* what has none takes no byte for it */
    size_t prices_count;
    bool is_unsold; /* in the sieve's currency; not packed */
};

/* Gives the row the sets of attributes that are met together, each once, if they tell more than
 * `attributes` alone: where variants differ in one of them only, or are too many for a row, it
 * keeps none. */
void search_row_combine(struct search_row *row, const uint64_t *variants, size_t count);
size_t search_row_pack(const struct search_row *row, char ret_bytes[SEARCH_ROW_BYTES_MAX]);
/* Statuses: OK, CORRUPT. ret_row is scratch on failure. */
MUST_CHECK enum status search_row_unpack(struct text bytes, struct search_row *ret_row);

/* By what the row is sorted: the greater key comes first. Relevance: 0. The key of
 * packed bytes is wanted for each of many rows, so it is read without unpacking all. Prices are
 * those in `currency` where the row has one; empty: its own. */
int64_t search_row_key(struct text packed, enum search_sort sort, const char *currency);

/* ---- filters ---- */

/* Each filter that a facet may be counted without has a bit; from SEARCH_IN_ATTRIBUTE on, one for
 * each attribute asked for. */
enum search_dimension {
    SEARCH_IN_CATEGORY = 1 << 0,
    SEARCH_OF_VENDOR = 1 << 1,
    SEARCH_IN_PRICE = 1 << 2,
    SEARCH_IN_RATING = 1 << 3,
    SEARCH_IN_STOCK = 1 << 4,
    SEARCH_IN_SALE = 1 << 5,
    SEARCH_NOWHERE = 1 << 6, /* no facet counts it */
    SEARCH_IN_ATTRIBUTE = 1 << 7,
};

/* Filters whose ids are numbers; SEARCH_NAME_NONE stands for what no product has. */
struct search_sieve {
    bool has_category, has_vendor;
    uint32_t category, vendor;
    uint32_t excluded[SEARCH_EXCLUDED_MAX]; /* rising */
    size_t excluded_count;
    int64_t price_min, price_max;
    int rating_min_hundredths;
    enum search_choice in_stock, on_sale;
    char currency[4]; /* as in the filters, as the next */
    bool is_own_currency;
    uint32_t values[SEARCH_FILTER_ATTRIBUTES_MAX];   /* of attributes, in the order of groups */
    uint32_t groups[SEARCH_FILTER_ATTRIBUTES_MAX];   /* the attributes */
    size_t group_ends[SEARCH_FILTER_ATTRIBUTES_MAX]; /* in `values` */
    size_t groups_count;
};

void search_sieve_init(struct search_sieve *sieve, const struct search_filters *filters,
                       const struct search_names *names);
/* Unpacks a row and makes its price, its sale and its stock those of the sieve's currency.
 * Statuses: OK, CORRUPT. */
MUST_CHECK enum status search_sieve_open(const struct search_sieve *sieve, struct text packed,
                                         struct search_row *ret_row);
/* The values, as bits by their places in the row, that are met in a variant which has what is asked
 * for of every attribute but that of group `but` (`groups_count`: of every one); 0: there is none.
 */
uint64_t search_sieve_values(const struct search_sieve *sieve, const struct search_row *row,
                             size_t but);
/* The dimensions in which the row does not pass; 0: it passes. When it has all that is asked for of
 * attributes, but no variant has it together, it misses in the first two of them. */
uint64_t search_sieve_misses(const struct search_sieve *sieve, const struct search_row *row);
/* True if every row passes, by its own price. */
bool search_sieve_is_open(const struct search_sieve *sieve);
