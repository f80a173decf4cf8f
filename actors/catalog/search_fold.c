/* By libutf8proc: each character is decomposed and its case folded; then accents are dropped, and
 * what is written in one piece is put together again. */
#include "actors/catalog/search_fold.h"

#include <string.h>
#include <utf8proc.h>

enum {
    DECOMPOSED_MAX = 20,
    DIAERESIS = 0x0308,
    RING = 0x030A,
    VOICED = 0x3099,
    HALF_VOICED = 0x309A,
    HANGUL_FIRST = 0xAC00,
    HANGUL_LAST = 0xD7A3,
    HANGUL_VOWELS = 21,
    HANGUL_ENDS = 28,
};

struct range {
    int32_t first, last;
};

/* Accents of the scripts that are read without them. The vowel signs of others are letters. */
static const struct range accents[] = {
    { 0x0300, 0x036F }, { 0x0483, 0x0487 }, { 0x0591, 0x05BD }, { 0x05BF, 0x05BF },
    { 0x05C1, 0x05C2 }, { 0x05C4, 0x05C5 }, { 0x05C7, 0x05C7 }, { 0x0610, 0x061A },
    { 0x064B, 0x065F }, { 0x0670, 0x0670 }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF },
    { 0x20D0, 0x20FF }, { 0xFE20, 0xFE2F },
};

/* Han, kana and hangul; Thai, Lao, Myanmar, Khmer. */
static const struct range runs[] = {
    { 0x0E01, 0x0E4F }, { 0x0E81, 0x0ECD },   { 0x1000, 0x103F }, { 0x1100, 0x11FF },
    { 0x1780, 0x17D3 }, { 0x3005, 0x3007 },   { 0x3041, 0x30FA }, { 0x30FC, 0x30FF },
    { 0x31F0, 0x31FF }, { 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 },
    { 0xF900, 0xFAFF }, { 0x20000, 0x3FFFF },
};

/* Letters that Unicode does not decompose, as they are spelt without them. */
static const struct {
    int32_t point;
    char spelt[3];
    char second;
} letters[] = {
    { 0x00E6, "ae", 0 }, { 0x00F0, "d", 0 }, { 0x00F8, "o", 'e' }, { 0x00FE, "th", 0 },
    { 0x0111, "d", 0 },  { 0x0127, "h", 0 }, { 0x0131, "i", 0 },   { 0x0142, "l", 0 },
    { 0x0153, "oe", 0 }, { 0x0167, "t", 0 },
};

static bool is_in(int32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count && ranges[i].first <= point; i++) {
        if (point <= ranges[i].last) return true;
    }
    return false;
}

static enum search_character_kind kind_of(int32_t point)
{
    if (is_in(point, runs, ARRAY_LENGTH(runs))) return SEARCH_CHARACTER_RUN;
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return SEARCH_CHARACTER_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return SEARCH_CHARACTER_DIGIT;
    case UTF8PROC_CATEGORY_SO:
        return SEARCH_CHARACTER_SIGN;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
        return SEARCH_CHARACTER_SPACE;
    default:
        return SEARCH_CHARACTER_MARK;
    }
}

static void push(struct search_folder *folder, int32_t point, bool is_upper, char second)
{
    assert(folder->end < SEARCH_FOLDER_QUEUE);
    folder->queue[folder->end++] =
        (struct search_character){ point, kind_of(point), is_upper, second };
}

static void push_letter(struct search_folder *folder, int32_t point, bool is_upper)
{
    for (size_t i = 0; point >= 0x80 && i < ARRAY_LENGTH(letters); i++) {
        if (letters[i].point != point) continue;
        push(folder, letters[i].spelt[0], is_upper, letters[i].second);
        if (letters[i].spelt[1] != '\0') push(folder, letters[i].spelt[1], is_upper, 0);
        return;
    }
    push(folder, point, is_upper, 0);
}

/* か and the mark of voice are が, は has two such; both rows of kana are alike. 0: not of these.
 */
