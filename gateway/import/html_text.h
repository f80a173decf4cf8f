/* Plain text from HTML as merchants write it: tags are dropped, block tags and <br> become line
 * breaks, entities are decoded, what script and style hold is dropped, white space is collapsed.
 * Not a browser: broken markup gives some text. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* `html` is UTF-8. The result is UTF-8 without NUL, at most `limit` bytes, cut between characters.
 */
struct text html_to_text(struct arena *arena, struct text html, size_t limit);
