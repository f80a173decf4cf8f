/* The detail of a listed product, as the bytes of a `catalog.product` of the contract: without the
 * vendor's name, the stock and the place of its category, which are looked up. */
#pragma once

#include "actors/catalog/catalog_item.h"

/* The item in the currency of `cheapest`, with the variants that are sold in it, whose lowest price
 * that is. In the arena. Statuses: OK, OUT_OF_RANGE (larger than a message). */
MUST_CHECK enum status catalog_document_encode(struct arena *arena, const struct catalog_item *item,
                                               const struct catalog_item_price *cheapest,
                                               struct text *ret_document);
