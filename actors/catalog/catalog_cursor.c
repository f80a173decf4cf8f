/* Places in lists as base64url. */
#include "actors/catalog/catalog_cursor.h"

#include <sodium.h>
#include <string.h>

enum { CATALOG_CURSOR_TEXT_MAX = 24 };

struct uuid catalog_cursor_first(void)
{
    struct uuid first;
    memset(first.bytes, 0xff, sizeof first.bytes);
    return first;
}

struct text catalog_cursor_encode(struct arena *arena, struct uuid product)
{
    char *text = arena_allocate(arena, CATALOG_CURSOR_TEXT_MAX);
    (void)sodium_bin2base64(text, CATALOG_CURSOR_TEXT_MAX, product.bytes, sizeof product.bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
}

enum status catalog_cursor_decode(struct text text, struct uuid *ret_product)
{
    struct uuid product;
    const char *end;
    size_t length;
    if (sodium_base642bin(product.bytes, sizeof product.bytes, text.data, text.length, NULL,
                          &length, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof product.bytes || end != text.data + text.length)
        return STATUS_INVALID_PARAMETER;
    *ret_product = product;
    return STATUS_OK;
}
