/* Sorted words, walked as if they were a tree: the words that begin alike share the rows of the
 * table of distances, and are skipped together when their beginning is too far away. */
#include "actors/catalog/search_words.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_BYTES_MAX = 4 * SEARCH_WORD_CHARACTERS_MAX,
    ROWS_MAX = SEARCH_WORD_CHARACTERS_MAX + 1,
    TOO_FAR = SEARCH_EDITS_MAX + 1,
};

struct search_words {
    char *bytes;
    size_t bytes_count, bytes_capacity;
    uint32_t *starts; /* of each word, in the order of the words; it ends with a line feed */
    size_t count, capacity;
    size_t sorted_count; /* the first so many are in order */
};

static void *grow(void *list, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity) return list;
    size_t larger = *capacity < 1024 ? 1024 : *capacity;
    while (larger < wanted)
        larger += larger / 2;
    void *grown = realloc(list, larger * size);
    if (grown == NULL) abort();
    *capacity = larger;
    return grown;
}

struct search_words *search_words_new(void)
{
    struct search_words *words = calloc(1, sizeof *words);
    if (words == NULL) abort();
    return words;
}

void search_words_destroy(struct search_words **words)
{
    if (*words == NULL) return;
    free((*words)->bytes);
    free((*words)->starts);
    free(*words);
    *words = NULL;
}

size_t search_words_count(const struct search_words *words)
{
    return words->count;
}

static struct text word_at(const struct search_words *words, size_t index)
{
    const char *word = words->bytes + words->starts[index];
    return (struct text){ word,
                          (size_t)((const char *)memchr(word, '\n', WORD_BYTES_MAX + 1) - word) };
}

static int compare_starts(const void *a, const void *b, void *context)
{
    const char *bytes = context;
    const unsigned char *first = (const unsigned char *)bytes + *(const uint32_t *)a;
    const unsigned char *second = (const unsigned char *)bytes + *(const uint32_t *)b;
    while (*first == *second && *first != '\n') {
        first++;
        second++;
    }
    /* The line feed is below every byte of a word. */
    return (int)*first - (int)*second;
}

/* Sorts the fresh words in and drops those that were there. */
static void settle(struct search_words *words)
{
    if (words->sorted_count == words->count) return;
    qsort_r(words->starts + words->sorted_count, words->count - words->sorted_count,
            sizeof *words->starts, compare_starts, words->bytes);
    const size_t fresh_count = words->count - words->sorted_count;
    uint32_t *fresh = malloc(fresh_count * sizeof *fresh);
    if (fresh == NULL) abort();
    memcpy(fresh, words->starts + words->sorted_count, fresh_count * sizeof *fresh);
    /* From the back, so that nothing is overwritten before it has been moved. */
    size_t old = words->sorted_count, new = fresh_count, to = words->count;
    while (new > 0) {
        const int order =
            old == 0 ? -1 : compare_starts(&words->starts[old - 1], &fresh[new - 1], words->bytes);
        words->starts[--to] = order > 0 ? words->starts[--old] : fresh[--new];
    }
    free(fresh);
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++) {
        const bool is_again = kept > 0 && compare_starts(&words->starts[kept - 1],
                                                         &words->starts[i], words->bytes) == 0;
        if (!is_again) words->starts[kept++] = words->starts[i];
    }
    words->count = words->sorted_count = kept;
}

static size_t characters_of(struct text word)
{
    size_t count = 0;
    for (size_t i = 0; i < word.length; i++)
        count += ((unsigned char)word.data[i] & 0xC0) != 0x80;
    return count;
}

