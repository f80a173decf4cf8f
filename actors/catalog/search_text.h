/* Texts as search knows them: split into words, all spellings of a word folded into one. Pure; any
 * bytes are a text, what is not UTF-8 separates words. */
#pragma once

#include "actors/catalog/search_fold.h"

enum {
    SEARCH_WORD_MAX = 48, /* bytes; longer words are cut */
    SEARCH_PARTS_MAX = 12,
    SEARCH_FOLDED_MAX = 256, /* bytes of search_text_fold() */
};

enum search_part_kind {
    SEARCH_LETTERS, /* and the marks of scripts that write with them */
    SEARCH_DIGITS,
    SEARCH_RUN, /* of a script that writes without spaces: pairs of characters stand for words */
    SEARCH_SIGN /* an emoji, or another symbol that stands for itself */
};

/* A word, or a piece of one: "T-Shirt" has two parts, "iPhone15" too. Folded: case, accents,
 * compatible forms and ligatures do not count. */
struct search_part {
    struct text word;
    struct text other; /* with umlauts by two letters ("muehle" of "muhle"); empty: the same */
    enum search_part_kind kind;
};

/* What stands between white space. Views end with the next call. */
struct search_chunk {
    struct search_part parts[SEARCH_PARTS_MAX];
    size_t parts_count; /* at least 1 */
    size_t signs_count; /* plus and number signs at its end: "C++" */
    char sign;
    char bytes[2 * SEARCH_PARTS_MAX * SEARCH_WORD_MAX];
};

struct search_text_reader {
    struct search_folder folder;
};

void search_text_reader_init(struct search_text_reader *reader, struct text text);
/* False at the end of the text. A chunk of more parts goes on as the next one. */
bool search_text_next(struct search_text_reader *reader, struct search_chunk *ret_chunk);

/* Writes the parts from `first` to before `end` as one word ("tshirt"), or their other spellings,
 * and gives its length, at most SEARCH_WORD_MAX. Runs and signs join nothing: 0. The whole chunk
 * keeps the signs at its end ("c++"). */
size_t search_chunk_join(const struct search_chunk *chunk, size_t first, size_t end, bool is_other,
                         char ret_word[SEARCH_WORD_MAX]);

/* All words of a text without what separates them ("thewho"): equal for texts that differ in
 * punctuation, case and accents only. Cut at SEARCH_FOLDED_MAX; gives the length. */
size_t search_text_squeeze(struct text text, char ret_bytes[SEARCH_FOLDED_MAX]);
/* Like it, but what separates stays: white space as one space, none at the ends. */
size_t search_text_fold(struct text text, char ret_bytes[SEARCH_FOLDED_MAX]);

/* True for a word ("the", "und") that says little in one of the languages known here. */
bool search_text_is_stop(struct text word);
/* The same of a word of a question. One that is an ordinary word in another language ("hat", "car")
 * is a stop word only if another of the question's words is one of its language alone. */
bool search_text_is_stop_among(struct text word, const struct text *words, size_t count);
/* The language of `codes` that has the most of its stop words at the start of the text; the first
 * one if none has any. At least one code. */
const char *search_text_guess(struct text text, const char *const *codes, size_t count);
