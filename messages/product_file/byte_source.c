/* Reads on while a source gives less than is needed. */
#include "messages/product_file/byte_source.h"

enum status byte_source_read(const struct byte_source *source, uint64_t offset, char *buffer,
                             size_t least, size_t capacity, size_t *ret_length)
{
    assert(least > 0);
    assert(least <= capacity);
    size_t length = 0;
    while (length < least) {
        size_t more = 0;
        TRY(source->read(source->context, offset + length, buffer + length, capacity - length,
                         &more));
        assert(more <= capacity - length);
        if (more == 0) break;
        length += more;
    }
    *ret_length = length;
    return STATUS_OK;
}
