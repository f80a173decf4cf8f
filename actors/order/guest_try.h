/* Cards that guests try out: counted by the network that they come from, as they have no account.
 */
#pragma once

#include "actors/host/request.h"

/* TOO_MANY_DECLINES where so many cards of guests of the request's network were declined within an
 * hour (payment.declines_max). WAITS. Other statuses: OK (also where it is not known where the
 * request came from), those of request_query(). */
MUST_CHECK enum status guest_try_refuse(struct request *request);
/* Queues that a guest's checkout tries a card, and, of whosoever's checkout, that it was declined.
 */
void guest_try_note(struct request *request, struct uuid group_id);
void guest_try_note_declined(struct request *request, struct uuid group_id);
