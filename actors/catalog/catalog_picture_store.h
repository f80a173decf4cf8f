/* SQL of pictures that were uploaded, and of whether their files are in use. Loads WAIT; saves are
 * queued. */
#pragma once

#include "actors/catalog/catalog_picture.h"
#include "actors/host/picture_files.h"

/* Loads the pictures of the item, in their order. Statuses: OK and those of request_query(). */
MUST_CHECK enum status catalog_picture_store_load(struct request *request,
                                                  struct catalog_item *item);
/* Queues the pictures of the item as they are now; after catalog_item_store_save(). */
void catalog_picture_store_save(struct request *request, const struct catalog_item *item);

/* Their files. */
extern const struct picture_files catalog_picture_files;
