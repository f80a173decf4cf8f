/* The tag is no secret and no proof: it keeps honest clients from mistakes. What a cursor itself
 * may be is checked by the domain that made it. */
#include "gateway/cursor.h"

#include <string.h>

#include "messages/codec_msgpack.h"
#include "runtime/envelope.h"
#include "runtime/secret.h"

enum { TAG_TEXT_BYTES = 8, /* six bytes in base64url */ SECRET_DIGEST_MIN = 16 };

static const struct field *optional_field(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (strcmp(field->name, name) == 0)
            return (field->flags & FIELD_OPTIONAL) != 0 ? field : NULL;
    }
    return NULL;
}

const struct field *cursor_field(const struct schema *schema, const char *name)
{
    assert(schema != NULL);
    const struct field *field = optional_field(schema, name);
    return field != NULL && field->type == FIELD_TEXT ? field : NULL;
}

static bool *presence_of(const struct field *field, void *body)
{
    return (bool *)((char *)body + field->presence_offset);
}

bool cursor_tag(const struct message *message, void *body, struct arena *arena,
                uint8_t ret_tag[CURSOR_TAG_BYTES])
{
    const struct field *after = cursor_field(message->body, "after");
    const struct field *limit = optional_field(message->body, "limit");
    if (after == NULL) return false;
    const bool had_after = *presence_of(after, body);
    const bool had_limit = limit != NULL && *presence_of(limit, body);
    *presence_of(after, body) = false;
    if (limit != NULL) *presence_of(limit, body) = false;
    struct text question;
    const enum status status =
        msgpack_encode(message->body, body, arena, ENVELOPE_BODY_MAX, &question);
    *presence_of(after, body) = had_after;
    if (limit != NULL) *presence_of(limit, body) = had_limit;
    if (status != STATUS_OK) return false;
    uint8_t digest[SECRET_DIGEST_MIN];
    secret_digest(question, digest, sizeof digest);
    /* The same filters in another list make another tag. */
    digest[0] ^= (uint8_t)message->number;
    digest[1] ^= (uint8_t)(message->number >> 8);
    memcpy(ret_tag, digest, CURSOR_TAG_BYTES);
    return true;
}

struct text cursor_bind(struct arena *arena, const uint8_t tag[CURSOR_TAG_BYTES],
                        struct text cursor)
{
    const struct text lead =
        base64url_encode(arena, (struct text){ (const char *)tag, CURSOR_TAG_BYTES });
    assert(lead.length == TAG_TEXT_BYTES);
    return text_format(arena, "%.*s%.*s", (int)lead.length, lead.data, (int)cursor.length,
                       cursor.data);
}

enum status cursor_open(struct arena *arena, const uint8_t tag[CURSOR_TAG_BYTES], struct text bound,
                        struct text *ret_cursor)
{
    const struct text lead =
        base64url_encode(arena, (struct text){ (const char *)tag, CURSOR_TAG_BYTES });
    if (!text_starts_with(bound, lead)) return STATUS_INVALID_PARAMETER;
    *ret_cursor = (struct text){ bound.data + lead.length, bound.length - lead.length };
    return STATUS_OK;
}
