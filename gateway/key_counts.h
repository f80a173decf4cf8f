/* Counts per key, with a limit: how many connections an address has open, how many requests of a
 * principal are in flight. Owns its memory; one loop, no locks. */
#pragma once

#include "gateway/rate_limit.h"

struct key_counts;

/* `seed` (16 random bytes) keeps clients from choosing their place in the hash table. */
struct key_counts *key_counts_new(const uint8_t seed[16]);
/* Everything that was counted must have been removed. */
void key_counts_destroy(struct key_counts **counts);
/* Counts one more for the key. False, and nothing is counted, if it has `max` already. */
MUST_CHECK bool key_counts_add(struct key_counts *counts, const struct rate_key *key, size_t max);
/* Counts one less for a key that has any. */
void key_counts_remove(struct key_counts *counts, const struct rate_key *key);
/* How many the key has. */
size_t key_counts_of(struct key_counts *counts, const struct rate_key *key);
/* How many keys have any. */
size_t key_counts_size(const struct key_counts *counts);
