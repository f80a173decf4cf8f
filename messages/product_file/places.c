/* An open hash table of digests, which doubles while it is three quarters full. */
#include "messages/product_file/places.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_WORDS = 3, SLOTS_AT_FIRST = 1 << 10 };

struct slot {
    uint32_t digest[DIGEST_WORDS]; /* 96 bits: two of 6 million names are mistaken once in 10^15 */
    struct place place;            /* first 0: free */
};

struct places {
    struct slot *slots;
    size_t slots_count, names_count; /* the former a power of two */
};

static struct slot *slots_new(size_t count)
{
    struct slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL) abort();
    return slots;
}

struct places *places_new(void)
{
    struct places *places = calloc(1, sizeof *places);
    if (places == NULL) abort();
    places->slots_count = SLOTS_AT_FIRST;
    places->slots = slots_new(SLOTS_AT_FIRST);
    return places;
}

void places_destroy(struct places **places)
{
    if (*places == NULL) return;
    free((*places)->slots);
    free(*places);
    *places = NULL;
}

static void digest_name(struct text name, uint32_t ret_digest[DIGEST_WORDS])
{
    unsigned char bytes[crypto_generichash_BYTES_MIN];
    static_assert(sizeof bytes >= DIGEST_WORDS * sizeof *ret_digest, "cut from these");
    (void)crypto_generichash(bytes, sizeof bytes, (const unsigned char *)name.data, name.length,
                             NULL, 0);
    memcpy(ret_digest, bytes, DIGEST_WORDS * sizeof *ret_digest);
}

/* The slot of the digest, or the free one where it belongs. */
static struct slot *probe(struct slot *slots, size_t count, const uint32_t digest[DIGEST_WORDS])
{
    size_t at = (digest[0] | (size_t)digest[1] << 32) & (count - 1);
    while (slots[at].place.first != 0 &&
           memcmp(slots[at].digest, digest, sizeof slots[at].digest) != 0)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static void grow(struct places *places)
{
    const size_t count = 2 * places->slots_count;
    struct slot *slots = slots_new(count);
    for (size_t i = 0; i < places->slots_count; i++) {
        const struct slot *old = &places->slots[i];
        if (old->place.first != 0) *probe(slots, count, old->digest) = *old;
    }
    free(places->slots);
    places->slots = slots;
    places->slots_count = count;
}

static enum status note(struct places *places, struct text name, uint64_t line, bool is_once)
{
    uint32_t digest[DIGEST_WORDS];
    const uint32_t short_line = line > UINT32_MAX ? UINT32_MAX : (uint32_t)line;
    assert(line > 0);
    if (4 * places->names_count >= 3 * places->slots_count) grow(places);
    digest_name(name, digest);
    struct slot *slot = probe(places->slots, places->slots_count, digest);
    if (slot->place.first != 0) {
        if (!is_once && slot->place.second == 0) slot->place.second = short_line;
        return STATUS_OK;
    }
    if (places->names_count == PLACES_MAX) return STATUS_OUT_OF_RANGE;
    memcpy(slot->digest, digest, sizeof slot->digest);
    slot->place.first = short_line;
    places->names_count++;
    return STATUS_OK;
}

enum status places_note(struct places *places, struct text name, uint64_t line)
{
    return note(places, name, line, false);
}

enum status places_note_once(struct places *places, struct text name, uint64_t line)
{
    return note(places, name, line, true);
}

bool places_find(const struct places *places, struct text name, struct place *ret_place)
{
    uint32_t digest[DIGEST_WORDS];
    digest_name(name, digest);
    const struct slot *slot = probe(places->slots, places->slots_count, digest);
    if (slot->place.first == 0) return false;
    *ret_place = slot->place;
    return true;
}
