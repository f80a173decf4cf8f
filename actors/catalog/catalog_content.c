/* Contents of products: comparing and merging. */
#include "actors/catalog/catalog_content_parts.h"

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
    struct catalog_content_barcode *barcodes =
        arena_allocate_array(arena, item->variants_count, sizeof *barcodes);
    for (size_t i = 0; i < item->variants_count; i++)
        barcodes[i] = (struct catalog_content_barcode){ .variant_id = item->variants[i].id,
                                                        .barcode = item->variants[i].barcode };
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
        .barcodes = barcodes,
        .barcodes_count = item->variants_count,
        .translations = item->translations,
        .translations_count = item->translations_count,
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

const struct catalog_content_options *
catalog_content_find_options(const struct catalog_product_content *content, struct uuid variant_id)
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
        const struct catalog_content_options *said =
            catalog_content_find_options(content, variants[i].id);
        if (said == NULL) continue;
        variants[i].options = said->options;
        variants[i].options_count = said->options_count;
    }
    item->variants = variants;
}

const struct text *catalog_content_find_barcode(const struct catalog_product_content *content,
                                                struct uuid variant_id)
{
    for (size_t i = 0; i < content->barcodes_count; i++)
        if (uuid_equals(content->barcodes[i].variant_id, variant_id))
            return &content->barcodes[i].barcode;
    return NULL;
}

static void put_barcodes(struct arena *arena, const struct catalog_product_content *content,
                         struct catalog_item *item)
{
    struct catalog_item_variant *variants =
        arena_copy(arena, item->variants, item->variants_count * sizeof *variants);
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct text *said = catalog_content_find_barcode(content, variants[i].id);
        if (said != NULL) variants[i].barcode = *said;
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
    if ((fields & BIT(BARCODES)) != 0) put_barcodes(arena, content, item);
    if ((fields & BIT(TRANSLATIONS)) != 0) {
        item->translations = content->translations;
        item->translations_count = content->translations_count;
    }
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

const struct catalog_product_attribute *
catalog_content_find_attribute(const struct catalog_product_content *content, struct text key)
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
        const struct catalog_product_attribute *other =
            catalog_content_find_attribute(b, a->attributes[i].key);
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
        const struct catalog_content_options *other =
            catalog_content_find_options(b, mine->variant_id);
        if (other != NULL && !catalog_options_are_same(mine->options, mine->options_count,
                                                       other->options, other->options_count))
            return false;
    }
    return true;
}

/* Likewise. */
static bool are_same_barcodes(const struct catalog_product_content *a,
                              const struct catalog_product_content *b)
{
    for (size_t i = 0; i < a->barcodes_count; i++) {
        const struct text *other = catalog_content_find_barcode(b, a->barcodes[i].variant_id);
        if (other != NULL && !text_equals(*other, a->barcodes[i].barcode)) return false;
    }
    return true;
}

const struct catalog_content_parts *
catalog_content_find_parts(const struct catalog_product_content *content, struct uuid variant_id)
{
    for (size_t i = 0; i < content->bundles_count; i++)
        if (uuid_equals(content->bundles[i].variant_id, variant_id)) return &content->bundles[i];
    return NULL;
}

static bool are_same_parts(const struct catalog_content_parts *a,
                           const struct catalog_content_parts *b)
{
    if (a->parts_count != b->parts_count) return false;
    for (size_t i = 0; i < a->parts_count; i++)
        if (!uuid_equals(a->parts[i].variant_id, b->parts[i].variant_id) ||
            a->parts[i].quantity != b->parts[i].quantity)
            return false;
    return true;
}

/* Of those that both name: only what is to change is named at all. */
static bool are_same_bundles(const struct catalog_product_content *a,
                             const struct catalog_product_content *b)
{
    for (size_t i = 0; i < a->bundles_count; i++) {
        const struct catalog_content_parts *other =
            catalog_content_find_parts(b, a->bundles[i].variant_id);
        if (other != NULL && !are_same_parts(&a->bundles[i], other)) return false;
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

const struct catalog_product_translation *
catalog_content_find_translation(const struct catalog_product_content *content,
                                 struct text language)
{
    for (size_t i = 0; i < content->translations_count; i++)
        if (text_equals(content->translations[i].language, language))
            return &content->translations[i];
    return NULL;
}

void catalog_content_list_said(const struct catalog_product_translation *of,
                               struct catalog_content_said said[CATALOG_CONTENT_SAID])
{
    said[0] =
        (struct catalog_content_said){ "name", of != NULL && of->has_name ? &of->name : NULL };
    said[1] = (struct catalog_content_said){ "description", of != NULL && of->has_description
                                                                ? &of->description
                                                                : NULL };
    said[2] =
        (struct catalog_content_said){ "seo_title",
                                       of != NULL && of->has_seo_title ? &of->seo_title : NULL };
    said[3] = (struct catalog_content_said){
        "seo_description", of != NULL && of->has_seo_description ? &of->seo_description : NULL
    };
}

static bool are_same_translations(const struct catalog_product_content *a,
                                  const struct catalog_product_content *b)
{
    if (a->translations_count != b->translations_count) return false;
    for (size_t i = 0; i < a->translations_count; i++) {
        struct catalog_content_said x[CATALOG_CONTENT_SAID], y[CATALOG_CONTENT_SAID];
        catalog_content_list_said(&a->translations[i], x);
        catalog_content_list_said(catalog_content_find_translation(b, a->translations[i].language),
                                  y);
        for (size_t k = 0; k < CATALOG_CONTENT_SAID; k++)
            if ((x[k].text == NULL) != (y[k].text == NULL) ||
                (x[k].text != NULL && !text_equals(*x[k].text, *y[k].text)))
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
    if (!are_same_barcodes(a, b)) fields |= BIT(BARCODES);
    if (!are_same_bundles(a, b)) fields |= BIT(PARTS);
    if (!are_same_translations(a, b)) fields |= BIT(TRANSLATIONS);
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
    COPY_LIST(TRANSLATIONS, translations);
    COPY_LIST(BARCODES, barcodes);
    COPY_LIST(PARTS, bundles);
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
