/* What a vendor is, where it may stand, and when it is open: pure, no I/O. */
#pragma once

#include "messages/values.h"
#include "vendor_messages.h"

enum {
    VENDOR_NAME_MAX = 200,
    VENDOR_SLUG_MAX = 200,
    VENDOR_PAGE_MAX = 100,
    VENDOR_PAGE_DEFAULT = 20,
    VENDOR_TEAM_MAX = 50, /* members and invitations */
    VENDOR_HISTORY_LISTED_MAX = 100,
    VENDOR_SHIPPING_METHODS_MAX = 50,
    VENDOR_SHIPPING_PROFILES_MAX = 20,
    VENDOR_SHIPPING_OFFERED_MAX = 20, /* active methods of one profile in one currency */
    VENDOR_TERMS_MAX = 50,            /* vendors that are asked about at once */
    VENDOR_ORDER_MINIMUMS_MAX = 10    /* one per currency */
};

/* The aggregate: one vendor. Texts are views; one that may be absent is empty then. */
struct vendor {
    struct uuid id;
    struct text name, slug;
    bool is_slug_new;                       /* its row has another one, or none */
    struct text seo_title, seo_description; /* for search engines */
    struct text description, logo_url, banner_url, policies, contact_email;
    enum vendor_vendor_status status;
    struct text status_reason;
    bool needs_acceptance;              /* of each of its orders */
    const struct money *order_minimums; /* least values of its goods in an order, by currency */
    size_t order_minimums_count;
    bool has_window; /* closed from .. to (market time) */
    int64_t closed_from_us, closed_to_us;
    bool is_announced_open; /* what was last told to everybody */
    int64_t created_at_us;
    int64_t version; /* of its row */
};

/* A vendor of that status; `name` is trimmed. Statuses: OK, INVALID_VALUE (nothing is left of the
 * name). */
MUST_CHECK enum status vendor_admit(struct text name, struct uuid id,
                                    enum vendor_vendor_status status, int64_t now_us,
                                    struct vendor *ret_vendor);
/* A name as it is compared with others: ASCII letters in lower case. Takes names of at most
 * VENDOR_NAME_MAX bytes. */
struct vendor_name_key {
    char text[VENDOR_NAME_MAX];
    size_t length;
};
void vendor_name_fold(struct text name, struct vendor_name_key *ret_key);

/* Everybody may see approved vendors only. */
bool vendor_is_public(const struct vendor *vendor);

/* ---- where it stands ---- */

enum vendor_act {
    VENDOR_ACT_APPLY, /* apply again after a rejection */
    VENDOR_ACT_APPROVE,
    VENDOR_ACT_REJECT,
    VENDOR_ACT_SUSPEND,
    VENDOR_ACT_REINSTATE,
    VENDOR_ACT_TERMINATE,
    VENDOR_ACT_LEAVE, /* by the clock, when its last order has ended */
    VENDOR_ACT_COUNT
};
extern const char *const vendor_act_names[VENDOR_ACT_COUNT];

/* Where an act leads from a status. Statuses: OK, ILLEGAL_TRANSITION. */
MUST_CHECK enum status vendor_status_after(enum vendor_act act, enum vendor_vendor_status from,
                                           enum vendor_vendor_status *ret_to);
/* Whether a vendor may leave for good: no order is unfinished, and no checkout is under way that
 * may become one. Vendors have no balances yet; what is owed to them will count, too. */
bool vendor_can_leave(int64_t open_orders, int64_t open_checkouts);

/* ---- when it is open ---- */

bool vendor_is_on_holiday(const struct vendor *vendor, int64_t now_us);
/* Approved and not on holiday. */
bool vendor_is_open(const struct vendor *vendor, int64_t now_us);
/* When its holiday begins or ends next; 0: never. */
int64_t vendor_due_us(const struct vendor *vendor, int64_t now_us);
/* Sets the window. Statuses: OK, INVALID_VALUE (it ends before it begins, or is over). */
MUST_CHECK enum status vendor_close(struct vendor *vendor, int64_t from_us, int64_t to_us,
                                    int64_t now_us);
