/* Finds entries of a fixed table by the hash of their key, and says which was used least recently.
 * An entry is known by its position, from 1 to the capacity; what is in it is the caller's, in an
 * array of its own. Pure. */
#pragma once

#include "runtime/base.h"

enum { LRU_NONE = 0 };

struct lru;

/* `capacity` is a power of two. */
struct lru *lru_new(uint32_t capacity);
/* Clears the pointer, which may be NULL. */
void lru_destroy(struct lru **lru);
/* How many positions are in use. */
uint32_t lru_size(const struct lru *lru);

/* The positions with that hash, one after the other; LRU_NONE at the end. The caller compares keys:
 * several may have one hash. Neither counts as use. */
uint32_t lru_first(const struct lru *lru, uint32_t hash);
uint32_t lru_next(const struct lru *lru, uint32_t position);
/* The position was used: it is the last that will be given to another key. */
void lru_use(struct lru *lru, uint32_t position);
/* A position for a new key with that hash, which counts as used: a free one, or that of the least
 * recently used, whose key is forgotten. */
uint32_t lru_add(struct lru *lru, uint32_t hash);
