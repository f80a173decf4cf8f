/* SQL of importing a product; the product itself is written by catalog_item_store.h. Loads WAIT and
 * see committed rows only, in the request's arena; saves are queued. */
#pragma once

#include "actors/catalog/catalog_import_match.h"
#include "actors/catalog/catalog_item_store.h"

enum { CATALOG_DIGEST_BYTES = 32 };

/* The import that wrote a product last. */
struct catalog_import_mark {
    bool is_there;
    struct uuid import_id;
    int64_t at_us; /* market time */
};

/* What must be known before a product is imported: the category, and of a product that exists
 * (version > 0) its id, where it stands, the digest of the last file and who wrote it; not what it
 * says. Statuses: OK, NOT_FOUND (no such category), and those of request_query(). */
MUST_CHECK enum status catalog_import_store_load(struct request *request,
                                                 const struct catalog_import_product *command,
                                                 struct catalog_item *ret_item,
                                                 struct catalog_import_mark *ret_mark);
/* Whether the vendor has a product of the command's handle. Statuses: OK and those of
 * request_query(). */
MUST_CHECK enum status catalog_import_store_knows(struct request *request,
                                                  const struct catalog_import_product *command,
                                                  bool *ret_is_known);
/* The product's known variants, active ones first, in their order, at most CATALOG_VARIANTS_KEPT,
 * for which `ret_known` has room. Statuses: OK and those of request_query(). */
MUST_CHECK enum status catalog_import_store_list_variants(struct request *request,
                                                          struct uuid product_id,
                                                          struct catalog_known_variant *ret_known,
                                                          size_t *ret_count);
/* Queues what the file says of selling ahead, if it says anything; the item's variants are those of
 * the command. */
void catalog_import_store_save_ahead(struct request *request, const struct catalog_item *item,
                                     const struct catalog_import_product *command);
/* Queues the quantities of the file, variant by variant, and that variants which are not in it
 * cannot be bought any more. The item's variants are those of the command, one by one. */
void catalog_import_store_save_stock(struct request *request, const struct catalog_item *item,
                                     const struct catalog_import_product *command);
