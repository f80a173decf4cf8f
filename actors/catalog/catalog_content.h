/* What a product says to shoppers, as one value that is compared and kept: what waits for staff's
 * approval is one. Pure; everything is lent, and what is made is in the arena. */
#pragma once

#include "actors/catalog/catalog_item.h"

/* Sets of fields are bits: 1 << enum catalog_content_field. */

/* All that the item says. It does not know what its variants are made of, so no bundle is named. */
struct catalog_product_content catalog_content_of(struct arena *arena,
                                                  const struct catalog_item *item);
/* The fields in which the two differ. Entries of lists are compared in their order, those of maps
 * and the variants in any. */
uint32_t catalog_content_difference(const struct catalog_product_content *a,
                                    const struct catalog_product_content *b);
void catalog_content_copy(const struct catalog_product_content *from, uint32_t fields,
                          struct catalog_product_content *to);
/* Puts those fields but for parts of bundles into the item: of the category its id and path alone,
 * of the name not the slug, and the options of those variants that the item has. New variants are
 * not among what can be put.
 */
void catalog_content_put(struct arena *arena, const struct catalog_product_content *content,
                         uint32_t fields, struct catalog_item *item);

/* A change: what it was made of, and what it is to become. */
struct catalog_content_pair {
    struct catalog_product_content before, after;
};

/* The change that there is when what lies open (NULL: nothing) was laid over the product, which
 * says `live`, and its vendor has made `wanted` of the result, `laid`. Of what he has not touched,
 * `before` stays what it was, so that who changes it otherwise is noticed. */
struct catalog_content_pair catalog_content_amend(const struct catalog_content_pair *open,
                                                  const struct catalog_product_content *live,
                                                  const struct catalog_product_content *laid,
                                                  const struct catalog_product_content *wanted);
/* What the change is about and the product says otherwise by now, neither as before nor as after.
 */
uint32_t catalog_content_outdated(const struct catalog_content_pair *change,
                                  const struct catalog_product_content *live);
/* The change field by field; `live` is what the product says. */
const struct catalog_changed_field *
catalog_content_describe(struct arena *arena, const struct catalog_content_pair *change,
                         const struct catalog_product_content *live, size_t *ret_count);
