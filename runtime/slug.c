/* Names as parts of addresses. */
#include "runtime/slug.h"

#include <utf8proc.h>

enum {
    GREEK_END = 0x400,   /* up to here accents are no part of a letter */
    CHARACTERS_MAX = 18, /* that one character becomes (U+FDFA) */
    CODE_BYTES_MAX = 7   /* "-10ffff" */
};

/* Letters of Latin script that have no accent to lose. */
static const struct {
    int32_t letter;
    const char *spelling;
} spellings[] = {
    { 0xE6, "ae" }, { 0xF0, "d" },  { 0xF8, "o" },  { 0xFE, "th" },  { 0x111, "d" }, { 0x127, "h" },
    { 0x131, "i" }, { 0x142, "l" }, { 0x14B, "n" }, { 0x153, "oe" }, { 0x167, "t" },
};

/* A slug under construction, as characters. */
struct slug {
    int32_t *characters;
    size_t count;
};

static void slug_add(struct slug *slug, int32_t character)
{
    slug->characters[slug->count++] = character;
}

static void slug_add_letter(struct slug *slug, int32_t letter)
{
    for (size_t i = 0; i < ARRAY_LENGTH(spellings); i++) {
        if (spellings[i].letter != letter) continue;
        for (const char *c = spellings[i].spelling; *c != '\0'; c++)
            slug_add(slug, *c);
        return;
    }
    slug_add(slug, letter);
}

static void slug_add_dash(struct slug *slug)
{
    if (slug->count > 0 && slug->characters[slug->count - 1] != '-') slug_add(slug, '-');
}

/* Folded and taken apart, so that an accent stands behind its letter. */
static struct slug slug_take_apart(struct arena *arena, struct text name)
{
    const size_t room = name.length * CHARACTERS_MAX;
    struct slug apart = { .characters =
                              arena_allocate_array(arena, room, sizeof *apart.characters) };
    const utf8proc_ssize_t count = utf8proc_decompose(
        (const utf8proc_uint8_t *)name.data, (utf8proc_ssize_t)name.length, apart.characters,
        (utf8proc_ssize_t)room,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    assert(count >= 0);
    assert((size_t)count <= room);
    apart.count = (size_t)count;
    return apart;
}

static struct slug slug_of_letters(struct arena *arena, const struct slug *apart)
{
    struct slug slug = { .characters = arena_allocate_array(arena, 2 * apart->count + 1,
                                                            sizeof *slug.characters) };
    bool is_in_word = false, keeps_marks = false;
    for (size_t i = 0; i < apart->count; i++) {
        const int32_t character = apart->characters[i];
        const utf8proc_category_t kind = utf8proc_category(character);
        const bool is_mark = kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC;
        const bool is_letter = kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
        const bool is_number = kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
        if (is_mark && is_in_word) {
            if (keeps_marks) slug_add(&slug, character);
            continue;
        }
        is_in_word = is_letter || is_number;
        keeps_marks = character >= GREEK_END;
        if (is_in_word)
            slug_add_letter(&slug, character);
        else
            slug_add_dash(&slug);
    }
    return slug;
}

static struct text slug_write(struct arena *arena, struct slug *slug, size_t max)
{
    const utf8proc_ssize_t count = utf8proc_normalize_utf32(
        slug->characters, (utf8proc_ssize_t)slug->count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    assert(count >= 0);
    char *bytes = arena_allocate(arena, (size_t)count * TEXT_CHARACTER_BYTES_MAX + 1);
    size_t length = 0;
    for (size_t i = 0; i < (size_t)count; i++) {
        const utf8proc_ssize_t width =
            utf8proc_encode_char(slug->characters[i], (utf8proc_uint8_t *)bytes + length);
        if (length + (size_t)width > max) break;
        length += (size_t)width;
    }
    if (length > 0 && bytes[length - 1] == '-') length--;
    return (struct text){ bytes, length };
}

/* The numbers of its characters: of a name that has neither letters nor digits. */
static struct text slug_of_signs(struct arena *arena, const struct slug *apart, size_t max)
{
    struct text_builder builder;
    text_builder_init(&builder, arena, max);
    for (size_t i = 0; i < apart->count && builder.length + CODE_BYTES_MAX <= max; i++)
        text_builder_add(&builder,
                         text_format(arena, i == 0 ? "%x" : "-%x", (unsigned)apart->characters[i]));
    return text_builder_view(&builder);
}

struct text slug_of_text(struct arena *arena, struct text name, size_t max)
{
    assert(max >= CODE_BYTES_MAX);
    const struct slug apart = slug_take_apart(arena, name);
    struct slug letters = slug_of_letters(arena, &apart);
    const struct text slug = slug_write(arena, &letters, max);
    return slug.length > 0 ? slug : slug_of_signs(arena, &apart, max);
}
