/* Bundles: variants that are made of others, of which a vendor has the stock. One level: no bundle
 * is a part. Pure. */
#pragma once

#include "actors/catalog/catalog_ahead.h"

enum {
    CATALOG_PARTS_MAX = 20,         /* of one bundle */
    CATALOG_PART_BUNDLES_MAX = 50,  /* that have one variant as a part */
    CATALOG_PART_QUANTITY_MAX = 100 /* of one part */
};

/* A variant that is to be a part, as its rows say. */
struct catalog_part_facts {
    struct uuid variant_id, vendor_id;
    bool is_sold; /* it can be bought, and its product is not archived */
    bool is_digital, is_bundle;
    int64_t bundles_count; /* of others, that it is a part of */
};

/* What a bundle is to be. */
struct catalog_bundle_wish {
    struct uuid variant_id, vendor_id;
    bool is_digital, is_part;
    const struct catalog_new_part *parts;
    size_t parts_count;
    const struct catalog_part_facts *facts; /* of those that there are, in any order */
    size_t facts_count;
};

/* Whether it may be made. `*ret_part` is the place of the part at fault, or parts_count. Statuses:
 * OK, BUNDLE_CYCLE (it is a part itself, its own part, or has a bundle as one), NOT_FOUND (of
 * another vendor, or gone), INVALID_VALUE (a part twice; goods that are sent together with goods
 * that are not), TOO_MANY_BUNDLES. */
MUST_CHECK enum status catalog_bundle_check(const struct catalog_bundle_wish *wish,
                                            size_t *ret_part);

/* How much there is of a part. */
struct catalog_part_stock {
    int64_t quantity; /* of it in one bundle, >= 1 */
    bool is_sold;     /* it is listed, and can be bought */
    int64_t free;     /* as catalog_ahead_available() takes it */
    struct catalog_ahead ahead;
};

/* How often there are all parts of a bundle. */
struct catalog_bundle_stock {
    int64_t available, ready; /* bundles; ready: that can be sent now */
    enum catalog_availability availability;
    int64_t available_on_us; /* when its last part in pre-order is there; 0: none is */
};

struct catalog_bundle_stock catalog_bundle_reckon(const struct catalog_part_stock *parts,
                                                  size_t count, int64_t now_us);
