/* Reads a JSON body into a struct by its table: strict, and with the pointer of every fault. */
#include "messages/codec_json.h"

#include <jansson.h>
#include <string.h>

#include "messages/json_number.h"
#include "messages/json_path.h"
#include "runtime/json_bounds.h"

/* One body on its way in; `first` is the status of the first fault. */
struct json_reader {
    struct arena *arena;
    struct field_faults *faults;
    struct field_path path;
    enum status first;
};

/* What a field of each kind takes, for people. */
static const char wants_text[] = "It takes a string.";
static const char wants_integer[] = "It takes a whole number that fits 64 bits.";
static const char wants_object[] = "It takes an object.";
static const char wants_money[] = "It takes an object of amount and currency.";

static void decref(json_t **json)
{
    json_decref(*json);
}

/* All faults of a body are collected, so that a client learns of them at once; the first one
 * decides the status. */
static bool refuse(struct json_reader *reader, enum status status, const char *detail)
{
    const enum status added = field_faults_add(reader->faults, &reader->path, status, detail);
    if (reader->first == STATUS_OK) reader->first = added;
    return false;
}

static bool refuse_limited(struct json_reader *reader, enum status status, const char *detail,
                           struct field_limits limits)
{
    const enum status added =
        field_faults_add_limited(reader->faults, &reader->path, status, detail, limits);
    if (reader->first == STATUS_OK) reader->first = added;
    return false;
}

static bool refuse_type(struct json_reader *reader, const char *wanted)
{
    return refuse(reader, STATUS_WRONG_TYPE, wanted);
}

static struct text text_of_json(const json_t *json)
{
    return (struct text){ .data = json_string_value(json), .length = json_string_length(json) };
}

/* Counts as bad by its own faults only, whatever was wrong before it. */
static bool read_money(struct json_reader *reader, json_t *json, struct money *ret_money)
{
    if (!json_is_object(json)) return refuse_type(reader, wants_money);
    const enum status before = reader->first;
    reader->first = STATUS_OK;
    const char *name;
    json_t *part;
    json_object_foreach(json, name, part)
    {
        const size_t length = field_path_push(&reader->path, text_of(name));
        if (strcmp(name, "amount") == 0) {
            if (!json_read_whole(part, &ret_money->amount))
                (void)refuse_type(reader, wants_integer);
        } else if (strcmp(name, "currency") == 0) {
            if (!json_is_string(part))
                (void)refuse_type(reader, wants_text);
            else if (json_string_length(part) != 3)
                (void)refuse(reader, STATUS_INVALID_VALUE, "The currency is not in ISO 4217.");
            else
                memcpy(ret_money->currency, json_string_value(part), 3);
        } else {
            (void)refuse(reader, STATUS_UNKNOWN_FIELD, "The field is not known here.");
        }
        field_path_pop(&reader->path, length);
    }
    if (json_object_get(json, "amount") == NULL || json_object_get(json, "currency") == NULL)
        (void)refuse(reader, STATUS_MISSING_FIELD, "Money has an amount and a currency.");
    const bool is_good = reader->first == STATUS_OK;
    if (before != STATUS_OK) reader->first = before;
    return is_good;
}

/* A field may take ids of several kinds; the prefix says which. */
static bool read_id(struct json_reader *reader, const struct field *field, struct text text,
                    struct uuid *ret_id)
{
    for (size_t i = 0; i < SCHEMA_PREFIXES_MAX && field->prefixes[i] != NULL; i++)
        if (id_parse(text, field->prefixes[i], ret_id) == STATUS_OK) return true;
    return refuse(reader, STATUS_INVALID_VALUE, "This is no id of the kind that the field takes.");
}

static bool read_enum(struct json_reader *reader, const struct field *field, struct text text,
                      unsigned *ret_value)
{
    for (unsigned i = 0; i < field->enum_count; i++) {
        if (text_equals_string(text, field->enum_names[i])) {
            *ret_value = i;
            return true;
        }
    }
    return refuse_limited(reader, STATUS_INVALID_VALUE, "There is no such value.",
                          field_limits_of(field));
}

static bool read_string(struct json_reader *reader, const struct field *field, json_t *json,
                        void *ret_value)
{
    if (!json_is_string(json)) return refuse_type(reader, wants_text);
    const struct text text = text_of_json(json);
    if (field->type == FIELD_ID) return read_id(reader, field, text, ret_value);
    if (field->type == FIELD_ENUM) return read_enum(reader, field, text, ret_value);
    if (field->type == FIELD_TIME) {
        if (time_parse(text, ret_value) == STATUS_OK) return true;
        return refuse(reader, STATUS_INVALID_VALUE, "The time is not RFC 3339.");
    }
    *(struct text *)ret_value = text_copy(reader->arena, text);
    return true;
}

