/* What a way of sending may look like: pure. */
#pragma once

#include "actors/vendor/vendor.h"

/* What is not allowed of a method. */
struct vendor_shipping_fault {
    const char *pointer; /* JSON pointer of the field */
    bool is_in_list;     /* the entry `index` of it is at fault */
    size_t index;
    const char *why; /* one sentence */
};
/* Trims the name. Returns false, with the first fault, unless all is allowed: a name without hidden
 * characters; amounts in one currency; countries of ISO 3166-1, each once; the amount that the kind
 * is made of; not more days than the most. */
bool vendor_shipping_normalise(struct vendor_shipping_method *method,
                               struct vendor_shipping_fault *ret_fault);
/* Copies the fields that were sent; with another kind, the amounts of the old one go. */
void vendor_shipping_change(struct vendor_shipping_method *method,
                            const struct vendor_change_shipping_method *change);
/* Whether the method, which is not one of the others or stands among them as it was, may be offered
 * beside them: a profile has at most VENDOR_SHIPPING_OFFERED_MAX active ones in one currency. */
bool vendor_shipping_has_room(const struct vendor_shipping_method *method,
                              const struct vendor_shipping_method *others, size_t count);
/* The same two of profiles: trims the name; the region is one of the country. */
bool vendor_shipping_profile_normalise(struct vendor_shipping_profile *profile,
                                       struct vendor_shipping_fault *ret_fault);
void vendor_shipping_profile_change(struct vendor_shipping_profile *profile,
                                    const struct vendor_change_shipping_profile *change);
/* Least values of orders: one in each currency. */
bool vendor_order_minimums_check(const struct money *minimums, size_t count,
                                 struct vendor_shipping_fault *ret_fault);
