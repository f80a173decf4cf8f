/* The rules of accounts. */
#include "actors/user/user.h"

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
           byte == '-' || byte == '_';
}

enum status user_normalise_name(struct text sent, struct user_name *ret_name)
{
    assert(ret_name != NULL);
    if (sent.length < USER_NAME_MIN || sent.length > USER_NAME_MAX) return STATUS_INVALID_VALUE;
    struct user_name name = { .length = sent.length };
    for (size_t i = 0; i < sent.length; i++) {
        name.text[i] = lower(sent.data[i]);
        if (!is_name_byte(name.text[i])) return STATUS_INVALID_VALUE;
    }
    if (text_starts_with(user_name_text(&name), TEXT(USER_ERASED_LEAD)))
        return STATUS_INVALID_VALUE;
    *ret_name = name;
    return STATUS_OK;
}

/* What is seen of a name: letters alone, and of those that look alike one. */
static void look_of(struct text name, struct user_name *ret_look)
{
    ret_look->length = 0;
    for (size_t i = 0; i < name.length && ret_look->length < USER_NAME_MAX; i++) {
        char byte = lower(name.data[i]);
        if (byte == '0') byte = 'o';
        if (byte == '1' || byte == 'i') byte = 'l';
        const bool is_seen = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (is_seen) ret_look->text[ret_look->length++] = byte;
    }
}

bool user_name_is_reserved(const struct user_name *name, struct text market)
{
    static const char *const offices[] = {
        "abuse",    "admin",      "administrator", "anonymous", "billing", "help",
        "helpdesk", "hostmaster", "mailerdaemon",  "moderator", "noreply", "official",
        "operator", "postmaster", "root",          "security",  "service", "staff",
        "support",  "system",     "team",          "webmaster",
    };
    assert(name != NULL);
    struct user_name look, other;
    look_of(user_name_text(name), &look);
    look_of(market, &other);
    if (other.length > 0 && text_equals(user_name_text(&look), user_name_text(&other))) return true;
    for (size_t i = 0; i < ARRAY_LENGTH(offices); i++) {
        look_of(text_of(offices[i]), &other);
        if (text_equals(user_name_text(&look), user_name_text(&other))) return true;
    }
    return false;
}

void user_suggest_name(struct text wish, struct user_name *ret_name)
{
    assert(ret_name != NULL);
    struct user_name name = { .length = 0 };
    for (size_t i = 0; i < wish.length && name.length < USER_NAME_SUGGESTED_MAX; i++) {
        if (wish.data[i] == '@') break; /* an e-mail address: its domain is no part of a name */
        const char byte = wish.data[i] == ' ' ? '.' : lower(wish.data[i]);
        const bool is_dot_behind_dot =
            byte == '.' && (name.length == 0 || name.text[name.length - 1] == '.');
        if (is_name_byte(byte) && !is_dot_behind_dot) name.text[name.length++] = byte;
    }
    while (name.length > 0 && name.text[name.length - 1] == '.')
        name.length--;
    if (user_normalise_name(user_name_text(&name), ret_name) == STATUS_OK) return;
    const enum status is_name = user_normalise_name(TEXT("shopper"), ret_name);
    assert(is_name == STATUS_OK);
}

struct text user_name_text(const struct user_name *name)
{
    assert(name != NULL);
    return (struct text){ name->text, name->length };
}
