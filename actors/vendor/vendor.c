/* What a vendor is. */
#include "actors/vendor/vendor.h"

enum status vendor_admit(struct text name, struct uuid id, int64_t now_us,
                         struct vendor *ret_vendor)
{
    const struct text trimmed = text_trim(name);
    if (trimmed.length == 0 || trimmed.length > VENDOR_NAME_MAX) return STATUS_INVALID_VALUE;
    *ret_vendor = (struct vendor){
        .id = id,
        .name = trimmed,
        .status = VENDOR_VENDOR_STATUS_APPROVED,
        .created_at_us = now_us,
        .version = 1,
    };
    return STATUS_OK;
}

bool vendor_is_public(const struct vendor *vendor)
{
    return vendor->status == VENDOR_VENDOR_STATUS_APPROVED;
}
