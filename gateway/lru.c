/* A chained hash table and a list in order of use, over positions. The links stand apart from the
 * entries: moving one to the end of the list touches its neighbours, which are small here. */
#include "gateway/lru.h"

#include <stdlib.h>

struct lru_link {
    uint32_t hash;
    uint32_t next;         /* in the chain of its place */
    uint32_t newer, older; /* in the order of use */
};

/* Position LRU_NONE is never used, so that zeroed memory is an empty table. */
struct lru {
    uint32_t capacity, size;
    uint32_t newest, oldest;
    uint32_t *places;        /* twice the capacity, so that chains are short */
    struct lru_link links[]; /* capacity + 1 */
};

struct lru *lru_new(uint32_t capacity)
{
    assert(capacity > 0);
    assert((capacity & (capacity - 1)) == 0);
    /* calloc gets zeroed pages from the kernel as they are used, so an empty table costs nothing.
     */
    struct lru *lru = calloc(1, sizeof *lru + (capacity + (size_t)1) * sizeof *lru->links);
    if (lru == NULL) abort();
    lru->capacity = capacity;
    lru->places = calloc((size_t)2 * capacity, sizeof *lru->places);
    if (lru->places == NULL) abort();
    return lru;
}

void lru_destroy(struct lru **lru)
{
    if (*lru == NULL) return;
    free((*lru)->places);
    free(*lru);
    *lru = NULL;
}

uint32_t lru_size(const struct lru *lru)
{
    return lru->size;
}

static uint32_t *place_of(const struct lru *lru, uint32_t hash)
{
    return &lru->places[hash & (2 * lru->capacity - 1)];
}

static uint32_t with_hash(const struct lru *lru, uint32_t position, uint32_t hash)
{
    while (position != LRU_NONE && lru->links[position].hash != hash)
        position = lru->links[position].next;
    return position;
}

uint32_t lru_first(const struct lru *lru, uint32_t hash)
{
    return with_hash(lru, *place_of(lru, hash), hash);
}

uint32_t lru_next(const struct lru *lru, uint32_t position)
{
    assert(position != LRU_NONE && position <= lru->size);
    return with_hash(lru, lru->links[position].next, lru->links[position].hash);
}

static void order_remove(struct lru *lru, uint32_t position)
{
    const struct lru_link *link = &lru->links[position];
    if (link->newer != LRU_NONE)
        lru->links[link->newer].older = link->older;
    else
        lru->newest = link->older;
    if (link->older != LRU_NONE)
        lru->links[link->older].newer = link->newer;
    else
        lru->oldest = link->newer;
}

static void order_append(struct lru *lru, uint32_t position)
{
    struct lru_link *link = &lru->links[position];
    link->newer = LRU_NONE;
    link->older = lru->newest;
    if (link->older != LRU_NONE)
        lru->links[link->older].newer = position;
    else
        lru->oldest = position;
    lru->newest = position;
}

void lru_use(struct lru *lru, uint32_t position)
{
    assert(position != LRU_NONE && position <= lru->size);
    if (lru->newest == position) return;
    order_remove(lru, position);
    order_append(lru, position);
}

static uint32_t forget_oldest(struct lru *lru)
{
    const uint32_t position = lru->oldest;
    assert(position != LRU_NONE);
    uint32_t *from = place_of(lru, lru->links[position].hash);
    while (*from != position) {
        assert(*from != LRU_NONE);
        from = &lru->links[*from].next;
    }
    *from = lru->links[position].next;
    order_remove(lru, position);
    return position;
}

uint32_t lru_add(struct lru *lru, uint32_t hash)
{
    assert(lru->size <= lru->capacity);
    const uint32_t position = lru->size < lru->capacity ? ++lru->size : forget_oldest(lru);
    uint32_t *place = place_of(lru, hash);
    lru->links[position].hash = hash;
    lru->links[position].next = *place;
    *place = position;
    order_append(lru, position);
    return position;
}
