/* What is wrong with a row, noted with line and column. */
#include "messages/product_file/product_group.h"

#include <string.h>

#include "messages/normal_form.h"
#include "messages/product_file/product_cells.h"

struct text product_group_field(const struct product_group *group, enum product_field field)
{
    return product_cell(group->columns, group->row, field);
}

void product_group_add_problem(struct product_group *group, struct file_problem problem)
{
    struct file_product *product = group->product;
    product->is_bad = product->is_bad || !problem.is_warning;
    if (product->problems_count < PRODUCT_PROBLEMS_MAX)
        product->problems[product->problems_count++] = problem;
}

static void add_at(struct product_group *group, enum product_field field, const char *detail,
                   bool is_warning)
{
    const size_t position = group->columns->positions[field];
    const bool is_there = position < group->row->fields_count && position < CSV_COLUMNS_MAX;
    const struct file_problem problem = {
        .line = is_there ? group->row->fields[position].line : group->row->line,
        .column = product_columns_name(group->columns, field),
        .detail = detail,
        .is_warning = is_warning,
    };
    product_group_add_problem(group, problem);
}

void product_group_refuse(struct product_group *group, enum product_field field, const char *detail)
{
    add_at(group, field, detail, false);
}

static const char *with_value(struct product_group *group, enum product_field field,
                              const char *words)
{
    return text_format(group->arena, "%s %s",
                       product_quote(group->arena, product_group_field(group, field)), words)
        .data;
}

void product_group_refuse_value(struct product_group *group, enum product_field field,
                                const char *complaint)
{
    add_at(group, field, with_value(group, field, complaint), false);
}

void product_group_warn_value(struct product_group *group, enum product_field field,
                              const char *word)
{
    add_at(group, field, with_value(group, field, word), true);
}

bool product_group_copy_at_most(struct product_group *group, enum product_field field, size_t most,
                                struct text *ret_text)
{
    const struct text text = normal_form(group->arena, product_group_field(group, field));
    const size_t length = text_characters(text);
    if (length > most) {
        product_group_refuse(
            group, field,
            text_format(group->arena, "%zu characters are more than %zu; shorten it", length, most)
                .data);
        return false;
    }
    *ret_text = text_copy(group->arena, text);
    return true;
}

bool product_group_copy(struct product_group *group, enum product_field field,
                        const struct schema *schema, const char *name, struct text *ret_text)
{
    return product_group_copy_at_most(group, field, (size_t)schema_field(schema, name)->max,
                                      ret_text);
}

uint64_t file_product_line_of(const struct file_product *product, struct text pointer)
{
    static const struct text lead = { "/variants/", sizeof "/variants/" - 1 };
    if (!text_starts_with(pointer, lead)) return product->line;
    size_t index = 0, i = lead.length;
    for (; i < pointer.length && pointer.data[i] >= '0' && pointer.data[i] <= '9'; i++) {
        index = 10 * index + (size_t)(pointer.data[i] - '0');
        if (index >= product->command.variants_count) return product->line;
    }
    if (i == lead.length || index >= product->command.variants_count) return product->line;
    return product->variant_lines[index];
}
