/* PostgreSQL's binary format, for the files of storage/ that write or read it: numbers of types,
 * integers big-endian, arrays with a header of five words (src/backend/utils/adt: array_recv). */
#pragma once

#include <stdint.h>
#include <string.h>

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_BOOL_ARRAY = 1000,
    OID_BYTEA_ARRAY = 1001,
    OID_INT2_ARRAY = 1005,
    OID_INT4_ARRAY = 1007,
    OID_TEXT_ARRAY = 1009,
    OID_INT8_ARRAY = 1016,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_VARCHAR_ARRAY = 1015,
    OID_UUID = 2950,
    OID_UUID_ARRAY = 2951
};

/* An array without elements ends behind its third word. */
enum {
    ARRAY_EMPTY_BYTES = 12,
    ARRAY_HEADER_BYTES = 20,
    ARRAY_ELEMENTS_MAX = 1 << 20,
    VALUE_BYTES_MAX = 64 << 20
};

static inline void put_big_endian(char *bytes, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (char)(unsigned char)(value >> (8 * (width - 1 - i)));
}

static inline uint64_t get_big_endian(const char *bytes, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}
