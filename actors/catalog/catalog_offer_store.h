/* SQL of several vendors' offers of one item. Reads WAIT and see committed rows only, in the
 * request's arena; their statuses are OK, those named, and those of request_query(). */
#pragma once

#include "actors/catalog/catalog_offer.h"
#include "actors/host/request.h"
#include "catalog_messages.h"

enum {
    CATALOG_RIVALS_MAX = 20 /* offers of one variant */,
    CATALOG_ITEM_OFFERS_MAX = 500,
    CATALOG_RIVALS_TOLD_MAX = 64, /* products; of more nobody is named */
    CATALOG_OFFER_PAGE_MAX = 100, /* of one vendor's products, looked at together */
    CATALOG_OFFER_PAGE_IDS_MAX = 1000,
    CATALOG_SHIPPING_PAGES_MAX = 100 /* of a vendor's products that are looked at one by one */
};

/* One of the offers of the item that the product's variant is. */
struct catalog_item_row {
    struct uuid variant_of; /* the product's */
    int64_t offers;         /* of its item, this one among them */
    bool is_digital;
    struct catalog_parcel parcel; /* what would be sent; of a bundle without what its parts weigh */
    struct catalog_rival rival;   /* before delivery */
    struct catalog_item_offer offer;
};

/* The offers of all variants of a listed product that have a barcode, its own among them, by
 * variant, in that currency; of each the first CATALOG_RIVALS_MAX of those that can be bought and
 * cost least. Also NOT_FOUND: no such product is listed. */
MUST_CHECK enum status catalog_offer_store_list(struct request *request, struct uuid product_id,
                                                const char *currency,
                                                struct catalog_item_row **ret_rows,
                                                size_t *ret_count);
/* Other products that have the number of one of the product's variants as they are committed, or
 * one of `barcodes`, or a bundle that one of the variants is a part of: all whose pages show what
 * the product is. CATALOG_RIVALS_TOLD_MAX + 1 at most, for which the caller has room. */
MUST_CHECK enum status catalog_offer_store_rivals(struct request *request, struct uuid product_id,
                                                  const struct text *barcodes,
                                                  size_t barcodes_count, struct uuid *ret_ids,
                                                  size_t *ret_count);
/* Queues that a product is an item of its own whatever its barcodes say, or not any more. Someone
 * else's product that does not exist ends the unit with NOT_FOUND. */
void catalog_offer_store_separate(struct request *request, struct uuid product_id,
                                  bool is_separate);

/* Some of a vendor's listed products. */
struct catalog_offer_page {
    const struct uuid *ids; /* those with a barcode, and who else has its number */
    size_t ids_count;       /* CATALOG_OFFER_PAGE_IDS_MAX + 1: there are more */
    struct uuid last;       /* of the vendor's products that were looked at */
    bool is_last;           /* there is none behind it */
};

/* CATALOG_OFFER_PAGE_MAX of the vendor's behind `after`. In the request's arena. WAITS. Statuses:
 * OK and those of request_query(). */
MUST_CHECK enum status catalog_offer_store_page(struct request *request, struct uuid vendor_id,
                                                struct uuid after,
                                                struct catalog_offer_page *ret_page);