static void add_word(struct search_words *words, struct text word)
{
    if (word.length == 0 || word.length > WORD_BYTES_MAX) return;
    if (characters_of(word) > SEARCH_WORD_CHARACTERS_MAX) return;
    if (words->count == SEARCH_WORDS_MAX) return;
    if (words->bytes_count + word.length + 1 > UINT32_MAX) return;
    words->bytes =
        grow(words->bytes, &words->bytes_capacity, words->bytes_count + word.length + 1, 1);
    words->starts = grow(words->starts, &words->capacity, words->count + 1, sizeof *words->starts);
    words->starts[words->count++] = (uint32_t)words->bytes_count;
    memcpy(words->bytes + words->bytes_count, word.data, word.length);
    words->bytes_count += word.length;
    words->bytes[words->bytes_count++] = '\n';
}

void search_words_add(struct search_words *words, struct text lines)
{
    while (lines.length > 0) {
        const char *end = memchr(lines.data, '\n', lines.length);
        const size_t length = end == NULL ? lines.length : (size_t)(end - lines.data);
        add_word(words, (struct text){ lines.data, length });
        const size_t taken = end == NULL ? length : length + 1;
        lines = (struct text){ lines.data + taken, lines.length - taken };
    }
    settle(words);
}

/* ---- nearness ---- */

static size_t decode(const char *bytes, int32_t *ret_point)
{
    const unsigned char lead = (unsigned char)bytes[0];
    if (lead < 0x80) {
        *ret_point = lead;
        return 1;
    }
    const size_t width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    int32_t point = lead & (0xFF >> (width + 1));
    size_t i = 1;
    for (; i < width && ((unsigned char)bytes[i] & 0xC0) == 0x80; i++)
        point = point << 6 | (bytes[i] & 0x3F);
    *ret_point = point;
    return i;
}

/* The table of distances for the word that is looked at: row i is of its first i characters, column
 * j of the first j of what was typed. */
struct walk {
    int32_t typed[SEARCH_WORD_CHARACTERS_MAX];
    size_t typed_count;
    int edits_max;
    bool is_prefix;
    uint8_t rows[ROWS_MAX][ROWS_MAX];
    int32_t points[ROWS_MAX];      /* the character that row i added */
    size_t ends[ROWS_MAX];         /* bytes of the first i characters */
    uint8_t least_whole[ROWS_MAX]; /* the least distance of any beginning up to row i */
    struct search_near *near;
    size_t near_count;
};

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* Fills row `depth` for one more character; returns the least distance in it. Cells that are
 * further from the diagonal than the edits allowed are too far without a look. */
static int fill_row(struct walk *walk, size_t depth, int32_t point)
{
    const size_t band = (size_t)walk->edits_max;
    uint8_t *row = walk->rows[depth];
    const uint8_t *above = walk->rows[depth - 1];
    walk->points[depth] = point;
    walk->least_whole[depth] = walk->least_whole[depth - 1];
    const size_t first = depth > band ? depth - band : 0;
    const size_t last = depth + band < walk->typed_count ? depth + band : walk->typed_count;
    if (first > walk->typed_count) return TOO_FAR;
    uint8_t lowest = TOO_FAR;
    if (first > 0) row[first - 1] = TOO_FAR;
    for (size_t j = first; j <= last; j++) {
        uint8_t cell = j == 0 ? (uint8_t)least((uint8_t)depth, TOO_FAR) : TOO_FAR;
        if (j > 0) {
            const bool is_same = walk->typed[j - 1] == point;
            cell = (uint8_t)(above[j - 1] + !is_same);
            cell = least(cell, (uint8_t)(row[j - 1] + 1));
            if (depth > 1 && j > 1 && walk->typed[j - 2] == point &&
                walk->typed[j - 1] == walk->points[depth - 1]) {
                cell = least(cell, (uint8_t)(walk->rows[depth - 2][j - 2] + 1));
            }
        }
        if (j < depth + band) cell = least(cell, (uint8_t)(above[j] + 1));
        row[j] = least(cell, TOO_FAR);
        lowest = least(lowest, row[j]);
    }
    if (last < walk->typed_count) row[last + 1] = TOO_FAR;
    if (last == walk->typed_count)
        walk->least_whole[depth] = least(walk->least_whole[depth], row[last]);
    return lowest;
}

