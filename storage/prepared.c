/* Open addressing with linear probing; grows at half load. Entries are never removed one by one. */
#include "storage/prepared.h"

#include <stdlib.h>
#include <string.h>

#include "storage/connection.h"

enum { PREPARED_CAPACITY_START = 64 };

struct prepared_table {
    struct prepared *entries;
    size_t capacity, count;
};

struct prepared_table *prepared_new(void)
{
    struct prepared_table *table = calloc(1, sizeof *table);
    if (table == NULL) abort();
    table->capacity = PREPARED_CAPACITY_START;
    table->entries = calloc(table->capacity, sizeof *table->entries);
    if (table->entries == NULL) abort();
    return table;
}

void prepared_destroy(struct prepared_table **table)
{
    if (*table == NULL) return;
    free((*table)->entries);
    free(*table);
    *table = NULL;
}

void prepared_forget_all(struct prepared_table *table)
{
    memset(table->entries, 0, table->capacity * sizeof *table->entries);
    table->count = 0;
}

static struct prepared *prepared_slot(struct prepared *entries, size_t capacity,
                                      const struct statement *statement)
{
    /* Addresses are multiples of 8 at least; a multiplication by an odd constant spreads them. */
    size_t slot = ((uintptr_t)statement >> 3) * 0x9E3779B97F4A7C15u >> 20 & (capacity - 1);
    while (entries[slot].statement != NULL && entries[slot].statement != statement)
        slot = (slot + 1) & (capacity - 1);
    return &entries[slot];
}

static void prepared_grow(struct prepared_table *table)
{
    const size_t capacity = table->capacity * 2;
    struct prepared *entries = calloc(capacity, sizeof *entries);
    if (entries == NULL) abort();
    for (size_t i = 0; i < table->capacity; i++) {
        const struct prepared *old = &table->entries[i];
        if (old->statement != NULL) *prepared_slot(entries, capacity, old->statement) = *old;
    }
    free(table->entries);
    table->entries = entries;
    table->capacity = capacity;
}

struct prepared *prepared_entry(struct prepared_table *table, const struct statement *statement)
{
    struct prepared *entry = prepared_slot(table->entries, table->capacity, statement);
    if (entry->statement != NULL) return entry;
    assert(table->count < CONNECTION_STATEMENTS_MAX);
    if (2 * (table->count + 1) > table->capacity) {
        prepared_grow(table);
        entry = prepared_slot(table->entries, table->capacity, statement);
    }
    entry->statement = statement;
    entry->number = (unsigned)++table->count;
    return entry;
}
