/* Products of any kind for an index, the same in every run, and what was asked of them in a test's
 * own terms, so that answers can be compared with a plain walk. */
#pragma once

#include "tests/actors/catalog/search_shelf.h"

enum {
    SEARCH_GOODS = 400,
    SEARCH_COLOURS = 5,
    SEARCH_SIZES = 3,
    SEARCH_VENDORS = 4,    /* ids from 900 on */
    SEARCH_CATEGORIES = 6, /* ids from 500 on; one above 2 is below the third before it */
};

struct search_good {
    int64_t price, sold;
    int rating;
    bool is_in_stock, is_on_sale;
    uint32_t vendor, category;
    int colour, colour_also, size; /* -1: none */
    bool is_ruby;                  /* has the word in its name */
    bool is_foreign;               /* `price` is in dollars, and the market's are euros */
    int64_t price_yen;             /* 0: none */
    bool is_on_sale_yen;
};

extern struct search_good search_goods[SEARCH_GOODS];
extern const char *const search_colours[SEARCH_COLOURS];
extern const char *const search_sizes[SEARCH_SIZES];

/* Numbers from one sequence, which search_goods_fill() begins anew. */
uint32_t search_any_below(uint32_t bound);
/* The one of this number, as it is in the list; its id is search_id(number + 1). */
void search_goods_put(struct search_shelf *shelf, uint32_t number);
uint32_t search_goods_number(struct uuid id);
/* Makes all of them and commits them. */
void search_goods_fill(struct search_shelf *shelf);

/* What is asked. -1 or 0: anything. */
struct search_wish {
    bool has_word;
    int category, vendor, excluded, stars, colours_mask, size;
    int64_t from, to;
    enum search_choice in_stock, on_sale;
    const char *currency; /* "" : any; EUR, USD or JPY */
};

/* In the wish's currency, or its own. */
bool search_good_is_sold(const struct search_good *good, const char *currency);
int64_t search_good_price(const struct search_good *good, const char *currency);
bool search_good_is_on_sale(const struct search_good *good, const char *currency);

struct search_wish search_any_wish(void);
/* Its lists are static: of the last wish. */
struct search_query search_query_of_wish(const struct search_wish *wish);