/* Keeps the nearest; among equally near ones those that came first, which are the lower ones. */
static void keep_near(struct walk *walk, struct text word, int edits)
{
    size_t place = walk->near_count;
    while (place > 0 && walk->near[place - 1].edits > edits)
        place--;
    if (place == SEARCH_NEAR_MAX) return;
    if (walk->near_count < SEARCH_NEAR_MAX) walk->near_count++;
    memmove(&walk->near[place + 1], &walk->near[place],
            (walk->near_count - place - 1) * sizeof *walk->near);
    walk->near[place] = (struct search_near){ word, edits };
}

/* The first word from `from` on that does not begin with `prefix`. */
static size_t skip_prefix(const struct search_words *words, size_t from, struct text prefix)
{
    size_t step = 1, low = from, high = from;
    while (high < words->count && text_starts_with(word_at(words, high), prefix)) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    if (high > words->count) high = words->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (text_starts_with(word_at(words, middle), prefix)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Rows of the word before that this one shares. */
static size_t shared_rows(const struct walk *walk, struct text before, struct text word,
                          size_t depth)
{
    size_t same = 0;
    while (same < before.length && same < word.length && before.data[same] == word.data[same])
        same++;
    while (depth > 0 && walk->ends[depth] > same)
        depth--;
    return depth;
}

static void walk_words(const struct search_words *words, struct walk *walk)
{
    size_t depth = 0, index = 0;
    struct text before = { 0 };
    while (index < words->count) {
        const struct text word = word_at(words, index);
        depth = shared_rows(walk, before, word, depth);
        before = word;
        bool is_near = true;
        while (is_near && walk->ends[depth] < word.length) {
            int32_t point;
            const size_t width = decode(word.data + walk->ends[depth], &point);
            walk->ends[depth + 1] = walk->ends[depth] + width;
            depth++;
            /* Behind a beginning that is near enough, nothing can be wrong any more. */
            is_near = fill_row(walk, depth, point) <= walk->edits_max ||
                      (walk->is_prefix && walk->least_whole[depth] <= walk->edits_max);
        }
        if (!is_near) {
            index = skip_prefix(words, index, (struct text){ word.data, walk->ends[depth] });
            continue;
        }
        const int edits = walk->is_prefix ? walk->least_whole[depth]
                          : depth + (size_t)walk->edits_max < walk->typed_count
                              ? TOO_FAR
                              : walk->rows[depth][walk->typed_count];
        if (edits > 0 && edits <= walk->edits_max) keep_near(walk, word, edits);
        index++;
    }
}

int search_edits_forgiven(struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] >= '0' && word.data[i] <= '9') return 0;
    }
    const size_t count = characters_of(word);
    if (count > SEARCH_WORD_CHARACTERS_MAX) return 0;
    return count <= 3 ? 0 : count <= 7 ? 1 : 2;
}

size_t search_words_near(struct search_words *words, struct text word, int edits_max,
                         bool is_prefix, struct search_near ret_near[SEARCH_NEAR_MAX])
{
    assert(edits_max >= 1 && edits_max <= SEARCH_EDITS_MAX);
    struct walk walk = { .edits_max = edits_max, .is_prefix = is_prefix, .near = ret_near };
    for (size_t at = 0; at < word.length;) {
        if (walk.typed_count == SEARCH_WORD_CHARACTERS_MAX) return 0;
        at += decode(word.data + at, &walk.typed[walk.typed_count++]);
    }
    for (size_t j = 0; j <= walk.typed_count; j++)
        walk.rows[0][j] = (uint8_t)(j < TOO_FAR ? j : TOO_FAR);
    walk.least_whole[0] = walk.rows[0][walk.typed_count];
    walk_words(words, &walk);
    return walk.near_count;
}
