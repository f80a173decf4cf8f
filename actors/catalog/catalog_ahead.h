/* Selling ahead: units of a variant that may be promised beyond those that are there, by back-order
 * or by pre-order. Pure. */
#pragma once

#include "catalog_messages.h"

enum { CATALOG_AHEAD_MAX = 1000000 }; /* units that may be promised ahead */

/* How far away the day may be from which on a pre-ordered variant is there: two years. */
#define CATALOG_PREORDER_MAX_US (2 * 365 * 86400LL * 1000000)

/* What a vendor allows. Zero: nothing is sold that is not there. */
struct catalog_ahead {
    enum catalog_stock_policy policy;
    int64_t limit;           /* units; 0 with DENY, else 1 to CATALOG_AHEAD_MAX */
    int64_t available_on_us; /* market time, with PREORDER; else 0 */
};

/* The same at a time: a pre-order whose day has come is none any more, by the clock alone. */
struct catalog_ahead catalog_ahead_at(struct catalog_ahead ahead, int64_t now_us);
/* True if a pre-order may be of that day: one to come, and not too far away. */
bool catalog_ahead_day_is_good(int64_t available_on_us, int64_t now_us);
/* Whether a vendor may wish it. `*ret_field` names the member of the contract at fault. Statuses:
 * OK, INVALID_VALUE (a limit or a day that belongs to another policy, or lacks; a limit beyond what
 * may be; a day that has been, or is too far away). */
MUST_CHECK enum status catalog_ahead_check(const struct catalog_ahead *ahead, int64_t now_us,
                                           const char **ret_field);
/* How many can be bought of a variant of which `free` units are there and not set aside; negative:
 * so many are promised that are not there. */
int64_t catalog_ahead_available(struct catalog_ahead ahead, int64_t free, int64_t now_us);
/* How it is sold now. Before its day a pre-ordered variant is in pre-order, units or not. */
enum catalog_availability catalog_ahead_availability(struct catalog_ahead ahead, int64_t free,
                                                     int64_t now_us);
