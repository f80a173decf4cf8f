/* What this domain lends to actors/identity/, and who of a team is signed in. */
#pragma once

#include "actors/identity/identity_domain.h"
#include "actors/vendor/vendor_member_store.h"

extern const struct identity_domain vendor_identity;

/* The member as identity knows it; views the member. */
struct identity_person vendor_person_of(const struct vendor_teammate *member);
/* The member who is signed in. WAITS. Statuses: OK, UNAUTHENTICATED (was removed), those of
 * request_query(). */
MUST_CHECK enum status vendor_find_myself(struct request *request,
                                          struct vendor_teammate *ret_member);
