/* What a way of sending may look like: pure. */
#pragma once

#include "messages/values.h"
#include "vendor_messages.h"

/* Trims the name. Returns the JSON
 * pointer of the first field that is not allowed, NULL when all are: a name without hidden
 * characters; amounts in one currency; countries of ISO 3166-1, each once; the amount that the kind
 * is made of. */
const char *vendor_shipping_normalise(struct vendor_shipping_method *method);
/* Copies the fields that were sent; with another kind, the amounts of the old one go. */
void vendor_shipping_change(struct vendor_shipping_method *method,
                            const struct vendor_change_shipping_method *change);
