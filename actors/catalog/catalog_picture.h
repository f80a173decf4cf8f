/* Pictures of a product that were uploaded: their order, what is said of them, where they are read.
 * Pure. */
#pragma once

#include "actors/catalog/catalog_item.h"

enum {
    CATALOG_PICTURES_MAX = 20,   /* of a product, links included */
    CATALOG_PICTURE_DIGEST = 64, /* hexadecimal digits */
};

/* The item's list of pictures with another one at its end, in the arena. Statuses: OK,
 * TOO_MANY_PICTURES. */
MUST_CHECK enum status catalog_picture_add(struct arena *arena, struct catalog_item *item,
                                           const struct catalog_picture *picture);
/* The same without one, and with other words of one. Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status catalog_picture_remove(struct arena *arena, struct catalog_item *item,
                                              struct uuid id);
MUST_CHECK enum status catalog_picture_describe(struct arena *arena, struct catalog_item *item,
                                                struct uuid id, struct text alt);
/* In the order of the ids, which must be those of all of them. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status catalog_picture_order(struct arena *arena, struct catalog_item *item,
                                             const struct uuid *ids, size_t count);
/* The one with that id, or of that file; NULL: none. */
const struct catalog_picture *catalog_picture_find(const struct catalog_item *item, struct uuid id);
const struct catalog_picture *catalog_picture_find_file(const struct catalog_item *item,
                                                        struct text digest);
/* "/media/<digest>/<size>.webp", in the arena: the address of an uploaded picture is one of the
 * market's own, whatever name the market is reached by. */
struct text catalog_picture_address(struct arena *arena, struct text digest, int size);
/* Address in lists of the first picture that was uploaded; empty: there is none. */
struct text catalog_picture_first(struct arena *arena, const struct catalog_item *item);
/* The sizes of one, the largest first. */
const struct common_picture_size *catalog_picture_sizes(struct arena *arena, struct text digest,
                                                        size_t *ret_count);
/* All that shoppers see: those that were uploaded, then links. */
const struct common_shown_picture *
catalog_picture_show(struct arena *arena, const struct catalog_item *item, size_t *ret_count);
/* Their addresses alone. */
const struct text *catalog_picture_addresses(struct arena *arena, const struct catalog_item *item,
                                             size_t *ret_count);
