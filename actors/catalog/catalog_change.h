/* Edits of products whose words staff approves: what shoppers read of a published product stays as
 * it is, and what its vendor makes of it waits beside it. Prices, stock and what only carts read go
 * through at once. */
#pragma once

#include "actors/catalog/catalog_change_store.h"

/* An edit under way. */
struct catalog_draft {
    bool is_staged; /* shoppers see the product, and staff approves what they read */
    struct catalog_item live;
    bool has_open;
    struct catalog_change open;
    struct catalog_product_content laid;  /* what the vendor has before him */
    uint32_t carried;                     /* fields of it that the item does not have */
    struct catalog_product_content made;  /* `bundles`: what those that are to change are made of */
    struct catalog_product_content parts; /* `bundles`: and what they are to be made of */
};

/* Lays what waits already over an item that was just loaded, so that an edit amends it; of a
 * product whose edits wait for nobody it does nothing. A category that is gone since is left out.
 * WAITS. Statuses: OK, INTERNAL and those of request_query(). */
MUST_CHECK enum status catalog_change_lay(struct request *request, struct catalog_item *item,
                                          struct catalog_draft *ret_draft);
/* The same of an item that a file describes: of what waits, only what this file says nothing of
 * stays, `unsaid` by the bits of enum catalog_content_field. `live` is the product as it was
 * loaded.
 */
MUST_CHECK enum status catalog_change_replace(struct request *request,
                                              const struct catalog_item *live, uint32_t unsaid,
                                              struct catalog_draft *ret_draft);
/* What a product says to shoppers, with the parts of those variants that the content names. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status catalog_change_live(struct request *request, const struct catalog_item *item,
                                           const struct catalog_product_content *named,
                                           struct catalog_product_content *ret_live);
/* Has the variant be made of other parts (none: of nothing), in a draft that is staged. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status catalog_change_set_parts(struct request *request,
                                                struct catalog_draft *draft, struct uuid variant_id,
                                                const struct catalog_new_part *parts, size_t count);
/* Queues what the edited item says to shoppers as the product's change, and makes the item what it
 * was for them, to be saved with all else. Variants that it did not have are taken out: `ret_added`
 * of them. When nothing differs any more, nothing waits any more. Before the item is saved, by
 * whose version two edits are told apart. Statuses: OK, VARIANT_EXISTS (the same waits already),
 * TOO_MANY_VARIANTS, OUT_OF_RANGE (larger than a message may be). */
MUST_CHECK enum status catalog_change_stage(struct request *request,
                                            const struct catalog_draft *draft,
                                            struct catalog_item *item, size_t *ret_added);
