/* Columns that are there as often as there are things to say: "attr:colour", "price:USD". Pure. */
#pragma once

#include "messages/product_file/product_columns.h"

/* Adds them to the columns, whose preset is known. Medusa's prices in other currencies than the
 * file's are such columns, too. Statuses: OK, MALFORMED (ret_problem says why, in the arena). */
MUST_CHECK enum status product_own_columns_read(struct product_columns *columns,
                                                struct arena *arena, const struct csv_row *header,
                                                const char *currency,
                                                struct file_problem *ret_problem);
