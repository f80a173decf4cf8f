/* What the clock deletes of the schema identity. */
#include "actors/identity/identity_trim.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_throttle_store.h"
#include "actors/identity/identity_ticket.h"

void identity_trim(struct request *request)
{
    identity_throttle_trim(request);
    identity_sessions_trim(request);
    identity_tickets_trim(request);
    identity_api_keys_trim(request);
}
