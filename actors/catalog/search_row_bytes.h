/* How a row is read from its bytes, for search_row.c and for what reads hundreds of thousands of
 * them (search_facets.c). What it is sorted by comes first: flags, price, units sold, rating; then
 * vendor, categories, values of attributes and which of them go together, if that is more than any;
 * at the end prices of fixed width and their count, if it has any. Numbers take as many bytes as
 * they need, since what all rows take is what memory and its speed are spent on. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    SEARCH_ROW_IN_STOCK = 1,
    SEARCH_ROW_ON_SALE = 2,
    SEARCH_ROW_FOREIGN = 4,
    SEARCH_ROW_HAS_PRICES = 8,
    SEARCH_ROW_HAS_VARIANTS = 16,
    SEARCH_ROW_VARINT_BITS = 64,
    SEARCH_ROW_RATING_MAX = 500,
};

/* What is left to be read. */
struct search_row_cursor {
    const char *at, *end;
};

static inline bool search_row_long_varint(struct search_row_cursor *cursor, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; cursor->at < cursor->end && shift < SEARCH_ROW_VARINT_BITS;
         shift += 7) {
        const unsigned char byte = (unsigned char)*cursor->at++;
        number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret_number = number;
            return true;
        }
    }
    return false;
}

/* False at the end of the bytes, as all below. */
static inline bool search_row_varint(struct search_row_cursor *cursor, uint64_t *ret_number)
{
    if (cursor->at < cursor->end && (unsigned char)*cursor->at < 0x80) {
        *ret_number = (unsigned char)*cursor->at++;
        return true;
    }
    return search_row_long_varint(cursor, ret_number);
}

/* A number of search_names.h. */
static inline bool search_row_name(struct search_row_cursor *cursor, uint32_t *ret_number)
{
    uint64_t number;
    if (!search_row_varint(cursor, &number) || number > UINT32_MAX) return false;
    *ret_number = (uint32_t)number;
    return true;
}

struct search_row_head {
    unsigned flags;
    uint64_t price, sold, rating_hundredths;
};

static inline bool search_row_read_head(struct search_row_cursor *cursor,
                                        struct search_row_head *ret_head)
{
    if (cursor->at == cursor->end) return false;
    ret_head->flags = (unsigned char)*cursor->at++;
    return search_row_varint(cursor, &ret_head->price) &&
           search_row_varint(cursor, &ret_head->sold) &&
           search_row_varint(cursor, &ret_head->rating_hundredths) &&
           ret_head->rating_hundredths <= SEARCH_ROW_RATING_MAX;
}
