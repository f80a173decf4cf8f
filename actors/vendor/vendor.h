/* What a vendor is, and the limits of one: pure, no I/O. */
#pragma once

#include "messages/values.h"
#include "vendor_messages.h"

enum {
    VENDOR_NAME_MAX = 200,
    VENDOR_SLUG_MAX = 200,
    VENDOR_PAGE_MAX = 100,
    VENDOR_PAGE_DEFAULT = 20
};

/* The aggregate: one vendor. Texts are views. */
struct vendor {
    struct uuid id;
    struct text name, slug;
    bool has_description;
    struct text description;
    enum vendor_vendor_status status;
    int64_t created_at_us;
    int64_t version;
};

/* A vendor that the market lets in at once. `name` is trimmed. Statuses: OK, INVALID_VALUE (nothing
 * is left of the name). */
MUST_CHECK enum status vendor_admit(struct text name, struct uuid id, int64_t now_us,
                                    struct vendor *ret_vendor);
/* Everybody may see approved vendors only. */
bool vendor_is_public(const struct vendor *vendor);
