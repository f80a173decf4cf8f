/* Tags of bodies, and lists of tags as clients send them. */
#include "gateway/entity_tag.h"

#include <assert.h>
#include <string.h>

#include "messages/values.h"
#include "runtime/secret.h"

enum { ETAG_DIGEST_BYTES = 16 };

struct text entity_tag_of(struct arena *arena, struct text body)
{
    uint8_t digest[ETAG_DIGEST_BYTES];
    secret_digest(body, digest, sizeof digest);
    const struct text encoded =
        base64url_encode(arena, (struct text){ (const char *)digest, sizeof digest });
    return text_format(arena, "\"%.*s\"", (int)encoded.length, encoded.data);
}

struct text entity_tag_of_packed(struct arena *arena, struct text tag, enum coding coding)
{
    assert(tag.length > 1);
    return text_format(arena, "%.*s-%s\"", (int)tag.length - 1, tag.data, coding_name(coding).data);
}

struct text entity_tag_inside(struct text tag)
{
    if (tag.length < 2 || tag.data[0] != '"' || tag.data[tag.length - 1] != '"') return tag;
    return (struct text){ tag.data + 1, tag.length - 2 };
}

bool entity_tag_is_listed(struct text list, struct text tag)
{
    const struct text inside = entity_tag_inside(tag);
    while (list.length > 0) {
        const char *comma = memchr(list.data, ',', list.length);
        const size_t length = comma == NULL ? list.length : (size_t)(comma - list.data);
        struct text entry = text_trim((struct text){ list.data, length });
        if (text_starts_with(entry, TEXT("W/")))
            entry = (struct text){ entry.data + 2, entry.length - 2 };
        if (text_equals_string(entry, "*")) return true;
        if (entry.length > 1 && entry.data[0] == '"' &&
            text_equals(tag_without_coding(entity_tag_inside(entry)), inside))
            return true;
        const size_t used = comma == NULL ? length : length + 1;
        list = (struct text){ list.data + used, list.length - used };
    }
    return false;
}