static void read_object(struct json_reader *reader, const struct schema *schema, json_t *json,
                        bool is_body, void *ret_value);

/* True when the value was read; a record may have faults of its own. */
static bool read_value(struct json_reader *reader, const struct field *field, json_t *json,
                       void *ret_value)
{
    switch (field->type) {
    case FIELD_BOOL:
        if (!json_is_boolean(json)) return refuse_type(reader, "It takes true or false.");
        *(bool *)ret_value = json_is_true(json);
        return true;
    case FIELD_INT:
        return json_read_whole(json, ret_value) || refuse_type(reader, wants_integer);
    case FIELD_MONEY:
        return read_money(reader, json, ret_value);
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_ENUM:
        return read_string(reader, field, json, ret_value);
    case FIELD_RECORD:
        if (!json_is_object(json)) return refuse_type(reader, wants_object);
        read_object(reader, field->record, json, false, ret_value);
        return true;
    case FIELD_BYTES:
    case FIELD_MAP:
        break;
    }
    return refuse_type(reader, "It cannot be given in JSON.");
}

/* Entries are read on after a bad one, so that each fault has its place. */
static bool read_list(struct json_reader *reader, const struct field *field, json_t *json,
                      void *ret_value)
{
    if (!json_is_array(json)) return refuse_type(reader, "It takes an array.");
    const size_t count = json_array_size(json);
    if (count > field->list_max)
        return refuse_limited(reader, STATUS_OUT_OF_RANGE, "There are too many entries.",
                              field_count_limits_of(field));
    const size_t stride = field_value_size(field);
    char *items = count == 0 ? NULL : arena_allocate_array(reader->arena, count, stride);
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        const size_t before = field_path_push_index(&reader->path, i);
        is_good &= read_value(reader, field, json_array_get(json, i), items + i * stride);
        field_path_pop(&reader->path, before);
    }
    char *base = ret_value;
    *(char **)(void *)(base + field->offset) = items;
    *(size_t *)(void *)(base + field->presence_offset) = count;
    return is_good;
}

static bool read_map(struct json_reader *reader, const struct field *field, json_t *json,
                     void *ret_value)
{
    if (!json_is_object(json)) return refuse_type(reader, wants_object);
    const size_t count = json_object_size(json);
    if (count > (size_t)field->max)
        return refuse_limited(reader, STATUS_OUT_OF_RANGE, "There are too many entries.",
                              field_count_limits_of(field));
    struct text_pair *pairs =
        count == 0 ? NULL : arena_allocate_array(reader->arena, count, sizeof *pairs);
    bool is_good = true;
    size_t index = 0;
    const char *name;
    json_t *word;
    json_object_foreach(json, name, word)
    {
        const size_t before = field_path_push(&reader->path, text_of(name));
        assert(index < count);
        if (json_is_string(word)) {
            pairs[index].name = text_copy(reader->arena, text_of(name));
            pairs[index].value = text_copy(reader->arena, text_of_json(word));
        } else {
            is_good = refuse_type(reader, wants_text);
        }
        index++;
        field_path_pop(&reader->path, before);
    }
    char *base = ret_value;
    *(struct text_pair **)(void *)(base + field->offset) = pairs;
    *(size_t *)(void *)(base + field->presence_offset) = count;
    return is_good;
}

/* A text that may be empty and may be left out is taken away by null, as by the empty text. */
static bool is_removable(const struct field *field)
{
    return field->type == FIELD_TEXT && field->list_max == 0 && field->min == 0 &&
           (field->flags & FIELD_OPTIONAL) != 0;
}

static void read_field(struct json_reader *reader, const struct field *field, json_t *json,
                       void *ret_value)
{
    char *base = ret_value;
    bool is_good;
    if (json_is_null(json) && is_removable(field)) {
        *(struct text *)(void *)(base + field->offset) = TEXT("");
        *(bool *)(base + field->presence_offset) = true;
        return;
    }
    if (field->type == FIELD_MAP) {
        is_good = read_map(reader, field, json, ret_value);
    } else if (field->list_max > 0) {
        is_good = read_list(reader, field, json, ret_value);
    } else {
        is_good = read_value(reader, field, json, base + field->offset);
        if ((field->flags & FIELD_OPTIONAL) != 0) *(bool *)(base + field->presence_offset) = true;
    }
    /* Records have checked their own fields already. */
    if (!is_good || field->type == FIELD_RECORD) return;
    const enum status status = validate_field(field, ret_value, &reader->path, reader->faults);
    if (reader->first == STATUS_OK) reader->first = status;
}

