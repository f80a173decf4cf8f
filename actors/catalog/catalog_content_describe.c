/* In which way two contents differ, for people. */
#include <inttypes.h>

#include "actors/catalog/catalog_content_parts.h"
#include "actors/catalog/catalog_picture.h"

enum { ITEMS_MAX = 700, OPTIONS_TEXT_MAX = 2000 };

#define BIT(field) (1U << CATALOG_CONTENT_FIELD_##field)

struct items {
    struct arena *arena;
    struct catalog_changed_item *items;
    size_t count;
};

static void add_item(struct items *items, struct text name, const struct text *old,
                     const struct text *new)
{
    if (items->count == ITEMS_MAX) return;
    if (old != NULL && new != NULL && text_equals(*old, *new)) return;
    items->items[items->count++] =
        (struct catalog_changed_item){ .name = name,
                                       .has_before = old != NULL,
                                       .before = old != NULL ? *old : TEXT(""),
                                       .has_after = new != NULL,
                                       .after = new != NULL ? *new : TEXT("") };
}

/* What is said of entry `i` of a list of links or uploads, and which one it is. */
struct picture_list {
    const struct catalog_product_content *content;
    bool is_uploads;
};

static size_t count_of(const struct picture_list *list)
{
    return list->is_uploads ? list->content->pictures_count : list->content->images_count;
}

static struct text name_of(struct arena *arena, const struct picture_list *list, size_t i)
{
    return list->is_uploads
               ? catalog_picture_address(arena, list->content->pictures[i].digest, 2048)
               : list->content->images[i];
}

static struct text place_of(struct arena *arena, const struct picture_list *list, size_t i)
{
    if (!list->is_uploads || list->content->pictures[i].alt.length == 0)
        return text_format(arena, "%zu", i + 1);
    const struct text alt = list->content->pictures[i].alt;
    return text_format(arena, "%zu: %.*s", i + 1, (int)alt.length, alt.data);
}

static bool find_place(struct items *items, const struct picture_list *list, struct text name,
                       struct text *ret_place)
{
    for (size_t i = 0; i < count_of(list); i++) {
        if (!text_equals(name_of(items->arena, list, i), name)) continue;
        *ret_place = place_of(items->arena, list, i);
        return true;
    }
    return false;
}

static void compare_pictures(struct items *items, const struct picture_list *old,
                             const struct picture_list *new)
{
    struct text other;
    for (size_t i = 0; i < count_of(old); i++) {
        const struct text name = name_of(items->arena, old, i);
        const struct text place = place_of(items->arena, old, i);
        add_item(items, name, &place, find_place(items, new, name, &other) ? &other : NULL);
    }
    for (size_t i = 0; i < count_of(new); i++) {
        const struct text name = name_of(items->arena, new, i);
        const struct text place = place_of(items->arena, new, i);
        if (!find_place(items, old, name, &other)) add_item(items, name, NULL, &place);
    }
}

static void compare_attributes(struct items *items, const struct catalog_product_content *old,
                               const struct catalog_product_content *new)
{
    for (size_t i = 0; i < old->attributes_count; i++) {
        const struct catalog_product_attribute *other =
            catalog_content_find_attribute(new, old->attributes[i].key);
        add_item(items, old->attributes[i].key, &old->attributes[i].value,
                 other != NULL ? &other->value : NULL);
    }
    for (size_t i = 0; i < new->attributes_count; i++)
        if (catalog_content_find_attribute(old, new->attributes[i].key) == NULL)
            add_item(items, new->attributes[i].key, NULL, &new->attributes[i].value);
}

static const struct text *find_value(const struct text_pair *options, size_t count,
                                     struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals(options[i].name, name)) return &options[i].value;
    return NULL;
}

static void compare_options(struct items *items, const struct catalog_product_content *old,
                            const struct catalog_product_content *new)
{
    char id[ID_TEXT_MAX + 1];
    for (size_t i = 0; i < old->options_count; i++) {
        const struct catalog_content_options *was = &old->options[i];
        const struct catalog_content_options *is =
            catalog_content_find_options(new, was->variant_id);
        if (is == NULL) continue;
        (void)id_format("var", was->variant_id, id);
        for (size_t k = 0; k < was->options_count + is->options_count; k++) {
            const bool is_old = k < was->options_count;
            const struct text name =
                is_old ? was->options[k].name : is->options[k - was->options_count].name;
            const struct text *value = find_value(was->options, was->options_count, name);
            if (!is_old && value != NULL) continue; /* seen among the old ones */
            add_item(items, text_format(items->arena, "%s: %.*s", id, (int)name.length, name.data),
                     value, find_value(is->options, is->options_count, name));
        }
    }
}

