/* SQL of pictures that were uploaded, and of whether their files are in use. Loads WAIT; saves are
 * queued. */
#pragma once

#include "actors/catalog/catalog_picture.h"
#include "actors/host/request.h"

enum { CATALOG_RETIRED_MAX = 64 };

/* Loads the pictures of the item, in their order. Statuses: OK and those of request_query(). */
MUST_CHECK enum status catalog_picture_store_load(struct request *request,
                                                  struct catalog_item *item);
/* Queues the pictures of the item as they are now; after catalog_item_store_save(). */
void catalog_picture_store_save(struct request *request, const struct catalog_item *item);

/* Whether files of a picture may be used. Statuses: OK, UNAVAILABLE (they are being deleted, or
 * nobody has noted them) and those of request_query(). */
MUST_CHECK enum status catalog_picture_store_check_file(struct request *request,
                                                        struct text digest);
/* Queues that its files are used now, or will be: they stay for a day. The unit ends with CONFLICT
 * when they are being deleted. `is_new`: they may not be known. */
void catalog_picture_store_touch(struct request *request, struct text digest, bool is_new);
/* Those whose files are to be deleted, of which no gateway has been told since `told_before_us`. */
MUST_CHECK enum status catalog_picture_store_going(struct request *request, int64_t told_before_us,
                                                   const struct text **ret_digests,
                                                   size_t *ret_count);
/* Queues that a gateway is told of these now. */
void catalog_picture_store_tell(struct request *request, const struct text *digests, size_t count);
/* Queues that whatever nobody uses, and nobody has touched since, is going: some of them. */
void catalog_picture_store_retire(struct request *request, int64_t touched_before_us);
/* Queues that the files of these are gone; of those that are going only. */
void catalog_picture_store_forget(struct request *request, const struct text *digests,
                                  size_t count);
