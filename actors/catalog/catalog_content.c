/* Contents of products: comparing, merging, and saying in which way two differ. */
#include "actors/catalog/catalog_content.h"

#include "actors/catalog/catalog_picture.h"

enum { ITEMS_MAX = 700, OPTIONS_TEXT_MAX = 2000 };

#define BIT(field) (1U << CATALOG_CONTENT_FIELD_##field)

/* ---- from an item, and back ---- */

static const struct catalog_content_picture *describe_pictures(struct arena *arena,
                                                               const struct catalog_item *item)
{
    struct catalog_content_picture *pictures =
        arena_allocate_array(arena, item->pictures_count, sizeof *pictures);
    for (size_t i = 0; i < item->pictures_count; i++)
        pictures[i] = (struct catalog_content_picture){ .id = item->pictures[i].id,
                                                        .digest = item->pictures[i].digest,
                                                        .width = item->pictures[i].width,
                                                        .height = item->pictures[i].height,
                                                        .alt = item->pictures[i].alt };
    return pictures;
}

struct catalog_product_content catalog_content_of(struct arena *arena,
                                                  const struct catalog_item *item)
{
    struct catalog_content_options *options =
        arena_allocate_array(arena, item->variants_count, sizeof *options);
    for (size_t i = 0; i < item->variants_count; i++)
        options[i] =
            (struct catalog_content_options){ .variant_id = item->variants[i].id,
                                              .options = item->variants[i].options,
                                              .options_count = item->variants[i].options_count };
    return (struct catalog_product_content){
        .name = item->name,
        .description = item->description,
        .seo_title = item->seo_title,
        .seo_description = item->seo_description,
        .category = { .id = item->category_id, .path = item->category_path },
        .images = item->images,
        .images_count = item->images_count,
        .pictures = describe_pictures(arena, item),
        .pictures_count = item->pictures_count,
        .attributes = catalog_attributes_describe(arena, item->attributes, item->attributes_count),
        .attributes_count = item->attributes_count,
        .tax_class = item->tax_class,
        .is_digital = item->is_digital,
        .options = options,
        .options_count = item->variants_count,
    };
}

static void put_pictures(struct arena *arena, const struct catalog_product_content *content,
                         struct catalog_item *item)
{
    struct catalog_picture *pictures =
        arena_allocate_array(arena, content->pictures_count, sizeof *pictures);
    for (size_t i = 0; i < content->pictures_count; i++)
        pictures[i] = (struct catalog_picture){ .id = content->pictures[i].id,
                                                .digest = content->pictures[i].digest,
                                                .width = content->pictures[i].width,
                                                .height = content->pictures[i].height,
                                                .alt = content->pictures[i].alt };
    item->pictures = pictures;
    item->pictures_count = content->pictures_count;
}

static void put_attributes(struct arena *arena, const struct catalog_product_content *content,
                           struct catalog_item *item)
{
    struct catalog_item_attribute *attributes =
        arena_allocate_array(arena, content->attributes_count, sizeof *attributes);
    for (size_t i = 0; i < content->attributes_count; i++) {
        const struct catalog_product_attribute *said = &content->attributes[i];
        attributes[i] = (struct catalog_item_attribute){ .key = said->key,
                                                         .name = said->name,
                                                         .unit = said->unit,
                                                         .value = said->value,
                                                         .type = said->type };
        if (!said->has_unit) attributes[i].unit = TEXT("");
    }
    item->attributes = attributes;
    item->attributes_count = content->attributes_count;
}

static const struct catalog_content_options *
find_options(const struct catalog_product_content *content, struct uuid variant_id)
{
    for (size_t i = 0; i < content->options_count; i++)
        if (uuid_equals(content->options[i].variant_id, variant_id)) return &content->options[i];
    return NULL;
}

static void put_options(struct arena *arena, const struct catalog_product_content *content,
                        struct catalog_item *item)
{
    struct catalog_item_variant *variants =
        arena_allocate_array(arena, item->variants_count, sizeof *variants);
    for (size_t i = 0; i < item->variants_count; i++) {
        variants[i] = item->variants[i];
        const struct catalog_content_options *said = find_options(content, variants[i].id);
        if (said == NULL) continue;
        variants[i].options = said->options;
        variants[i].options_count = said->options_count;
    }
    item->variants = variants;
}

