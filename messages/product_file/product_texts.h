/* Columns of texts in other languages: name:de, description:de, seo_title:de, seo_description:de,
 * in files of all shops. Pure. */
#pragma once

#include "messages/product_file/product_group.h"

/* Finds them in the header. Statuses: OK, MALFORMED (ret_problem says why, in the arena). */
MUST_CHECK enum status product_texts_find(struct product_columns *columns, struct arena *arena,
                                          const struct csv_row *header,
                                          struct file_problem *ret_problem);
/* Keeps them of the rows that the reader reads from now on. */
void product_texts_keep(const struct product_columns *columns, struct csv_reader *reader);
/* What the first row of a product says in them; an empty cell takes the text away. */
void product_texts_read(struct product_group *group);
