/* The words of an index, in memory: which of them are near to one that was typed. A word is folded
 * (search_text.h). Owns its memory. */
#pragma once

#include "runtime/text.h"

enum {
    SEARCH_WORDS_MAX = 2000000,      /* beyond, no words are added */
    SEARCH_WORD_CHARACTERS_MAX = 24, /* longer words are not added, and near to nothing */
    SEARCH_EDITS_MAX = 2,
    SEARCH_NEAR_MAX = 48,
};

struct search_words;

struct search_words *search_words_new(void);
/* The caller destroys it. */
struct search_words *search_words_copy(const struct search_words *words);
/* NULL is fine. */
void search_words_destroy(struct search_words **words);
/* Adds words that stand between line feeds; those that are known are left out by the next sort. */
void search_words_add(struct search_words *words, struct text lines);
/* To be called after additions, before anything is looked for. */
void search_words_sort(struct search_words *words);
size_t search_words_count(const struct search_words *words);

/* One that is near: lent until the next addition. */
struct search_near {
    struct text word;
    int edits;
};

/* Characters to be put in, left out, replaced, or changed with their neighbour, that are forgiven
 * in a word: none up to 3 characters, 1 up to 7, else 2; none in words with digits. */
int search_edits_forgiven(struct text word);

/* Words within `edits_max` (1 to SEARCH_EDITS_MAX) of `word`, nearest first, equally near ones in
 * the order of their bytes; with `is_prefix`, words of which a beginning is. The word itself is not
 * among them. Returns how many. */
size_t search_words_near(const struct search_words *words, struct text word, int edits_max,
                         bool is_prefix, struct search_near ret_near[SEARCH_NEAR_MAX]);
