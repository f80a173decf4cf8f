/* Pictures of a product, in the order of their positions, those without one at the end. */
#include "messages/product_file/product_image.h"

#include <string.h>

#include "runtime/text_form.h"

static void keep_image(struct product_group *group, struct product_image image)
{
    if (group->images == NULL)
        group->images =
            arena_allocate_array(group->arena, PRODUCT_IMAGES_MAX, sizeof *group->images);
    size_t place = group->images_count;
    while (place > 0 && group->images[place - 1].position > image.position)
        place--;
    if (group->images_count == PRODUCT_IMAGES_MAX)
        group->images_left_out++;
    else
        group->images_count++;
    if (place == PRODUCT_IMAGES_MAX) return;
    for (size_t i = group->images_count - 1; i > place; i--)
        group->images[i] = group->images[i - 1];
    group->images[place] = image;
}

static bool is_known(const struct product_group *group, struct text source)
{
    for (size_t i = 0; i < group->images_count; i++)
        if (text_equals(group->images[i].source, source)) return true;
    return false;
}

static void read_image(struct product_group *group, struct text source, int64_t position)
{
    const size_t most = (size_t)schema_field(&catalog_import_product_schema, "images")->max;
    if (source.length == 0) return;
    if (text_characters(source) > most || !text_is_https_url(source)) {
        product_group_refuse(group, PRODUCT_IMAGE,
                             text_format(group->arena,
                                         "%s is no address of a picture: " TEXT_HTTPS_URL_RULE,
                                         product_quote(group->arena, source))
                                 .data);
        return;
    }
    /* Some shops repeat the product's pictures in each row. */
    if (group->columns->images_count > 1 && is_known(group, source)) return;
    keep_image(group, (struct product_image){ text_copy(group->arena, source), position });
}

/* WooCommerce has all of them in one field. */
static void read_images_of_field(struct product_group *group, struct text field, int64_t position)
{
    while (field.length > 0) {
        const char *comma = memchr(field.data, ',', field.length);
        const size_t length = comma == NULL ? field.length : (size_t)(comma - field.data);
        read_image(group, text_trim((struct text){ field.data, length }), position);
        const size_t taken = comma == NULL ? length : length + 1;
        field = (struct text){ field.data + taken, field.length - taken };
    }
}

void product_images_read(struct product_group *group)
{
    const struct text text = product_group_field(group, PRODUCT_IMAGE_POSITION);
    int64_t position = INT64_MAX;
    bool is_negative;
    if (product_group_field(group, PRODUCT_IMAGE).length > 0 && text.length > 0 &&
        product_read_count(text, group->survey->habit, INT32_MAX, &position, &is_negative) !=
            STATUS_OK) {
        product_group_refuse_value(group, PRODUCT_IMAGE_POSITION, "is not a number, such as 1");
        return;
    }
    for (size_t i = 0; i < group->columns->images_count; i++) {
        const size_t at = group->columns->images[i];
        if (at >= group->row->fields_count || at >= CSV_COLUMNS_MAX) continue;
        const struct text field = text_trim(group->row->fields[at].text);
        if (group->columns->preset == PRESET_WOOCOMMERCE)
            read_images_of_field(group, field, position);
        else
            read_image(group, field, position);
    }
}

void product_images_finish(struct product_group *group)
{
    struct catalog_import_product *command = &group->product->command;
    struct text *images = arena_allocate_array(group->arena, PRODUCT_IMAGES_MAX, sizeof *images);
    assert(group->images_count <= PRODUCT_IMAGES_MAX);
    for (size_t i = 0; i < group->images_count; i++)
        images[i] = group->images[i].source;
    command->images = images;
    command->images_count = group->images_count;
    if (group->images_left_out == 0) return;
    const struct text detail =
        text_format(group->arena, "a product has %d pictures at most; %zu behind them are left out",
                    PRODUCT_IMAGES_MAX, group->images_left_out);
    product_group_add_problem(
        group, (struct file_problem){ group->product->line,
                                      product_columns_name(group->columns, PRODUCT_IMAGE),
                                      detail.data, true });
}
