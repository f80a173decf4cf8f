/* Names as parts of addresses. */
#include "runtime/slug.h"

static char slug_letter(char byte)
{
    if (byte >= 'A' && byte <= 'Z') return (char)(byte - 'A' + 'a');
    if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) return byte;
    return '-';
}

struct text slug_of_text(struct arena *arena, struct text name, size_t max)
{
    const size_t room = name.length < max ? name.length : max;
    char *slug = arena_allocate(arena, room + 1);
    size_t length = 0;
    for (size_t i = 0; i < name.length && length < room; i++) {
        const char letter = slug_letter(name.data[i]);
        if (letter == '-' && (length == 0 || slug[length - 1] == '-')) continue;
        slug[length++] = letter;
    }
    if (length > 0 && slug[length - 1] == '-') length--;
    return (struct text){ .data = slug, .length = length };
}
