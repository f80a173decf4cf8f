/* struct <-> msgpack by table: written through msgpack-c's packer, read by a reader of our own,
 * because msgpack-c's unpacker reserves what a hostile length announces and copies what we only
 * want to view. */
#include "messages/codec_msgpack.h"

#include <msgpack.h>
#include <string.h>

#include "messages/validate.h"

enum { ID_BYTES = 16, MONEY_PARTS = 2 };

/* msgpack-c's packer writes through this; what does not fit makes the builder full, which is looked
 * at once, at the end. */
static int on_packed(void *builder, const char *data, size_t length)
{
    text_builder_add(builder, (struct text){ .data = data, .length = length });
    return 0;
}

static void pack_text(msgpack_packer *packer, struct text text)
{
    msgpack_pack_str(packer, text.length);
    msgpack_pack_str_body(packer, text.data, text.length);
}

static void pack_bytes(msgpack_packer *packer, struct text bytes)
{
    msgpack_pack_bin(packer, bytes.length);
    msgpack_pack_bin_body(packer, bytes.data, bytes.length);
}

static enum status pack_struct(msgpack_packer *packer, const struct schema *schema,
                               const void *value);

static enum status pack_value(msgpack_packer *packer, const struct field *field, const void *value)
{
    switch (field->type) {
    case FIELD_BOOL:
        (void)(*(const bool *)value ? msgpack_pack_true(packer) : msgpack_pack_false(packer));
        return STATUS_OK;
    case FIELD_INT:
    case FIELD_TIME:
        msgpack_pack_int64(packer, *(const int64_t *)value);
        return STATUS_OK;
    case FIELD_MONEY: {
        const struct money *money = value;
        const size_t length = strnlen(money->currency, sizeof money->currency);
        msgpack_pack_array(packer, MONEY_PARTS);
        msgpack_pack_int64(packer, money->amount);
        pack_text(packer, (struct text){ .data = money->currency, .length = length });
        return STATUS_OK;
    }
    case FIELD_ID:
        pack_bytes(packer, (struct text){ .data = value, .length = ID_BYTES });
        return STATUS_OK;
    case FIELD_TEXT:
        pack_text(packer, *(const struct text *)value);
        return STATUS_OK;
    case FIELD_BYTES:
        pack_bytes(packer, *(const struct text *)value);
        return STATUS_OK;
    case FIELD_ENUM: {
        const unsigned number = *(const unsigned *)value;
        if (number >= field->enum_count) return STATUS_INVALID_VALUE;
        pack_text(packer, text_of(field->enum_names[number]));
        return STATUS_OK;
    }
    case FIELD_RECORD:
        return pack_struct(packer, field->record, value);
    case FIELD_MAP: {
        const struct text_pair *pair = value;
        pack_text(packer, pair->name);
        pack_text(packer, pair->value);
        return STATUS_OK;
    }
    }
    return STATUS_INVALID_VALUE;
}

/* Checked before it is written, so that no receiver has to refuse what another node has sent. */
static enum status pack_counted(msgpack_packer *packer, const struct field *field,
                                const void *value)
{
    const char *base = value;
    const char *items = *(const char *const *)(const void *)(base + field->offset);
    const size_t count = *(const size_t *)(const void *)(base + field->presence_offset);
    const size_t stride = field_value_size(field);
    const bool is_map = field->type == FIELD_MAP;
    if (count > (is_map ? (size_t)field->max : field->list_max)) return STATUS_OUT_OF_RANGE;
    (void)(is_map ? msgpack_pack_map(packer, count) : msgpack_pack_array(packer, count));
    for (size_t i = 0; i < count; i++)
        TRY(pack_value(packer, field, items + i * stride));
    return STATUS_OK;
}

static enum status pack_struct(msgpack_packer *packer, const struct schema *schema,
                               const void *value)
{
    size_t present = 0;
    for (size_t i = 0; i < schema->fields_count; i++)
        present += field_is_present(&schema->fields[i], value);
    msgpack_pack_map(packer, present);
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (!field_is_present(field, value)) continue;
        pack_text(packer, text_of(field->name));
        if (field->list_max > 0 || field->type == FIELD_MAP)
            TRY(pack_counted(packer, field, value));
        else
            TRY(pack_value(packer, field, (const char *)value + field->offset));
    }
    return STATUS_OK;
}

