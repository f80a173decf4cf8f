/* By libutf8proc: each character is mapped, then the text is composed. */
#include "actors/identity/identity_password_form.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "runtime/secret.h"

static utf8proc_int32_t map_space(utf8proc_int32_t character, void *context)
{
    bool *has_control = context;
    const utf8proc_category_t category = utf8proc_category(character);
    if (category == UTF8PROC_CATEGORY_CC) *has_control = true;
    return category == UTF8PROC_CATEGORY_ZS ? ' ' : character;
}

enum status identity_password_form(struct arena *arena, struct text password, struct text *ret_form)
{
    assert(ret_form != NULL);
    utf8proc_uint8_t *composed = NULL;
    bool has_control = false;
    *ret_form = password;
    const utf8proc_ssize_t length = utf8proc_map_custom(
        (const utf8proc_uint8_t *)password.data, (utf8proc_ssize_t)password.length, &composed,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE, map_space, &has_control);
    if (length < 0) return STATUS_INVALID_VALUE;
    const struct text form = { (const char *)composed, (size_t)length };
    if (!has_control) *ret_form = text_copy(arena, form);
    secret_wipe(composed, (size_t)length);
    free(composed);
    return has_control ? STATUS_INVALID_VALUE : STATUS_OK;
}
