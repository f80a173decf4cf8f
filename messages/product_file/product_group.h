/* A product whose rows are being read, and what is wrong with them. Used by the files product_*.c
 * of this folder only. Pure. */
#pragma once

#include "messages/product_file/product_file.h"
#include "messages/product_file/product_survey.h"

struct product_image {
    struct text source;
    int64_t position;
};

/* A product whose rows are being read. */
struct product_group {
    const struct product_columns *columns;
    const struct product_file_options *options;
    const struct product_survey *survey;
    const struct csv_row *row;
    struct arena *arena;
    struct file_product *product;
    struct text option_names[PRODUCT_OPTIONS_MAX];
    struct catalog_imported_variant *variants; /* `variants_room` of them */
    size_t variants_count, variants_room;      /* at most PRODUCT_VARIANTS_MAX */
    struct product_image *images;              /* PRODUCT_IMAGES_MAX, by position */
    size_t images_count, images_left_out;
};

/* A field of the group's row. */
struct text product_group_field(const struct product_group *group, enum product_field field);
/* Notes what is wrong with a field of the row; `detail` is in the arena, or static. */
void product_group_refuse(struct product_group *group, enum product_field field,
                          const char *detail);
/* "'12,50' ...": the same with the value in front. */
void product_group_refuse_value(struct product_group *group, enum product_field field,
                                const char *complaint);
/* The same of what is taken nevertheless. */
void product_group_warn_value(struct product_group *group, enum product_field field,
                              const char *word);
void product_group_add_problem(struct product_group *group, struct file_problem problem);
/* A composed copy of the field; false, and a problem noted, if it has more characters than `most`.
 */
bool product_group_copy_at_most(struct product_group *group, enum product_field field, size_t most,
                                struct text *ret_text);
/* The same of what the contract's field of that name may have. */
bool product_group_copy(struct product_group *group, enum product_field field,
                        const struct schema *schema, const char *name, struct text *ret_text);
