/* Walks a struct along its table and checks each value against the limits of its field. */
#include "messages/validate.h"

#include <string.h>

#include "messages/card_number.h"
#include "runtime/plain_text.h"

/* A path that is too long is cut: it names a place for people, and nothing is decided by it. */
static void path_add(struct field_path *path, char byte)
{
    if (path->length + 1 < sizeof path->text) path->text[path->length++] = byte;
}

size_t field_path_push(struct field_path *path, struct text name)
{
    const size_t before = path->length;
    path_add(path, '/');
    for (size_t i = 0; i < name.length; i++) {
        const char byte = name.data[i];
        /* RFC 6901, section 3. */
        if (byte == '~' || byte == '/') {
            path_add(path, '~');
            path_add(path, byte == '~' ? '0' : '1');
        } else {
            path_add(path, byte);
        }
    }
    return before;
}

size_t field_path_push_index(struct field_path *path, size_t index)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    return field_path_push(path,
                           (struct text){ .data = &digits[at], .length = sizeof digits - at });
}

void field_path_pop(struct field_path *path, size_t length)
{
    assert(length <= path->length);
    path->length = length;
}

/* Beyond the bound faults are dropped, but the status is still passed on. */
enum status field_faults_add_limited(struct field_faults *faults, const struct field_path *path,
                                     enum status status, const char *detail,
                                     struct field_limits limits)
{
    assert(status != STATUS_OK);
    assert(detail != NULL);
    if (faults == NULL || faults->count == FIELD_FAULTS_MAX) return status;
    struct field_fault *fault = &faults->entries[faults->count++];
    memcpy(fault->pointer, path->text, path->length);
    fault->pointer[path->length] = '\0';
    fault->place = path->place;
    fault->status = status;
    fault->detail = detail;
    fault->limits = limits;
    return status;
}

enum status field_faults_add(struct field_faults *faults, const struct field_path *path,
                             enum status status, const char *detail)
{
    return field_faults_add_limited(faults, path, status, detail,
                                    (struct field_limits){ .allowed = NULL });
}

struct field_limits field_limits_of(const struct field *field)
{
    static const char *const truths[] = { "false", "true" };
    static const struct field truth = { .enum_names = truths, .enum_count = ARRAY_LENGTH(truths) };
    struct field_limits limits = { .allowed = field->type == FIELD_ENUM ? field : NULL };
    if (field->type == FIELD_BOOL) limits.allowed = &truth;
    if (field->type == FIELD_INT || field->type == FIELD_MONEY) {
        limits.has_minimum = field->min > INT64_MIN;
        limits.has_maximum = field->max < INT64_MAX;
    } else if (field->type == FIELD_TEXT || field->type == FIELD_BYTES) {
        limits.has_minimum = field->min > 0;
        limits.has_maximum = true;
    }
    if (limits.has_minimum) limits.minimum = field->min;
    if (limits.has_maximum) limits.maximum = field->max;
    return limits;
}

struct field_limits field_count_limits_of(const struct field *field)
{
    const bool is_map = field->type == FIELD_MAP;
    return (struct field_limits){ .has_minimum = is_map && field->min > 0,
                                  .minimum = is_map ? field->min : 0,
                                  .has_maximum = true,
                                  .maximum = is_map ? field->max : (int64_t)field->list_max };
}

const char *field_place_name(enum field_place place)
{
    static const char *const names[] = { [PLACE_BODY] = "body",
                                         [PLACE_QUERY] = "query",
                                         [PLACE_PATH] = "path",
                                         [PLACE_HEADER] = "header" };
    assert((size_t)place < ARRAY_LENGTH(names));
    return names[place];
}

enum field_place field_place_of(const struct field *field)
{
    if ((field->flags & FIELD_IN_PATH) != 0) return PLACE_PATH;
    return (field->flags & FIELD_IN_HEADER) != 0 ? PLACE_HEADER : PLACE_QUERY;
}

size_t field_value_size(const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_INT:
    case FIELD_TIME:
        return sizeof(int64_t);
    case FIELD_MONEY:
        return sizeof(struct money);
    case FIELD_ID:
        return sizeof(struct uuid);
    case FIELD_TEXT:
    case FIELD_BYTES:
        return sizeof(struct text);
    case FIELD_ENUM:
        return sizeof(int);
    case FIELD_RECORD:
        return field->record->size;
    case FIELD_MAP:
        return sizeof(struct text_pair);
    }
    return 0;
}

static bool is_counted(const struct field *field)
{
    return field->list_max > 0 || field->type == FIELD_MAP;
}

bool field_is_present(const struct field *field, const void *value)
{
    const char *presence = (const char *)value + field->presence_offset;
    if (is_counted(field)) return *(const size_t *)(const void *)presence > 0;
    return (field->flags & FIELD_OPTIONAL) == 0 || *(const bool *)presence;
}

/* The value is not among those that the field takes. */
static enum status refuse_value(const struct field *field, struct field_path *path,
                                struct field_faults *faults, const char *detail)
{
    return field_faults_add_limited(faults, path, STATUS_OUT_OF_RANGE, detail,
                                    field_limits_of(field));
}

