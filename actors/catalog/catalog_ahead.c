/* Rules of selling ahead. */
#include "actors/catalog/catalog_ahead.h"

struct catalog_ahead catalog_ahead_at(struct catalog_ahead ahead, int64_t now_us)
{
    const bool is_over =
        ahead.policy == CATALOG_STOCK_POLICY_PREORDER && ahead.available_on_us <= now_us;
    return is_over ? (struct catalog_ahead){ .policy = CATALOG_STOCK_POLICY_DENY } : ahead;
}

bool catalog_ahead_day_is_good(int64_t available_on_us, int64_t now_us)
{
    return available_on_us > now_us && available_on_us - now_us <= CATALOG_PREORDER_MAX_US;
}

enum status catalog_ahead_check(const struct catalog_ahead *ahead, int64_t now_us,
                                const char **ret_field)
{
    const bool sells_ahead = ahead->policy != CATALOG_STOCK_POLICY_DENY;
    *ret_field = "limit";
    if (sells_ahead ? ahead->limit < 1 || ahead->limit > CATALOG_AHEAD_MAX : ahead->limit != 0)
        return STATUS_INVALID_VALUE;
    *ret_field = "available_on";
    if (ahead->policy != CATALOG_STOCK_POLICY_PREORDER)
        return ahead->available_on_us == 0 ? STATUS_OK : STATUS_INVALID_VALUE;
    return catalog_ahead_day_is_good(ahead->available_on_us, now_us) ? STATUS_OK
                                                                     : STATUS_INVALID_VALUE;
}

int64_t catalog_ahead_available(struct catalog_ahead ahead, int64_t free, int64_t now_us)
{
    const int64_t available = free + catalog_ahead_at(ahead, now_us).limit;
    return available > 0 ? available : 0;
}

enum catalog_availability catalog_ahead_availability(struct catalog_ahead ahead, int64_t free,
                                                     int64_t now_us)
{
    if (catalog_ahead_available(ahead, free, now_us) == 0) return CATALOG_AVAILABILITY_OUT_OF_STOCK;
    if (catalog_ahead_at(ahead, now_us).policy == CATALOG_STOCK_POLICY_PREORDER)
        return CATALOG_AVAILABILITY_PREORDER;
    return free > 0 ? CATALOG_AVAILABILITY_IN_STOCK : CATALOG_AVAILABILITY_BACKORDER;
}