enum status msgpack_encode(const struct schema *schema, const void *value, struct arena *arena,
                           size_t limit, struct text *ret_bytes)
{
    assert(schema != NULL);
    assert(value != NULL);
    struct text_builder builder;
    text_builder_init(&builder, arena, limit);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &builder, on_packed);
    TRY(pack_struct(&packer, schema, value));
    if (builder.is_full) return STATUS_OUT_OF_RANGE;
    *ret_bytes = text_builder_view(&builder);
    return STATUS_OK;
}

/* ---- reading ---- */

enum token_type {
    TOKEN_BOOL,
    TOKEN_INT,
    TOKEN_BIG, /* an integer beyond int64 */
    TOKEN_STR,
    TOKEN_BIN,
    TOKEN_ARRAY, /* number: elements that follow */
    TOKEN_MAP,   /* number: pairs that follow */
    TOKEN_OTHER, /* nil, floats, extensions: no field has them */
};

struct token {
    enum token_type type;
    int64_t number;
    struct text bytes;
};

struct reader {
    struct text rest;
    struct arena *arena;
};

static bool read_bytes(struct reader *reader, uint64_t length, struct text *ret_bytes)
{
    if (length > reader->rest.length) return false;
    *ret_bytes = (struct text){ .data = reader->rest.data, .length = (size_t)length };
    reader->rest.data += length;
    reader->rest.length -= (size_t)length;
    return true;
}

static bool read_unsigned(struct reader *reader, unsigned width, uint64_t *ret_value)
{
    struct text bytes;
    if (!read_bytes(reader, width, &bytes)) return false;
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | (uint8_t)bytes.data[i];
    *ret_value = value;
    return true;
}

/* The two low bits of the tag are the width, for signed and unsigned numbers alike. Signed ones are
 * shifted up and down again to extend their sign. */
static bool read_int(struct reader *reader, uint8_t tag, struct token *ret_token)
{
    const bool is_signed = tag >= 0xd0;
    const unsigned width = 1u << (tag & 3);
    uint64_t value = 0;
    if (!read_unsigned(reader, width, &value)) return false;
    ret_token->type = !is_signed && value > INT64_MAX ? TOKEN_BIG : TOKEN_INT;
    const unsigned shift = 64 - 8 * width;
    ret_token->number = is_signed ? (int64_t)(value << shift) >> shift : (int64_t)value;
    return true;
}

/* `length_width` bytes of length, then that many bytes and `extra` more. */
static bool read_sized(struct reader *reader, enum token_type type, unsigned length_width,
                       unsigned extra, struct token *ret_token)
{
    uint64_t length = 0;
    ret_token->type = type;
    return read_unsigned(reader, length_width, &length) &&
           read_bytes(reader, length + extra, &ret_token->bytes);
}

/* Believes a count only if each element can have its byte. */
static bool read_count(struct reader *reader, enum token_type type, uint64_t count,
                       struct token *ret_token)
{
    const uint64_t values = type == TOKEN_MAP ? 2 * count : count;
    ret_token->type = type;
    ret_token->number = (int64_t)count;
    return values <= reader->rest.length;
}

static bool read_wide_count(struct reader *reader, enum token_type type, unsigned width,
                            struct token *ret_token)
{
    uint64_t count = 0;
    return read_unsigned(reader, width, &count) && read_count(reader, type, count, ret_token);
}

static bool read_other(struct reader *reader, unsigned length, struct token *ret_token)
{
    ret_token->type = TOKEN_OTHER;
    return read_bytes(reader, length, &ret_token->bytes);
}

/* One token of the msgpack specification (https://github.com/msgpack/msgpack/blob/master/spec.md);
 * false when it is cut off or 0xc1, which is never used. */
