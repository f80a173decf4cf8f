/* Who of a vendor's team may do what: pure. Rights are bits of enum vendor_permission. */
#pragma once

#include "runtime/base.h"
#include "vendor_messages.h"

/* What a role may do while the vendor is approved. */
uint64_t vendor_rights_of_role(enum vendor_role role);
/* What anybody of the team may do while the vendor has that status: everything when approved,
 * nothing when terminated; otherwise look after profile and team; while suspended or terminating
 * after its orders and its stock, too. */
uint64_t vendor_rights_of_status(enum vendor_vendor_status status);
/* Both: what a member's tokens and API keys may do. */
uint64_t vendor_rights(enum vendor_role role, enum vendor_vendor_status status);
/* Whether somebody with these rights may give or take a role: only one that may do no more than he
 * may himself. */
bool vendor_may_manage_role(uint64_t own_rights, enum vendor_role role);
/* True if the team would have no owner left. */
bool vendor_is_last_owner(enum vendor_role role, int64_t owners);