void catalog_content_put(struct arena *arena, const struct catalog_product_content *content,
                         uint32_t fields, struct catalog_item *item)
{
    if ((fields & BIT(NAME)) != 0) item->name = content->name;
    if ((fields & BIT(DESCRIPTION)) != 0) item->description = content->description;
    if ((fields & BIT(SEO_TITLE)) != 0) item->seo_title = content->seo_title;
    if ((fields & BIT(SEO_DESCRIPTION)) != 0) item->seo_description = content->seo_description;
    if ((fields & BIT(CATEGORY)) != 0) {
        item->category_id = content->category.id;
        item->category_path = content->category.path;
    }
    if ((fields & BIT(IMAGES)) != 0) {
        item->images = content->images;
        item->images_count = content->images_count;
    }
    if ((fields & BIT(PICTURES)) != 0) put_pictures(arena, content, item);
    if ((fields & BIT(ATTRIBUTES)) != 0) put_attributes(arena, content, item);
    if ((fields & BIT(TAX_CLASS)) != 0) item->tax_class = content->tax_class;
    if ((fields & BIT(IS_DIGITAL)) != 0) item->is_digital = content->is_digital;
    if ((fields & BIT(OPTIONS)) != 0) put_options(arena, content, item);
}

/* ---- comparing ---- */

static bool are_same_texts(const struct text *a, size_t a_count, const struct text *b,
                           size_t b_count)
{
    if (a_count != b_count) return false;
    for (size_t i = 0; i < a_count; i++)
        if (!text_equals(a[i], b[i])) return false;
    return true;
}

static bool are_same_pictures(const struct catalog_product_content *a,
                              const struct catalog_product_content *b)
{
    if (a->pictures_count != b->pictures_count) return false;
    for (size_t i = 0; i < a->pictures_count; i++)
        if (!uuid_equals(a->pictures[i].id, b->pictures[i].id) ||
            !text_equals(a->pictures[i].alt, b->pictures[i].alt))
            return false;
    return true;
}

static const struct catalog_product_attribute *
find_attribute(const struct catalog_product_content *content, struct text key)
{
    for (size_t i = 0; i < content->attributes_count; i++)
        if (text_equals(content->attributes[i].key, key)) return &content->attributes[i];
    return NULL;
}

static bool are_same_attributes(const struct catalog_product_content *a,
                                const struct catalog_product_content *b)
{
    if (a->attributes_count != b->attributes_count) return false;
    for (size_t i = 0; i < a->attributes_count; i++) {
        const struct catalog_product_attribute *other = find_attribute(b, a->attributes[i].key);
        if (other == NULL || !text_equals(other->value, a->attributes[i].value)) return false;
    }
    return true;
}

/* Of those variants that both have: which there are is no part of what they say. */
static bool are_same_options(const struct catalog_product_content *a,
                             const struct catalog_product_content *b)
{
    for (size_t i = 0; i < a->options_count; i++) {
        const struct catalog_content_options *mine = &a->options[i];
        const struct catalog_content_options *other = find_options(b, mine->variant_id);
        if (other != NULL && !catalog_options_are_same(mine->options, mine->options_count,
                                                       other->options, other->options_count))
            return false;
    }
    return true;
}

/* Wishes are added and never changed, so their options tell them apart. */
static bool are_same_wishes(const struct catalog_product_content *a,
                            const struct catalog_product_content *b)
{
    if (a->new_variants_count != b->new_variants_count) return false;
    for (size_t i = 0; i < a->new_variants_count; i++) {
        const struct catalog_new_variant *x = &a->new_variants[i], *y = &b->new_variants[i];
        if (!catalog_options_are_same(x->options, x->options_count, y->options, y->options_count))
            return false;
    }
    return true;
}

