/* Values of attributes. */
#include "actors/catalog/catalog_attribute.h"

#include "messages/normal_form.h"
#include "runtime/plain_text.h"

enum {
    KEY_MAX = 40,
    WHOLE_DIGITS_MAX = 12,
    FRACTION_DIGITS_MAX = 6,
};

bool catalog_attribute_key_is_good(struct text key)
{
    if (key.length == 0 || key.length > KEY_MAX) return false;
    for (size_t i = 0; i < key.length; i++) {
        const char c = key.data[i];
        const bool is_letter = c >= 'a' && c <= 'z';
        const bool is_other = (c >= '0' && c <= '9') || c == '_';
        if (!is_letter && !(i > 0 && is_other)) return false;
    }
    return true;
}

static size_t count_digits(struct text text, size_t from)
{
    size_t count = 0;
    while (from + count < text.length && text.data[from + count] >= '0' &&
           text.data[from + count] <= '9')
        count++;
    return count;
}

/* Digits with a point and digits, if need be, and a minus in front: nothing else that programs take
 * for numbers (1e9, 0x1, NaN, 1,5). */
static const char *read_number(struct arena *arena, struct text text, struct text *ret_value)
{
    static const char rule[] =
        "A number is written in up to 12 digits, a point and up to 6 digits: 1.5.";
    const bool is_negative = text.length > 0 && text.data[0] == '-';
    size_t begin = is_negative ? 1 : 0;
    size_t whole = count_digits(text, begin), fraction = 0;
    if (whole == 0 || whole > WHOLE_DIGITS_MAX) return rule;
    size_t end = begin + whole;
    if (end < text.length) {
        fraction = text.data[end] == '.' ? count_digits(text, end + 1) : 0;
        if (fraction == 0 || fraction > FRACTION_DIGITS_MAX || end + 1 + fraction != text.length)
            return rule;
        while (fraction > 0 && text.data[end + fraction] == '0')
            fraction--;
    }
    for (; whole > 1 && text.data[begin] == '0'; whole--)
        begin++;
    const bool is_zero = whole == 1 && text.data[begin] == '0' && fraction == 0;
    *ret_value = text_format(arena, "%s%.*s", is_negative && !is_zero ? "-" : "",
                             (int)(whole + (fraction > 0 ? fraction + 1 : 0)), text.data + begin);
    return NULL;
}

static const char *read_choice(struct arena *arena,
                               const struct catalog_category_attribute *attribute, struct text text,
                               struct text *ret_value)
{
    for (size_t i = 0; i < attribute->choices_count; i++) {
        if (!normal_keys_are_same(arena, attribute->choices[i], text)) continue;
        *ret_value = attribute->choices[i];
        return NULL;
    }
    return "The value is none of the attribute's choices.";
}

const char *catalog_attribute_read(struct arena *arena,
                                   const struct catalog_category_attribute *attribute,
                                   struct text value, struct text *ret_value)
{
    const struct text text = normal_form(arena, text_trim(value));
    switch (attribute->type) {
    case CATALOG_ATTRIBUTE_TYPE_NUMBER:
        return read_number(arena, text, ret_value);
    case CATALOG_ATTRIBUTE_TYPE_CHOICE:
        return read_choice(arena, attribute, text, ret_value);
    case CATALOG_ATTRIBUTE_TYPE_BOOLEAN:
        if (!text_equals_string(text, "true") && !text_equals_string(text, "false"))
            return "The value is true or false.";
        break;
    case CATALOG_ATTRIBUTE_TYPE_TEXT:
        if (!plain_text_is_name(text)) return "The value is one line of visible characters.";
        break;
    }
    *ret_value = text;
    return NULL;
}

const char *catalog_attribute_choices_fault(struct arena *arena, enum catalog_attribute_type type,
                                            const struct text *choices, size_t count,
                                            size_t *ret_index)
{
    *ret_index = 0;
    if (type != CATALOG_ATTRIBUTE_TYPE_CHOICE)
        return count == 0 ? NULL : "Only an attribute of type choice has choices.";
    if (count == 0) return "A choice has one value at least.";
    for (size_t i = 0; i < count; i++) {
        *ret_index = i;
        if (!plain_text_is_name(choices[i])) return "A value is one line of visible characters.";
        for (size_t k = 0; k < i; k++) {
            if (normal_keys_are_same(arena, choices[i], choices[k]))
                return "The value is there twice.";
        }
    }
    return NULL;
}

const struct catalog_category_attribute *
catalog_attribute_find(const struct catalog_category_attribute *attributes, size_t count,
                       struct text key)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equals(attributes[i].key, key)) return &attributes[i];
    }
    return NULL;
}

const struct catalog_product_attribute *
catalog_attributes_describe(struct arena *arena, const struct catalog_item_attribute *attributes,
                            size_t count)
{
    struct catalog_product_attribute *described =
        arena_allocate_array(arena, count, sizeof *described);
    for (size_t i = 0; i < count; i++)
        described[i] = (struct catalog_product_attribute){
            .key = attributes[i].key,
            .name = attributes[i].name,
            .type = attributes[i].type,
            .value = attributes[i].value,
            .has_unit = attributes[i].unit.length > 0,
            .unit = attributes[i].unit,
        };
    return described;
}
