/* Units that were sold before they were there: they are packed once they have come in. Who gets the
 * first of them is the vendor's choice, so what counts is how many of all that are waited for have
 * come. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* A line with back-ordered units. */
struct order_owed_line {
    struct uuid line_id, variant_id;
    int64_t to_pack; /* units that are in no parcel yet */
    int64_t late;    /* of them, those that were not there when it was ordered: the last ones */
    int64_t waiting; /* such units of the variant in all orders that are open */
    int64_t owed;    /* of them, those that are not there yet: the catalogue's word */
};

/* How many of `quantity` (>= 1) units of the line are late ones, and how many of these there are.
 */
struct order_owed_units {
    int64_t late, arrived;
};
struct order_owed_units order_owed_reckon(const struct order_owed_line *line, int64_t quantity);

/* Refuses a parcel with units that have not come in. Of lines without back-ordered units nobody is
 * asked; of bundles' parts it is not known which are late, so they are not judged. WAITS. Statuses:
 * OK, UNITS_OWED (at the line), those of request_query() and request_ask(). */
MUST_CHECK enum status order_owed_require(struct request *request,
                                          const struct order_shipment_line *lines, size_t count);
