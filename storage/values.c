/* Writes parameters and reads cells in PostgreSQL's binary format: integers big-endian, arrays with
 * a header of five words (src/backend/utils/adt: array_recv, int8recv, uuid_recv). */
#include "storage/values.h"

#include <string.h>

#include "storage/value_format.h"

/* ---- parameters ---- */

static void param_add(struct store_params *params, uint32_t type_oid, const char *data,
                      size_t length)
{
    assert(params->count < STORE_PARAMS_MAX);
    assert(length <= VALUE_BYTES_MAX);
    params->values[params->count++] = (struct store_value){
        .type_oid = type_oid, .length = data == NULL ? -1 : (int32_t)length, .data = data
    };
}

static void param_number(struct store_params *params, struct arena *arena, uint32_t type_oid,
                         uint64_t value, size_t width)
{
    char *bytes = arena_allocate(arena, width);
    put_big_endian(bytes, value, width);
    param_add(params, type_oid, bytes, width);
}

void param_int(struct store_params *params, struct arena *arena, int64_t value)
{
    param_number(params, arena, OID_INT8, (uint64_t)value, 8);
}

void param_small(struct store_params *params, struct arena *arena, int16_t value)
{
    param_number(params, arena, OID_INT2, (uint16_t)value, 2);
}

void param_bool(struct store_params *params, struct arena *arena, bool value)
{
    param_number(params, arena, OID_BOOL, value, 1);
}

void param_uuid(struct store_params *params, struct arena *arena, struct uuid value)
{
    param_add(params, OID_UUID, arena_copy(arena, value.bytes, sizeof value.bytes),
              sizeof value.bytes);
}

/* An empty view may have no data at all, but must not become NULL. */
static void param_view(struct store_params *params, struct arena *arena, uint32_t type_oid,
                       struct text value)
{
    char *bytes = arena_allocate(arena, value.length + 1);
    if (value.length > 0) memcpy(bytes, value.data, value.length);
    param_add(params, type_oid, bytes, value.length);
}

void param_text(struct store_params *params, struct arena *arena, struct text value)
{
    param_view(params, arena, OID_TEXT, value);
}

void param_bytes(struct store_params *params, struct arena *arena, struct text value)
{
    param_view(params, arena, OID_BYTEA, value);
}

void param_null_int(struct store_params *params)
{
    param_add(params, OID_INT8, NULL, 0);
}

void param_null_uuid(struct store_params *params)
{
    param_add(params, OID_UUID, NULL, 0);
}

void param_null_text(struct store_params *params)
{
    param_add(params, OID_TEXT, NULL, 0);
}

void param_null_bytes(struct store_params *params)
{
    param_add(params, OID_BYTEA, NULL, 0);
}

void param_optional_text(struct store_params *params, struct arena *arena, bool is_there,
                         struct text value)
{
    if (is_there)
        param_text(params, arena, value);
    else
        param_null_text(params);
}

void param_optional_int(struct store_params *params, struct arena *arena, bool is_there,
                        int64_t value)
{
    if (is_there)
        param_int(params, arena, value);
    else
        param_null_int(params);
}

void param_uuid_or_null(struct store_params *params, struct arena *arena, struct uuid value)
{
    if (uuid_is_zero(value))
        param_null_uuid(params);
    else
        param_uuid(params, arena, value);
}

/* An array under construction: first the header, then a length word and the bytes of each element.
 */
struct array_writer {
    char *bytes, *position;
};

static struct array_writer array_begin(struct arena *arena, uint32_t element_oid, size_t count,
                                       size_t elements_bytes)
{
    assert(count <= ARRAY_ELEMENTS_MAX);
    struct array_writer writer;
    writer.bytes = arena_allocate(arena, ARRAY_HEADER_BYTES + 4 * count + elements_bytes);
    put_big_endian(writer.bytes, count > 0, 4);
    put_big_endian(writer.bytes + 4, 0, 4);
    put_big_endian(writer.bytes + 8, element_oid, 4);
    put_big_endian(writer.bytes + 12, count, 4);
    put_big_endian(writer.bytes + 16, 1, 4);
    writer.position = writer.bytes + (count > 0 ? ARRAY_HEADER_BYTES : 12);
    return writer;
}

static void array_add_number(struct array_writer *writer, uint64_t value, size_t width)
{
    put_big_endian(writer->position, width, 4);
    put_big_endian(writer->position + 4, value, width);
    writer->position += 4 + width;
}

