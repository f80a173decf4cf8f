/* Texts that look alike as the same bytes. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* The text composed (Unicode's NFC), in the arena; itself if it is that already, or no UTF-8. */
struct text normal_form(struct arena *arena, struct text text);
/* What tells names, SKUs and options apart: composed, in small letters, with one space where white
 * space of any kind stands, and none at the ends. Two that differ in nothing else have the same
 * key; accents and signs differ. The databases say it alike (`same_name()` of their migrations). */
struct text normal_key(struct arena *arena, struct text text);
/* True if both have the same key. */
bool normal_keys_are_same(struct arena *arena, struct text a, struct text b);
