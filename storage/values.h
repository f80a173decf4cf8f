/* Parameters of a statement and cells of its rows, in PostgreSQL's binary format. A parameter of
 * the wrong type for the statement is a bug; a cell that does not have the expected type is a bug
 * too (both assert on the type's oid). Times are bigint microseconds, ids are uuid, money is bigint
 * + char(3) as text. */
#pragma once

#include "messages/schema.h"
#include "messages/values.h"
#include "runtime/arena.h"
#include "storage/store.h"

/* Each appends one parameter ($1, $2, ...). The bytes are copied into the arena. */
void param_int(struct store_params *params, struct arena *arena, int64_t value);   /* bigint */
void param_small(struct store_params *params, struct arena *arena, int16_t value); /* smallint */
void param_bool(struct store_params *params, struct arena *arena, bool value);
void param_uuid(struct store_params *params, struct arena *arena, struct uuid value);
void param_text(struct store_params *params, struct arena *arena, struct text value);
void param_bytes(struct store_params *params, struct arena *arena, struct text value); /* bytea */
void param_null_int(struct store_params *params);
void param_null_uuid(struct store_params *params);
void param_null_text(struct store_params *params);
void param_null_bytes(struct store_params *params);
/* The value, or NULL where there is none. */
void param_optional_text(struct store_params *params, struct arena *arena, bool is_there,
                         struct text value);
void param_optional_int(struct store_params *params, struct arena *arena, bool is_there,
                        int64_t value);
/* The id, or NULL for one of zeros. */
void param_uuid_or_null(struct store_params *params, struct arena *arena, struct uuid value);
void param_int_array(struct store_params *params, struct arena *arena, const int64_t *values,
                     size_t count);
void param_small_array(struct store_params *params, struct arena *arena, const int16_t *values,
                       size_t count);
void param_uuid_array(struct store_params *params, struct arena *arena, const struct uuid *values,
                      size_t count);
void param_text_array(struct store_params *params, struct arena *arena, const struct text *values,
                      size_t count);
void param_bytes_array(struct store_params *params, struct arena *arena, const struct text *values,
                       size_t count);

/* The answer to a query; lives in the arena that the query was run with. */
struct rows {
    const struct store_result *result;
    size_t count;
};

/* Reads the columns of one row from left to right, in the order of the SELECT. */
struct row {
    const struct store_result *result;
    size_t index, column;
};

struct row rows_at(const struct rows *rows, size_t index);
int64_t row_int(struct row *row); /* bigint, int or smallint */
bool row_bool(struct row *row);
struct uuid row_uuid(struct row *row);
struct text row_text(struct row *row);  /* text, varchar, char(n); a view into the arena */
struct text row_bytes(struct row *row); /* bytea; a view into the arena */
/* True when the next cell is NULL; then the cell is passed over. */
bool row_skip_null(struct row *row);
/* Arrays of one dimension without NULLs; texts and bytes are views into the arena, numbers and ids
 * copied into it. */
size_t row_text_array(struct row *row, struct arena *arena, const struct text **ret_values);
/* Names and values in turns, as a map is kept in one text[]: the table's check makes them even. */
const struct text_pair *row_text_pairs(struct row *row, struct arena *arena, size_t *ret_count);
size_t row_bytes_array(struct row *row, struct arena *arena, const struct text **ret_values);
size_t row_uuid_array(struct row *row, struct arena *arena, const struct uuid **ret_values);
size_t row_int_array(struct row *row, struct arena *arena, const int64_t **ret_values);
