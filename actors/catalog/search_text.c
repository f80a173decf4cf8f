/* Words of texts: chunks between white space, and their parts between punctuation, digits and
 * letters. */
#include "actors/catalog/search_text.h"

#include <string.h>

enum {
    CAMEL_PART_MIN = 2,      /* "eBay" is one word, "LibreOffice" two */
    SIGNS_MAX = 2,           /* "C++" */
    CHARACTER_BYTES_MAX = 4, /* of UTF-8 */
};

/* The chunk as it grows: `part` is the one that is open, if any. */
struct chunk_writer {
    struct search_chunk *chunk;
    struct search_part *part;
    size_t used;       /* of the chunk's bytes */
    size_t characters; /* of the open part */
    bool was_upper;    /* its last character */
    char word[SEARCH_WORD_MAX], other[SEARCH_WORD_MAX];
    size_t word_length, other_length;
    bool has_other;
};

static size_t encode(int32_t point, char ret_bytes[CHARACTER_BYTES_MAX])
{
    const uint32_t code = (uint32_t)point;
    if (code < 0x80) {
        ret_bytes[0] = (char)code;
        return 1;
    }
    const size_t width = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = width - 1; i > 0; i--)
        ret_bytes[i] = (char)(0x80 | (code >> 6 * (width - 1 - i) & 0x3F));
    ret_bytes[0] = (char)(first[width] | code >> 6 * (width - 1));
    return width;
}

/* Appends all of the bytes or, where they do not fit, none: words are cut between characters. */
static size_t append(char *word, size_t length, size_t limit, const char *bytes, size_t count)
{
    if (count > limit - length) return length;
    memcpy(word + length, bytes, count);
    return length + count;
}

static struct text keep(struct chunk_writer *writer, const char *bytes, size_t length)
{
    char *kept = writer->chunk->bytes + writer->used;
    memcpy(kept, bytes, length);
    writer->used += length;
    return (struct text){ kept, length };
}

static void close_part(struct chunk_writer *writer)
{
    if (writer->part == NULL) return;
    writer->part->word = keep(writer, writer->word, writer->word_length);
    writer->part->other =
        writer->has_other ? keep(writer, writer->other, writer->other_length) : (struct text){ 0 };
    writer->part = NULL;
}

static bool open_part(struct chunk_writer *writer, enum search_part_kind kind)
{
    close_part(writer);
    if (writer->chunk->parts_count == SEARCH_PARTS_MAX) return false;
    writer->part = &writer->chunk->parts[writer->chunk->parts_count++];
    *writer->part = (struct search_part){ .kind = kind };
    writer->word_length = writer->other_length = writer->characters = 0;
    writer->has_other = writer->was_upper = false;
    return true;
}

static bool begins_part(const struct chunk_writer *writer, const struct search_character *character,
                        enum search_part_kind kind)
{
    if (writer->part == NULL || writer->part->kind != kind || kind == SEARCH_SIGN) return true;
    if (kind == SEARCH_RUN) return writer->word_length + CHARACTER_BYTES_MAX > SEARCH_WORD_MAX;
    return kind == SEARCH_LETTERS && character->is_upper && !writer->was_upper &&
           writer->characters >= CAMEL_PART_MIN;
}

static void add_character(struct chunk_writer *writer, const struct search_character *character)
{
    char bytes[CHARACTER_BYTES_MAX + 1];
    size_t count = encode(character->point, bytes);
    writer->word_length =
        append(writer->word, writer->word_length, sizeof writer->word, bytes, count);
    if (character->second != '\0') {
        bytes[count++] = character->second;
        writer->has_other = true;
    }
    writer->other_length =
        append(writer->other, writer->other_length, sizeof writer->other, bytes, count);
    writer->characters++;
    writer->was_upper = character->is_upper;
}

