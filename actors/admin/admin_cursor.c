/* Cursors of lists. */
#include "actors/admin/admin_cursor.h"

#include <sodium.h>
#include <string.h>

#include "runtime/text.h"

enum {
    AT_BYTES = sizeof(int64_t),
    CURSOR_BYTES = AT_BYTES + sizeof(struct uuid),
    CURSOR_TEXT_BYTES =
        sodium_base64_ENCODED_LEN(CURSOR_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

struct text admin_cursor_write(struct arena *arena, const struct admin_cursor *cursor)
{
    assert(cursor != NULL);
    uint8_t bytes[CURSOR_BYTES];
    memcpy(bytes, &cursor->at_us, AT_BYTES);
    memcpy(bytes + AT_BYTES, cursor->id.bytes, sizeof cursor->id.bytes);
    char *text = arena_allocate(arena, CURSOR_TEXT_BYTES);
    (void)sodium_bin2base64(text, CURSOR_TEXT_BYTES, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
}

/* Only the form is checked: a made-up cursor starts a page elsewhere in the same list, which its
 * reader may see anyway. */
enum status admin_cursor_read(struct text text, struct admin_cursor *ret_cursor)
{
    assert(ret_cursor != NULL);
    uint8_t bytes[CURSOR_BYTES];
    size_t length;
    if (sodium_base642bin(bytes, sizeof bytes, text.data, text.length, NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof bytes)
        return STATUS_INVALID_PARAMETER;
    memcpy(&ret_cursor->at_us, bytes, AT_BYTES);
    memcpy(ret_cursor->id.bytes, bytes + AT_BYTES, sizeof ret_cursor->id.bytes);
    return STATUS_OK;
}
