/* SQL of importing a product. Loads WAIT; saves are queued. */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/catalog/catalog_product.h"
#include "actors/host/request.h"

enum { CATALOG_DIGEST_BYTES = 32, CATALOG_PRODUCT_SLUG_MAX = 255 };

/* What is known before a product is imported: its category, and the product itself if it exists. */
struct catalog_import_base {
    size_t ancestors_count;
    const struct uuid *ancestors; /* of the category, itself included */
    struct text category_path;
    int64_t created_at_us; /* of the product; now if it is not known */
    bool is_known;
    struct uuid product_id;
    int64_t version;
    struct text digest;
    size_t old_ancestors_count;
    const struct uuid *old_ancestors; /* of the category that it is in */
};

/* Statuses: OK, NOT_FOUND (no such category), and those of request_query(). */
MUST_CHECK enum status catalog_import_store_load(struct request *request,
                                                 const struct catalog_import_product *command,
                                                 struct catalog_import_base *ret_base);
/* At most CATALOG_VARIANTS_KEPT, active ones first, in their order. */
MUST_CHECK enum status catalog_import_store_list_variants(struct request *request,
                                                          struct uuid product_id,
                                                          struct catalog_known_variant *ret_known,
                                                          size_t *ret_count);

/* A product as it is to stand. */
struct catalog_import {
    const struct catalog_import_product *command;
    const struct catalog_import_base *base;
    struct uuid product_id;
    const struct catalog_imported_variant *cheapest;
    struct text digest;
    struct uuid *variant_ids; /* one for each variant of the command */
    struct text document;     /* catalog.product_document; only of a listed product */
};

/* Queues everything: product, variants, prices, stock, listing, document. Ends in CONFLICT when the
 * product was changed or made meanwhile. */
void catalog_import_store_save(struct request *request, const struct catalog_import *import);
