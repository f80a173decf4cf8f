/* Reading Accept, and writing events. */
#include "gateway/event_text.h"

#include <string.h>
#include <strings.h>

#include "messages/codec_json.h"

enum { PAGE_BYTES_MAX = 8 << 20, WEIGHT_MAX = 1000 };

/* ---- who wants one ---- */

static struct text cut(struct text *rest, char separator)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
    const size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    const size_t used = end == NULL ? length : length + 1;
    const struct text part = { rest->data, length };
    *rest = (struct text){ rest->data + used, rest->length - used };
    return text_trim(part);
}

static bool is_named(struct text text, const char *name)
{
    return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

/* In thousandths: "q=0.5" is 500, anything else all of it. */
static int weight_of(struct text parameters)
{
    while (parameters.length > 0) {
        struct text value = cut(&parameters, ';');
        const struct text name = cut(&value, '=');
        if (!is_named(name, "q") || value.length == 0) continue;
        if (value.data[0] != '0') return WEIGHT_MAX;
        int weight = 0, unit = WEIGHT_MAX / 10;
        for (size_t i = 2; i < value.length && unit > 0; i++, unit /= 10) {
            if (value.data[i] < '0' || value.data[i] > '9') break;
            weight += (value.data[i] - '0') * unit;
        }
        return weight;
    }
    return WEIGHT_MAX;
}

bool event_text_is_wanted(struct text accept)
{
    int events = 0, json = 0;
    while (accept.length > 0) {
        struct text element = cut(&accept, ',');
        const struct text type = cut(&element, ';');
        if (is_named(type, "text/event-stream")) events = weight_of(element);
        if (is_named(type, "application/json")) json = weight_of(element);
    }
    return events > 0 && events >= json;
}

/* ---- events ---- */

static const struct field *find_field(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        if (strcmp(schema->fields[i].name, name) == 0) return &schema->fields[i];
    }
    return NULL;
}

static struct text value_text(const struct field *field, const void *value, struct arena *arena)
{
    const char *place = (const char *)value + field->offset;
    if (field->type == FIELD_TEXT) {
        struct text text;
        memcpy(&text, place, sizeof text);
        return text;
    }
    int64_t number;
    assert(field->type == FIELD_INT);
    memcpy(&number, place, sizeof number);
    return text_format(arena, "%lld", (long long)number);
}

const struct field *event_text_after(const struct schema *query)
{
    const struct field *after = find_field(query, "after");
    assert(after != NULL);
    assert((after->flags & FIELD_OPTIONAL) != 0);
    return after;
}

struct text event_text_take_after(const struct schema *query, void *body, struct arena *arena)
{
    const struct field *after = event_text_after(query);
    bool *has_after = (bool *)((char *)body + after->presence_offset);
    if (!*has_after) return (struct text){ .data = NULL };
    *has_after = false;
    return value_text(after, body, arena);
}

/* The generator has seen to it that each entry has one of them. */
static const struct field *place_field(const struct schema *entry)
{
    const struct field *place = find_field(entry, "sequence");
    if (place == NULL) place = find_field(entry, "cursor");
    assert(place != NULL);
    return place;
}

static const char *event_name(const struct schema *entry)
{
    const char *dot = strchr(entry->name, '.'); /* "order.order_event" */
    return dot == NULL ? entry->name : dot + 1;
}

static void write_event(const struct schema *entry, const void *value, struct text id,
                        struct text_builder *out)
{
    text_builder_add(out, TEXT("id: "));
    text_builder_add(out, id);
    text_builder_add(out, TEXT("\nevent: "));
    text_builder_add(out, text_of(event_name(entry)));
    /* Our JSON has no line breaks of its own, and escapes those of texts. */
    text_builder_add(out, TEXT("\ndata: "));
    json_encode(entry, value, out);
    text_builder_add(out, TEXT("\n\n"));
}

/* The list of entries in a reply. */
struct entries {
    const struct schema *schema;
    const struct field *place;
    char *first;
    size_t count;
};

static struct entries entries_of(const struct schema *reply, const void *value)
{
    const struct field *data = find_field(reply, "data");
    assert(data != NULL);
    struct entries entries = { .schema = data->record, .place = place_field(data->record) };
    memcpy(&entries.first, (const char *)value + data->offset, sizeof entries.first);
    memcpy(&entries.count, (const char *)value + data->presence_offset, sizeof entries.count);
    return entries;
}

void event_text_bind(const struct schema *reply, void *value, const uint8_t *cursor_tag,
                     struct arena *arena)
{
    const struct entries entries = entries_of(reply, value);
    if (entries.place->type != FIELD_TEXT) return;
    for (size_t i = 0; i < entries.count; i++) {
        char *place = entries.first + i * entries.schema->size + entries.place->offset;
        struct text cursor;
        memcpy(&cursor, place, sizeof cursor);
        cursor = cursor_bind(arena, cursor_tag, cursor);
        memcpy(place, &cursor, sizeof cursor);
    }
}

/* The reply's `next`, as its domain made it; empty if it has none that is a cursor. */
static struct text next_of(const struct schema *reply, const void *value)
{
    const struct field *next = cursor_field(reply, "next");
    bool has_next = false;
    struct text cursor = { .data = NULL };
    if (next != NULL)
        memcpy(&has_next, (const char *)value + next->presence_offset, sizeof has_next);
    if (has_next) memcpy(&cursor, (const char *)value + next->offset, sizeof cursor);
    return cursor;
}

/* Where a list without entries goes on: a client that has seen no event yet comes back with it. */
static void write_position(struct text position, const uint8_t *cursor_tag, struct arena *arena,
                           struct text_builder *out)
{
    if (position.length == 0 || cursor_tag == NULL) return;
    text_builder_add(out, TEXT("id: "));
    text_builder_add(out, cursor_bind(arena, cursor_tag, position));
    text_builder_add(out, TEXT("\n\n"));
}

enum status event_text_write(const struct schema *reply, void *value, const uint8_t *cursor_tag,
                             struct arena *arena, struct event_page *ret_page)
{
    const struct field *more = find_field(reply, "has_more");
    const struct entries entries = entries_of(reply, value);
    struct event_page page = { .count = entries.count, .position = next_of(reply, value) };
    struct text_builder out;
    assert(more != NULL);
    memcpy(&page.has_more, (char *)value + more->offset, sizeof page.has_more);
    page.has_more = page.has_more && page.count > 0;
    text_builder_init(&out, arena, PAGE_BYTES_MAX);
    if (page.count == 0) write_position(page.position, cursor_tag, arena, &out);
    if (page.count > 0 && page.position.length == 0)
        page.position = value_text(entries.place,
                                   entries.first + (page.count - 1) * entries.schema->size, arena);
    if (cursor_tag != NULL) event_text_bind(reply, value, cursor_tag, arena);
    for (size_t i = 0; i < entries.count; i++) {
        const char *each = entries.first + i * entries.schema->size;
        write_event(entries.schema, each, value_text(entries.place, each, arena), &out);
    }
    page.bytes = text_builder_view(&out);
    if (out.is_full) return STATUS_CORRUPT;
    *ret_page = page;
    return STATUS_OK;
}

struct text event_text_end(struct arena *arena, const char *reason)
{
    return text_format(arena, "event: end\ndata: {\"reason\":\"%s\"}\n\n", reason);
}
