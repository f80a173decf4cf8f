/* Names as parts of addresses. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* Lower-case ASCII letters, digits and single dashes of `name`, at most `max` bytes, in the arena:
 * "Red Chair, XL" gives "red-chair-xl". Everything else is a dash; none stands at an end. Empty
 * when nothing is left. Not unique. */
struct text slug_of_text(struct arena *arena, struct text name, size_t max);
