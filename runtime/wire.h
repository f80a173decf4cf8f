/* Straight msgpack (the specification at msgpack.org) for the few fixed shapes that the runtime
 * itself speaks. Writing goes into memory that the caller has sized; reading is bounded by the view
 * and never allocates. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

/* Bytes beyond the capacity are dropped and `is_full` says so. */
struct wire_writer {
    char *data;
    size_t length, capacity;
    bool is_full;
};

void wire_put_array(struct wire_writer *writer, size_t count);
void wire_put_nil(struct wire_writer *writer);
void wire_put_bool(struct wire_writer *writer, bool value);
void wire_put_uint(struct wire_writer *writer, uint64_t value);
void wire_put_int(struct wire_writer *writer, int64_t value);
void wire_put_text(struct wire_writer *writer, struct text value);
void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t length);
/* Always three bytes, so that it can be written again in place. */
void wire_put_uint16_fixed(struct wire_writer *writer, uint16_t value);

/* What is not as expected makes the reader bad; every later read then gives zero. */
struct wire_reader {
    const unsigned char *data;
    size_t length, position;
    bool is_bad;
};

void wire_read_array(struct wire_reader *reader, size_t count);
bool wire_read_bool(struct wire_reader *reader);
/* Bad when greater than `max`. */
uint64_t wire_read_uint(struct wire_reader *reader, uint64_t max);
int64_t wire_read_int(struct wire_reader *reader);
/* A view into the input, at most `max` bytes. */
struct text wire_read_text(struct wire_reader *reader, size_t max);
struct text wire_read_bytes(struct wire_reader *reader, size_t max);
/* Exactly `length` bytes, or nil, which reads as zeroes and returns false. */
bool wire_read_block(struct wire_reader *reader, uint8_t *ret_bytes, size_t length);