static enum status refuse_count(const struct field *field, const struct field_path *path,
                                struct field_faults *faults, const char *detail)
{
    return field_faults_add_limited(faults, path, STATUS_OUT_OF_RANGE, detail,
                                    field_count_limits_of(field));
}

/* Texts are measured in characters, as JSON Schema does; bytes in bytes. Most texts need no
 * counting: a character has one to four bytes. */
static bool is_shorter(const struct field *field, struct text text)
{
    const size_t least = (size_t)field->min;
    if (text.length < least || field->type != FIELD_TEXT) return text.length < least;
    return text.length / TEXT_CHARACTER_BYTES_MAX < least && text_characters(text) < least;
}

static bool is_longer(enum field_type type, struct text text, int64_t most)
{
    if (text.length <= (size_t)most || type == FIELD_BYTES) return text.length > (size_t)most;
    return text_characters(text) > (size_t)most;
}

/* U+0000 is UTF-8, but no text of ours. */
static enum status refuse_bytes(struct text text, struct field_path *path,
                                struct field_faults *faults)
{
    const bool has_nul = memchr(text.data, '\0', text.length) != NULL;
    return field_faults_add(faults, path, STATUS_INVALID_VALUE,
                            has_nul ? FIELD_HAS_NUL : "The text is not UTF-8.");
}