static const struct text *said_barcode(const struct text *barcode)
{
    return barcode->length > 0 ? barcode : NULL;
}

static void compare_barcodes(struct items *items, const struct catalog_product_content *old,
                             const struct catalog_product_content *new)
{
    for (size_t i = 0; i < old->barcodes_count; i++) {
        const struct text *other = catalog_content_find_barcode(new, old->barcodes[i].variant_id);
        char *id = arena_allocate(items->arena, ID_TEXT_MAX + 1);
        if (other == NULL || text_equals(*other, old->barcodes[i].barcode)) continue;
        const size_t length = id_format("var", old->barcodes[i].variant_id, id);
        add_item(items, (struct text){ id, length }, said_barcode(&old->barcodes[i].barcode),
                 said_barcode(other));
    }
}

/* NULL: it is no part. */
static const struct text *said_quantity(struct arena *arena, const struct catalog_content_parts *of,
                                        struct uuid part_id)
{
    for (size_t i = 0; i < of->parts_count; i++) {
        if (!uuid_equals(of->parts[i].variant_id, part_id)) continue;
        struct text *said = arena_allocate(arena, sizeof *said);
        *said = text_format(arena, "%" PRId64, of->parts[i].quantity);
        return said;
    }
    return NULL;
}

static void compare_parts(struct items *items, const struct catalog_content_parts *was,
                          const struct catalog_content_parts *is)
{
    char bundle[ID_TEXT_MAX + 1], part[ID_TEXT_MAX + 1];
    (void)id_format("var", was->variant_id, bundle);
    for (size_t i = 0; i < was->parts_count + is->parts_count; i++) {
        const bool is_old = i < was->parts_count;
        const struct uuid id =
            is_old ? was->parts[i].variant_id : is->parts[i - was->parts_count].variant_id;
        const struct text *old = said_quantity(items->arena, was, id);
        if (!is_old && old != NULL) continue; /* seen among the old ones */
        (void)id_format("var", id, part);
        add_item(items, text_format(items->arena, "%s: %s", bundle, part), old,
                 said_quantity(items->arena, is, id));
    }
}

static void compare_bundles(struct items *items, const struct catalog_product_content *old,
                            const struct catalog_product_content *new)
{
    for (size_t i = 0; i < old->bundles_count; i++) {
        const struct catalog_content_parts *is =
            catalog_content_find_parts(new, old->bundles[i].variant_id);
        if (is != NULL) compare_parts(items, &old->bundles[i], is);
    }
}

static struct text join_options(struct arena *arena, const struct catalog_new_variant *variant)
{
    struct text_builder joined;
    text_builder_init(&joined, arena, OPTIONS_TEXT_MAX);
    for (size_t i = 0; i < variant->options_count; i++) {
        if (i > 0) text_builder_add(&joined, TEXT(", "));
        text_builder_add(&joined, variant->options[i].name);
        text_builder_add(&joined, TEXT(": "));
        text_builder_add(&joined, variant->options[i].value);
    }
    return joined.is_full ? TEXT("") : text_builder_view(&joined);
}

/* `old` NULL: the language is new. */
static void compare_translation(struct items *items, struct text language,
                                const struct catalog_product_translation *old,
                                const struct catalog_product_translation *new)
{
    struct catalog_content_said was[CATALOG_CONTENT_SAID], is[CATALOG_CONTENT_SAID];
    catalog_content_list_said(old, was);
    catalog_content_list_said(new, is);
    for (size_t i = 0; i < CATALOG_CONTENT_SAID; i++)
        if (was[i].text != NULL || is[i].text != NULL)
            add_item(items,
                     text_format(items->arena, "%.*s: %s", (int)language.length, language.data,
                                 was[i].name),
                     was[i].text, is[i].text);
}

static void compare_translations(struct items *items, const struct catalog_product_content *old,
                                 const struct catalog_product_content *new)
{
    for (size_t i = 0; i < old->translations_count; i++) {
        const struct text language = old->translations[i].language;
        compare_translation(items, language, &old->translations[i],
                            catalog_content_find_translation(new, language));
    }
    for (size_t i = 0; i < new->translations_count; i++) {
        const struct text language = new->translations[i].language;
        if (catalog_content_find_translation(old, language) == NULL)
            compare_translation(items, language, NULL, &new->translations[i]);
    }
}

