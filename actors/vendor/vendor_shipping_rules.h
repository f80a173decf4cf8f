/* What a way of sending may look like: pure. */
#pragma once

#include "messages/values.h"
#include "vendor_messages.h"

/* What is not allowed of a method. */
struct vendor_shipping_fault {
    const char *pointer; /* JSON pointer of the field */
    bool is_in_list;     /* the entry `index` of it is at fault */
    size_t index;
    const char *why; /* one sentence */
};
/* Trims the name. Returns false, with the first fault, unless all is allowed: a name without hidden
 * characters; amounts in one currency; countries of ISO 3166-1, each once; the amount that the kind
 * is made of. */
bool vendor_shipping_normalise(struct vendor_shipping_method *method,
                               struct vendor_shipping_fault *ret_fault);
/* Copies the fields that were sent; with another kind, the amounts of the old one go. */
void vendor_shipping_change(struct vendor_shipping_method *method,
                            const struct vendor_change_shipping_method *change);
