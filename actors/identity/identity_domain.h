/* The domain that a request runs in, as identity sees it: user, vendor or admin. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_session.h"
#include "identity_messages.h"

/* What a domain with accounts lends to identity's handlers: one constant per domain, user_identity
 * and so on. The functions WAIT and have the statuses of request_query() unless they say more;
 * those marked "or NULL" do nothing in domains that lend none. */
struct identity_domain {
    /* What an API key may do, bit by bit. */
    const char *const *permission_names;
    size_t permissions_count;
    /* Takes from use->rights what the account and the maker of the key may not do now. Statuses:
     * UNAUTHENTICATED (one of them may do nothing). */
    enum status (*limit_api_key)(struct request *request, struct common_api_key_use *use);
    /* Notes that a session was closed because its refresh token was used twice; or NULL. Queues,
     * does not wait. */
    void (*note_theft)(struct request *request, const struct identity_session *session);
    /* Queues the deletion of what else has had its time; or NULL. Does not wait. */
    void (*trim)(struct request *request);
};

/* The domain's own messages. */
const struct identity_messages *identity_messages_here(const struct request *request);
/* The surface whose tokens and keys the domain signs and knows. */
enum common_audience identity_audience_here(const struct request *request);
/* Who is signed in: of a vendor the member, else the account itself. */
struct uuid identity_person(const struct request *request);
