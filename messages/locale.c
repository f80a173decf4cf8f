/* Which language people are written to in, by what they or their browsers say. */
#include "messages/locale.h"

#include <assert.h>

#include "common_messages.h"

enum { QUALITY_MAX = 1000, WEIGHT_DIGITS_END = 7 /* of "q=0.125" */ };

static_assert(COMMON_LOCALE_COUNT > 0, "there is a default");

bool locale_is_known(struct text locale)
{
    for (size_t i = 0; i < COMMON_LOCALE_COUNT; i++) {
        if (text_equals_string(locale, common_locale_names[i])) return true;
    }
    return false;
}

struct text locale_default(void)
{
    return text_of(common_locale_names[0]);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A tag may be longer than the name, by whole subtags. */
static bool asks_for(struct text tag, struct text name)
{
    if (tag.length < name.length) return false;
    if (tag.length > name.length && tag.data[name.length] != '-') return false;
    for (size_t i = 0; i < name.length; i++) {
        if (lower(tag.data[i]) != lower(name.data[i])) return false;
    }
    return true;
}

static bool find_locale(struct text tag, struct text *ret_name)
{
    for (size_t i = 0; i < COMMON_LOCALE_COUNT; i++) {
        const struct text name = text_of(common_locale_names[i]);
        if (!asks_for(tag, name)) continue;
        *ret_name = name;
        return true;
    }
    return false;
}

struct text locale_of_tag(struct text tag)
{
    struct text name = locale_default();
    (void)find_locale(tag, &name);
    return name;
}

static bool next_part(struct text *rest, char separator, struct text *ret_part)
{
    if (rest->length == 0) return false;
    size_t length = 0;
    while (length < rest->length && rest->data[length] != separator)
        length++;
    *ret_part = text_trim((struct text){ rest->data, length });
    const size_t used = length < rest->length ? length + 1 : length;
    *rest = (struct text){ rest->data + used, rest->length - used };
    return true;
}

/* "q=0.8" in thousandths; 0 when it is no weight. */
static int quality_of(struct text weight)
{
    if (!text_starts_with(weight, TEXT("q=")) && !text_starts_with(weight, TEXT("Q="))) return 0;
    int quality = 0, unit = QUALITY_MAX;
    for (size_t i = 2; i < weight.length && i < WEIGHT_DIGITS_END; i++) {
        const char at = weight.data[i];
        if (i == 3 && at == '.') continue;
        if (at < '0' || at > '9') return 0;
        quality += (at - '0') * unit;
        unit /= 10;
    }
    return quality <= QUALITY_MAX ? quality : 0;
}

/* The first of the names is the default. */
static struct text choose(const struct text *names, size_t count, struct text accept_language)
{
    assert(count > 0);
    struct text best = names[0];
    int best_quality = 0;
    struct text rest = accept_language, choice, range, weight;
    while (next_part(&rest, ',', &choice)) {
        int quality = QUALITY_MAX;
        if (!next_part(&choice, ';', &range)) continue;
        if (next_part(&choice, ';', &weight)) quality = quality_of(weight);
        if (quality <= best_quality) continue;
        for (size_t i = 0; i < count; i++) {
            if (!asks_for(range, names[i])) continue;
            best = names[i];
            best_quality = quality;
            break;
        }
    }
    return best;
}

struct text locale_of_accept_language(struct text accept_language)
{
    struct text names[COMMON_LOCALE_COUNT];
    for (size_t i = 0; i < COMMON_LOCALE_COUNT; i++)
        names[i] = text_of(common_locale_names[i]);
    return choose(names, COMMON_LOCALE_COUNT, accept_language);
}

struct text locale_choose(struct text languages, struct text accept_language)
{
    struct text names[LOCALE_CHOICES_MAX], rest = languages;
    size_t count = 0;
    while (count < LOCALE_CHOICES_MAX && next_part(&rest, ',', &names[count]))
        count++;
    return choose(names, count, accept_language);
}

bool locale_is_among(struct text languages, struct text language, size_t *ret_number)
{
    struct text rest = languages, name;
    for (size_t i = 0; i < LOCALE_CHOICES_MAX && next_part(&rest, ',', &name); i++) {
        if (!text_equals(name, language)) continue;
        *ret_number = i;
        return true;
    }
    return false;
}
