/* Rights of roles. */
#include "actors/vendor/vendor_rights.h"

#define BIT(permission) (UINT64_C(1) << VENDOR_PERMISSION_##permission)
#define ALL ((UINT64_C(1) << VENDOR_PERMISSION_COUNT) - 1)

uint64_t vendor_rights_of_role(enum vendor_role role)
{
    switch (role) {
    case VENDOR_ROLE_OWNER:
        return ALL;
    case VENDOR_ROLE_MANAGER:
        return ALL & ~BIT(MANAGE_KEYS);
    case VENDOR_ROLE_EDITOR:
        return BIT(VIEW_VENDOR) | BIT(MANAGE_PRODUCTS) | BIT(MANAGE_STOCK);
    case VENDOR_ROLE_FULFILMENT:
        return BIT(VIEW_VENDOR) | BIT(VIEW_ORDERS) | BIT(MANAGE_ORDERS);
    case VENDOR_ROLE_ACCOUNTANT:
        return BIT(VIEW_VENDOR) | BIT(VIEW_ORDERS) | BIT(VIEW_MONEY);
    }
    return 0;
}

/* Also what a vendor that may not sell must still do: look after its profile and team, so that it
 * can be approved or reinstated; and, suspended or on its way out, after the orders that its buyers
 * have paid for, and the stock: what they wait for is packed when it has come in. What could be
 * sold anew is not there to be bought, so nothing is added to them. */
uint64_t vendor_rights_of_status(enum vendor_vendor_status status)
{
    switch (status) {
    case VENDOR_VENDOR_STATUS_APPROVED:
        return ALL;
    case VENDOR_VENDOR_STATUS_APPLIED:
    case VENDOR_VENDOR_STATUS_REJECTED:
        return BIT(VIEW_VENDOR) | BIT(MANAGE_PROFILE) | BIT(MANAGE_TEAM);
    case VENDOR_VENDOR_STATUS_SUSPENDED:
        return BIT(VIEW_VENDOR) | BIT(MANAGE_PROFILE) | BIT(MANAGE_TEAM) | BIT(VIEW_ORDERS) |
               BIT(MANAGE_ORDERS) | BIT(MANAGE_STOCK);
    case VENDOR_VENDOR_STATUS_TERMINATING:
        return BIT(VIEW_VENDOR) | BIT(MANAGE_PROFILE) | BIT(MANAGE_TEAM) | BIT(VIEW_ORDERS) |
               BIT(MANAGE_ORDERS) | BIT(MANAGE_STOCK) | BIT(VIEW_MONEY);
    case VENDOR_VENDOR_STATUS_TERMINATED:
        return 0;
    }
    return 0;
}

/* A role is what somebody may do at most, a status what anybody may do now. */
uint64_t vendor_rights(enum vendor_role role, enum vendor_vendor_status status)
{
    return vendor_rights_of_role(role) & vendor_rights_of_status(status);
}

bool vendor_may_manage_role(uint64_t own_rights, enum vendor_role role)
{
    return (vendor_rights_of_role(role) & ~own_rights) == 0;
}

bool vendor_is_last_owner(enum vendor_role role, int64_t owners)
{
    return role == VENDOR_ROLE_OWNER && owners <= 1;
}
