/* Bytes in memory as the source of a CSV reader, a few at a time. */
#pragma once

#include <string.h>

#include "messages/product_file/csv.h"

struct memory_source {
    struct text left;
    size_t step;
    bool is_broken; /* fails from now on */
};

static inline enum status memory_source_read(void *context, char *buffer, size_t capacity,
                                             size_t *ret_length)
{
    struct memory_source *memory = context;
    if (memory->is_broken) return STATUS_UNAVAILABLE;
    size_t length = memory->left.length < memory->step ? memory->left.length : memory->step;
    if (length > capacity) length = capacity;
    if (length > 0) memcpy(buffer, memory->left.data, length);
    memory->left.data += length;
    memory->left.length -= length;
    *ret_length = length;
    return STATUS_OK;
}
