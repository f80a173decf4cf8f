/* Characters of a text, all spellings of one folded into one: NFKC, case, accents, ligatures. Pure.
 * What is not UTF-8 is a space. */
#pragma once

#include "runtime/text.h"

enum search_character_kind {
    SEARCH_CHARACTER_LETTER,
    SEARCH_CHARACTER_DIGIT,
    SEARCH_CHARACTER_RUN, /* of a script that writes without spaces, or nearly so */
    SEARCH_CHARACTER_SIGN,
    SEARCH_CHARACTER_MARK, /* punctuation, and all else that is seen */
    SEARCH_CHARACTER_SPACE,
};

struct search_character {
    int32_t point;
    enum search_character_kind kind;
    bool is_upper; /* was a capital letter */
    char second;   /* 'e' of a folded umlaut, 'a' of a ring: how it is spelt without one; or 0 */
};

enum { SEARCH_FOLDER_QUEUE = 48 }; /* the longest decomposition has 18 characters */

struct search_folder {
    struct text rest;
    struct search_character queue[SEARCH_FOLDER_QUEUE];
    size_t begin, end;
};

void search_folder_init(struct search_folder *folder, struct text text);
/* The next character without taking it; NULL at the end. Lent until the next call. */
const struct search_character *search_folder_look(struct search_folder *folder);
void search_folder_skip(struct search_folder *folder);
