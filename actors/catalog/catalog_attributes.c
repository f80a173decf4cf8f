/* Handlers of attributes: what staff defines, what products of a category say; and what vendors and
 * files say of a product. */
#include "actors/catalog/catalog_attribute_store.h"
#include "actors/catalog/catalog_category_store.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_news.h"
#include "catalog_handlers.h"
#include "messages/normal_form.h"
#include "runtime/plain_text.h"

/* ---- definitions ---- */

enum status
catalog_handle_list_category_attributes(struct request *request,
                                        const struct catalog_list_category_attributes *query,
                                        struct catalog_category_attributes *ret_reply)
{
    struct catalog_category_row category;
    TRY(catalog_category_store_get(request, query->category_id, &category));
    return catalog_attribute_store_list(request, category.ancestors, category.ancestors_count,
                                        &ret_reply->data, &ret_reply->data_count);
}

/* What making and changing one have in common. */
struct wish {
    struct text name, unit;
    bool has_unit;
    const struct text *choices;
    size_t choices_count;
    bool is_required, is_filterable;
};

static enum status apply_wish(struct request *request, const struct wish *wish,
                              struct catalog_category_attribute *attribute)
{
    struct arena *arena = request_arena(request);
    struct text *choices = arena_allocate_array(arena, wish->choices_count, sizeof *choices);
    size_t index;
    attribute->name = normal_form(arena, text_trim(wish->name));
    if (!plain_text_is_name(attribute->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    attribute->unit = wish->has_unit ? normal_form(arena, text_trim(wish->unit)) : TEXT("");
    attribute->has_unit = attribute->unit.length > 0;
    if (!plain_text_is_line(attribute->unit))
        return request_refuse(request, "/unit", STATUS_INVALID_VALUE, PLAIN_TEXT_LINE_RULE);
    for (size_t i = 0; i < wish->choices_count; i++)
        choices[i] = normal_form(arena, text_trim(wish->choices[i]));
    const char *fault = catalog_attribute_choices_fault(arena, attribute->type, choices,
                                                        wish->choices_count, &index);
    if (fault != NULL)
        return request_refuse(
            request,
            wish->choices_count == 0 ? "/choices" : request_pointer_at(request, "/choices", index),
            STATUS_INVALID_VALUE, fault);
    attribute->choices = choices;
    attribute->choices_count = wish->choices_count;
    attribute->is_required = wish->is_required;
    attribute->is_filterable = wish->is_filterable;
    return STATUS_OK;
}

#define WISH_OF(command)                                                                           \
    ((struct wish){ .name = (command)->name,                                                       \
                    .has_unit = (command)->has_unit,                                               \
                    .unit = (command)->unit,                                                       \
                    .choices = (command)->choices,                                                 \
                    .choices_count = (command)->choices_count,                                     \
                    .is_required = (command)->has_is_required && (command)->is_required,           \
                    .is_filterable = (command)->has_is_filterable && (command)->is_filterable })

enum status
catalog_handle_create_category_attribute(struct request *request,
                                         const struct catalog_create_category_attribute *command,
                                         struct catalog_category_attribute *ret_reply)
{
    struct catalog_category_row category;
    struct catalog_category_attribute attribute = { .category_id = command->category_id,
                                                    .key = command->key,
                                                    .type = command->type,
                                                    .version = 1 };
    const struct wish wish = WISH_OF(command);
    int64_t count;
    bool is_taken;
    TRY(catalog_category_store_get(request, command->category_id, &category));
    if (!catalog_attribute_key_is_good(command->key))
        return request_refuse(request, "/key", STATUS_INVALID_VALUE, CATALOG_ATTRIBUTE_KEY_RULE);
    TRY(apply_wish(request, &wish, &attribute));
    TRY(catalog_attribute_store_count(request, category.id, command->key, &count, &is_taken));
    if (is_taken) return request_refuse(request, "/key", STATUS_ATTRIBUTE_EXISTS, NULL);
    if (count >= CATALOG_ATTRIBUTES_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_ATTRIBUTES, CATALOG_ATTRIBUTES_MAX,
                                   NULL);
    attribute.id = request_new_id(request);
    catalog_attribute_store_insert(request, &attribute);
    request_audit(request, "atr", attribute.id, (struct text){ 0 });
    request_set_http_status(request, 201);
    *ret_reply = attribute;
    return STATUS_OK;
}

static enum status open_attribute(struct request *request, struct uuid category,
                                  struct uuid attribute, struct versions versions,
                                  struct catalog_category_attribute *ret_attribute)
{
    TRY(catalog_attribute_store_load(request, category, attribute, ret_attribute));
    if (!versions_have(versions, ret_attribute->version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "atr", attribute, (struct text){ 0 });
    return STATUS_OK;
}

enum status
catalog_handle_change_category_attribute(struct request *request,
                                         const struct catalog_change_category_attribute *command,
                                         struct catalog_category_attribute *ret_reply)
{
    struct catalog_category_attribute attribute;
    const struct wish wish = WISH_OF(command);
    TRY(open_attribute(request, command->category_id, command->attribute_id, VERSIONS_OF(command),
                       &attribute));
    TRY(apply_wish(request, &wish, &attribute));
    catalog_attribute_store_save(request, &attribute);
    attribute.version++;
    *ret_reply = attribute;
    return catalog_news_of_category(request, attribute.category_id);
}

enum status
catalog_handle_remove_category_attribute(struct request *request,
                                         const struct catalog_remove_category_attribute *command)
{
    struct catalog_category_attribute attribute;
    TRY(open_attribute(request, command->category_id, command->attribute_id, VERSIONS_OF(command),
                       &attribute));
    catalog_attribute_store_delete(request, &attribute);
    return catalog_news_of_category(request, attribute.category_id);
}

/* ---- what a product says ---- */

static const struct text_pair *find_wish(const struct catalog_attribute_wish *wish, struct text key)
{
    for (size_t i = 0; i < wish->count; i++) {
        if (text_equals(wish->pairs[i].name, key)) return &wish->pairs[i];
    }
    return NULL;
}

/* What the product says of the attribute already; empty: nothing, or something else by now. */
static struct text find_kept(struct arena *arena, const struct catalog_item *item,
                             const struct catalog_category_attribute *attribute)
{
    struct text value = TEXT("");
    for (size_t i = 0; i < item->attributes_count; i++) {
        if (!text_equals(item->attributes[i].key, attribute->key)) continue;
        if (catalog_attribute_read(arena, attribute, item->attributes[i].value, &value) != NULL)
            return TEXT("");
    }
    return value;
}

static enum status refuse_value(struct request *request, struct text key, const char *why)
{
    const struct text pointer =
        text_format(request_arena(request), "/attributes/%.*s", (int)key.length, key.data);
    return request_refuse(request, pointer.data, STATUS_INVALID_VALUE, why);
}

static enum status refuse_unknown(struct request *request,
                                  const struct catalog_category_attribute *known, size_t count,
                                  const struct catalog_attribute_wish *wish)
{
    for (size_t i = 0; i < wish->count; i++) {
        const struct text key = wish->pairs[i].name;
        const bool says_nothing = wish->keeps_others && text_trim(wish->pairs[i].value).length == 0;
        if (says_nothing || catalog_attribute_find(known, count, key) != NULL) continue;
        if (catalog_attribute_key_is_good(key))
            return refuse_value(request, key, "The category has no such attribute.");
        return request_refuse(request, "/attributes", STATUS_INVALID_VALUE,
                              CATALOG_ATTRIBUTE_KEY_RULE);
    }
    return STATUS_OK;
}

enum status catalog_edit_set_attributes(struct request *request,
                                        const struct catalog_attribute_wish *wish,
                                        struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const struct catalog_category_attribute *known;
    size_t known_count, count = 0;
    TRY(catalog_attribute_store_list(request, item->ancestors, item->ancestors_count, &known,
                                     &known_count));
    TRY(refuse_unknown(request, known, known_count, wish));
    struct catalog_item_attribute *attributes =
        arena_allocate_array(arena, known_count, sizeof *attributes);
    for (size_t i = 0; i < known_count; i++) {
        const struct text_pair *said = find_wish(wish, known[i].key);
        struct text value =
            wish->keeps_others && said == NULL ? find_kept(arena, item, &known[i]) : TEXT("");
        const bool is_said = said != NULL && text_trim(said->value).length > 0;
        const char *fault =
            is_said ? catalog_attribute_read(arena, &known[i], said->value, &value) : NULL;
        if (fault != NULL) return refuse_value(request, known[i].key, fault);
        if (value.length == 0 && known[i].is_required && wish->needs_all)
            return refuse_value(request, known[i].key,
                                "Products of this category say it before they are published.");
        if (value.length == 0) continue;
        if (count == CATALOG_ATTRIBUTES_MAX)
            return request_refuse(request, "/attributes", STATUS_INVALID_VALUE,
                                  "A product has 50 attributes at most.");
        attributes[count++] = (struct catalog_item_attribute){ .key = known[i].key,
                                                               .name = known[i].name,
                                                               .unit = known[i].unit,
                                                               .type = known[i].type,
                                                               .value = value };
    }
    item->attributes = attributes;
    item->attributes_count = count;
    return STATUS_OK;
}
