/* Pages of lists, and ids that become objects. */
#include <string.h>

#include "tests/testbank/call.h"
#include "tests/testbank/render.h"

enum { LIMIT_DEFAULT = 10, LIMIT_MAX = 100, EXPANSIONS_MAX = 20, EXPANSION_DEPTH_MAX = 4 };

struct page {
    int64_t limit, after_s, until_s; /* created: from and to, both included */
    size_t start;                    /* position of the first to look at, and one more */
    bool is_backward;                /* towards the newer ones */
};

static bool read_cursor(struct call *call, enum object_kind kind, const char *name,
                        const struct object **ret_object)
{
    const struct text id = param(call, name);
    *ret_object = NULL;
    if (id.data == NULL) return true;
    *ret_object = bank_find(call->bank, call->account, kind, id);
    if (*ret_object != NULL) return true;
    refuse_input(call, "resource_missing", name, "No such object: '%s'", id.data);
    return false;
}

static bool read_times(struct call *call, struct page *page)
{
    int64_t gt = INT64_MIN, lt = INT64_MAX;
    const int64_t max = INT64_MAX / SECONDS_US;
    if (!param_int(call, "created[gt]", 0, max, &gt)) return false;
    if (!param_int(call, "created[gte]", 0, max, &page->after_s)) return false;
    if (!param_int(call, "created[lt]", 0, max, &lt)) return false;
    if (!param_int(call, "created[lte]", 0, max, &page->until_s)) return false;
    if (gt != INT64_MIN && gt + 1 > page->after_s) page->after_s = gt + 1;
    if (lt != INT64_MAX && lt - 1 < page->until_s) page->until_s = lt - 1;
    return true;
}

static bool read_page(struct call *call, enum object_kind kind, struct page *page)
{
    *page = (struct page){ .limit = LIMIT_DEFAULT, .after_s = INT64_MIN, .until_s = INT64_MAX };
    const struct object *after, *before;
    if (!param_int(call, "limit", 1, LIMIT_MAX, &page->limit)) return false;
    if (!read_cursor(call, kind, "starting_after", &after)) return false;
    if (!read_cursor(call, kind, "ending_before", &before)) return false;
    if (!read_times(call, page)) return false;
    if (after != NULL && before != NULL) {
        refuse_input(call, NULL, "ending_before",
                     "Received both starting_after and ending_before: give one.");
        return false;
    }
    page->is_backward = before != NULL;
    page->start = call->bank->objects[kind].count;
    if (after != NULL) page->start = after->position;
    if (before != NULL) page->start = before->position + 1;
    return true;
}

static bool is_wanted(const struct call *call, const struct page *page, const struct object *object,
                      bool (*matches)(const struct call *call, const struct object *object))
{
    const int64_t created_s = object->created_us / SECONDS_US;
    return object->account == call->account && created_s >= page->after_s &&
           created_s <= page->until_s && (matches == NULL || matches(call, object));
}

/* One more than the limit is looked for: it tells whether there are more. */
static size_t collect(const struct call *call, enum object_kind kind, const struct page *page,
                      bool (*matches)(const struct call *call, const struct object *object),
                      const struct object *found[LIMIT_MAX + 1])
{
    const struct list *all = &call->bank->objects[kind];
    size_t count = 0, i = page->start;
    while (count <= (size_t)page->limit && (page->is_backward ? i < all->count : i > 0)) {
        const struct object *object = all->items[page->is_backward ? i : i - 1];
        if (is_wanted(call, page, object, matches)) found[count++] = object;
        i = page->is_backward ? i + 1 : i - 1;
    }
    return count;
}

json_t *list_page(struct call *call, enum object_kind kind, const char *url,
                  bool (*matches)(const struct call *call, const struct object *object))
{
    struct page page;
    if (!read_page(call, kind, &page)) return NULL;
    const struct object *found[LIMIT_MAX + 1];
    size_t count = collect(call, kind, &page, matches, found);
    const bool has_more = count > (size_t)page.limit;
    if (has_more) count--;
    json_t *data = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct object *object = found[page.is_backward ? count - 1 - i : i];
        (void)json_array_append_new(data, render(call->bank, object));
    }
    return json_pack("{s:s, s:o, s:b, s:s}", "object", "list", "data", data, "has_more",
                     (int)has_more, "url", url);
}

