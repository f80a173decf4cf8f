/* Claims that hold for every message of the table, so that a new message is tested by being written
 * down. Linked once with the real tables and once with the fixture's. */
#include <string.h>

#include "messages/codec_json.h"
#include "messages/codec_msgpack.h"
#include "tests/messages/sample.h"
#include "tests/support/cmocka.h"

enum { BYTES_MAX = 8 << 20, TRUNCATIONS_MAX = 400, MUTATIONS = 200, BLOCK = 64 << 10 };

static void arena_free(struct arena **arena)
{
    arena_destroy(arena);
}

/* Calls `claim` with the body and the reply of each message, each time with a fresh arena. */
static void for_each_schema(void (*claim)(const struct schema *, struct arena *))
{
    for (size_t i = 0; i < message_table_count; i++) {
        const struct schema *schemas[] = { message_table[i]->body, message_table[i]->reply };
        for (size_t s = 0; s < ARRAY_LENGTH(schemas); s++) {
            if (schemas[s] == NULL) continue;
            CLEANUP(arena_free) struct arena *arena = arena_new(BLOCK);
            claim(schemas[s], arena);
        }
    }
}

static struct text encode(const struct schema *schema, const void *value, struct arena *arena)
{
    struct text bytes = { 0 };
    assert_int_equal(msgpack_encode(schema, value, arena, BYTES_MAX, &bytes), STATUS_OK);
    return bytes;
}

static struct text encode_json(const struct schema *schema, const void *value, struct arena *arena)
{
    struct text_builder out;
    text_builder_init(&out, arena, BYTES_MAX);
    json_encode(schema, value, &out);
    assert_false(out.is_full);
    return text_builder_view(&out);
}

static void assert_same(const struct schema *schema, struct text a, struct text b)
{
    if (!text_equals(a, b)) fail_msg("%s came back different", schema->name);
}

static void survives_msgpack(const struct schema *schema, struct arena *arena)
{
    for (int kind = SAMPLE_MINIMUM; kind <= SAMPLE_MAXIMUM; kind++) {
        const void *value = sample_make(schema, (enum sample_kind)kind, arena);
        assert_int_equal(validate(schema, value, NULL), STATUS_OK);
        const struct text bytes = encode(schema, value, arena);
        void *again = arena_allocate(arena, schema->size);
        assert_int_equal(msgpack_decode(schema, bytes, arena, again), STATUS_OK);
        assert_same(schema, bytes, encode(schema, again, arena));
    }
}

static void every_message_survives_msgpack(void **state)
{
    (void)state;
    for_each_schema(survives_msgpack);
}

/* Finished JSON is answered, never read. */
static bool has_finished_json(const struct schema *schema)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if ((field->flags & FIELD_JSON) != 0) return true;
        if (field->type == FIELD_RECORD && has_finished_json(field->record)) return true;
    }
    return false;
}

/* The schema as if nothing came from the path or a header. */
static struct schema as_body(const struct schema *schema, struct field fields[SCHEMA_FIELDS_MAX])
{
    if (schema->fields_count > 0)
        memcpy(fields, schema->fields, schema->fields_count * sizeof *fields);
    for (size_t i = 0; i < schema->fields_count; i++)
        fields[i].flags &= ~(unsigned)(FIELD_IN_PATH | FIELD_IN_HEADER);
    struct schema body = *schema;
    body.fields = fields;
    return body;
}

