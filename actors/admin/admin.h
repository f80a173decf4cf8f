/* Staff: what each role may do, and when a session may do it. Pure. */
#pragma once

#include "admin_messages.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum { ADMIN_NAME_MAX = 120 };

/* Bits: 1 << enum admin_permission. */
#define ADMIN_RIGHTS_ALL ((UINT64_C(1) << ADMIN_PERMISSION_COUNT) - 1)

/* What a role may do; nothing for one that this version does not know. */
uint64_t admin_rights_of(enum admin_staff_role role);

/* What a session of that role may do now. While the market wants a second factor and the person has
 * none, or this session has not given it, only messages of permission "own" are open. */
struct admin_standing {
    uint64_t rights;
    bool needs_second_factor;
};
struct admin_standing admin_judge_session(enum admin_staff_role role, bool is_factor_wanted,
                                          bool has_factor, int64_t confirmed_us);

/* How many active owners a change makes more: -1, 0 or 1. */
int admin_owners_gained(enum admin_staff_role from_role, bool was_active,
                        enum admin_staff_role to_role, bool is_active);
