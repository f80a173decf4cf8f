/* Plain text from HTML as merchants write it: tags are dropped, block tags and <br> become line
 * breaks, entities are decoded, the content of script and style is dropped, white space is
 * collapsed. Not a browser: broken markup becomes some text. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* Converts `html`, which is UTF-8. The result is UTF-8 without NUL, in the arena, of at most
 * `limit` bytes, cut between characters. */
struct text html_to_text(struct arena *arena, struct text html, size_t limit);
