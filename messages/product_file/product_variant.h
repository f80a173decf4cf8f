/* Variants of a product. Used by product_row.c only. Pure. */
#pragma once

#include "messages/product_file/product_group.h"

/* Adds the variant of the group's row to the product. */
void product_variant_read(struct product_group *group);
/* Refuses variants that are alike. */
void product_variants_check(struct product_group *group);
