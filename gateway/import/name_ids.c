/* An open hash table of fixed size, with the names in one arena. */
#include "gateway/import/name_ids.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/arena.h"

enum { SLOTS = 2 * NAME_IDS_MAX, BLOCK_BYTES = 1 << 16 };

struct name_id {
    struct text name; /* data NULL: free */
    struct uuid id;
};

struct name_ids {
    struct arena *arena;
    size_t count, bytes;
    struct name_id slots[SLOTS];
};

struct name_ids *name_ids_new(void)
{
    struct name_ids *names = calloc(1, sizeof *names);
    if (names == NULL) abort();
    names->arena = arena_new(BLOCK_BYTES);
    return names;
}

void name_ids_destroy(struct name_ids **names)
{
    if (*names == NULL) return;
    arena_destroy(&(*names)->arena);
    free(*names);
    *names = NULL;
}

/* FNV-1a (Fowler, Noll, Vo), 64 bits. Names come from the operator's own file. */
static size_t slot_of(struct text name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash % SLOTS);
}

/* The slot of the name, or the free one where it belongs. There is a free one: at most half are
 * used. */
static size_t probe(const struct name_ids *names, struct text name)
{
    assert(names->count <= NAME_IDS_MAX);
    size_t slot = slot_of(name);
    while (names->slots[slot].name.data != NULL && !text_equals(names->slots[slot].name, name))
        slot = (slot + 1) % SLOTS;
    return slot;
}

bool name_ids_find(const struct name_ids *names, struct text name, struct uuid *ret_id)
{
    const struct name_id *found = &names->slots[probe(names, name)];
    if (found->name.data == NULL) return false;
    *ret_id = found->id;
    return true;
}

void name_ids_add(struct name_ids *names, struct text name, struct uuid id)
{
    assert(name.data != NULL); /* that marks a free slot */
    if (names->count == NAME_IDS_MAX || names->bytes + name.length > NAME_IDS_BYTES_MAX) {
        arena_reset(names->arena);
        memset(names->slots, 0, sizeof names->slots);
        names->count = names->bytes = 0;
    }
    struct name_id *slot = &names->slots[probe(names, name)];
    if (slot->name.data == NULL) {
        slot->name = text_copy(names->arena, name);
        names->count++;
        names->bytes += name.length;
    }
    slot->id = id;
}