/* Fields of the path and of headers are no fields of the body: sent there they are unknown. */
static bool is_readable(const struct field *field, bool is_body)
{
    return !is_body || (field->flags & (FIELD_IN_PATH | FIELD_IN_HEADER)) == 0;
}

static size_t find_field(const struct schema *schema, const char *name, bool is_body)
{
    for (size_t i = 0; i < schema->fields_count; i++)
        if (is_readable(&schema->fields[i], is_body) && strcmp(schema->fields[i].name, name) == 0)
            return i;
    return schema->fields_count;
}

static void refuse_missing(struct json_reader *reader, const struct schema *schema, uint64_t seen,
                           bool is_body)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        const bool may_lack =
            (field->flags & FIELD_OPTIONAL) != 0 || field->list_max > 0 || field->type == FIELD_MAP;
        if (may_lack || (seen >> i & 1) != 0 || !is_readable(field, is_body)) continue;
        const size_t before = field_path_push(&reader->path, text_of(field->name));
        (void)refuse(reader, STATUS_MISSING_FIELD, "The field must be sent.");
        field_path_pop(&reader->path, before);
    }
}

static void read_object(struct json_reader *reader, const struct schema *schema, json_t *json,
                        bool is_body, void *ret_value)
{
    uint64_t seen = 0;
    const char *name;
    json_t *child;
    json_object_foreach(json, name, child)
    {
        const size_t before = field_path_push(&reader->path, text_of(name));
        const size_t index = find_field(schema, name, is_body);
        if (index == schema->fields_count) {
            (void)refuse(reader, STATUS_UNKNOWN_FIELD, "The field is not known here.");
        } else {
            seen |= UINT64_C(1) << index;
            read_field(reader, &schema->fields[index], child, ret_value);
        }
        field_path_pop(&reader->path, before);
    }
    refuse_missing(reader, schema, seen, is_body);
}

/* Duplicates, overflows and U+0000 are found by the parser, but they are faults of a field and not
 * of the syntax. */
static void refuse_syntax(struct json_reader *reader, struct text body, const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        json_path_at(body, (size_t)error->position, &reader->path);
        (void)refuse(reader, STATUS_DUPLICATE_FIELD, "The field is given twice.");
        return;
    case json_error_numeric_overflow:
        json_path_at(body, (size_t)error->position, &reader->path);
        (void)refuse(reader, STATUS_OUT_OF_RANGE, "The number does not fit 64 bits.");
        return;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        json_path_at(body, (size_t)error->position, &reader->path);
        (void)refuse(reader, STATUS_INVALID_VALUE, FIELD_HAS_NUL);
        return;
    default:
        (void)refuse(reader, STATUS_INVALID_JSON, "The body is not one JSON object in UTF-8.");
    }
}

/* No body of the schema has more values; some that it does not know, which are to be named, have
 * room. Jansson allocates for each value, and 200 KB of fields that nobody knows took the gateway
 * 10 ms (measured). */
static size_t values_allowed(const struct schema *schema)
{
    enum { OF_ONE = 4 /* money is an object of two */, UNKNOWN = 64 };
    size_t values = UNKNOWN;
    for (size_t i = 0; i < schema->fields_count && values < JSON_VALUES_MAX; i++) {
        const struct field *field = &schema->fields[i];
        size_t one = field->record != NULL ? values_allowed(field->record) : OF_ONE;
        if (field->type == FIELD_MAP) one = OF_ONE * (size_t)field->max;
        values += field->list_max > 0 ? 1 + field->list_max * one : one;
    }
    return values < JSON_VALUES_MAX ? values : JSON_VALUES_MAX;
}

enum status json_decode(const struct schema *schema, struct text body, struct arena *arena,
                        void *ret_value, struct field_faults *ret_faults)
{
    assert(schema != NULL);
    assert(ret_value != NULL);
    struct json_reader reader = { .arena = arena, .faults = ret_faults, .first = STATUS_OK };
    if (body.length == 0) body = TEXT("{}");
    if (!json_is_bounded(body, JSON_DEPTH_MAX, values_allowed(schema))) {
        (void)refuse(&reader, STATUS_INVALID_JSON, "The body is nested too deep or too long.");
        return reader.first;
    }
    json_error_t error;
    CLEANUP(decref)
    json_t *json = json_loadb(body.data, body.length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        refuse_syntax(&reader, body, &error);
    else if (!json_is_object(json))
        (void)refuse_type(&reader, wants_object);
    else
        read_object(&reader, schema, json, true, ret_value);
    return reader.first;
}
