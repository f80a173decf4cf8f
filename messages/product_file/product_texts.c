/* Texts in other languages: the command has them by the names of their columns. */
#include "messages/product_file/product_texts.h"

#include "messages/normal_form.h"

enum { LANGUAGE_MAX = 16 /* bytes */ };

/* The names of their fields in `record.product_translation`. */
static const char *const fields[] = { "name", "description", "seo_title", "seo_description" };

/* "description:de", in small letters; false: the column is another one. */
static bool is_text_column(struct text name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        const struct text field = text_of(fields[i]);
        if (!text_starts_with(name, field) || name.length <= field.length + 1) continue;
        if (name.data[field.length] == ':') return true;
    }
    return false;
}

static enum status refuse(struct file_problem *ret_problem, const struct csv_field *field,
                          const char *name, const char *detail)
{
    *ret_problem = (struct file_problem){ field->line, name, detail, false };
    return STATUS_MALFORMED;
}

enum status product_texts_find(struct product_columns *columns, struct arena *arena,
                               const struct csv_row *header, struct file_problem *ret_problem)
{
    for (size_t i = 0; i < header->fields_count && i < CSV_COLUMNS_MAX; i++) {
        const struct csv_field *field = &header->fields[i];
        const struct text name = normal_key(arena, field->text);
        if (!is_text_column(name)) continue;
        const char *column = text_string(arena, name);
        if (name.length > sizeof "seo_description:" - 1 + LANGUAGE_MAX)
            return refuse(ret_problem, field, column,
                          "the column names no language: write name:de");
        for (size_t k = 0; k < columns->texts_count; k++)
            if (text_equals(columns->texts[k].key, name))
                return refuse(ret_problem, field, column,
                              "the column is there twice; remove one of them");
        if (columns->texts_count == PRODUCT_TEXT_COLUMNS_MAX)
            return refuse(ret_problem, field, column,
                          "the file has more than 28 columns of texts in other languages");
        columns->texts[columns->texts_count++] =
            (struct product_attribute_column){ text_copy(arena, name), i };
    }
    return STATUS_OK;
}

void product_texts_keep(const struct product_columns *columns, struct csv_reader *reader)
{
    for (size_t i = 0; i < columns->texts_count; i++)
        csv_reader_keep(reader, columns->texts[i].position);
}

/* How many characters the contract has for the field that the column begins with. */
static size_t most_of(struct text column)
{
    size_t length = 0;
    while (column.data[length] != ':')
        length++;
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        if (text_equals(text_of(fields[i]), (struct text){ column.data, length }))
            return (size_t)schema_field(&catalog_product_translation_schema, fields[i])->max;
    return 0;
}

void product_texts_read(struct product_group *group)
{
    const struct product_columns *columns = group->columns;
    struct catalog_import_product *command = &group->product->command;
    struct text_pair *pairs =
        arena_allocate_array(group->arena, columns->texts_count, sizeof *pairs);
    for (size_t i = 0; i < columns->texts_count; i++) {
        const struct product_attribute_column *column = &columns->texts[i];
        /* What is missing at the end of a row is empty. */
        static const struct csv_field missing;
        const bool is_there = column->position < group->row->fields_count;
        const struct csv_field *field = is_there ? &group->row->fields[column->position] : &missing;
        const bool is_good = !field->is_cut && text_is_utf8(field->text);
        const struct text value =
            is_good ? normal_form(group->arena, text_trim(field->text)) : TEXT("");
        if (is_good && text_characters(value) <= most_of(column->key)) {
            pairs[command->texts_count++] =
                (struct text_pair){ column->key, text_copy(group->arena, value) };
            continue;
        }
        product_group_add_problem(
            group, (struct file_problem){ group->row->line, text_string(group->arena, column->key),
                                          "is too long, or not valid UTF-8", false });
    }
    command->texts = pairs;
}
