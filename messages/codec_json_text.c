/* Reads single fields that came as text: path segments, query parameters, headers. */
#include <string.h>

#include "messages/codec_json.h"

static const char not_of_type[] = "The value is not of the type of this field.";

/* RFC 9110, section 8.8.3: a strong entity tag is quoted; ours hold a version. */
static struct text without_quotes(struct text raw)
{
    if (raw.length < 2 || raw.data[0] != '"' || raw.data[raw.length - 1] != '"') return raw;
    return (struct text){ .data = raw.data + 1, .length = raw.length - 2 };
}

/* Both spellings are common in query strings. */
static enum status read_bool(struct text raw, bool *ret_value)
{
    const bool is_true = text_equals_string(raw, "true") || text_equals_string(raw, "1");
    const bool is_false = text_equals_string(raw, "false") || text_equals_string(raw, "0");
    if (!is_true && !is_false) return STATUS_MALFORMED;
    *ret_value = is_true;
    return STATUS_OK;
}

static enum status read_id(const struct field *field, struct text raw, struct uuid *ret_id)
{
    for (size_t i = 0; i < SCHEMA_PREFIXES_MAX && field->prefixes[i] != NULL; i++)
        if (id_parse(raw, field->prefixes[i], ret_id) == STATUS_OK) return STATUS_OK;
    return STATUS_MALFORMED;
}

static enum status read_enum(const struct field *field, struct text raw, unsigned *ret_value)
{
    for (unsigned i = 0; i < field->enum_count; i++) {
        if (text_equals_string(raw, field->enum_names[i])) {
            *ret_value = i;
            return STATUS_OK;
        }
    }
    return STATUS_MALFORMED;
}

static enum status read_one(const struct field *field, struct text raw, struct arena *arena,
                            void *ret_value)
{
    switch (field->type) {
    case FIELD_BOOL:
        return read_bool(raw, ret_value);
    case FIELD_INT:
        return text_parse_int(field->header != NULL ? without_quotes(raw) : raw, ret_value);
    case FIELD_ID:
        return read_id(field, raw, ret_value);
    case FIELD_TIME:
        return time_parse(raw, ret_value);
    case FIELD_ENUM:
        return read_enum(field, raw, ret_value);
    case FIELD_TEXT:
        *(struct text *)ret_value = text_copy(arena, raw);
        return STATUS_OK;
    case FIELD_MONEY:
    case FIELD_BYTES:
    case FIELD_RECORD:
    case FIELD_MAP:
        break;
    }
    return STATUS_MALFORMED;
}

/* Counted first, so that the array has the right size at once. */
static size_t count_parts(struct text raw)
{
    size_t count = 1;
    for (size_t i = 0; i < raw.length; i++)
        count += raw.data[i] == ',';
    return count;
}

static enum status read_list(const struct field *field, struct text raw, struct arena *arena,
                             void *value)
{
    const size_t count = count_parts(raw);
    if (count > field->list_max) return STATUS_OUT_OF_RANGE;
    const size_t stride = field_value_size(field);
    char *items = arena_allocate_array(arena, count, stride);
    for (size_t i = 0; i < count; i++) {
        const char *comma = raw.length == 0 ? NULL : memchr(raw.data, ',', raw.length);
        const size_t length = comma == NULL ? raw.length : (size_t)(comma - raw.data);
        TRY(read_one(field, (struct text){ raw.data, length }, arena, items + i * stride));
        if (comma == NULL) break;
        raw.data += length + 1;
        raw.length -= length + 1;
    }
    char *base = value;
    *(char **)(void *)(base + field->offset) = items;
    *(size_t *)(void *)(base + field->presence_offset) = count;
    return STATUS_OK;
}

enum status json_decode_text(const struct field *field, struct text raw, struct arena *arena,
                             void *value, struct field_faults *faults)
{
    assert(field != NULL);
    assert(value != NULL);
    struct field_path path = { .length = 0 };
    (void)field_path_push(&path, text_of(field->name));
    char *base = value;
    /* If-Match: * asks for any version, which is what an absent one means. */
    const bool is_optional = (field->flags & FIELD_OPTIONAL) != 0;
    if (field->header != NULL && is_optional && text_equals_string(raw, "*")) return STATUS_OK;

    const enum status status = field->list_max > 0
                                   ? read_list(field, raw, arena, value)
                                   : read_one(field, raw, arena, base + field->offset);
    if (status == STATUS_OUT_OF_RANGE)
        return field_faults_add(faults, &path, status, "There are too many entries.");
    if (status != STATUS_OK)
        return field_faults_add(faults, &path, STATUS_INVALID_VALUE, not_of_type);
    if (is_optional) *(bool *)(base + field->presence_offset) = true;
    return validate_field(field, value, &path, faults);
}

/* Lists and maps are never missing: not sent is empty. */
enum status json_complete(const struct schema *schema, uint64_t given, bool has_body,
                          struct arena *arena, void *value, struct field_faults *faults)
{
    assert(schema != NULL);
    enum status first = STATUS_OK;
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        const bool is_in_body = (field->flags & (FIELD_IN_PATH | FIELD_IN_HEADER)) == 0;
        if ((given >> i & 1) != 0 || (has_body && is_in_body)) continue;
        enum status status = STATUS_OK;
        if (field->default_value != NULL) {
            status = json_decode_text(field, text_of(field->default_value), arena, value, faults);
        } else if ((field->flags & FIELD_OPTIONAL) == 0 && field->list_max == 0 &&
                   field->type != FIELD_MAP) {
            struct field_path path = { .length = 0 };
            (void)field_path_push(&path, text_of(field->name));
            status =
                field_faults_add(faults, &path, STATUS_MISSING_FIELD, "The field is mandatory.");
        }
        if (first == STATUS_OK) first = status;
    }
    return first;
}
