/* From HTTP to a message: path, query, headers and JSON body become the command's struct and then
 * msgpack. */
#pragma once

#include "gateway/exchange.h"
#include "gateway/problem.h"

/* Fills exchange->request: body, key, shard, principal and its proof, idempotency. exchange->match
 * and principal are set. Statuses: OK, else as in ret_problem: the refusals of
 * messages/codec_json.h, UNKNOWN_PARAMETER, INVALID_PARAMETER, NOT_FOUND (malformed id in the
 * path), UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, IDEMPOTENCY_KEY_REQUIRED, MALFORMED. */
MUST_CHECK enum status request_read(struct exchange *exchange, struct problem *ret_problem);
