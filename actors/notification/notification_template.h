/* The texts of messages, compiled in from templates/, and how values are put into them. A value is
 * put in once and never read as a template itself; characters in it that would end a line, hide
 * text or turn its direction become spaces. Pure. */
#pragma once

#include "common_messages.h"
#include "runtime/arena.h"

/* Limits of what is rendered, in bytes. */
enum {
    NOTIFICATION_SUBJECT_MAX = 500,
    NOTIFICATION_TEXT_MAX = 16 * 1024,
    NOTIFICATION_HTML_MAX = 64 * 1024,
    NOTIFICATION_SMS_MAX = 2000,
    NOTIFICATION_INBOX_MAX = 4000
};

/* The texts of a kind in one language. Parts of channels that the kind does not use are NULL. */
struct notification_template {
    const char *subject, *text; /* of mails */
    const char *sms;
    const char *title, *in_app;
};

/* Generated from the folders of templates/ by scripts/compile_templates.py, the default language
 * (en) first. */
struct notification_locale {
    const char *name;
    const char *thousands, *cents; /* the marks in amounts: "," and "." of 1,234.50 */
    struct notification_template templates[COMMON_NOTICE_KIND_COUNT];
};
extern const struct notification_locale notification_locales[];
extern const size_t notification_locales_count;

/* The texts of a kind in a language, or in the first one if there is no such language; they live as
 * long as the program. */
const struct notification_template *notification_template_of(enum common_notice_kind kind,
                                                             struct text locale);

/* An amount as money_format() writes it, with the marks of the language; what is no such amount
 * comes back as it is. */
struct text notification_money(struct arena *arena, struct text amount, struct text locale);
/* The facts of a notice as the language writes them: its amounts. `ret_values` has room for all. */
void notification_say_facts(struct arena *arena, const struct text_pair *facts, size_t count,
                            struct text locale, struct text_pair *ret_values);

enum notification_format {
    NOTIFICATION_FORMAT_LINE, /* one line */
    NOTIFICATION_FORMAT_TEXT, /* lines; one with a value that is empty or unknown is left out */
    NOTIFICATION_FORMAT_HTML  /* the same as a page: all is escaped, link alone is an anchor */
};

/* Puts values into a template: each {{name}} becomes the value of that name, in the arena. What is
 * longer than `limit` bytes is cut at the end of a character (LINE) or of a line (TEXT, HTML). Of
 * two values of one name the first counts. */
struct text notification_render(struct arena *arena, const char *template,
                                const struct text_pair *values, size_t values_count,
                                enum notification_format format, size_t limit);
