/* Sorted words, walked as if they were a tree: the words that begin alike share the rows of the
 * table of distances, and are skipped together when their beginning is too far away. They are
 * sorted from the front and from the back, because errors are seldom at both ends of a word. */
#include "actors/catalog/search_words.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_BYTES_MAX = 4 * SEARCH_WORD_CHARACTERS_MAX,
    ROWS_MAX = SEARCH_WORD_CHARACTERS_MAX + 1,
    TOO_FAR = SEARCH_EDITS_MAX + 1,
    LIST_MIN = 1024, /* entries of a list that begins to grow */
};

enum direction { FORWARDS, BACKWARDS, DIRECTIONS };

struct search_words {
    char *bytes; /* of each word: its length, the word */
    size_t bytes_count, bytes_capacity;
    uint32_t *starts[DIRECTIONS]; /* of the words, in both orders */
    size_t capacities[DIRECTIONS];
    size_t count;
    size_t sorted_count; /* the first so many are in order */
};

static void *grow(void *list, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity) return list;
    size_t larger = *capacity < LIST_MIN ? LIST_MIN : *capacity;
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

static void *duplicate(const void *list, size_t size)
{
    if (size == 0) return NULL;
    void *copy = malloc(size);
    if (copy == NULL) abort();
    memcpy(copy, list, size);
    return copy;
}

struct search_words *search_words_copy(const struct search_words *words)
{
    struct search_words *copy = search_words_new();
    *copy = *words;
    copy->bytes = duplicate(words->bytes, words->bytes_count);
    copy->bytes_capacity = words->bytes_count;
    for (enum direction i = FORWARDS; i < DIRECTIONS; i++) {
        copy->starts[i] = duplicate(words->starts[i], words->count * sizeof *words->starts[i]);
        copy->capacities[i] = words->count;
    }
    return copy;
}

void search_words_destroy(struct search_words **words)
{
    if (*words == NULL) return;
    free((*words)->bytes);
    for (enum direction i = FORWARDS; i < DIRECTIONS; i++)
        free((*words)->starts[i]);
    free(*words);
    *words = NULL;
}

size_t search_words_count(const struct search_words *words)
{
    return words->count;
}

static struct text word_from(const char *bytes, uint32_t start)
{
    return (struct text){ bytes + start, (unsigned char)bytes[start - 1] };
}

static struct text word_at(const struct search_words *words, enum direction direction, size_t index)
{
    return word_from(words->bytes, words->starts[direction][index]);
}

static int compare_forwards(const void *a, const void *b, void *context)
{
    const char *bytes = context;
    return text_compare(word_from(bytes, *(const uint32_t *)a),
                        word_from(bytes, *(const uint32_t *)b));
}

static int compare_backwards(const void *a, const void *b, void *context)
{
    const char *bytes = context;
    const struct text first = word_from(bytes, *(const uint32_t *)a);
    const struct text second = word_from(bytes, *(const uint32_t *)b);
    for (size_t i = 1; i <= first.length && i <= second.length; i++) {
        const int order = (int)(unsigned char)first.data[first.length - i] -
                          (int)(unsigned char)second.data[second.length - i];
        if (order != 0) return order;
    }
    return (first.length > second.length) - (first.length < second.length);
}

