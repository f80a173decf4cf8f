/* Any bytes may arrive as the body of any message: what decodes, encodes and decodes again to the
 * same. The first byte chooses the message, the second its body or its reply. */
#include <string.h>

#include "messages/codec_msgpack.h"
#include "tests/fuzz/fuzz_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena = NULL; /* one for all runs */
    if (arena == NULL) arena = arena_new(1 << 16);
    arena_reset(arena);
    const struct schema *schema = fuzz_choose_schema(&data, &size);
    if (schema == NULL) return 0;
    void *value = arena_allocate(arena, schema->size);
    const struct text input = { (const char *)data, size };
    if (msgpack_decode(schema, input, arena, value) != STATUS_OK) return 0;
    struct text first, second;
    assert(msgpack_encode(schema, value, arena, FUZZ_BYTES_MAX, &first) == STATUS_OK);
    void *again = arena_allocate(arena, schema->size);
    assert(msgpack_decode(schema, first, arena, again) == STATUS_OK);
    assert(msgpack_encode(schema, again, arena, FUZZ_BYTES_MAX, &second) == STATUS_OK);
    assert(first.length == second.length);
    assert(memcmp(first.data, second.data, first.length) == 0);
    return 0;
}
