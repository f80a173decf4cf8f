/* The domain that a request runs in, as identity sees it: user, vendor or admin. */
#pragma once

#include "actors/host/request.h"
#include "identity_messages.h"

/* The domain's own messages. */
const struct identity_messages *identity_messages_here(const struct request *request);
/* The surface whose tokens and keys the domain signs and knows. */
enum common_audience identity_audience_here(const struct request *request);
/* Who is signed in: of a vendor the member, else the account itself. */
struct uuid identity_person(const struct request *request);