/* Sorts the fresh words in and drops those that were there. Returns how many stay. */
static size_t settle(struct search_words *words, enum direction direction)
{
    int (*const compare)(const void *, const void *, void *) =
        direction == FORWARDS ? compare_forwards : compare_backwards;
    uint32_t *starts = words->starts[direction];
    const size_t fresh_count = words->count - words->sorted_count;
    qsort_r(starts + words->sorted_count, fresh_count, sizeof *starts, compare, words->bytes);
    uint32_t *fresh = malloc(fresh_count * sizeof *fresh);
    if (fresh == NULL) abort();
    memcpy(fresh, starts + words->sorted_count, fresh_count * sizeof *fresh);
    /* From the back, so that nothing is overwritten before it has been moved. */
    size_t old = words->sorted_count, new = fresh_count, to = words->count;
    while (new > 0) {
        const int order = old == 0 ? -1 : compare(&starts[old - 1], &fresh[new - 1], words->bytes);
        starts[--to] = order > 0 ? starts[--old] : fresh[--new];
    }
    free(fresh);
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++) {
        const bool is_again = kept > 0 && compare(&starts[kept - 1], &starts[i], words->bytes) == 0;
        if (!is_again) starts[kept++] = starts[i];
    }
    return kept;
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
    words->bytes[words->bytes_count++] = (char)word.length;
    for (enum direction i = FORWARDS; i < DIRECTIONS; i++) {
        words->starts[i] = grow(words->starts[i], &words->capacities[i], words->count + 1,
                                sizeof *words->starts[i]);
        words->starts[i][words->count] = (uint32_t)words->bytes_count;
    }
    words->count++;
    memcpy(words->bytes + words->bytes_count, word.data, word.length);
    words->bytes_count += word.length;
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
}

