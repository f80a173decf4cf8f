/* Names as parts of addresses. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* The letters and digits of `name` (UTF-8), in small letters, and single dashes for what is between
 * them: "Red Chair, XL" gives "red-chair-xl". Latin and Greek letters lose their accents or are
 * spelt in ASCII ("Käse groß": "kase-gross"), letters of other scripts stay as they are, composed
 * (UAX 15, NFC). Of signs only it is their numbers: so it is empty for the empty name only. At most
 * `max` (7 or more) bytes, in the arena. Not unique. */
struct text slug_of_text(struct arena *arena, struct text name, size_t max);
