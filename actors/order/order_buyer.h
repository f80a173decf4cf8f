/* Who has bought: what is known of the person when somebody else acts on the order. */
#pragma once

#include "actors/host/request.h"

/* In which language goods are named to the buyer of a group, who is not the one that asks: that in
 * which the person is written to. Empty: the market has one language, or nobody knows. WAITS.
 * Statuses: OK, STOPPING. */
MUST_CHECK enum status order_buyer_language(struct request *request, struct uuid user_id,
                                            struct uuid group_id, struct text *ret_language);
