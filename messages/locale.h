/* The languages that the market writes to people in: enum locale of common.toml, the first of which
 * is the default. Each has a folder of texts in actors/notification/templates/, which the build
 * checks. Pure. */
#pragma once

#include <stdbool.h>

#include "runtime/text.h"

enum { LOCALE_CHOICES_MAX = 8 };

/* Whether the text is exactly the name of one. */
bool locale_is_known(struct text locale);
/* The language of people of whom none is known. */
struct text locale_default(void);
/* The language that a tag asks for, "de-AT" for example, in whatever case; else the default (RFC
 * 5646; the lookup of RFC 4647, section 3.4, with one range). */
struct text locale_of_tag(struct text tag);
/* The language that somebody prefers who sends this Accept-Language (RFC 9110, section 12.5.4); the
 * default when it names none that is known. Among equals the first counts. What cannot be read is
 * passed over. */
struct text locale_of_accept_language(struct text accept_language);
/* The same among languages that are separated by commas, the first of which is the default;
 * at most LOCALE_CHOICES_MAX of them are looked at. A language that stands there already is chosen
 * as itself. */
struct text locale_choose(struct text languages, struct text accept_language);
/* Whether it is one of them, and which; the first is number 0. */
bool locale_is_among(struct text languages, struct text language, size_t *ret_number);
