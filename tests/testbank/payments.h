/* Payment intents: their routes, and what happens to them later. */
#pragma once

#include "tests/testbank/call.h"

json_t *intent_create(struct call *call);
json_t *intent_retrieve(struct call *call);
json_t *intent_list(struct call *call);
json_t *intent_update(struct call *call);
json_t *intent_confirm(struct call *call);
json_t *intent_capture(struct call *call);
json_t *intent_cancel(struct call *call);

/* The end of 3-D Secure, of processing, of an authorisation that nobody captured: nothing when the
 * intent does not wait for it any more. */
void intent_authenticated(struct bank *bank, struct intent *intent, bool is_approved);
void intent_settled(struct bank *bank, struct intent *intent, bool is_approved);
void intent_expired(struct bank *bank, struct intent *intent);

/* A movement of money for `source`; what goes out is negative. */
struct balance *balance_add(struct bank *bank, const struct object *source, const char *currency,
                            const char *type, const char *category);
/* Whether the method may be used for the customer; false after a refusal of the parameter. */
MUST_CHECK bool method_is_usable(struct call *call, const char *name, const struct method *method,
                                 const struct customer *customer);
/* The method of a parameter: one of the account's, or a new one of a token. Refused when there is
 * none, when it is another customer's, or was detached. `ret_method` stays as it is without the
 * parameter. Only a token changes anything, so it comes last. */
MUST_CHECK bool param_method(struct call *call, const char *name, const struct customer *customer,
                             struct method **ret_method);
