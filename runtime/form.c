/* Forms. */
#include "runtime/form.h"

void form_add_escaped(struct text_builder *form, struct text value)
{
    static const char digits[] = "0123456789ABCDEF";
    assert(form != NULL);
    for (size_t i = 0; i < value.length; i++) {
        const unsigned char byte = (unsigned char)value.data[i];
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
                              byte == '_';
        if (is_plain) {
            text_builder_add_byte(form, (char)byte);
            continue;
        }
        text_builder_add_byte(form, '%');
        text_builder_add_byte(form, digits[byte >> 4]);
        text_builder_add_byte(form, digits[byte & 15]);
    }
}

static void add_name(struct text_builder *form, const char *name)
{
    assert(form != NULL);
    assert(name != NULL);
    if (form->length > 0 && form->data[form->length - 1] != '?') text_builder_add_byte(form, '&');
    text_builder_add(form, text_of(name));
    text_builder_add_byte(form, '=');
}

void form_add(struct text_builder *form, const char *name, struct text value)
{
    add_name(form, name);
    form_add_escaped(form, value);
}

void form_add_int(struct text_builder *form, const char *name, int64_t value)
{
    add_name(form, name);
    text_builder_add_int(form, value);
}
