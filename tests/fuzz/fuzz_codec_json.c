/* Any bytes may arrive as a request's body: what decodes is written as JSON, and what can be read
 * back reads as the same. The first byte chooses the message, the second its body or its reply. */
#include <string.h>

#include "messages/codec_json.h"
#include "tests/fuzz/fuzz_schema.h"

/* Fields of the path, of a header and bytes do not stand in a body. */
static bool is_all_in_body(const struct schema *schema)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if ((field->flags & (FIELD_IN_PATH | FIELD_IN_HEADER)) != 0) return false;
        if (field->type == FIELD_BYTES) return false;
        if (field->type == FIELD_RECORD && !is_all_in_body(field->record)) return false;
    }
    return true;
}

static struct text encode(const struct schema *schema, const void *value, struct arena *arena)
{
    struct text_builder out;
    text_builder_init(&out, arena, FUZZ_BYTES_MAX);
    json_encode(schema, value, &out);
    assert(!out.is_full);
    return text_builder_view(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena = NULL; /* one for all runs */
    if (arena == NULL) arena = arena_new(1 << 16);
    arena_reset(arena);
    const struct schema *schema = fuzz_choose_schema(&data, &size);
    if (schema == NULL) return 0;
    void *value = arena_allocate(arena, schema->size);
    const struct text input = { (const char *)data, size };
    struct field_faults faults = { 0 };
    if (json_decode(schema, input, arena, value, &faults) != STATUS_OK) return 0;
    const struct text first = encode(schema, value, arena);
    if (!is_all_in_body(schema)) return 0;
    void *again = arena_allocate(arena, schema->size);
    assert(json_decode(schema, first, arena, again, NULL) == STATUS_OK);
    const struct text second = encode(schema, again, arena);
    assert(first.length == second.length);
    assert(memcmp(first.data, second.data, first.length) == 0);
    return 0;
}