/* metadata['name']:'value', of the query language the part that finds something again. */
static bool read_query(struct text query, struct text *ret_name, struct text *ret_value)
{
    static const char head[] = "metadata['", middle[] = "']:'";
    if (query.data == NULL || !text_starts_with(query, TEXT("metadata['"))) return false;
    const char *name = query.data + sizeof head - 1, *end = query.data + query.length;
    const char *split = memmem(name, (size_t)(end - name), middle, sizeof middle - 1);
    if (split == NULL) return false;
    const char *value = split + sizeof middle - 1;
    if (value >= end || memchr(value, '\'', (size_t)(end - value)) != end - 1) return false;
    *ret_name = (struct text){ name, (size_t)(split - name) };
    *ret_value = (struct text){ value, (size_t)(end - 1 - value) };
    return true;
}

static bool query_matches(const struct call *call, const struct object *object)
{
    const struct metadata *metadata = &((const struct intent *)object)->metadata;
    struct text name, value;
    if (!read_query(param(call, "query"), &name, &value)) return false;
    for (size_t i = 0; i < metadata->count; i++)
        if (text_equals_string(name, metadata->pairs[i].name) &&
            text_equals_string(value, metadata->pairs[i].value))
            return true;
    return false;
}

json_t *search_intents(struct call *call)
{
    struct text name, value;
    if (!read_query(param(call, "query"), &name, &value))
        return refuse_input(call, NULL, "query",
                            "Of the query language metadata['name']:'value' "
                            "is known here.");
    json_t *page = list_page(call, OBJECT_INTENT, "/v1/payment_intents/search", query_matches);
    if (page != NULL) (void)json_object_set_new(page, "object", json_string("search_result"));
    return page;
}

/* The next part of a path, whose rest is left in `path`. */
static struct text take_part(struct text *path)
{
    const char *dot = memchr(path->data, '.', path->length);
    const size_t length = dot == NULL ? path->length : (size_t)(dot - path->data);
    const struct text part = { .data = path->data, .length = length };
    const size_t taken = dot == NULL ? length : length + 1;
    *path = (struct text){ .data = path->data + taken, .length = path->length - taken };
    return part;
}

/* The object at a name, in the place of its id; NULL: there is nothing to expand. */
static json_t *expand_one(const struct call *call, json_t *parent, const char *name)
{
    json_t *value = json_object_get(parent, name);
    if (!json_is_string(value)) return value;
    const struct object *object =
        bank_find_any(call->bank, call->account, text_of(json_string_value(value)));
    if (object == NULL) return NULL;
    (void)json_object_set_new(parent, name, render(call->bank, object));
    return json_object_get(parent, name);
}

static bool check_path(struct text path)
{
    static const char expandable[] = "balance_transaction charge customer latest_charge "
                                     "payment_intent payment_method source";
    if (text_starts_with(path, TEXT("data."))) (void)take_part(&path);
    if (path.length == 0) return false;
    for (size_t depth = 0; path.length > 0; depth++) {
        if (depth == EXPANSION_DEPTH_MAX || !form_name_is_allowed(take_part(&path), expandable)) {
            return false;
        }
    }
    return true;
}

bool expand_check(struct call *call)
{
    size_t count = 0;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_field *field = &call->form.fields[i];
        if (form_child(field->name, "expand").data == NULL) continue;
        if (++count > EXPANSIONS_MAX) {
            refuse_input(call, NULL, "expand", "At most %d properties are expanded.",
                         EXPANSIONS_MAX);
            return false;
        }
        if (!check_path(field->value)) {
            refuse_input(call, NULL, "expand", "This property cannot be expanded (%s).",
                         field->value.data);
            return false;
        }
    }
    return true;
}

static void expand_path(const struct call *call, json_t *parent, struct text path)
{
    while (path.length > 0 && parent != NULL)
        parent = expand_one(call, parent, text_string(call->arena, take_part(&path)));
}

void expand(const struct call *call, json_t *answer)
{
    json_t *data = json_object_get(answer, "data");
    for (size_t i = 0; i < call->form.count; i++) {
        struct text path = call->form.fields[i].value;
        if (form_child(call->form.fields[i].name, "expand").data == NULL) continue;
        if (!text_starts_with(path, TEXT("data."))) {
            expand_path(call, answer, path);
            continue;
        }
        (void)take_part(&path);
        for (size_t k = 0; k < json_array_size(data); k++)
            expand_path(call, json_array_get(data, k), path);
    }
}