static bool read_token(struct reader *reader, struct token *ret_token)
{
    uint64_t first = 0;
    *ret_token = (struct token){ .type = TOKEN_OTHER };
    if (!read_unsigned(reader, 1, &first)) return false;
    const uint8_t tag = (uint8_t)first;
    if (tag <= 0x7f || tag >= 0xe0) {
        *ret_token = (struct token){ .type = TOKEN_INT, .number = (int8_t)tag };
        return true;
    }
    if (tag <= 0x8f) return read_count(reader, TOKEN_MAP, tag & 0x0f, ret_token);
    if (tag <= 0x9f) return read_count(reader, TOKEN_ARRAY, tag & 0x0f, ret_token);
    if (tag <= 0xbf) {
        ret_token->type = TOKEN_STR;
        return read_bytes(reader, tag & 0x1f, &ret_token->bytes);
    }
    if (tag == 0xc0) return true;
    if (tag == 0xc1) return false;
    if (tag <= 0xc3) {
        *ret_token = (struct token){ .type = TOKEN_BOOL, .number = tag & 1 };
        return true;
    }
    if (tag <= 0xc6) return read_sized(reader, TOKEN_BIN, 1u << (tag - 0xc4), 0, ret_token);
    if (tag <= 0xc9) return read_sized(reader, TOKEN_OTHER, 1u << (tag - 0xc7), 1, ret_token);
    if (tag <= 0xcb) return read_other(reader, tag == 0xca ? 4 : 8, ret_token);
    if (tag <= 0xd3) return read_int(reader, tag, ret_token);
    if (tag <= 0xd8) return read_other(reader, (1u << (tag - 0xd4)) + 1, ret_token);
    if (tag <= 0xdb) return read_sized(reader, TOKEN_STR, 1u << (tag - 0xd9), 0, ret_token);
    return read_wide_count(reader, tag <= 0xdd ? TOKEN_ARRAY : TOKEN_MAP, tag & 1 ? 4 : 2,
                           ret_token);
}

/* Passes over one value of any kind. */
static enum status skip_value(struct reader *reader, unsigned depth)
{
    struct token token;
    if (!read_token(reader, &token)) return STATUS_MALFORMED;
    if (token.type != TOKEN_ARRAY && token.type != TOKEN_MAP) return STATUS_OK;
    if (depth == MSGPACK_DEPTH_MAX) return STATUS_MALFORMED;
    const int64_t values = token.type == TOKEN_MAP ? 2 * token.number : token.number;
    for (int64_t i = 0; i < values; i++)
        TRY(skip_value(reader, depth + 1));
    return STATUS_OK;
}

/* A number beyond int64 is of the right type and out of range; anything else of another type is a
 * wrong type. */
static enum status read_typed(struct reader *reader, enum token_type type, struct token *ret_token)
{
    if (!read_token(reader, ret_token)) return STATUS_MALFORMED;
    if (ret_token->type == type) return STATUS_OK;
    return type == TOKEN_INT && ret_token->type == TOKEN_BIG ? STATUS_OUT_OF_RANGE
                                                             : STATUS_WRONG_TYPE;
}

static enum status read_money(struct reader *reader, struct money *ret_money)
{
    struct token token;
    TRY(read_typed(reader, TOKEN_ARRAY, &token));
    if (token.number != MONEY_PARTS) return STATUS_WRONG_TYPE;
    TRY(read_typed(reader, TOKEN_INT, &token));
    struct money money = { .amount = token.number };
    TRY(read_typed(reader, TOKEN_STR, &token));
    if (token.bytes.length != 3) return STATUS_INVALID_VALUE;
    memcpy(money.currency, token.bytes.data, 3);
    *ret_money = money;
    return STATUS_OK;
}

