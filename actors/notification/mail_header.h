/* The headers of a mail (RFC 5322 2.2): encoded where they are not ASCII (RFC 2047), folded at
 * MAIL_COLUMNS_MAX columns. Every function appends one whole header, with its CR LF, to a builder;
 * whether it is full is looked at once, at the end. What they are given has been checked by
 * mail_message_write(): no control characters, valid UTF-8. Pure. */
#pragma once

#include "runtime/text.h"

enum { MAIL_COLUMNS_MAX = 76 }; /* of a line, without its CR LF (RFC 2047 2, RFC 2045 6.7) */

/* A header whose value is not changed: ASCII without line ends. A value that does not fit behind
 * the name stands on a line of its own, however long it is. */
void mail_header_add(struct text_builder *builder, struct text name, struct text value);
/* Date: a time in microseconds since 1970, UTC, within the years 0 to 9999 (RFC 5322 3.3). */
void mail_header_add_date(struct text_builder *builder, int64_t date_us);
/* Subject: UTF-8, may be empty. */
void mail_header_add_subject(struct text_builder *builder, struct text subject);
/* From or To: a name (UTF-8, may be empty), quoted or encoded, and an address in angle brackets. */
void mail_header_add_mailbox(struct text_builder *builder, struct text field, struct text name,
                             struct text address);

/* True for a letter of ASCII or a digit. */
bool mail_is_alphanumeric(char byte);
/* Writes a mark and two upper-case hexadecimal digits, such as "=C3", at three bytes; returns 3. */
size_t mail_write_hex(char *at, char mark, unsigned char byte);