void search_words_sort(struct search_words *words)
{
    if (words->sorted_count == words->count) return;
    (void)settle(words, BACKWARDS);
    words->count = words->sorted_count = settle(words, FORWARDS);
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

/* The character at so many bytes from where the direction begins; returns its width. */
static size_t character_at(struct text word, size_t at, enum direction direction,
                           int32_t *ret_point)
{
    if (direction == FORWARDS) return decode(word.data + at, ret_point);
    size_t width = 1;
    while (at + width < word.length &&
           ((unsigned char)word.data[word.length - at - width] & 0xC0) == 0x80)
        width++;
    (void)decode(word.data + word.length - at - width, ret_point);
    return width;
}

/* The table of distances for the word that is looked at: row i is of its first i characters, column
 * j of the first j of what was typed. */
struct walk {
    enum direction direction;
    int32_t typed[SEARCH_WORD_CHARACTERS_MAX];
    size_t typed_count;
    int edits_max;
    size_t strict_depth; /* up to this row, at most so many edits: */
    int strict_edits;
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

/* Keeps the nearest; of equally near ones those that are lower. */
static void keep_near(struct walk *walk, struct text word, int edits)
{
    size_t place = walk->near_count;
    for (; place > 0; place--) {
        const struct search_near *other = &walk->near[place - 1];
        const int order = other->edits != edits ? (other->edits > edits ? 1 : -1)
                                                : text_compare(other->word, word);
        if (order == 0) return; /* found from the other end */
        if (order < 0) break;
    }
    if (place == SEARCH_NEAR_MAX) return;
    if (walk->near_count < SEARCH_NEAR_MAX) walk->near_count++;
    memmove(&walk->near[place + 1], &walk->near[place],
            (walk->near_count - place - 1) * sizeof *walk->near);
    walk->near[place] = (struct search_near){ word, edits };
}

static bool begins_with(struct text word, struct text part, enum direction direction)
{
    if (part.length > word.length) return false;
    const size_t at = direction == FORWARDS ? 0 : word.length - part.length;
    return memcmp(word.data + at, part.data, part.length) == 0;
}

/* The first word from `from` on that does not begin with the first bytes of that word. */
static size_t skip_beginning(const struct search_words *words, size_t from, size_t bytes,
                             enum direction direction)
{
    const struct text word = word_at(words, direction, from);
    const struct text part = { direction == FORWARDS ? word.data : word.data + word.length - bytes,
                               bytes };
    size_t step = 1, low = from + 1, high = from + 1;
    while (high < words->count && begins_with(word_at(words, direction, high), part, direction)) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    if (high > words->count) high = words->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (begins_with(word_at(words, direction, middle), part, direction)) {
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
    const size_t common = before.length < word.length ? before.length : word.length;
    size_t same = 0;
    if (walk->direction == FORWARDS) {
        while (same < common && before.data[same] == word.data[same])
            same++;
    } else {
        while (same < common &&
               before.data[before.length - 1 - same] == word.data[word.length - 1 - same])
            same++;
    }
    while (depth > 0 && walk->ends[depth] > same)
        depth--;
    return depth;
}

/* Adds the rows that the word has beyond `depth`, as long as it is near enough; returns whether it
 * stayed so. */
static bool add_rows(struct walk *walk, struct text word, size_t *depth)
{
    while (walk->ends[*depth] < word.length) {
        int32_t point;
        const size_t at = walk->ends[*depth];
        const size_t width = character_at(word, at, walk->direction, &point);
        *depth += 1;
        walk->ends[*depth] = at + width;
        const int lowest = fill_row(walk, *depth, point);
        const int allowed = *depth <= walk->strict_depth ? walk->strict_edits : walk->edits_max;
        /* Behind a beginning that is near enough, nothing can be wrong any more. */
        const bool is_done = walk->is_prefix && walk->least_whole[*depth] <= walk->edits_max;
        if (lowest > allowed && !is_done) return false;
    }
    return true;
}

static void walk_words(const struct search_words *words, struct walk *walk)
{
    const size_t band = (size_t)walk->edits_max;
    size_t depth = 0, index = 0;
    struct text before = TEXT("");
    while (index < words->count) {
        const struct text word = word_at(words, walk->direction, index);
        if (word.length + band < walk->typed_count) {
            index++;
            continue;
        }
        depth = shared_rows(walk, before, word, depth);
        before = word;
        if (!add_rows(walk, word, &depth)) {
            index = skip_beginning(words, index, walk->ends[depth], walk->direction);
            continue;
        }
        const int edits = walk->is_prefix                    ? walk->least_whole[depth]
                          : depth + band < walk->typed_count ? TOO_FAR
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

static void start_walk(struct walk *walk, enum direction direction)
{
    walk->direction = direction;
    for (size_t j = 0; j <= walk->typed_count; j++)
        walk->rows[0][j] = (uint8_t)(j < TOO_FAR ? j : TOO_FAR);
    walk->least_whole[0] = walk->rows[0][walk->typed_count];
}

/* Either all errors are in the first `head` characters, so that the rest is exact, or one of them
 * at least is behind. A word may be shorter there, and a swap may straddle the place, hence the
 * distance that is kept from it. */
static void walk_both_ways(const struct search_words *words, struct walk *walk)
{
    const size_t rest = walk->typed_count < 6 ? 1 : walk->typed_count / 3;
    const size_t head = walk->typed_count - rest, kept_away = (size_t)walk->edits_max + 1;
    start_walk(walk, FORWARDS);
    walk->strict_depth = head > kept_away ? head - kept_away : 0;
    walk->strict_edits = walk->edits_max - 1;
    walk_words(words, walk);
    if (walk->strict_depth == 0) return;
    for (size_t i = 0; i < walk->typed_count / 2; i++) {
        const int32_t point = walk->typed[i];
        walk->typed[i] = walk->typed[walk->typed_count - 1 - i];
        walk->typed[walk->typed_count - 1 - i] = point;
    }
    start_walk(walk, BACKWARDS);
    walk->strict_depth = rest;
    walk->strict_edits = 0;
    walk_words(words, walk);
}

size_t search_words_near(const struct search_words *words, struct text word, int edits_max,
                         bool is_prefix, struct search_near ret_near[SEARCH_NEAR_MAX])
{
    assert(edits_max >= 1 && edits_max <= SEARCH_EDITS_MAX);
    assert(words->sorted_count == words->count);
    struct walk walk = { .edits_max = edits_max, .is_prefix = is_prefix, .near = ret_near };
    for (size_t at = 0; at < word.length;) {
        if (walk.typed_count == SEARCH_WORD_CHARACTERS_MAX) return 0;
        at += decode(word.data + at, &walk.typed[walk.typed_count++]);
    }
    if (is_prefix) {
        start_walk(&walk, FORWARDS);
        walk_words(words, &walk);
    } else {
        walk_both_ways(words, &walk);
    }
    return walk.near_count;
}