static enum status check_words(const struct field *field, struct text text, struct field_path *path,
                               struct field_faults *faults)
{
    if (text.length == 0 || !text_is_utf8(text)) return STATUS_OK; /* told already */
    if (field->words == WORDS_NAME && !plain_text_is_name(text))
        return field_faults_add(faults, path, STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    if (field->words == WORDS_REASON && !plain_text_is_reason(text))
        return field_faults_add(faults, path, STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    return STATUS_OK;
}

static enum status check_text(const struct field *field, struct text text, struct field_path *path,
                              struct field_faults *faults)
{
    if (field->type == FIELD_TEXT && !text_is_utf8(text)) return refuse_bytes(text, path, faults);
    if (is_shorter(field, text)) return refuse_value(field, path, faults, "The text is too short.");
    if (is_longer(field->type, text, field->max))
        return refuse_value(field, path, faults, "The text is too long.");
    return STATUS_OK;
}

/* The currency first: an amount without one means nothing. */
static enum status check_money(const struct field *field, const struct money *money,
                               struct field_path *path, struct field_faults *faults)
{
    if (currency_exponent(money->currency) < 0)
        return field_faults_add(faults, path, STATUS_INVALID_VALUE,
                                "The currency is not in ISO 4217.");
    if (money->amount < field->min || money->amount > field->max)
        return refuse_value(field, path, faults, "The amount is outside its limits.");
    return STATUS_OK;
}

static enum status check_value(const struct field *field, const void *value,
                               struct field_path *path, struct field_faults *faults)
{
    switch (field->type) {
    case FIELD_BOOL:
    case FIELD_ID:
    case FIELD_MAP:
        return STATUS_OK;
    case FIELD_INT: {
        const int64_t number = *(const int64_t *)value;
        if (number >= field->min && number <= field->max) return STATUS_OK;
        return refuse_value(field, path, faults, "The number is outside its limits.");
    }
    case FIELD_TIME: {
        const int64_t time_us = *(const int64_t *)value;
        if (time_us >= TIME_MIN_US && time_us <= TIME_MAX_US) return STATUS_OK;
        return field_faults_add(faults, path, STATUS_OUT_OF_RANGE,
                                "The time is outside the years 0 to 9999.");
    }
    case FIELD_ENUM: {
        const unsigned number = *(const unsigned *)value;
        if (number < field->enum_count) return STATUS_OK;
        return field_faults_add_limited(faults, path, STATUS_INVALID_VALUE,
                                        "There is no such value.", field_limits_of(field));
    }
    case FIELD_MONEY:
        return check_money(field, value, path, faults);
    case FIELD_TEXT:
    case FIELD_BYTES:
        return check_text(field, *(const struct text *)value, path, faults);
    case FIELD_RECORD:
        break;
    }
    return STATUS_OK;
}

static enum status check_word(const struct field *field, struct text word, struct field_path *path,
                              struct field_faults *faults)
{
    if (!text_is_utf8(word)) return refuse_bytes(word, path, faults);
    if (!is_longer(FIELD_TEXT, word, field->text_max)) return STATUS_OK;
    return field_faults_add_limited(
        faults, path, STATUS_OUT_OF_RANGE, "The text is too long.",
        (struct field_limits){ .has_maximum = true, .maximum = field->text_max });
}

/* Maps have at most 256 entries, so comparing each with those before it is cheap. */
static enum status check_entry(const struct field *field, const struct text_pair *pairs,
                               size_t index, struct field_path *path, struct field_faults *faults)
{
    enum status status = check_word(field, pairs[index].name, path, faults);
    if (status == STATUS_OK) status = check_word(field, pairs[index].value, path, faults);
    for (size_t i = 0; i < index && status == STATUS_OK; i++)
        if (text_equals(pairs[i].name, pairs[index].name))
            status = field_faults_add(faults, path, STATUS_DUPLICATE_FIELD,
                                      "The name stands twice in the map.");
    return status;
}

/* A secret is kept as no text, and JSON is judged by what it says. */
static bool may_have_card(const struct field *field)
{
    const unsigned others = FIELD_SECRET | FIELD_JSON | FIELD_DIGITS;
    return (field->type == FIELD_TEXT || field->type == FIELD_MAP) && (field->flags & others) == 0;
}

/* What stands in a text is stored, mailed and logged: the number of somebody's card must not be. */
static enum status check_no_card(const struct field *field, const void *value,
                                 const struct field_path *path, struct field_faults *faults)
{
    const struct text_pair *pair = value;
    const bool is_map = field->type == FIELD_MAP;
    const bool has_number =
        is_map ? text_has_card_number(pair->name) || text_has_card_number(pair->value)
        : (field->flags & FIELD_PHONE) != 0 ? phone_has_card_number(*(const struct text *)value)
                                            : text_has_card_number(*(const struct text *)value);
    if (!has_number) return STATUS_OK;
    return field_faults_add(faults, path, STATUS_INVALID_VALUE, FIELD_HAS_CARD_NUMBER);
}

/* A struct on the way down; `first` is kept by the caller. */
struct walk {
    struct field_path path;
    struct field_faults *faults;
    bool judges_words; /* of what a client writes now, and not of what was taken once */
    enum status first;
};

/* The path is only told with a fault; the walk goes on without when nobody wants to hear of it. */
static size_t walk_enter(struct walk *walk, struct text name)
{
    return walk->faults == NULL ? walk->path.length : field_path_push(&walk->path, name);
}

static size_t walk_enter_index(struct walk *walk, size_t index)
{
    return walk->faults == NULL ? walk->path.length : field_path_push_index(&walk->path, index);
}

static void walk_struct(struct walk *walk, const struct schema *schema, const void *value);

static void note(struct walk *walk, enum status status)
{
    if (walk->first == STATUS_OK) walk->first = status;
}

static void walk_value(struct walk *walk, const struct field *field, const void *value)
{
    if (field->type == FIELD_RECORD)
        walk_struct(walk, field->record, value);
    else
        note(walk, check_value(field, value, &walk->path, walk->faults));
    if (walk->judges_words && field->words != WORDS_ANY)
        note(walk, check_words(field, *(const struct text *)value, &walk->path, walk->faults));
    if (walk->judges_words && may_have_card(field))
        note(walk, check_no_card(field, value, &walk->path, walk->faults));
}

/* A count without items can only be a mistake of the sender, and would be read as memory. */
static void walk_counted(struct walk *walk, const struct field *field, const void *value)
{
    const char *base = value;
    const char *items = *(const char *const *)(const void *)(base + field->offset);
    const size_t count = *(const size_t *)(const void *)(base + field->presence_offset);
    const size_t most = field->type == FIELD_MAP ? (size_t)field->max : field->list_max;
    const size_t stride = field_value_size(field);
    if (count > most || (count > 0 && items == NULL)) {
        note(walk, refuse_count(field, &walk->path, walk->faults, "There are too many entries."));
        return;
    }
    if (field->type == FIELD_MAP && (int64_t)count < field->min)
        note(walk, refuse_count(field, &walk->path, walk->faults, "There are too few entries."));
    for (size_t i = 0; i < count; i++) {
        if (field->type == FIELD_MAP) {
            const struct text_pair *pairs = (const void *)items;
            const size_t before = walk_enter(walk, pairs[i].name);
            note(walk, check_entry(field, pairs, i, &walk->path, walk->faults));
            if (walk->judges_words && may_have_card(field))
                note(walk, check_no_card(field, &pairs[i], &walk->path, walk->faults));
            field_path_pop(&walk->path, before);
        } else {
            const size_t before = walk_enter_index(walk, i);
            walk_value(walk, field, items + i * stride);
            field_path_pop(&walk->path, before);
        }
    }
}

static void walk_field(struct walk *walk, const struct field *field, const void *value)
{
    if (is_counted(field))
        walk_counted(walk, field, value);
    else if (field_is_present(field, value))
        walk_value(walk, field, (const char *)value + field->offset);
}

static void walk_struct(struct walk *walk, const struct schema *schema, const void *value)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        const size_t before = walk_enter(walk, text_of(field->name));
        walk_field(walk, field, value);
        field_path_pop(&walk->path, before);
    }
}

enum status validate(const struct schema *schema, const void *value, struct field_faults *faults)
{
    assert(schema != NULL);
    assert(value != NULL);
    struct walk walk;
    walk.path.length = 0;
    walk.path.text[0] = '\0';
    walk.faults = faults;
    walk.judges_words = false;
    walk.first = STATUS_OK;
    walk_struct(&walk, schema, value);
    return walk.first;
}

enum status validate_field(const struct field *field, const void *value,
                           const struct field_path *path, struct field_faults *faults)
{
    assert(field != NULL);
    assert(value != NULL);
    struct walk walk = {
        .path = *path, .faults = faults, .judges_words = true, .first = STATUS_OK
    };
    walk_field(&walk, field, value);
    return walk.first;
}
