/* What a vendor's team or staff has done, told to the admin domain: an event in the unit that did
 * it, so that there is one if and only if something was changed. */
#pragma once

#include "actors/host/request_internal.h"

/* Adds the event to the request's unit when the message is one that is audited: a command of role
 * vendor or admin, one of a shopper whom staff impersonates, or one whose handler called
 * request_audit(). To be called when the handler has returned OK and its unit is not empty.
 * Statuses: OK, those of request_publish(). */
MUST_CHECK enum status audit_add(struct request *request, const struct message *message,
                                 const void *body);
