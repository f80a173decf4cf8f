/* Rows as columns: calls of a statement that adds rows (struct statement, adds_rows) become one
 * call. Its parameters are arrays of one length, an element for each row, which the SQL reads with
 * unnest(). What is an array in the row is the text of one there, and cast back by the SQL. */
#pragma once

#include "storage/values.h"

enum {
    COLUMNS_BYTES_MAX = 4 << 20 /* of the calls that become one */
};

/* Turns the values of a row into columns of one row: what is NULL stays so, arrays of texts, ids
 * and integers become their text. In the arena. */
void columns_of_row(struct store_params *params, struct arena *arena);
/* The text of an array of texts, of ids, of integers: "{...}", as array_in() reads it. In the
 * arena. */
struct text columns_text_list(struct arena *arena, const struct text *values, size_t count);
struct text columns_uuid_list(struct arena *arena, const struct uuid *values, size_t count);
struct text columns_int_list(struct arena *arena, const int64_t *values, size_t count);
/* Bytes of all values. */
size_t columns_bytes(const struct store_params *params);
/* The rows of all calls, one behind the other: `ret_params` in the arena. All have as many
 * parameters of the same types, each an array. */
void columns_join(struct arena *arena, const struct store_params *const *all, size_t count,
                  struct store_params *ret_params);
