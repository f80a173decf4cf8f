/* Memory of one request: bump blocks that double up to a bound, or one malloc per allocation under
 * ASan. */
#include "runtime/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BLOCK_MIN = 256,
    ARENA_BLOCK_MAX = 256 * 1024, /* bigger allocations get a block of their own */
};

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) char data[];
};

struct arena {
    struct arena_block *first,
        *current;      /* `current` is the one that is bumped; blocks before it are full */
    size_t block_size; /* of the next block */
    size_t used;
};

static struct arena_block *arena_block_new(size_t size)
{
    assert(size <= SIZE_MAX - sizeof(struct arena_block));
    struct arena_block *block = malloc(sizeof *block + size);
    if (block == NULL) abort();
    *block = (struct arena_block){ .size = size };
    return block;
}

static void arena_blocks_free(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

struct arena *arena_new(size_t block_size)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) abort();
    arena->block_size = block_size < ARENA_BLOCK_MIN ? ARENA_BLOCK_MIN : block_size;
    if (arena->block_size > ARENA_BLOCK_MAX) arena->block_size = ARENA_BLOCK_MAX;
    return arena;
}

void arena_destroy(struct arena **arena)
{
    assert(arena != NULL);
    if (*arena == NULL) return;
    arena_blocks_free((*arena)->first);
    free(*arena);
    *arena = NULL;
}

static void arena_block_append(struct arena *arena, struct arena_block *block)
{
    if (arena->current == NULL) {
        arena->first = block;
        return;
    }
    block->next = arena->current->next;
    arena->current->next = block;
}

#ifdef SOUK_SANITIZED

void arena_reset(struct arena *arena)
{
    assert(arena != NULL);
    arena_blocks_free(arena->first);
    arena->first = arena->current = NULL;
    arena->used = 0;
}

static char *arena_cut(struct arena *arena, size_t size)
{
    struct arena_block *block = arena_block_new(size);
    arena_block_append(arena, block);
    arena->current = block;
    return block->data;
}

bool arena_extend(struct arena *arena, const void *data, size_t size, size_t new_size)
{
    assert(arena != NULL);
    assert(data != NULL);
    assert(size <= new_size);
    return false;
}

#else

void arena_reset(struct arena *arena)
{
    assert(arena != NULL);
    arena->used = 0;
    if (arena->first == NULL) return;
    if (arena->first->size > ARENA_BLOCK_MAX) {
        /* One big request must not weigh on those after it. */
        arena_blocks_free(arena->first);
        arena->first = arena->current = NULL;
        return;
    }
    arena_blocks_free(arena->first->next);
    arena->first->next = NULL;
    arena->first->used = 0;
    arena->current = arena->first;
}

static size_t arena_round(size_t size)
{
    const size_t alignment = alignof(max_align_t);
    assert(size <= SIZE_MAX - alignment);
    return (size + alignment - 1) / alignment * alignment;
}

bool arena_extend(struct arena *arena, const void *data, size_t size, size_t new_size)
{
    assert(arena != NULL);
    assert(size <= new_size);
    struct arena_block *block = arena->current;
    const size_t more = arena_round(new_size) - arena_round(size);
    if (block == NULL || more > block->size - block->used) return false;
    if ((const char *)data + arena_round(size) != block->data + block->used) return false;
    block->used += more;
    arena->used += new_size - size;
    return true;
}

static char *arena_cut(struct arena *arena, size_t size)
{
    const size_t rounded = arena_round(size);
    struct arena_block *block = arena->current;
    if (block != NULL && rounded <= block->size - block->used) {
        char *data = block->data + block->used;
        block->used += rounded;
        return data;
    }
    const bool is_big = rounded > arena->block_size / 2 && block != NULL;
    struct arena_block *fresh =
        arena_block_new(is_big || rounded > arena->block_size ? rounded : arena->block_size);
    arena_block_append(arena, fresh);
    fresh->used = rounded;
    if (is_big) return fresh->data;
    arena->current = fresh;
    if (arena->block_size < ARENA_BLOCK_MAX) arena->block_size *= 2;
    if (arena->block_size > ARENA_BLOCK_MAX) arena->block_size = ARENA_BLOCK_MAX;
    return fresh->data;
}

#endif

void *arena_reserve(struct arena *arena, size_t size)
{
    assert(arena != NULL);
    char *data = arena_cut(arena, size);
    arena->used += size;
    return data;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    return memset(arena_reserve(arena, size), 0, size);
}

void *arena_allocate_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) abort();
    return arena_allocate(arena, total);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_reserve(arena, size);
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

size_t arena_used(const struct arena *arena)
{
    assert(arena != NULL);
    return arena->used;
}
