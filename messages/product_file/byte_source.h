/* Where the bytes of a file come from: read at any place, so that a reader may go back. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

/* `read` fills at most `capacity` bytes with those that begin at `offset` of the file. Statuses: OK
 * (ret_length 0: the end), UNAVAILABLE (cannot be read), CONFLICT (the file is another one than
 * when it was opened). */
struct byte_source {
    void *context;
    enum status (*read)(void *context, uint64_t offset, char *buffer, size_t capacity,
                        size_t *ret_length);
};

/* Reads until there are `least` bytes, or the file ends. Statuses as above. */
MUST_CHECK enum status byte_source_read(const struct byte_source *source, uint64_t offset,
                                        char *buffer, size_t least, size_t capacity,
                                        size_t *ret_length);
