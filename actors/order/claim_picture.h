/* Pictures that buyers show of what they claim, in the database. Nothing but SQL and its mapping.
 */
#pragma once

#include "actors/host/picture_files.h"
#include "order_messages.h"

enum { CLAIM_PICTURES_MAX = 5 };

/* Gives claims of the order their pictures. WAITS. Statuses: OK and those of request_query(). */
MUST_CHECK enum status claim_picture_fill(struct request *request, struct uuid order_id,
                                          struct order_claim *claims, size_t count);
/* How many a claim has. WAITS. Statuses likewise. */
MUST_CHECK enum status claim_picture_count(struct request *request, struct uuid claim_id,
                                           int64_t *ret_count);
/* Queues a picture at that place of a claim. The unit ends with CONFLICT when another one has it,
 * or when its files are being deleted. */
void claim_picture_add(struct request *request, struct uuid claim_id, int64_t place,
                       const struct order_claim_picture *picture, struct text digest);

/* Whose order it must be; zero: anybody's. */
struct claim_picture_reader {
    struct uuid user_id, vendor_id;
};
/* The digest of a picture's files. WAITS. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status claim_picture_find(struct request *request,
                                          const struct claim_picture_reader *reader,
                                          const struct order_get_claim_picture *query,
                                          struct text *ret_digest);

/* Their files. */
extern const struct picture_files claim_picture_files;
