/* Reads single fields that came as text: path segments, query parameters, headers. */
#include <string.h>

#include "messages/codec_json.h"

/* What is taken of a value that is none of the field's type. */
static const char *wanted(const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOL:
        return "It takes true or false.";
    case FIELD_INT:
        return field->header != NULL ? "It takes entity tags such as \"3\", as ETag gave them."
                                     : "It takes a whole number.";
    case FIELD_ID:
        return "This is no id of the kind that is taken here.";
    case FIELD_TIME:
        return "It takes a time as RFC 3339 writes it, such as 2026-11-28T09:30:00Z.";
    case FIELD_ENUM:
        return "There is no such value.";
    default:
        return "It cannot be given here.";
    }
}

/* 1 and 0 are what people type into addresses. */
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
        return text_parse_int(raw, ret_value);
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

/* A tag may have a digest of what was shown behind its version (ETAG_STATE). A change is
 * conditional on the version. */
static struct text version_of_state(struct text inside)
{
    size_t length = 0;
    while (length < inside.length && inside.data[length] != '.')
        length++;
    const bool has_digest = length > 0 && length + 1 < inside.length;
    return has_digest ? (struct text){ inside.data, length } : inside;
}

/* One entity tag at the front of the text (RFC 9110, section 8.8.3), which is read off it. Ours are
 * strong and hold a version; every other tag is of nothing, which is version 0. */
static enum status read_tag(struct text *rest, int64_t *ret_version)
{
    const bool is_weak = text_starts_with(*rest, TEXT("W/"));
    struct text tag = *rest;
    if (is_weak) tag = (struct text){ tag.data + 2, tag.length - 2 };
    if (tag.length < 2 || tag.data[0] != '"') return STATUS_MALFORMED;
    size_t end = 1;
    while (end < tag.length && tag.data[end] != '"') {
        const unsigned char byte = (unsigned char)tag.data[end++];
        if (byte <= ' ' || byte == 0x7f) return STATUS_MALFORMED;
    }
    if (end == tag.length) return STATUS_MALFORMED;
    const struct text inside =
        version_of_state(tag_without_coding((struct text){ tag.data + 1, end - 1 }));
    /* Tags are compared byte by byte: "06" is not the tag of version 6. */
    const bool is_version = !is_weak && inside.length > 0 && inside.data[0] >= '1' &&
                            inside.data[0] <= '9' &&
                            text_parse_int(inside, ret_version) == STATUS_OK;
    if (!is_version) *ret_version = 0;
    *rest = (struct text){ tag.data + end + 1, tag.length - end - 1 };
    return STATUS_OK;
}

/* A list of entity tags (RFC 9110, section 13.1.1); empty elements are ignored (section 5.6.1). */
static enum status read_tags(const struct field *field, struct text raw, struct arena *arena,
                             void *value)
{
    int64_t *versions = arena_allocate_array(arena, field->list_max, sizeof *versions);
    size_t count = 0;
    for (struct text rest = text_trim(raw); rest.length > 0; rest = text_trim(rest)) {
        if (rest.data[0] == ',') {
            rest = (struct text){ rest.data + 1, rest.length - 1 };
            continue;
        }
        if (count == field->list_max) return STATUS_OUT_OF_RANGE;
        TRY(read_tag(&rest, &versions[count++]));
        rest = text_trim(rest);
        if (rest.length > 0 && rest.data[0] != ',') return STATUS_MALFORMED;
    }
    if (count == 0) return STATUS_MALFORMED;
    char *base = value;
    *(int64_t **)(void *)(base + field->offset) = versions;
    *(size_t *)(void *)(base + field->presence_offset) = count;
    return STATUS_OK;
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

/* A header has a name of its own. */
static struct field_path path_of(const struct field *field)
{
    struct field_path path = { .place = field_place_of(field) };
    (void)field_path_push(&path, text_of(field->header != NULL ? field->header : field->name));
    return path;
}

enum status json_decode_text(const struct field *field, struct text raw, struct arena *arena,
                             void *value, struct field_faults *faults)
{
    assert(field != NULL);
    assert(value != NULL);
    const bool is_header = field->header != NULL;
    const struct field_path path = path_of(field);
    char *base = value;
    /* If-Match: * asks for any version, which is what an absent one means. */
    const bool is_optional = (field->flags & FIELD_OPTIONAL) != 0;
    const bool is_tags = is_header && field->list_max > 0;
    if (is_tags && text_equals_string(raw, "*")) return STATUS_OK;

    enum status status;
    if (is_tags)
        status = read_tags(field, raw, arena, value);
    else if (field->list_max > 0)
        status = read_list(field, raw, arena, value);
    else
        status = read_one(field, raw, arena, base + field->offset);
    if (status == STATUS_OUT_OF_RANGE)
        return field_faults_add_limited(faults, &path, status, "There are too many entries.",
                                        field_count_limits_of(field));
    if (status != STATUS_OK)
        return field_faults_add_limited(faults, &path, STATUS_INVALID_VALUE, wanted(field),
                                        field_limits_of(field));
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
            const struct field_path path = path_of(field);
            status = field_faults_add(faults, &path, STATUS_MISSING_FIELD, "It must be sent.");
        }
        if (first == STATUS_OK) first = status;
    }
    return first;
}
