/* A chained hash table that holds only keys with something, so that it is as large as what is
 * counted. */
#include "gateway/tally.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4096 /* a power of two */ };

struct tally_entry {
    struct rate_key key;
    size_t count;
    struct tally_entry *next;
};

struct tally {
    uint8_t seed[crypto_shorthash_KEYBYTES];
    size_t count;
    struct tally_entry *places[PLACES];
};

struct tally *tally_new(const uint8_t seed[16])
{
    struct tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) abort();
    memcpy(tally->seed, seed, sizeof tally->seed);
    return tally;
}

void tally_destroy(struct tally **tally)
{
    if (*tally == NULL) return;
    assert((*tally)->count == 0);
    free(*tally);
    *tally = NULL;
}

/* Where the entry of a key hangs, or would hang. */
static struct tally_entry **entry_find(struct tally *tally, const struct rate_key *key)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t number;
    (void)crypto_shorthash(hash, (const uint8_t *)key, sizeof *key, tally->seed);
    memcpy(&number, hash, sizeof number);
    struct tally_entry **link = &tally->places[number & (PLACES - 1)];
    while (*link != NULL && memcmp(&(*link)->key, key, sizeof *key) != 0)
        link = &(*link)->next;
    return link;
}

bool tally_add(struct tally *tally, const struct rate_key *key, size_t max)
{
    struct tally_entry **link = entry_find(tally, key);
    if (*link == NULL) {
        if (max == 0) return false;
        *link = calloc(1, sizeof **link);
        if (*link == NULL) abort();
        (*link)->key = *key;
        tally->count++;
    }
    if ((*link)->count >= max) return false;
    (*link)->count++;
    return true;
}

void tally_remove(struct tally *tally, const struct rate_key *key)
{
    struct tally_entry **link = entry_find(tally, key);
    struct tally_entry *entry = *link;
    assert(entry != NULL && entry->count > 0);
    if (--entry->count > 0) return;
    *link = entry->next;
    tally->count--;
    free(entry);
}

size_t tally_count(const struct tally *tally)
{
    return tally->count;
}