static void compare_lists(struct items *items, enum catalog_content_field field,
                          const struct catalog_product_content *old,
                          const struct catalog_product_content *new)
{
    const bool is_uploads = field == CATALOG_CONTENT_FIELD_PICTURES;
    switch (field) {
    case CATALOG_CONTENT_FIELD_IMAGES:
    case CATALOG_CONTENT_FIELD_PICTURES:
        compare_pictures(items, &(struct picture_list){ old, is_uploads },
                         &(struct picture_list){ new, is_uploads });
        break;
    case CATALOG_CONTENT_FIELD_ATTRIBUTES:
        compare_attributes(items, old, new);
        break;
    case CATALOG_CONTENT_FIELD_OPTIONS:
        compare_options(items, old, new);
        break;
    case CATALOG_CONTENT_FIELD_PARTS:
        compare_bundles(items, old, new);
        break;
    case CATALOG_CONTENT_FIELD_BARCODES:
        compare_barcodes(items, old, new);
        break;
    case CATALOG_CONTENT_FIELD_NEW_VARIANTS:
        for (size_t i = 0; i < new->new_variants_count; i++) {
            const struct text joined = join_options(items->arena, &new->new_variants[i]);
            add_item(items, text_format(items->arena, "%zu", i + 1), NULL, &joined);
        }
        break;
    case CATALOG_CONTENT_FIELD_TRANSLATIONS:
        compare_translations(items, old, new);
        break;
    default:
        assert(false);
    }
}

/* What a field says that is no list; false of a list. */
static bool read_plain(const struct catalog_product_content *content,
                       enum catalog_content_field field, struct text *ret_text)
{
    const struct text texts[] = {
        [CATALOG_CONTENT_FIELD_NAME] = content->name,
        [CATALOG_CONTENT_FIELD_DESCRIPTION] = content->description,
        [CATALOG_CONTENT_FIELD_SEO_TITLE] = content->seo_title,
        [CATALOG_CONTENT_FIELD_SEO_DESCRIPTION] = content->seo_description,
        [CATALOG_CONTENT_FIELD_CATEGORY] = content->category.path,
        [CATALOG_CONTENT_FIELD_TAX_CLASS] = text_of(common_tax_class_names[content->tax_class]),
        [CATALOG_CONTENT_FIELD_IS_DIGITAL] = content->is_digital ? TEXT("true") : TEXT("false"),
    };
    const uint32_t lists = BIT(IMAGES) | BIT(PICTURES) | BIT(ATTRIBUTES) | BIT(OPTIONS) |
                           BIT(NEW_VARIANTS) | BIT(TRANSLATIONS) | BIT(BARCODES) | BIT(PARTS);
    if ((lists >> field & 1U) != 0) return false;
    assert((size_t)field < ARRAY_LENGTH(texts));
    *ret_text = texts[field];
    return true;
}

const struct catalog_changed_field *
catalog_content_describe(struct arena *arena, const struct catalog_content_pair *change,
                         const struct catalog_product_content *live, size_t *ret_count)
{
    const uint32_t fields = catalog_content_difference(&change->before, &change->after);
    const uint32_t outdated = catalog_content_outdated(change, live);
    struct catalog_changed_field *list =
        arena_allocate_array(arena, CATALOG_CONTENT_FIELD_COUNT, sizeof *list);
    size_t count = 0;
    for (int place = 0; place < CATALOG_CONTENT_FIELD_COUNT; place++) {
        const enum catalog_content_field field = (enum catalog_content_field)place;
        if ((fields >> field & 1U) == 0) continue;
        struct catalog_changed_field *changed = &list[count++];
        *changed = (struct catalog_changed_field){ .field = field,
                                                   .is_outdated = (outdated >> field & 1U) != 0 };
        changed->has_before = read_plain(&change->before, field, &changed->before);
        changed->has_after = read_plain(&change->after, field, &changed->after);
        changed->has_now = changed->is_outdated && read_plain(live, field, &changed->now);
        if (changed->has_after) continue;
        struct items items = { arena, arena_allocate_array(arena, ITEMS_MAX, sizeof *items.items),
                               0 };
        compare_lists(&items, field, &change->before, &change->after);
        changed->items = items.items;
        changed->items_count = items.count;
    }
    *ret_count = count;
    return list;
}