/* The last character of a run, which a next part repeats, so that no pair is lost. */
static int32_t last_of_run(const struct chunk_writer *writer)
{
    size_t start = writer->word_length;
    while (start > 0 && ((unsigned char)writer->word[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0) return 0;
    start--;
    const unsigned char lead = (unsigned char)writer->word[start];
    int32_t point = lead >= 0xF0 ? lead & 0x07 : lead >= 0xE0 ? lead & 0x0F : lead & 0x1F;
    for (size_t i = start + 1; i < writer->word_length; i++)
        point = point << 6 | (writer->word[i] & 0x3F);
    return point;
}

/* False if the chunk is full: the character is the next one's. */
static bool take_character(struct chunk_writer *writer, const struct search_character *character)
{
    static const enum search_part_kind kinds[] = {
        [SEARCH_CHARACTER_LETTER] = SEARCH_LETTERS,
        [SEARCH_CHARACTER_DIGIT] = SEARCH_DIGITS,
        [SEARCH_CHARACTER_RUN] = SEARCH_RUN,
        [SEARCH_CHARACTER_SIGN] = SEARCH_SIGN,
    };
    const enum search_part_kind kind = kinds[character->kind];
    if (begins_part(writer, character, kind)) {
        const bool goes_on = writer->part != NULL && writer->part->kind == kind;
        const int32_t last = goes_on && kind == SEARCH_RUN ? last_of_run(writer) : 0;
        if (!open_part(writer, kind)) return false;
        if (last != 0) {
            const struct search_character again = { .point = last };
            add_character(writer, &again);
        }
    }
    add_character(writer, character);
    return true;
}

/* Plus and number signs directly behind the last part may belong to it. */
static void take_mark(struct chunk_writer *writer, const struct search_character *character)
{
    struct search_chunk *chunk = writer->chunk;
    const bool is_sign = character->point == '+' || character->point == '#';
    const bool follows = writer->part != NULL ||
                         (chunk->signs_count > 0 && character->point == (int32_t)chunk->sign);
    close_part(writer);
    if (!is_sign || !follows || chunk->signs_count == SIGNS_MAX) {
        chunk->signs_count = 0;
        return;
    }
    chunk->sign = (char)character->point;
    chunk->signs_count++;
}

void search_text_reader_init(struct search_text_reader *reader, struct text text)
{
    search_folder_init(&reader->folder, text);
}

bool search_text_next(struct search_text_reader *reader, struct search_chunk *ret_chunk)
{
    ret_chunk->parts_count = ret_chunk->signs_count = 0;
    struct chunk_writer writer = { .chunk = ret_chunk };
    const struct search_character *character;
    while ((character = search_folder_look(&reader->folder)) != NULL) {
        if (character->kind == SEARCH_CHARACTER_SPACE) {
            if (ret_chunk->parts_count > 0) break;
        } else if (character->kind == SEARCH_CHARACTER_MARK) {
            take_mark(&writer, character);
        } else {
            if (writer.part == NULL && ret_chunk->parts_count == SEARCH_PARTS_MAX) break;
            ret_chunk->signs_count = 0;
            if (!take_character(&writer, character)) break;
        }
        search_folder_skip(&reader->folder);
    }
    close_part(&writer);
    return ret_chunk->parts_count > 0;
}

static bool is_joinable(enum search_part_kind kind)
{
    return kind == SEARCH_LETTERS || kind == SEARCH_DIGITS;
}

size_t search_chunk_join(const struct search_chunk *chunk, size_t first, size_t end, bool is_other,
                         char ret_word[SEARCH_WORD_MAX])
{
    assert(first < end && end <= chunk->parts_count);
    size_t length = 0;
    for (size_t i = first; i < end; i++) {
        const struct search_part *part = &chunk->parts[i];
        if (!is_joinable(part->kind)) return 0;
        const struct text word = is_other && part->other.length > 0 ? part->other : part->word;
        length = append(ret_word, length, SEARCH_WORD_MAX, word.data, word.length);
    }
    if (first == 0 && end == chunk->parts_count) {
        for (size_t i = 0; i < chunk->signs_count; i++)
            length = append(ret_word, length, SEARCH_WORD_MAX, &chunk->sign, 1);
    }
    return length;
}

size_t search_text_squeeze(struct text text, char ret_bytes[SEARCH_FOLDED_MAX])
{
    struct search_text_reader reader;
    search_text_reader_init(&reader, text);
    struct search_chunk chunk;
    size_t length = 0;
    while (search_text_next(&reader, &chunk)) {
        for (size_t i = 0; i < chunk.parts_count; i++) {
            const struct text word = chunk.parts[i].word;
            length = append(ret_bytes, length, SEARCH_FOLDED_MAX, word.data, word.length);
        }
    }
    return length;
}

size_t search_text_fold(struct text text, char ret_bytes[SEARCH_FOLDED_MAX])
{
    struct search_folder folder;
    search_folder_init(&folder, text);
    const struct search_character *character;
    size_t length = 0;
    bool is_apart = false;
    while ((character = search_folder_look(&folder)) != NULL) {
        if (character->kind == SEARCH_CHARACTER_SPACE) {
            is_apart = length > 0;
        } else {
            char bytes[CHARACTER_BYTES_MAX];
            if (is_apart) length = append(ret_bytes, length, SEARCH_FOLDED_MAX, " ", 1);
            is_apart = false;
            length = append(ret_bytes, length, SEARCH_FOLDED_MAX, bytes,
                            encode(character->point, bytes));
        }
        search_folder_skip(&folder);
    }
    return length;
}
