/* Text that people write and other people read: no characters that hide, turn round or imitate.
 * …_RULE says a rule to who has broken it. */
#pragma once

#include "runtime/text.h"

/* True if the bytes are UTF-8 and hold no control characters, no marks of direction (U+061C,
 * U+202A-202E, U+2066-2069), no line or paragraph separators, and nothing that is not seen
 * (U+200B-200F, U+2060-206F, U+FEFF, the soft hyphen, fillers of Hangul, tags). */
bool plain_text_is_line(struct text text);
#define PLAIN_TEXT_LINE_RULE "One line, without control, direction or hidden characters."
/* The same, but tabulators and line ends (LF, CR LF) may stand in it, and what some scripts and
 * emoji need: joiners (U+200C, U+200D), soft hyphens, fillers, tags. For descriptions. */
bool plain_text_is_block(struct text text);
#define PLAIN_TEXT_BLOCK_RULE "Lines without control or direction characters."
/* A line with joiners, without which Persian or Hindi is misspelt. For addresses: nothing is told
 * apart by them. */
bool plain_text_is_postal(struct text text);
/* Nothing, or only white space of whatever script. The text must be UTF-8. */
bool plain_text_is_blank(struct text text);
/* A line, or a block, in which there is something to read. */
bool plain_text_is_name(struct text text);
#define PLAIN_TEXT_NAME_RULE                                                                       \
    "One line with something to read in it, without control, direction or hidden characters."
bool plain_text_is_reason(struct text text);
#define PLAIN_TEXT_REASON_RULE                                                                     \
    "Lines with something to read in them, without control or direction characters."