static void survives_json(const struct schema *original, struct arena *arena)
{
    if (schema_has_type(original, FIELD_BYTES) || has_finished_json(original)) return;
    struct field *fields = arena_allocate_array(arena, SCHEMA_FIELDS_MAX, sizeof *fields);
    const struct schema schema = as_body(original, fields);
    for (int kind = SAMPLE_MINIMUM; kind <= SAMPLE_MAXIMUM; kind++) {
        const void *value = sample_make(&schema, (enum sample_kind)kind, arena);
        const struct text json = encode_json(&schema, value, arena);
        void *again = arena_allocate(arena, schema.size);
        struct field_faults *faults = arena_allocate(arena, sizeof *faults);
        if (json_decode(&schema, json, arena, again, faults) != STATUS_OK)
            fail_msg("%s%s: %s", schema.name, faults->entries[0].pointer,
                     faults->entries[0].detail);
        assert_same(&schema, json, encode_json(&schema, again, arena));
        assert_same(&schema, encode(&schema, value, arena), encode(&schema, again, arena));
    }
}

static void every_message_survives_json(void **state)
{
    (void)state;
    for_each_schema(survives_json);
}

static void assert_refused(const struct schema *schema, const struct field *field,
                           const void *value, struct arena *arena)
{
    struct field_faults *faults = arena_allocate(arena, sizeof *faults);
    assert_int_equal(validate(schema, value, faults), STATUS_OUT_OF_RANGE);
    assert_true(faults->count >= 1);
    const char *pointer = faults->entries[0].pointer;
    const struct text name = text_of(field->name);
    const bool is_named = pointer[0] == '/' && strncmp(pointer + 1, name.data, name.length) == 0;
    if (!is_named) fail_msg("%s: the fault of %s is at %s", schema->name, field->name, pointer);
}

static void refuses_numbers(const struct schema *schema, const struct field *field,
                            struct arena *arena)
{
    char *value = sample_make(schema, SAMPLE_EXAMPLE, arena);
    void *at =
        field->list_max > 0 ? *(void **)(void *)(value + field->offset) : value + field->offset;
    /* The amount is the first member of money. */
    int64_t *number = at;
    if (field->max < INT64_MAX) {
        *number = field->max + 1;
        assert_refused(schema, field, value, arena);
    }
    if (field->min > INT64_MIN) {
        *number = field->min - 1;
        assert_refused(schema, field, value, arena);
    }
}

static void refuses_lengths(const struct schema *schema, const struct field *field,
                            struct arena *arena)
{
    char *value = sample_make(schema, SAMPLE_EXAMPLE, arena);
    struct text *text = field->list_max > 0 ? *(void **)(void *)(value + field->offset)
                                            : (void *)(value + field->offset);
    text->length = (size_t)field->max + 1;
    char *data = arena_allocate(arena, text->length);
    memset(data, 'x', text->length);
    text->data = data;
    assert_refused(schema, field, value, arena);
    if (field->min > 0) {
        text->length = (size_t)field->min - 1;
        assert_refused(schema, field, value, arena);
    }
}

static void refuses_off_by_one(const struct schema *schema, struct arena *arena)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type == FIELD_INT || field->type == FIELD_MONEY)
            refuses_numbers(schema, field, arena);
        if (field->type == FIELD_TEXT || field->type == FIELD_BYTES)
            refuses_lengths(schema, field, arena);
        if (field->list_max == 0 && field->type != FIELD_MAP) continue;
        char *value = sample_make(schema, SAMPLE_EXAMPLE, arena);
        *(size_t *)(void *)(value + field->presence_offset) =
            (field->list_max > 0 ? field->list_max : (size_t)field->max) + 1;
        assert_refused(schema, field, value, arena);
    }
}

static void every_bound_off_by_one_is_refused_by_name(void **state)
{
    (void)state;
    for_each_schema(refuses_off_by_one);
}

static void refuses_truncation(const struct schema *schema, struct arena *arena)
{
    const struct text bytes = encode(schema, sample_make(schema, SAMPLE_EXAMPLE, arena), arena);
    const size_t step = 1 + bytes.length / TRUNCATIONS_MAX;
    for (size_t length = 0; length < bytes.length; length += step) {
        /* A copy of its own, so that a read beyond the end is seen. */
        const char *cut = arena_copy(arena, bytes.data, length);
        void *value = arena_allocate(arena, schema->size);
        const struct text view = { .data = cut, .length = length };
        assert_int_equal(msgpack_decode(schema, view, arena, value), STATUS_MALFORMED);
    }
}

