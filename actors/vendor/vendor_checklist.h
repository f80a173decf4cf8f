/* What the market asks for before it approves a vendor: pure. */
#pragma once

#include "actors/vendor/vendor.h"

/* What of the checklist is counted in other tables. */
struct vendor_progress {
    int64_t owners, owners_with_email, owners_with_second_factor;
    int64_t active_shipping_methods;
};

/* The items that the market asks for, in the order of the enum. */
struct vendor_checklist_result {
    struct vendor_checklist_entry items[VENDOR_CHECKLIST_ITEM_COUNT];
    size_t count;
};

/* `setting` holds words of enum vendor_checklist_item, separated by commas; an item stands in the
 * result once, in the order of the enum. Statuses: OK, INVALID_VALUE (a word that is none: then
 * nobody can be approved). */
MUST_CHECK enum status vendor_checklist_judge(struct text setting, const struct vendor *vendor,
                                              const struct vendor_progress *progress,
                                              struct vendor_checklist_result *ret_result);
/* One sentence on an item for people. */
const char *vendor_checklist_text(enum vendor_checklist_item item);
