/* The rules of staff. */
#include "actors/admin/admin.h"

#define RIGHT(permission) (UINT64_C(1) << ADMIN_PERMISSION_##permission)

enum { SPACE = 0x20, DELETE = 0x7f };

static const uint64_t views = RIGHT(VIEW_USERS) | RIGHT(VIEW_VENDORS) | RIGHT(VIEW_PRODUCTS) |
                              RIGHT(VIEW_ORDERS) | RIGHT(VIEW_MONEY) | RIGHT(VIEW_NOTIFICATIONS) |
                              RIGHT(VIEW_AUDIT) | RIGHT(VIEW_STAFF);

uint64_t admin_rights_of(enum admin_staff_role role)
{
    switch (role) {
    case ADMIN_STAFF_ROLE_OWNER:
        return ADMIN_RIGHTS_ALL;
    case ADMIN_STAFF_ROLE_MANAGER:
        return ADMIN_RIGHTS_ALL & ~(RIGHT(MANAGE_STAFF) | RIGHT(MANAGE_MARKET));
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

struct admin_standing admin_judge_session(enum admin_staff_role role, bool is_factor_wanted,
                                          bool has_factor, int64_t confirmed_us)
{
    const bool is_good = has_factor ? confirmed_us > 0 : !is_factor_wanted;
    return (struct admin_standing){
        .rights = is_good ? admin_rights_of(role) : 0,
        .needs_second_factor = !is_good,
    };
}

int admin_owners_gained(enum admin_staff_role from_role, bool was_active,
                        enum admin_staff_role to_role, bool is_active)
{
    return (to_role == ADMIN_STAFF_ROLE_OWNER && is_active) -
           (from_role == ADMIN_STAFF_ROLE_OWNER && was_active);
}

/* Of a character beyond ASCII, by its bytes in UTF-8: U+0080..9F, U+00AD, U+061C, U+200B..200F,
 * U+2028..202E, U+2060..206F, U+FEFF. */
static bool is_hidden(struct text character)
{
    const unsigned char *byte = (const unsigned char *)character.data;
    if (character.length == 2)
        return (byte[0] == 0xc2 && (byte[1] < 0xa0 || byte[1] == 0xad)) ||
               (byte[0] == 0xd8 && byte[1] == 0x9c);
    if (character.length != 3) return false;
    if (byte[0] == 0xef) return byte[1] == 0xbb && byte[2] == 0xbf;
    if (byte[0] != 0xe2) return false;
    if (byte[1] == 0x80)
        return (byte[2] >= 0x8b && byte[2] <= 0x8f) || (byte[2] >= 0xa8 && byte[2] <= 0xae);
    return byte[1] == 0x81 && byte[2] >= 0xa0 && byte[2] <= 0xaf;
}

bool admin_name_is_plain(struct text name)
{
    if (!text_is_utf8(name) || text_trim(name).length == 0) return false;
    while (name.length > 0) {
        const unsigned char first = (unsigned char)name.data[0];
        const size_t width = text_utf8_width(name);
        if (first < SPACE || first == DELETE) return false;
        if (is_hidden((struct text){ name.data, width })) return false;
        name = (struct text){ name.data + width, name.length - width };
    }
    return true;
}
