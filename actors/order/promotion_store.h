/* The promotions of a cart, as price_cart() reads them. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/promotion.h"

/* What a cart is. */
struct promotion_cart {
    char currency[4];
    int64_t now_us; /* market time */
    const struct uuid *vendors;
    size_t vendors_count;
    const struct text *codes; /* as they were typed, at most PRICE_CODES_MAX */
    size_t codes_count;
    struct uuid customer; /* zero: not known yet, so only total limits are looked at */
    struct uuid group_id; /* the checkout under way, whose own uses do not exhaust; zero: none */
};

/* In the order in which they are loaded. */
struct promotion_list {
    const struct price_promotion *promotions;
    const struct text *names;  /* of each */
    const bool *have_limits;   /* of each: uses are counted, so they must be set aside */
    size_t count;              /* at most PRICE_PROMOTIONS_MAX */
    const struct uuid *groups; /* of those that promotions are for, some that the customer is in */
    size_t groups_count;
    bool has_more;
};

/* Loads what a cart of that currency may be priced with: active, without amounts or with amounts in
 * its currency. First those whose codes were typed (PRICE_CODES_MAX at most; also one that has
 * ended, as long as no other has its code, so that the price says so), then those not ended: the
 * market's automatic ones (PROMOTIONS_AUTOMATIC_MAX at most), then the vendors', by priority and
 * id: every vendor's first before any vendor's second. The sum of 10 + 20 + 20 is
 * PRICE_PROMOTIONS_MAX: all promotions of a cart of one vendor fit, and those of carts of 20
 * vendors with one each. Beyond that `has_more` says that a vendor's later ones are left out, the
 * same at every question while the rows are the same. One round trip. WAITS. Statuses: OK, CORRUPT,
 * and those of request_query(). */
MUST_CHECK enum status promotion_store_load(struct request *request,
                                            const struct promotion_cart *cart,
                                            struct promotion_list *ret_list);

/* How limits tell customers apart: an account by its id, a guest by a keyed digest of his address
 * in its normal form, which no row gives away. */
struct uuid promotion_customer_of_guest(struct request *request, struct text email);
