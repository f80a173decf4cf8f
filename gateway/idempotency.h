/* Idempotency-Key: a request that is repeated under its key is executed once (the domain keeps the
 * first answer). */
#pragma once

#include "gateway/exchange.h"
#include "messages/validate.h"

/* Sets exchange->request's key and fingerprint as the route wants them; match, path and principal
 * are known. Statuses: OK (also when there is no key and none is needed), IDEMPOTENCY_KEY_REQUIRED,
 * IDEMPOTENCY_KEY_REFUSED, NOT_FOUND (a guest without a proof), MALFORMED (noted in `faults`). */
MUST_CHECK enum status idempotency_read(struct exchange *exchange, struct field_faults *faults);
