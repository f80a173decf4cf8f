/* Whole numbers of JSON, which has one kind of number only. */
#pragma once

#include <jansson.h>

#include "runtime/base.h"

/* True if it is a whole number that fits 64 bits, however it is written: 1, 1.0, 1e3. One with a
 * point or an exponent beyond 2^53 is none, as it may have been another one before it was read.
 * `json` may be NULL. */
bool json_read_whole(const json_t *json, int64_t *ret_number);
