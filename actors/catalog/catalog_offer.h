/* Several vendors' offers of one item: which goes before which. Pure. */
#pragma once

#include "messages/values.h"

/* What is looked at of an offer. */
struct catalog_rival {
    struct uuid variant_id;
    bool can_be_bought;
    int64_t amount;            /* price of one now, in the currency that all are compared in */
    int64_t rating_hundredths; /* of its vendor: stars times 100; 0: nobody has rated it */
    int64_t listed_at_us;
};

/* Below 0 where `a` is the better offer: one that can be bought, then the lowest price, then the
 * vendor that is rated highest, then the one that was there first; in the end the lower id, so that
 * no two are equal. */
int catalog_rival_compare(const struct catalog_rival *a, const struct catalog_rival *b);
