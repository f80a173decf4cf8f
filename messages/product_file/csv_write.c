/* Writes fields of comma-separated values. */
#include "messages/product_file/csv_write.h"

#include <string.h>

static void write_quoted(struct text_builder *file, struct text before, struct text text)
{
    text_builder_add_byte(file, '"');
    text_builder_add(file, before);
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"') text_builder_add_byte(file, '"');
        text_builder_add_byte(file, text.data[i]);
    }
    text_builder_add_byte(file, '"');
}

void csv_write_field(struct text_builder *file, struct text text)
{
    static const char marks[] = ",;\"\r\n\t|";
    bool is_quoted = false;
    for (size_t i = 0; i < text.length && !is_quoted; i++)
        is_quoted = memchr(marks, text.data[i], sizeof marks - 1) != NULL;
    if (is_quoted)
        write_quoted(file, (struct text){ 0 }, text);
    else
        text_builder_add(file, text);
}

void csv_write_shown(struct text_builder *file, struct text text)
{
    static const char formulas[] = "=+-@\t\r";
    if (text.length > 0 && memchr(formulas, text.data[0], sizeof formulas - 1) != NULL)
        write_quoted(file, TEXT("'"), text);
    else
        csv_write_field(file, text);
}
