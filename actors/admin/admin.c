/* The rules of staff. */
#include "actors/admin/admin.h"

#define RIGHT(permission) (UINT64_C(1) << ADMIN_PERMISSION_##permission)

static const uint64_t views = RIGHT(VIEW_USERS) | RIGHT(VIEW_VENDORS) | RIGHT(VIEW_PRODUCTS) |
                              RIGHT(VIEW_ORDERS) | RIGHT(VIEW_MONEY) | RIGHT(VIEW_NOTIFICATIONS) |
                              RIGHT(VIEW_AUDIT) | RIGHT(VIEW_STAFF);

uint64_t admin_rights_of(enum admin_staff_role role)
{
    switch (role) {
    case ADMIN_STAFF_ROLE_OWNER:
        return ADMIN_RIGHTS_ALL;
    case ADMIN_STAFF_ROLE_MANAGER:
        return ADMIN_RIGHTS_ALL & ~RIGHT(MANAGE_STAFF);
    case ADMIN_STAFF_ROLE_SUPPORT:
        return RIGHT(VIEW_USERS) | RIGHT(MANAGE_USERS) | RIGHT(IMPERSONATE) | RIGHT(VIEW_VENDORS) |
               RIGHT(VIEW_PRODUCTS) | RIGHT(VIEW_ORDERS) | RIGHT(MANAGE_ORDERS) |
               RIGHT(VIEW_NOTIFICATIONS) | RIGHT(MANAGE_NOTIFICATIONS);
    case ADMIN_STAFF_ROLE_CATALOGUE:
        return RIGHT(VIEW_VENDORS) | RIGHT(MANAGE_VENDORS) | RIGHT(VIEW_PRODUCTS) |
               RIGHT(MANAGE_PRODUCTS);
    case ADMIN_STAFF_ROLE_FINANCE:
        return RIGHT(VIEW_USERS) | RIGHT(VIEW_VENDORS) | RIGHT(VIEW_ORDERS) | RIGHT(VIEW_MONEY) |
               RIGHT(MANAGE_MONEY) | RIGHT(VIEW_AUDIT);
    case ADMIN_STAFF_ROLE_AUDITOR:
        return views;
    }
    return 0;
}

/* A token without rights still opens what is everybody's own, so that a factor can be enrolled with
 * it. */
struct admin_standing admin_judge_session(enum admin_staff_role role, bool is_factor_wanted,
                                          bool has_factor, int64_t confirmed_us)
{
    const bool is_good = has_factor ? confirmed_us > 0 : !is_factor_wanted;
    return (struct admin_standing){
        .rights = is_good ? admin_rights_of(role) : 0,
        .needs_second_factor = !is_good,
    };
}

/* An owner who is kept out counts as none: nobody could use the role. */
int admin_owners_gained(enum admin_staff_role from_role, bool was_active,
                        enum admin_staff_role to_role, bool is_active)
{
    return (to_role == ADMIN_STAFF_ROLE_OWNER && is_active) -
           (from_role == ADMIN_STAFF_ROLE_OWNER && was_active);
}
