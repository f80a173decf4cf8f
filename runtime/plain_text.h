/* Text that people write and other people read: no characters that hide, turn round or imitate. */
#pragma once

#include "runtime/text.h"

/* True if the bytes are UTF-8 and hold no control characters, no marks of direction (U+202A-202E,
 * U+2066-2069), no line or paragraph separators, and nothing without width (U+200B-200F, U+2060,
 * U+FEFF). For names. */
bool plain_text_is_line(struct text text);
/* The same, but tabulators and line ends (LF, CR LF) may stand in it, and joiners (U+200C, U+200D)
 * too, which some scripts and emoji need. For descriptions. */
bool plain_text_is_block(struct text text);
