/* What the rows of one product say, column by column. Used by product_reader.c only. Pure. */
#pragma once

#include "messages/product_file/product_group.h"

/* Adds the group's row to its product. `is_first`: the row has what is common. */
void product_row_read(struct product_group *group, bool is_first);
/* Ends the product: puts the lists into its command, and checks that against the schema. */
void product_group_finish(struct product_group *group);
