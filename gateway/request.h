/* From HTTP to a message: path, query, headers and JSON body become the struct of the route's
 * message, and that becomes msgpack. */
#pragma once

#include "gateway/exchange.h"
#include "gateway/problem.h"

/* Fills exchange->request: body, key, shard, principal with its proof, idempotency. exchange->match
 * and principal must be set. Sets ret_problem->faults, which say where. Statuses: OK, the refusals
 * of messages/codec_json.h, UNKNOWN_PARAMETER, INVALID_PARAMETER, NOT_FOUND (malformed id in the
 * path), PRECONDITION_FAILED (an entity tag that nothing has), UNSUPPORTED_MEDIA_TYPE,
 * BODY_TOO_LARGE, IDEMPOTENCY_KEY_REQUIRED, MALFORMED. */
MUST_CHECK enum status request_read(struct exchange *exchange, struct problem *ret_problem);