/* Bounded JSON. */
#include "messages/json_document.h"

#include "runtime/json_bounds.h"

void json_document_release(json_t **json)
{
    assert(json != NULL);
    json_decref(*json);
}

enum status json_document_read(struct text text, json_t **ret_object)
{
    return json_document_read_long(text, JSON_DOCUMENT_VALUES_MAX, ret_object);
}

enum status json_document_read_long(struct text text, size_t values_max, json_t **ret_object)
{
    assert(ret_object != NULL);
    if (text.length == 0 || !json_is_bounded(text, JSON_DOCUMENT_DEPTH_MAX, values_max))
        return STATUS_MALFORMED;
    json_t *json = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL) return STATUS_MALFORMED;
    if (!json_is_object(json)) {
        json_decref(json);
        return STATUS_MALFORMED;
    }
    *ret_object = json;
    return STATUS_OK;
}

enum status json_document_text(const json_t *object, const char *name, size_t length_max,
                               struct arena *arena, struct text *ret_text)
{
    assert(object != NULL);
    assert(name != NULL);
    assert(ret_text != NULL);
    const json_t *member = json_object_get(object, name);
    if (member == NULL || json_is_null(member)) return STATUS_NOT_FOUND;
    if (!json_is_string(member) || json_string_length(member) > length_max) return STATUS_MALFORMED;
    *ret_text =
        text_copy(arena, (struct text){ json_string_value(member), json_string_length(member) });
    return STATUS_OK;
}

bool json_document_lists(const json_t *object, const char *name, struct text text)
{
    assert(object != NULL);
    assert(name != NULL);
    const json_t *list = json_object_get(object, name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const struct text value = { json_string_value(item), json_string_length(item) };
        if (json_is_string(item) && text_equals(value, text)) return true;
    }
    return false;
}
