/* Builds values of any schema, for tests that walk all of them. */
#include "tests/messages/sample.h"

#include <string.h>

#include "messages/validate.h"

static int64_t sample_number(const struct field *field, enum sample_kind kind)
{
    if (kind == SAMPLE_MINIMUM) return field->min;
    return kind == SAMPLE_MAXIMUM ? field->max : field->min / 2 + field->max / 2;
}

static struct text sample_text(size_t length, char letter, struct arena *arena)
{
    char *data = arena_allocate(arena, length);
    memset(data, letter, length);
    return (struct text){ .data = data, .length = length };
}

static size_t sample_length(const struct field *field, enum sample_kind kind)
{
    const int64_t most = field->max > SAMPLE_TEXT_MAX ? SAMPLE_TEXT_MAX : field->max;
    if (kind == SAMPLE_MINIMUM) return (size_t)field->min;
    if (kind == SAMPLE_MAXIMUM) return (size_t)(most > field->min ? most : field->min);
    return (size_t)(field->min > 0 ? field->min : 1);
}

static void fill(const struct schema *schema, enum sample_kind kind, struct arena *arena,
                 void *value);

static void fill_value(const struct field *field, enum sample_kind kind, size_t index,
                       struct arena *arena, void *value)
{
    switch (field->type) {
    case FIELD_BOOL:
        *(bool *)value = kind != SAMPLE_MINIMUM;
        return;
    case FIELD_INT:
        *(int64_t *)value = sample_number(field, kind);
        return;
    case FIELD_MONEY:
        *(struct money *)value = money_make(sample_number(field, kind), "EUR");
        return;
    case FIELD_ID:
        memset(value, kind == SAMPLE_MINIMUM ? 0 : kind == SAMPLE_MAXIMUM ? 0xff : 0x5a, 16);
        return;
    case FIELD_TIME:
        *(int64_t *)value = kind == SAMPLE_MINIMUM   ? TIME_MIN_US
                            : kind == SAMPLE_MAXIMUM ? TIME_MAX_US
                                                     : INT64_C(1795358724123456);
        return;
    case FIELD_ENUM:
        *(unsigned *)value = kind == SAMPLE_MINIMUM ? 0 : (unsigned)field->enum_count - 1;
        return;
    case FIELD_TEXT:
    case FIELD_BYTES:
        *(struct text *)value = sample_text(sample_length(field, kind), 'x', arena);
        return;
    case FIELD_RECORD:
        fill(field->record, kind, arena, value);
        return;
    case FIELD_MAP: {
        struct text_pair *pair = value;
        pair->name = sample_text((size_t)field->text_max, 'n', arena);
        ((char *)(uintptr_t)pair->name.data)[0] = (char)('a' + index);
        pair->value = sample_text((size_t)field->text_max, 'v', arena);
        return;
    }
    }
}

static size_t sample_count(const struct field *field, enum sample_kind kind)
{
    const size_t least = field->type == FIELD_MAP ? (size_t)field->min : 0;
    const size_t most = field->type == FIELD_MAP ? (size_t)field->max : field->list_max;
    if (kind == SAMPLE_MINIMUM) return least;
    if (kind == SAMPLE_EXAMPLE) return least > 0 ? least : 1;
    return most < SAMPLE_LIST_MAX ? most : SAMPLE_LIST_MAX;
}

static void fill(const struct schema *schema, enum sample_kind kind, struct arena *arena,
                 void *value)
{
    char *base = value;
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->list_max > 0 || field->type == FIELD_MAP) {
            const size_t count = sample_count(field, kind), stride = field_value_size(field);
            char *items = arena_allocate_array(arena, count, stride);
            for (size_t item = 0; item < count; item++)
                fill_value(field, kind, item, arena, items + item * stride);
            *(char **)(void *)(base + field->offset) = items;
            *(size_t *)(void *)(base + field->presence_offset) = count;
            continue;
        }
        if ((field->flags & FIELD_OPTIONAL) != 0) {
            if (kind == SAMPLE_MINIMUM) continue;
            *(bool *)(base + field->presence_offset) = true;
        }
        fill_value(field, kind, 0, arena, base + field->offset);
    }
}

void *sample_make(const struct schema *schema, enum sample_kind kind, struct arena *arena)
{
    void *value = arena_allocate(arena, schema->size);
    fill(schema, kind, arena, value);
    return value;
}

bool schema_has_type(const struct schema *schema, enum field_type type)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type == type) return true;
        if (field->type == FIELD_RECORD && schema_has_type(field->record, type)) return true;
    }
    return false;
}
