/* What columns are called, as tables: a '#' in a name stands for a number, a '$' for the currency.
 * Pure. */
#pragma once

#include "messages/product_file/product_columns.h"

struct alias {
    const char *name;
    enum product_field field;
    enum weight_unit unit; /* of a column of weights */
};

/* The headers of shops; ours and those of the biggest are in product_columns.c. */
enum { PRODUCT_MEDUSA_ALIASES = 27, PRODUCT_SPREE_ALIASES = 22 };
extern const struct alias product_medusa_aliases[PRODUCT_MEDUSA_ALIASES];
extern const struct alias product_spree_aliases[PRODUCT_SPREE_ALIASES];
