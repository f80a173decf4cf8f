/* One walk over the bytes: brackets, commas and names decide the path, everything else is skipped.
 */
#include "messages/json_path.h"

#include "messages/codec_json.h"

/* An object or array that is open. */
struct level {
    bool is_array;
    size_t index;  /* of the entry, in an array */
    size_t length; /* of the path to it */
};

struct json_walk {
    struct level levels[JSON_DEPTH_MAX + 1];
    size_t depth;
    bool is_name_next;
    struct field_path *path;
};

static struct level *walk_top(struct json_walk *walk)
{
    return walk->depth == 0 ? NULL : &walk->levels[walk->depth - 1];
}

static void walk_open(struct json_walk *walk, bool is_array)
{
    if (walk->depth == ARRAY_LENGTH(walk->levels)) return;
    walk->levels[walk->depth++] =
        (struct level){ .is_array = is_array, .length = walk->path->length };
    walk->is_name_next = !is_array;
    if (is_array) (void)field_path_push_index(walk->path, 0);
}

static void walk_close(struct json_walk *walk)
{
    const struct level *top = walk_top(walk);
    if (top == NULL) return;
    field_path_pop(walk->path, top->length);
    walk->depth--;
    walk->is_name_next = false;
}

static void walk_next(struct json_walk *walk)
{
    struct level *top = walk_top(walk);
    if (top == NULL) return;
    field_path_pop(walk->path, top->length);
    walk->is_name_next = !top->is_array;
    if (top->is_array) (void)field_path_push_index(walk->path, ++top->index);
}

/* Returns where the string that begins at `start` ends: behind its quotation mark. */
static size_t string_end(struct text json, size_t start)
{
    size_t i = start + 1;
    while (i < json.length && json.data[i] != '"')
        i += json.data[i] == '\\' ? 2 : 1;
    return i + 1 < json.length ? i + 1 : json.length;
}

static size_t walk_string(struct json_walk *walk, struct text json, size_t start)
{
    const size_t end = string_end(json, start);
    if (!walk->is_name_next) return end;
    walk->is_name_next = false;
    if (end - start >= 2)
        (void)field_path_push(walk->path, (struct text){ json.data + start + 1, end - start - 2 });
    return end;
}

void json_path_at(struct text json, size_t end, struct field_path *ret_path)
{
    struct json_walk walk = { .path = ret_path };
    *ret_path = (struct field_path){ .place = PLACE_BODY };
    const struct text read = { json.data, end < json.length ? end : json.length };
    for (size_t i = 0; i < read.length;) {
        const char byte = read.data[i];
        if (byte == '"') {
            i = walk_string(&walk, read, i);
            continue;
        }
        if (byte == '{' || byte == '[') walk_open(&walk, byte == '[');
        if (byte == '}' || byte == ']') walk_close(&walk);
        if (byte == ',') walk_next(&walk);
        i++;
    }
}
