/* Who of a vendor's team may do what: pure. Rights are bits of enum vendor_permission. */
#pragma once

#include "runtime/base.h"
#include "vendor_messages.h"

/* What a role may do while the vendor is approved. */
uint64_t vendor_rights_of_role(enum vendor_role role);
/* What anybody may do while the vendor stands there: an approved one's team may do all, a
 * terminated one's nothing, the others' look after the profile and the team, and one's that is
 * terminating after its orders, too. */
uint64_t vendor_rights_of_status(enum vendor_vendor_status status);
/* Both: what a member's tokens and API keys may do. */
uint64_t vendor_rights(enum vendor_role role, enum vendor_vendor_status status);
/* Nobody gives or takes a role that may do more than he may himself. */
bool vendor_may_manage_role(uint64_t own_rights, enum vendor_role role);
/* True if the team would have no owner left. */
bool vendor_is_last_owner(enum vendor_role role, int64_t owners);
