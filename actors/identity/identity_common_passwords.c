/* Which new passwords are taken: not what attackers try first. */
#include "actors/identity/identity_password.h"

#include <string.h>

enum { LISTED_MAX = 64, AFFIX_MAX = 4, PERIOD_MAX = 4 };

/* In the order of their bytes, in lower case. */
static const char *const commonest[] = {
#include "actors/identity/identity_common_passwords.def"
};

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte & 0x80) != 0;
}

static bool is_listed(struct text word)
{
    size_t low = 0, high = ARRAY_LENGTH(commonest);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(word, text_of(commonest[middle]));
        if (order == 0) return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* "aaaaaaaa", "abcabcabc" */
static bool is_repetition(struct text password)
{
    for (size_t period = 1; period <= PERIOD_MAX && period < password.length; period++)
        if (memcmp(password.data, password.data + period, password.length - period) == 0)
            return true;
    return false;
}

/* "12345678", "hgfedcba" */
static bool is_run(struct text password)
{
    bool is_rising = true, is_falling = true;
    for (size_t i = 1; i < password.length; i++) {
        is_rising = is_rising && password.data[i] == password.data[i - 1] + 1;
        is_falling = is_falling && password.data[i] == password.data[i - 1] - 1;
    }
    return is_rising || is_falling;
}

/* Strips at most AFFIX_MAX digits and signs before and behind the word, which people add to satisfy
 * rules. With more of them the word stays as it is: then they make a difference. */
static struct text root_of(struct text word)
{
    size_t before = 0, behind = 0;
    while (before < word.length && !is_letter(word.data[before]))
        before++;
    while (behind + before < word.length && !is_letter(word.data[word.length - behind - 1]))
        behind++;
    if (before > AFFIX_MAX) before = 0;
    if (behind > AFFIX_MAX) behind = 0;
    return (struct text){ word.data + before, word.length - before - behind };
}

static bool equals_in_lower_case(struct text word, struct text other)
{
    if (word.length == 0 || word.length != other.length) return false;
    for (size_t i = 0; i < word.length; i++)
        if (word.data[i] != lower(other.data[i])) return false;
    return true;
}

/* Whether a word is what somebody is called: a name, an address, or the part of it before the '@'.
 */
static bool is_called(struct text word, struct text context)
{
    if (equals_in_lower_case(word, context)) return true;
    const char *at = context.length > 0 ? memchr(context.data, '@', context.length) : NULL;
    if (at == NULL) return false;
    return equals_in_lower_case(word, (struct text){ context.data, (size_t)(at - context.data) });
}

static bool is_common(struct text password, const struct text *context, size_t context_count)
{
    if (is_repetition(password) || is_run(password)) return true;
    if (password.length > LISTED_MAX) return false;
    char bytes[LISTED_MAX];
    for (size_t i = 0; i < password.length; i++)
        bytes[i] = lower(password.data[i]);
    const struct text word = { bytes, password.length }, root = root_of(word);
    if (is_listed(word) || is_listed(root)) return true;
    for (size_t i = 0; i < context_count; i++)
        if (is_called(word, context[i]) || is_called(root, context[i])) return true;
    return false;
}

enum status identity_password_judge(struct text password, size_t length_min,
                                    const struct text *context, size_t context_count)
{
    size_t characters = 0;
    for (size_t i = 0; i < password.length; characters++) {
        const size_t width =
            text_utf8_width((struct text){ password.data + i, password.length - i });
        if (width == 0) return STATUS_OUT_OF_RANGE;
        i += width;
    }
    if (characters < length_min) return STATUS_OUT_OF_RANGE;
    return is_common(password, context, context_count) ? STATUS_PASSWORD_TOO_COMMON : STATUS_OK;
}
