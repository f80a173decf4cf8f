/* Several vendors' offers of one item: which goes before which. Pure. */
#pragma once

#include "messages/values.h"
#include "vendor_messages.h"

/* What is looked at of an offer. */
struct catalog_rival {
    struct uuid variant_id;
    bool can_be_bought;        /* it is there, and can be sent */
    int64_t amount;            /* of one now, delivery included, in one currency */
    int64_t handling_days;     /* until it is handed over */
    int64_t rating_hundredths; /* of its vendor: stars times 100; 0: nobody has rated it */
    int64_t listed_at_us;
};

/* Below 0 where `a` is the better offer: one that can be bought, then the lowest amount, then the
 * one that is handed over soonest, then the vendor that is rated highest, then the one that was
 * there first; in the end the lower id, so that no two are equal. */
int catalog_rival_compare(const struct catalog_rival *a, const struct catalog_rival *b);

enum { CATALOG_HANDLING_UNKNOWN = 91 /* days; behind all that a vendor can say */ };

/* One unit that is to be sent. */
struct catalog_parcel {
    struct uuid profile_id; /* zero, or gone: the vendor's default */
    int64_t weight_grams;
    int64_t amount; /* what it costs */
};
/* How it would be sent: the cheapest way, of equal ones the soonest. */
struct catalog_delivery {
    bool is_said;    /* the vendor has ways of sending; else it is arranged */
    bool is_offered; /* one of them takes it there */
    int64_t amount, handling_days;
};
struct catalog_delivery catalog_delivery_of(const struct vendor_terms *terms,
                                            const struct catalog_parcel *parcel);
