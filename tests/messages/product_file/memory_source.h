/* Bytes in memory as the source of a reader, a few at a time. */
#pragma once

#include <string.h>

#include "messages/product_file/byte_source.h"

struct memory_source {
    struct text file;
    size_t step;     /* bytes of one read at most */
    bool is_broken;  /* fails from now on */
    bool is_changed; /* is another file when its end is asked for */
};

static inline enum status memory_source_read(void *context, uint64_t offset, char *buffer,
                                             size_t capacity, size_t *ret_length)
{
    struct memory_source *memory = context;
    if (memory->is_broken) return STATUS_UNAVAILABLE;
    size_t length = offset < memory->file.length ? memory->file.length - (size_t)offset : 0;
    if (length == 0 && memory->is_changed) return STATUS_CONFLICT;
    if (length > memory->step) length = memory->step;
    if (length > capacity) length = capacity;
    if (length > 0) memcpy(buffer, memory->file.data + offset, length);
    *ret_length = length;
    return STATUS_OK;
}
