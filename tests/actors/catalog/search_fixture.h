/* What claims about an index share: each has an empty one of its own. */
#pragma once

#include "tests/actors/catalog/search_shelf.h"
#include "tests/support/cmocka.h"

static struct search_shelf shelf;

static inline int set_up(void **state)
{
    (void)state;
    search_shelf_open(&shelf);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    search_shelf_close(&shelf);
    return 0;
}

/* Products of these names. */
#define FILL(...)                                                                                  \
    do {                                                                                           \
        static const char *const names_[] = { __VA_ARGS__ };                                       \
        search_shelf_fill(&shelf, names_, ARRAY_LENGTH(names_));                                   \
    } while (0)

#define assert_finds(text, expected) assert_string_equal(search_shelf_find(&shelf, text), expected)
