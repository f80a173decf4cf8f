/* A chained hash table that only holds keys with something to count. What is counted (connections,
 * requests) is bounded by the caller, and so is the table. */
#include "gateway/key_counts.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4096 /* a power of two */ };

struct key_count {
    struct rate_key key;
    size_t count;
    struct key_count *next;
};

struct key_counts {
    uint8_t seed[crypto_shorthash_KEYBYTES];
    size_t size;
    struct key_count *places[PLACES];
};

static_assert((PLACES & (PLACES - 1)) == 0, "a hash is cut to a place with a mask");

struct key_counts *key_counts_new(const uint8_t seed[16])
{
    static_assert(crypto_shorthash_KEYBYTES == 16, "the seed is a key of the hash");
    assert(seed != NULL);
    struct key_counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL) abort();
    memcpy(counts->seed, seed, sizeof counts->seed);
    return counts;
}

void key_counts_destroy(struct key_counts **counts)
{
    assert(counts != NULL);
    if (*counts == NULL) return;
    assert((*counts)->size == 0);
    free(*counts);
    *counts = NULL;
}

/* The link to the entry of the key, or the one that a new entry is to be hung on. Keys are compared
 * as bytes: whoever fills a key zeroes it first. */
static struct key_count **find_link(struct key_counts *counts, const struct rate_key *key)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t number;
    (void)crypto_shorthash(hash, (const uint8_t *)key, sizeof *key, counts->seed);
    memcpy(&number, hash, sizeof number);
    struct key_count **link = &counts->places[number & (PLACES - 1)];
    while (*link != NULL && memcmp(&(*link)->key, key, sizeof *key) != 0)
        link = &(*link)->next;
    return link;
}

bool key_counts_add(struct key_counts *counts, const struct rate_key *key, size_t max)
{
    assert(counts != NULL);
    assert(key->kind != 0);
    struct key_count **link = find_link(counts, key);
    const size_t count = *link == NULL ? 0 : (*link)->count;
    if (count >= max) return false;
    if (*link == NULL) {
        *link = calloc(1, sizeof **link);
        if (*link == NULL) abort();
        (*link)->key = *key;
        counts->size++;
    }
    (*link)->count++;
    return true;
}

void key_counts_remove(struct key_counts *counts, const struct rate_key *key)
{
    assert(counts != NULL);
    struct key_count **link = find_link(counts, key);
    struct key_count *entry = *link;
    assert(entry != NULL);
    assert(entry->count > 0);
    if (--entry->count > 0) return;
    assert(counts->size > 0);
    *link = entry->next;
    counts->size--;
    free(entry);
}

size_t key_counts_of(struct key_counts *counts, const struct rate_key *key)
{
    assert(counts != NULL);
    const struct key_count *entry = *find_link(counts, key);
    return entry == NULL ? 0 : entry->count;
}

size_t key_counts_size(const struct key_counts *counts)
{
    assert(counts != NULL);
    return counts->size;
}