static void array_add_bytes(struct array_writer *writer, const void *data, size_t length)
{
    put_big_endian(writer->position, length, 4);
    if (length > 0) memcpy(writer->position + 4, data, length);
    writer->position += 4 + length;
}

static void array_end(struct array_writer *writer, struct store_params *params, uint32_t array_oid)
{
    param_add(params, array_oid, writer->bytes, (size_t)(writer->position - writer->bytes));
}

void param_int_array(struct store_params *params, struct arena *arena, const int64_t *values,
                     size_t count)
{
    struct array_writer writer = array_begin(arena, OID_INT8, count, 8 * count);
    for (size_t i = 0; i < count; i++)
        array_add_number(&writer, (uint64_t)values[i], 8);
    array_end(&writer, params, OID_INT8_ARRAY);
}

void param_small_array(struct store_params *params, struct arena *arena, const int16_t *values,
                       size_t count)
{
    struct array_writer writer = array_begin(arena, OID_INT2, count, 2 * count);
    for (size_t i = 0; i < count; i++)
        array_add_number(&writer, (uint16_t)values[i], 2);
    array_end(&writer, params, OID_INT2_ARRAY);
}

void param_uuid_array(struct store_params *params, struct arena *arena, const struct uuid *values,
                      size_t count)
{
    struct array_writer writer = array_begin(arena, OID_UUID, count, sizeof *values * count);
    for (size_t i = 0; i < count; i++)
        array_add_bytes(&writer, values[i].bytes, sizeof values[i].bytes);
    array_end(&writer, params, OID_UUID_ARRAY);
}

static void param_view_array(struct store_params *params, struct arena *arena, uint32_t element_oid,
                             uint32_t array_oid, const struct text *values, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += values[i].length;
    assert(bytes <= VALUE_BYTES_MAX);
    struct array_writer writer = array_begin(arena, element_oid, count, bytes);
    for (size_t i = 0; i < count; i++)
        array_add_bytes(&writer, values[i].data, values[i].length);
    array_end(&writer, params, array_oid);
}

void param_text_array(struct store_params *params, struct arena *arena, const struct text *values,
                      size_t count)
{
    param_view_array(params, arena, OID_TEXT, OID_TEXT_ARRAY, values, count);
}

void param_bytes_array(struct store_params *params, struct arena *arena, const struct text *values,
                       size_t count)
{
    param_view_array(params, arena, OID_BYTEA, OID_BYTEA_ARRAY, values, count);
}

/* ---- cells ---- */

struct row rows_at(const struct rows *rows, size_t index)
{
    assert(index < rows->count);
    return (struct row){ .result = rows->result, .index = index };
}

static const struct store_value *row_peek(const struct row *row)
{
    assert(row->column < row->result->columns_count);
    return &row->result->cells[row->index * row->result->columns_count + row->column];
}

static const struct store_value *row_next(struct row *row)
{
    const struct store_value *cell = row_peek(row);
    assert(cell->data != NULL);
    row->column++;
    return cell;
}

bool row_skip_null(struct row *row)
{
    if (row_peek(row)->data != NULL) return false;
    row->column++;
    return true;
}

static size_t int_width(uint32_t type_oid)
{
    switch (type_oid) {
    case OID_INT8:
    case OID_INT8_ARRAY:
        return 8;
    case OID_INT4:
    case OID_INT4_ARRAY:
        return 4;
    case OID_INT2:
    case OID_INT2_ARRAY:
        return 2;
    default:
        return 0;
    }
}

static int64_t int_decode(const char *bytes, size_t width)
{
    const uint64_t raw = get_big_endian(bytes, width);
    if (width == 8) return (int64_t)raw;
    if (width == 4) return (int32_t)(uint32_t)raw;
    return (int16_t)(uint16_t)raw;
}

int64_t row_int(struct row *row)
{
    const struct store_value *cell = row_next(row);
    const size_t width = int_width(cell->type_oid);
    assert(width > 0);
    assert((size_t)cell->length == width);
    return int_decode(cell->data, width);
}

bool row_bool(struct row *row)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_BOOL);
    assert(cell->length == 1);
    return cell->data[0] != 0;
}

