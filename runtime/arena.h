/* Memory of one request: many allocations, freed at once. Allocation never fails: sizes are bounded
 * at the edge, and a machine without memory aborts. Under ASan each allocation is a malloc of its
 * own, so that overruns are seen. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new arena whose first block has `block_size` bytes. The caller destroys it. */
struct arena *arena_new(size_t block_size);
/* Frees the arena and everything in it; clears the pointer; NULL is fine. */
void arena_destroy(struct arena **arena);
/* Forgets everything allocated and keeps the first block for reuse. */
void arena_reset(struct arena *arena);
/* Zeroed memory, aligned for any type, that lives as long as the arena. size may be 0. */
void *arena_allocate(struct arena *arena, size_t size);
/* The same, not zeroed: for bytes that are written at once. */
void *arena_reserve(struct arena *arena, size_t size);
/* Makes `data`, which has `size` bytes, longer where it is. False when it is not the last
 * allocation or there is no room behind it (under ASan always); then nothing has changed. */
bool arena_extend(struct arena *arena, const void *data, size_t size, size_t new_size);
/* count * size bytes; aborts on overflow. */
void *arena_allocate_array(struct arena *arena, size_t count, size_t size);
void *arena_copy(struct arena *arena, const void *data, size_t size);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);
