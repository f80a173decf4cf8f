/* Whether a product says already what a file says of it. Pure. */
#pragma once

#include "actors/catalog/catalog_item.h"

/* True if writing `after`, which is what the command makes of `before`, would change nothing but
 * the time: texts, pictures, place, variants in their order with their prices, and the units of
 * those of which the command counts them. Spaces around texts and their normal form do not count:
 * a file has neither. */
bool catalog_import_is_same(struct arena *arena, const struct catalog_item *before,
                            const struct catalog_item *after,
                            const struct catalog_import_product *command);
/* True if shoppers would read the same of both, but for prices and quantities: nothing of it would
 * wait for approval. */
bool catalog_import_reads_the_same(struct arena *arena, const struct catalog_item *before,
                                   const struct catalog_item *after);