/* By name: the places of values may move between versions. */
static enum status read_enum(struct reader *reader, const struct field *field, unsigned *ret_value)
{
    struct token token;
    TRY(read_typed(reader, TOKEN_STR, &token));
    for (unsigned i = 0; i < field->enum_count; i++) {
        if (text_equals_string(token.bytes, field->enum_names[i])) {
            *ret_value = i;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID_VALUE;
}

static enum status read_struct(struct reader *reader, const struct schema *schema, unsigned depth,
                               void *ret_value);

static enum status read_value(struct reader *reader, const struct field *field, unsigned depth,
                              void *ret_value)
{
    struct token token;
    switch (field->type) {
    case FIELD_BOOL:
        TRY(read_typed(reader, TOKEN_BOOL, &token));
        *(bool *)ret_value = token.number == 1;
        return STATUS_OK;
    case FIELD_INT:
    case FIELD_TIME:
        TRY(read_typed(reader, TOKEN_INT, &token));
        *(int64_t *)ret_value = token.number;
        return STATUS_OK;
    case FIELD_MONEY:
        return read_money(reader, ret_value);
    case FIELD_ID:
        TRY(read_typed(reader, TOKEN_BIN, &token));
        if (token.bytes.length != ID_BYTES) return STATUS_INVALID_VALUE;
        memcpy(ret_value, token.bytes.data, ID_BYTES);
        return STATUS_OK;
    case FIELD_TEXT:
    case FIELD_BYTES:
        TRY(read_typed(reader, field->type == FIELD_TEXT ? TOKEN_STR : TOKEN_BIN, &token));
        *(struct text *)ret_value = token.bytes;
        return STATUS_OK;
    case FIELD_ENUM:
        return read_enum(reader, field, ret_value);
    case FIELD_RECORD:
        return read_struct(reader, field->record, depth + 1, ret_value);
    case FIELD_MAP: {
        struct text_pair *pair = ret_value;
        TRY(read_typed(reader, TOKEN_STR, &token));
        pair->name = token.bytes;
        TRY(read_typed(reader, TOKEN_STR, &token));
        pair->value = token.bytes;
        return STATUS_OK;
    }
    }
    return STATUS_WRONG_TYPE;
}

/* The count is bounded by the schema before memory is reserved for it. */
static enum status read_counted(struct reader *reader, const struct field *field, unsigned depth,
                                void *ret_value)
{
    struct token token;
    const bool is_map = field->type == FIELD_MAP;
    TRY(read_typed(reader, is_map ? TOKEN_MAP : TOKEN_ARRAY, &token));
    const size_t count = (size_t)token.number;
    if (count > (is_map ? (size_t)field->max : field->list_max)) return STATUS_OUT_OF_RANGE;
    const size_t stride = field_value_size(field);
    char *items = count == 0 ? NULL : arena_allocate_array(reader->arena, count, stride);
    for (size_t i = 0; i < count; i++)
        TRY(read_value(reader, field, depth + 1, items + i * stride));
    char *base = ret_value;
    *(char **)(void *)(base + field->offset) = items;
    *(size_t *)(void *)(base + field->presence_offset) = count;
    return STATUS_OK;
}

/* Our writer keeps the order of the table, so the search starts behind the previous find. */
static size_t find_field(const struct schema *schema, struct text name, size_t start)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const size_t index = (start + i) % schema->fields_count;
        if (text_equals_string(name, schema->fields[index].name)) return index;
    }
    return schema->fields_count;
}

/* Empty lists and maps are not sent, so only single mandatory fields can be missing. */
static enum status check_presence(const struct schema *schema, uint64_t seen)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        const bool may_lack =
            (field->flags & FIELD_OPTIONAL) != 0 || field->list_max > 0 || field->type == FIELD_MAP;
        if (!may_lack && (seen >> i & 1) == 0) return STATUS_MISSING_FIELD;
    }
    return STATUS_OK;
}

static enum status read_field(struct reader *reader, const struct field *field, unsigned depth,
                              void *ret_value)
{
    if (field->list_max > 0 || field->type == FIELD_MAP)
        return read_counted(reader, field, depth, ret_value);
    char *base = ret_value;
    TRY(read_value(reader, field, depth, base + field->offset));
    if ((field->flags & FIELD_OPTIONAL) != 0) *(bool *)(base + field->presence_offset) = true;
    return STATUS_OK;
}

static enum status read_struct(struct reader *reader, const struct schema *schema, unsigned depth,
                               void *ret_value)
{
    struct token token;
    /* The schema is the tighter bound: its depth was checked when it was generated. */
    assert(depth <= MSGPACK_DEPTH_MAX);
    TRY(read_typed(reader, TOKEN_MAP, &token));
    uint64_t seen = 0;
    size_t next = 0;
    for (int64_t left = token.number; left > 0; left--) {
        TRY(read_typed(reader, TOKEN_STR, &token));
        const size_t index = find_field(schema, token.bytes, next);
        if (index == schema->fields_count) {
            TRY(skip_value(reader, depth));
            continue;
        }
        if ((seen >> index & 1) != 0) return STATUS_DUPLICATE_FIELD;
        seen |= UINT64_C(1) << index;
        next = index + 1;
        TRY(read_field(reader, &schema->fields[index], depth, ret_value));
    }
    return check_presence(schema, seen);
}

/* A peer is trusted to send what it means, but not to be of our version: what came is checked
 * against our own limits. */
enum status msgpack_decode(const struct schema *schema, struct text bytes, struct arena *arena,
                           void *ret_value)
{
    assert(schema != NULL);
    assert(ret_value != NULL);
    struct reader reader = { .rest = bytes, .arena = arena };
    memset(ret_value, 0, schema->size);
    const enum status status = read_struct(&reader, schema, 0, ret_value);
    /* An empty input is no map; anything else of the wrong type is a wrong type. */
    if (status != STATUS_OK) return status;
    if (reader.rest.length != 0) return STATUS_MALFORMED;
    return validate(schema, ret_value, NULL);
}
