/* What follows from the domain that a request runs in. */
#include "actors/identity/identity_domain.h"

const struct identity_messages *identity_messages_here(const struct request *request)
{
    const struct identity_messages *messages = identity_messages_of(request_domain(request));
    assert(messages != NULL);
    return messages;
}

enum common_audience identity_audience_here(const struct request *request)
{
    switch (request_domain(request)) {
    case DOMAIN_VENDOR:
        return COMMON_AUDIENCE_VENDOR;
    case DOMAIN_ADMIN:
        return COMMON_AUDIENCE_ADMIN;
    default:
        assert(request_domain(request) == DOMAIN_USER);
        return COMMON_AUDIENCE_STORE;
    }
}

/* Only vendors have people apart from the account. A principal of a shopper may have an actor, too:
 * staff in the shopper's name. */
struct uuid identity_person_id(const struct request *request)
{
    const struct principal *principal = request_principal(request);
    return request_domain(request) == DOMAIN_VENDOR ? principal->actor : principal->id;
}