static void every_truncated_message_is_malformed(void **state)
{
    (void)state;
    for_each_schema(refuses_truncation);
}

static void refuses_cut_json(const struct schema *schema, struct arena *arena)
{
    const struct text json = encode_json(schema, sample_make(schema, SAMPLE_EXAMPLE, arena), arena);
    const size_t step = 1 + json.length / TRUNCATIONS_MAX;
    for (size_t length = 1; length < json.length; length += step) {
        const struct text view = { .data = arena_copy(arena, json.data, length), .length = length };
        void *value = arena_allocate(arena, schema->size);
        assert_int_equal(json_decode(schema, view, arena, value, NULL), STATUS_INVALID_JSON);
    }
}

static void every_truncated_body_is_invalid_json(void **state)
{
    (void)state;
    for_each_schema(refuses_cut_json);
}

static uint64_t next_random(uint64_t *seed)
{
    /* Marsaglia's xorshift64. */
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Whatever is accepted is valid and can be encoded; the rest is refused without harm. */
static void survives_mutation(const struct schema *schema, struct arena *arena)
{
    const void *value = sample_make(schema, SAMPLE_EXAMPLE, arena);
    const struct text originals[] = { encode(schema, value, arena),
                                      encode_json(schema, value, arena) };
    uint64_t seed = 0x5eed;
    for (int round = 0; round < MUTATIONS; round++) {
        const struct text original = originals[round & 1];
        char *bytes = arena_copy(arena, original.data, original.length);
        for (int flips = 0; flips < 3; flips++)
            bytes[next_random(&seed) % original.length] = (char)next_random(&seed);
        const struct text view = { .data = bytes, .length = original.length };
        void *again = arena_allocate(arena, schema->size);
        const enum status status = (round & 1) == 0 ? msgpack_decode(schema, view, arena, again)
                                                    : json_decode(schema, view, arena, again, NULL);
        if (status == STATUS_OK && (round & 1) == 0) (void)encode(schema, again, arena);
    }
}

static void every_mutated_message_is_decoded_or_refused(void **state)
{
    (void)state;
    for_each_schema(survives_mutation);
}

static void messages_are_found_by_number_and_no_others(void **state)
{
    (void)state;
    assert_true(message_table_count > 0);
    for (size_t i = 0; i < message_table_count; i++)
        assert_ptr_equal(message_find(message_table[i]->number), message_table[i]);
    assert_null(message_find(0));
    assert_null(message_find(UINT16_MAX));
}

static void every_command_has_a_key_and_no_query_has(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BLOCK);
    const struct uuid principal = { .bytes = { [0] = 7, [15] = 41 } };
    for (size_t i = 0; i < message_table_count; i++) {
        const struct message *message = message_table[i];
        struct uuid key = { 0 };
        unsigned shard = SHARD_COUNT;
        const void *body = sample_make(message->body, SAMPLE_EXAMPLE, arena);
        const bool has_key = message_key_of(message, body, principal, &key, &shard);
        assert_int_equal(has_key, message->kind == MESSAGE_COMMAND);
        if (has_key) assert_int_equal(shard, uuid_shard(key));
        if (message->key == KEY_PRINCIPAL) assert_true(uuid_equals(key, principal));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_msgpack),
        cmocka_unit_test(every_message_survives_json),
        cmocka_unit_test(every_bound_off_by_one_is_refused_by_name),
        cmocka_unit_test(every_truncated_message_is_malformed),
        cmocka_unit_test(every_truncated_body_is_invalid_json),
        cmocka_unit_test(every_mutated_message_is_decoded_or_refused),
        cmocka_unit_test(messages_are_found_by_number_and_no_others),
        cmocka_unit_test(every_command_has_a_key_and_no_query_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