uint32_t catalog_content_difference(const struct catalog_product_content *a,
                                    const struct catalog_product_content *b)
{
    uint32_t fields = 0;
    if (!text_equals(a->name, b->name)) fields |= BIT(NAME);
    if (!text_equals(a->description, b->description)) fields |= BIT(DESCRIPTION);
    if (!text_equals(a->seo_title, b->seo_title)) fields |= BIT(SEO_TITLE);
    if (!text_equals(a->seo_description, b->seo_description)) fields |= BIT(SEO_DESCRIPTION);
    if (!uuid_equals(a->category.id, b->category.id)) fields |= BIT(CATEGORY);
    if (!are_same_texts(a->images, a->images_count, b->images, b->images_count))
        fields |= BIT(IMAGES);
    if (!are_same_pictures(a, b)) fields |= BIT(PICTURES);
    if (!are_same_attributes(a, b)) fields |= BIT(ATTRIBUTES);
    if (a->tax_class != b->tax_class) fields |= BIT(TAX_CLASS);
    if (a->is_digital != b->is_digital) fields |= BIT(IS_DIGITAL);
    if (!are_same_options(a, b)) fields |= BIT(OPTIONS);
    if (!are_same_wishes(a, b)) fields |= BIT(NEW_VARIANTS);
    return fields;
}

void catalog_content_copy(const struct catalog_product_content *from, uint32_t fields,
                          struct catalog_product_content *to)
{
#define COPY(field, member)                                                                        \
    if ((fields & BIT(field)) != 0) to->member = from->member
#define COPY_LIST(field, member)                                                                   \
    COPY(field, member);                                                                           \
    COPY(field, member##_count)
    COPY(NAME, name);
    COPY(DESCRIPTION, description);
    COPY(SEO_TITLE, seo_title);
    COPY(SEO_DESCRIPTION, seo_description);
    COPY(CATEGORY, category);
    COPY_LIST(IMAGES, images);
    COPY_LIST(PICTURES, pictures);
    COPY_LIST(ATTRIBUTES, attributes);
    COPY(TAX_CLASS, tax_class);
    COPY(IS_DIGITAL, is_digital);
    COPY_LIST(OPTIONS, options);
    COPY_LIST(NEW_VARIANTS, new_variants);
#undef COPY_LIST
#undef COPY
}

/* ---- changes ---- */

struct catalog_content_pair catalog_content_amend(const struct catalog_content_pair *open,
                                                  const struct catalog_product_content *live,
                                                  const struct catalog_product_content *laid,
                                                  const struct catalog_product_content *wanted)
{
    struct catalog_content_pair pair = { .before = *live, .after = *wanted };
    if (open == NULL) return pair;
    const uint32_t kept = catalog_content_difference(&open->before, &open->after) &
                          ~catalog_content_difference(laid, wanted) &
                          catalog_content_difference(live, wanted);
    catalog_content_copy(&open->before, kept, &pair.before);
    return pair;
}

uint32_t catalog_content_outdated(const struct catalog_content_pair *change,
                                  const struct catalog_product_content *live)
{
    return catalog_content_difference(&change->before, &change->after) &
           catalog_content_difference(&change->before, live) &
           catalog_content_difference(&change->after, live);
}

/* ---- the difference for people ---- */

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
        const struct catalog_product_attribute *other = find_attribute(new, old->attributes[i].key);
        add_item(items, old->attributes[i].key, &old->attributes[i].value,
                 other != NULL ? &other->value : NULL);
    }
    for (size_t i = 0; i < new->attributes_count; i++)
        if (find_attribute(old, new->attributes[i].key) == NULL)
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
        const struct catalog_content_options *is = find_options(new, was->variant_id);
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
    case CATALOG_CONTENT_FIELD_NEW_VARIANTS:
        for (size_t i = 0; i < new->new_variants_count; i++) {
            const struct text joined = join_options(items->arena, &new->new_variants[i]);
            add_item(items, text_format(items->arena, "%zu", i + 1), NULL, &joined);
        }
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
    const uint32_t lists =
        BIT(IMAGES) | BIT(PICTURES) | BIT(ATTRIBUTES) | BIT(OPTIONS) | BIT(NEW_VARIANTS);
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
