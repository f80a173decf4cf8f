/* SQL of importing a product; the product itself is written by catalog_item_store.h. Loads WAIT;
 * saves are queued. */
#pragma once

#include "actors/catalog/catalog_item_store.h"
#include "actors/catalog/catalog_product.h"

enum { CATALOG_DIGEST_BYTES = 32 };

/* What is known before a product is imported: its category, and the product's own place if it
 * exists (version > 0); nothing of what it says. Statuses: OK, NOT_FOUND (no such category), and
 * those of request_query(). */
MUST_CHECK enum status catalog_import_store_load(struct request *request,
                                                 const struct catalog_import_product *command,
                                                 struct catalog_item *ret_item);
/* At most CATALOG_VARIANTS_KEPT, active ones first, in their order. */
MUST_CHECK enum status catalog_import_store_list_variants(struct request *request,
                                                          struct uuid product_id,
                                                          struct catalog_known_variant *ret_known,
                                                          size_t *ret_count);
/* Queues the quantities of the file, variant by variant, and takes off what is not in it. */
void catalog_import_store_save_stock(struct request *request, const struct catalog_item *item,
                                     const struct catalog_import_product *command);
