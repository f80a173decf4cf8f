/* Units that were sold before they were there: they are packed once they have come in. Who gets the
 * first of them is the vendor's choice, so what counts is how many of all that are waited for have
 * come. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

enum {
    ORDER_OWED_VARIANTS_MAX = 200, /* that one parcel may wait for; an order has fewer */
};

/* A variant of which units may be owed. */
struct order_owed_variant {
    struct uuid id;
    int64_t waiting; /* such units in all orders that are open, and in bundles of them */
    int64_t owed;    /* of them, those that are not there yet: the catalogue's word */
    int64_t taken;   /* of those that have come, by lines of the same parcel */
    int64_t packing; /* how often such units were packed */
    int64_t version; /* of its stock */
    bool has_moved;  /* while it was counted: nobody knows how many have come */
};

/* A line with back-ordered units, or of bundles. */
struct order_owed_line {
    struct uuid id, variant_id;
    int64_t to_pack;         /* units that are in no parcel yet */
    int64_t late;            /* of them, those that were not there when it was ordered: the last */
    int64_t available_on_us; /* none of these is sent before; 0: nobody has said */
    const struct uuid *part_ids;
    const int64_t *part_quantities; /* in one bundle */
    size_t parts_count;             /* 0: it is no bundle */
};

struct order_owed {
    struct order_owed_variant variants[ORDER_OWED_VARIANTS_MAX];
    size_t variants_count;
};

/* How many of `quantity` (>= 1) units of the line have to have come in. A bundle does not say which
 * of its parts were there: all of them have to. */
int64_t order_owed_late(const struct order_owed_line *line, int64_t quantity);
/* How many such units of the line there are for it, and taking so many (no more) for it. All
 * variants of the line are in `owed`. */
int64_t order_owed_arrived(const struct order_owed *owed, const struct order_owed_line *line);
void order_owed_take(struct order_owed *owed, const struct order_owed_line *line, int64_t units);

/* Refuses a parcel with units that have not come in, or of a pre-order before its day, and queues
 * that nobody else may have packed units of the same variants meanwhile: else the request is tried
 * again (CONFLICT). Of lines without such units and bundles nobody is asked. WAITS. Statuses: OK,
 * UNITS_OWED (at the line; also while the stock moves faster than it can be counted), those of
 * request_query() and request_ask(). */
MUST_CHECK enum status order_owed_require(struct request *request,
                                          const struct order_shipment_line *lines,
                                          size_t lines_count);