static int32_t voiced(int32_t kana, int32_t mark)
{
    const int32_t katakana = kana >= 0x30A1 && kana <= 0x30FA ? 0x60 : 0;
    const int32_t point = kana - katakana;
    const bool is_ha = point >= 0x306F && point <= 0x307B && (point - 0x306F) % 3 == 0;
    if (mark == HALF_VOICED) return is_ha ? kana + 2 : 0;
    if (is_ha) return kana + 1;
    if (point == 0x3046) return kana + 0x4E; /* う */
    const bool is_before_tsu = point >= 0x304B && point <= 0x3061 && (point - 0x304B) % 2 == 0;
    const bool is_after_tsu = point == 0x3064 || point == 0x3066 || point == 0x3068;
    return is_before_tsu || is_after_tsu ? kana + 1 : 0;
}

/* A syllable of the letters before it and this one, by the Unicode Standard, section 3.12. */
static int32_t syllable(int32_t before, int32_t point)
{
    if (before >= 0x1100 && before <= 0x1112 && point >= 0x1161 && point <= 0x1175) {
        return HANGUL_FIRST + ((before - 0x1100) * HANGUL_VOWELS + point - 0x1161) * HANGUL_ENDS;
    }
    const bool has_no_end = before >= HANGUL_FIRST && before <= HANGUL_LAST &&
                            (before - HANGUL_FIRST) % HANGUL_ENDS == 0;
    return has_no_end && point >= 0x11A8 && point <= 0x11C2 ? before + point - 0x11A7 : 0;
}

/* True if the character is part of the one before it, which is the last of the queue. */
static bool joins_last(struct search_folder *folder, int32_t point)
{
    if (point < 0x80) return false;
    struct search_character *last =
        folder->end > folder->begin ? &folder->queue[folder->end - 1] : NULL;
    if (is_in(point, accents, ARRAY_LENGTH(accents))) {
        const int32_t base = last == NULL ? 0 : last->point;
        if (point == DIAERESIS && (base == 'a' || base == 'o' || base == 'u')) last->second = 'e';
        if (point == RING && base == 'a') last->second = 'a';
        return true;
    }
    if (last == NULL) return false;
    const bool is_voice = point == VOICED || point == HALF_VOICED;
    const int32_t joined = is_voice ? voiced(last->point, point) : syllable(last->point, point);
    if (joined != 0) last->point = joined;
    return joined != 0;
}

/* Takes one character of the text apart into the queue. */
static void fill(struct search_folder *folder)
{
    struct text *rest = &folder->rest;
    const unsigned char first = (unsigned char)rest->data[0];
    int32_t point = first;
    size_t width = 1;
    if (first >= 0x80) {
        const utf8proc_ssize_t read = utf8proc_iterate((const utf8proc_uint8_t *)rest->data,
                                                       (utf8proc_ssize_t)rest->length, &point);
        width = read > 0 ? (size_t)read : 1;
        if (read <= 0) point = ' ';
    }
    *rest = (struct text){ rest->data + width, rest->length - width };
    if (point < 0x80) {
        const bool is_upper = point >= 'A' && point <= 'Z';
        push(folder, is_upper ? point - 'A' + 'a' : point, is_upper, 0);
        return;
    }
    int32_t points[DECOMPOSED_MAX];
    utf8proc_ssize_t count = 1;
    points[0] = point;
    if (point < HANGUL_FIRST || point > HANGUL_LAST) {
        int boundary = 0;
        count = utf8proc_decompose_char(
            point, points, DECOMPOSED_MAX,
            UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    }
    const bool is_upper = utf8proc_category(point) == UTF8PROC_CATEGORY_LU;
    for (utf8proc_ssize_t i = 0; i < count && i < DECOMPOSED_MAX; i++) {
        if (joins_last(folder, points[i])) continue;
        push_letter(folder, points[i], is_upper);
    }
}

/* The last character of the queue may be followed by a part of its own. */
static void fill_beyond_first(struct search_folder *folder)
{
    if (folder->begin == folder->end) folder->begin = folder->end = 0;
    while (folder->end - folder->begin < 2 && folder->rest.length > 0) {
        if (folder->begin > 0) {
            folder->queue[0] = folder->queue[folder->begin];
            folder->end -= folder->begin;
            folder->begin = 0;
        }
        fill(folder);
    }
}

void search_folder_init(struct search_folder *folder, struct text text)
{
    folder->rest = text;
    folder->begin = folder->end = 0;
}

const struct search_character *search_folder_look(struct search_folder *folder)
{
    fill_beyond_first(folder);
    return folder->begin < folder->end ? &folder->queue[folder->begin] : NULL;
}

void search_folder_skip(struct search_folder *folder)
{
    assert(folder->begin < folder->end);
    folder->begin++;
}
