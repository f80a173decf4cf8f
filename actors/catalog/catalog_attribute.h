/* Attributes of categories: what values of each type are. Pure; texts are lent, new ones are in the
 * arena. */
#pragma once

#include "catalog_messages.h"
#include "runtime/arena.h"

enum {
    CATALOG_ATTRIBUTES_MAX = 50,            /* of one category, and of one product */
    CATALOG_ATTRIBUTES_EFFECTIVE_MAX = 750, /* of a category and those above it */
    CATALOG_CHOICES_MAX = 200,
};
#define CATALOG_ATTRIBUTE_KEY_RULE                                                                 \
    "A key is a small letter and up to 39 small letters, digits and underscores."

/* What a product says of one attribute. */
struct catalog_item_attribute {
    struct text key, name, unit, value; /* no unit: empty */
    enum catalog_attribute_type type;
};

bool catalog_attribute_key_is_good(struct text key);
/* The value as it is kept: composed and trimmed; of a number the shortest form ("01.50": "1.5"), of
 * a choice as the choice is written. NULL, or a sentence that says what is wrong. */
const char *catalog_attribute_read(struct arena *arena,
                                   const struct catalog_category_attribute *attribute,
                                   struct text value, struct text *ret_value);
/* Whether choices and type fit together: NULL, or a sentence; `ret_index` is the choice at fault.
 */
const char *catalog_attribute_choices_fault(struct arena *arena, enum catalog_attribute_type type,
                                            const struct text *choices, size_t count,
                                            size_t *ret_index);
/* The attribute of that key, or NULL. */
const struct catalog_category_attribute *
catalog_attribute_find(const struct catalog_category_attribute *attributes, size_t count,
                       struct text key);
/* As shoppers see them; in the arena. */
const struct catalog_product_attribute *
catalog_attributes_describe(struct arena *arena, const struct catalog_item_attribute *attributes,
                            size_t count);
