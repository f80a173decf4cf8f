/* Puts arrays in PostgreSQL's binary format behind one another, and writes them as text (array_in:
 * elements in double quotes, behind backslashes what would end them). */
#include "storage/columns.h"

#include <string.h>

#include "storage/value_format.h"

enum { UUID_LIST_BYTES = 33 /* digits and a comma */ };

/* ---- arrays as text ---- */

struct text columns_text_list(struct arena *arena, const struct text *values, size_t count)
{
    size_t most = 2;
    for (size_t i = 0; i < count; i++)
        most += 3 + 2 * values[i].length;
    assert(most <= VALUE_BYTES_MAX);
    char *bytes = arena_allocate(arena, most), *end = bytes;
    *end++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0) *end++ = ',';
        *end++ = '"';
        for (size_t k = 0; k < values[i].length; k++) {
            const char c = values[i].data[k];
            if (c == '"' || c == '\\') *end++ = '\\';
            *end++ = c;
        }
        *end++ = '"';
    }
    *end++ = '}';
    return (struct text){ bytes, (size_t)(end - bytes) };
}

struct text columns_uuid_list(struct arena *arena, const struct uuid *values, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    char *bytes = arena_allocate(arena, 2 + UUID_LIST_BYTES * count), *end = bytes;
    *end++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0) *end++ = ',';
        for (size_t k = 0; k < sizeof values[i].bytes; k++) {
            *end++ = digits[values[i].bytes[k] >> 4];
            *end++ = digits[values[i].bytes[k] & 15];
        }
    }
    *end++ = '}';
    return (struct text){ bytes, (size_t)(end - bytes) };
}

struct text columns_int_list(struct arena *arena, const int64_t *values, size_t count)
{
    struct text *texts = arena_allocate_array(arena, count, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = text_format(arena, "%lld", (long long)values[i]);
    return columns_text_list(arena, texts, count);
}

/* ---- a row as columns ---- */

static uint32_t array_of(uint32_t type_oid)
{
    switch (type_oid) {
    case OID_BOOL:
        return OID_BOOL_ARRAY;
    case OID_BYTEA:
        return OID_BYTEA_ARRAY;
    case OID_INT2:
        return OID_INT2_ARRAY;
    case OID_INT8:
        return OID_INT8_ARRAY;
    case OID_UUID:
        return OID_UUID_ARRAY;
    default:
        assert(type_oid == OID_TEXT);
        return OID_TEXT_ARRAY;
    }
}

static size_t array_count(const struct store_value *array)
{
    assert(array->data != NULL);
    assert(array->length >= ARRAY_EMPTY_BYTES);
    return get_big_endian(array->data, 4) == 0 ? 0 : (size_t)get_big_endian(array->data + 12, 4);
}

/* Its elements, of which none is NULL. */
static struct store_value text_of_array(struct arena *arena, const struct store_value *array)
{
    const size_t count = array_count(array);
    struct text *texts = arena_allocate_array(arena, count, sizeof *texts);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *numbers = arena_allocate_array(arena, count, sizeof *numbers);
    const char *position = array->data + ARRAY_HEADER_BYTES;
    for (size_t i = 0; i < count; i++) {
        const size_t length = (size_t)get_big_endian(position, 4);
        position += 4;
        if (array->type_oid == OID_UUID_ARRAY)
            memcpy(ids[i].bytes, position, sizeof ids[i].bytes);
        else if (array->type_oid == OID_INT8_ARRAY)
            numbers[i] = (int64_t)get_big_endian(position, length);
        else
            texts[i] = (struct text){ position, length };
        position += length;
    }
    const struct text list =
        array->type_oid == OID_UUID_ARRAY   ? columns_uuid_list(arena, ids, count)
        : array->type_oid == OID_INT8_ARRAY ? columns_int_list(arena, numbers, count)
                                            : columns_text_list(arena, texts, count);
    return (struct store_value){ OID_TEXT, (int32_t)list.length, list.data };
}

void columns_of_row(struct store_params *params, struct arena *arena)
{
    for (size_t i = 0; i < params->count; i++) {
        struct store_value value = params->values[i];
        if (value.type_oid == OID_TEXT_ARRAY || value.type_oid == OID_UUID_ARRAY ||
            value.type_oid == OID_INT8_ARRAY)
            value = text_of_array(arena, &value);
        const size_t length = value.data == NULL ? 0 : (size_t)value.length;
        char *bytes = arena_allocate(arena, ARRAY_HEADER_BYTES + 4 + length);
        put_big_endian(bytes, 1, 4);
        put_big_endian(bytes + 4, value.data == NULL, 4);
        put_big_endian(bytes + 8, value.type_oid, 4);
        put_big_endian(bytes + 12, 1, 4);
        put_big_endian(bytes + 16, 1, 4);
        put_big_endian(bytes + ARRAY_HEADER_BYTES, value.data == NULL ? UINT32_MAX : length, 4);
        if (length > 0) memcpy(bytes + ARRAY_HEADER_BYTES + 4, value.data, length);
        params->values[i] =
            (struct store_value){ .type_oid = array_of(value.type_oid),
                                  .length = (int32_t)(ARRAY_HEADER_BYTES + 4 + length),
                                  .data = bytes };
    }
}

/* ---- calls as one ---- */

size_t columns_bytes(const struct store_params *params)
{
    size_t bytes = 0;
    for (size_t i = 0; i < params->count; i++)
        if (params->values[i].data != NULL) bytes += (size_t)params->values[i].length;
    return bytes;
}

static struct store_value join_column(struct arena *arena, const struct store_params *const *all,
                                      size_t count, size_t column)
{
    const struct store_value *first = &all[0]->values[column];
    uint64_t flags = 0;
    size_t elements = 0, bytes = ARRAY_HEADER_BYTES;
    for (size_t i = 0; i < count; i++) {
        const struct store_value *value = &all[i]->values[column];
        assert(value->type_oid == first->type_oid);
        flags |= get_big_endian(value->data + 4, 4);
        elements += array_count(value);
        bytes += (size_t)value->length;
    }
    assert(elements <= ARRAY_ELEMENTS_MAX);
    assert(bytes <= VALUE_BYTES_MAX);
    char *joined = arena_allocate(arena, bytes);
    put_big_endian(joined, elements > 0, 4);
    put_big_endian(joined + 4, flags, 4);
    memcpy(joined + 8, first->data + 8, 4);
    put_big_endian(joined + 12, elements, 4);
    put_big_endian(joined + 16, 1, 4);
    char *end = joined + (elements > 0 ? ARRAY_HEADER_BYTES : ARRAY_EMPTY_BYTES);
    for (size_t i = 0; i < count; i++) {
        const struct store_value *value = &all[i]->values[column];
        if (array_count(value) == 0) continue;
        const size_t length = (size_t)value->length - ARRAY_HEADER_BYTES;
        memcpy(end, value->data + ARRAY_HEADER_BYTES, length);
        end += length;
    }
    return (struct store_value){ first->type_oid, (int32_t)(end - joined), joined };
}

void columns_join(struct arena *arena, const struct store_params *const *all, size_t count,
                  struct store_params *ret_params)
{
    assert(count >= 1);
    for (size_t i = 1; i < count; i++)
        assert(all[i]->count == all[0]->count);
    for (size_t i = 0; i < all[0]->count; i++)
        ret_params->values[i] = join_column(arena, all, count, i);
    ret_params->count = all[0]->count;
}
