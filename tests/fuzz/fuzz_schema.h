/* Lets the first bytes of an input choose among all messages. */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "messages/schema.h"

enum { FUZZ_BYTES_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes two bytes; NULL when there are none, or the message has no reply. */
static inline const struct schema *fuzz_choose_schema(const uint8_t **data, size_t *size)
{
    if (*size < 2) return NULL;
    const struct message *message = message_table[(*data)[0] % message_table_count];
    const struct schema *schema = (*data)[1] % 2 == 0 ? message->body : message->reply;
    *data += 2;
    *size -= 2;
    return schema;
}