struct uuid row_uuid(struct row *row)
{
    const struct store_value *cell = row_next(row);
    struct uuid value;
    assert(cell->type_oid == OID_UUID);
    assert(cell->length == sizeof value.bytes);
    memcpy(value.bytes, cell->data, sizeof value.bytes);
    return value;
}

struct text row_text(struct row *row)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_TEXT || cell->type_oid == OID_VARCHAR ||
           cell->type_oid == OID_BPCHAR);
    return (struct text){ .data = cell->data, .length = (size_t)cell->length };
}

struct text row_bytes(struct row *row)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_BYTEA);
    return (struct text){ .data = cell->data, .length = (size_t)cell->length };
}

/* Walks the elements of one array cell; every length is checked against the end of the cell. */
struct array_reader {
    const char *position, *end;
    size_t count;
};

static struct array_reader array_open(const struct store_value *cell)
{
    struct array_reader reader = { .position = cell->data, .end = cell->data + cell->length };
    assert(cell->length >= 12);
    const uint64_t dimensions = get_big_endian(cell->data, 4);
    assert(dimensions <= 1);
    assert(get_big_endian(cell->data + 4, 4) == 0); /* no NULLs */
    if (dimensions == 0) return reader;
    assert(cell->length >= ARRAY_HEADER_BYTES);
    reader.count = (size_t)get_big_endian(cell->data + 12, 4);
    reader.position += ARRAY_HEADER_BYTES;
    assert(reader.count <= ARRAY_ELEMENTS_MAX);
    return reader;
}

static struct text array_next(struct array_reader *reader)
{
    assert(reader->end - reader->position >= 4);
    const size_t length = (size_t)get_big_endian(reader->position, 4);
    reader->position += 4;
    assert((size_t)(reader->end - reader->position) >= length);
    const struct text element = { .data = reader->position, .length = length };
    reader->position += length;
    return element;
}

/* The elements are views of the cell, which lives as long. */
static size_t read_view_array(const struct store_value *cell, struct arena *arena,
                              const struct text **ret_values)
{
    struct array_reader reader = array_open(cell);
    struct text *values = arena_allocate_array(arena, reader.count, sizeof *values);
    for (size_t i = 0; i < reader.count; i++)
        values[i] = array_next(&reader);
    *ret_values = values;
    return reader.count;
}

size_t row_text_array(struct row *row, struct arena *arena, const struct text **ret_values)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_TEXT_ARRAY || cell->type_oid == OID_VARCHAR_ARRAY);
    return read_view_array(cell, arena, ret_values);
}

const struct text_pair *row_text_pairs(struct row *row, struct arena *arena, size_t *ret_count)
{
    const struct text *texts;
    const size_t texts_count = row_text_array(row, arena, &texts);
    assert(texts_count % 2 == 0);
    struct text_pair *pairs = arena_allocate_array(arena, texts_count / 2, sizeof *pairs);
    for (size_t i = 0; i < texts_count / 2; i++)
        pairs[i] = (struct text_pair){ .name = texts[2 * i], .value = texts[2 * i + 1] };
    *ret_count = texts_count / 2;
    return pairs;
}

size_t row_bytes_array(struct row *row, struct arena *arena, const struct text **ret_values)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_BYTEA_ARRAY);
    return read_view_array(cell, arena, ret_values);
}

size_t row_uuid_array(struct row *row, struct arena *arena, const struct uuid **ret_values)
{
    const struct store_value *cell = row_next(row);
    assert(cell->type_oid == OID_UUID_ARRAY);
    struct array_reader reader = array_open(cell);
    struct uuid *values = arena_allocate_array(arena, reader.count, sizeof *values);
    for (size_t i = 0; i < reader.count; i++) {
        const struct text element = array_next(&reader);
        assert(element.length == sizeof values[i].bytes);
        memcpy(values[i].bytes, element.data, element.length);
    }
    *ret_values = values;
    return reader.count;
}

size_t row_int_array(struct row *row, struct arena *arena, const int64_t **ret_values)
{
    const struct store_value *cell = row_next(row);
    const size_t width = int_width(cell->type_oid);
    assert(width > 0);
    struct array_reader reader = array_open(cell);
    int64_t *values = arena_allocate_array(arena, reader.count, sizeof *values);
    for (size_t i = 0; i < reader.count; i++) {
        const struct text element = array_next(&reader);
        assert(element.length == width);
        values[i] = int_decode(element.data, width);
    }
    *ret_values = values;
    return reader.count;
}
