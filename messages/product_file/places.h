/* Where names stand in a file, in bounded memory: the lines of the first two places of each. Names
 * are known by their digests, so that a file of millions takes as many times 20 bytes. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum { PLACES_MAX = 6 << 20 /* names; 160 MiB, and 80 more while the table doubles */ };

struct place {
    uint32_t first, second; /* lines; second 0: it stands in one place only */
};

struct places;

struct places *places_new(void);
/* Clears the pointer, which may be NULL. */
void places_destroy(struct places **places);
/* Notes that the name stands on the line. What is noted behind the second place is not kept.
 * Statuses: OK, OUT_OF_RANGE (PLACES_MAX names are known). */
MUST_CHECK enum status places_note(struct places *places, struct text name, uint64_t line);
/* The same, unless the name is known already. */
MUST_CHECK enum status places_note_once(struct places *places, struct text name, uint64_t line);
/* True if the name is known. */
bool places_find(const struct places *places, struct text name, struct place *ret_place);
