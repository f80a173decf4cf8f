/* How many of something each of many has now: open connections of an address, requests under way
 * of a principal. */
#pragma once

#include "gateway/rate_limit.h"

struct tally;

/* `seed` (16 random bytes) keeps clients from choosing their place in the table. */
struct tally *tally_new(const uint8_t seed[16]);
/* All must have been given back. */
void tally_destroy(struct tally **tally);
/* Counts one more for `key` unless it has `max` already. What is taken is bounded by the caller. */
bool tally_add(struct tally *tally, const struct rate_key *key, size_t max);
void tally_remove(struct tally *tally, const struct rate_key *key);
/* Keys that have any. */
size_t tally_count(const struct tally *tally);
