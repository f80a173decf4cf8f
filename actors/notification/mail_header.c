/* Headers of mails: folded lines, encoded words, quoted names, dates. */
#include "actors/notification/mail_header.h"

#include <stdio.h>
#include <string.h>

#include "messages/values.h"

enum {
    ENCODED_WORD_FRAME = 12, /* =?UTF-8?Q? and ?= */
    ENCODED_WORD_MAX = 75    /* RFC 2047 2 */
};

bool mail_is_alphanumeric(char byte)
{
    const char lower = (char)(byte | 0x20);
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
}

/* A header that grows, with the columns of its last line, by which it is folded. */
struct header {
    struct text_builder *builder;
    size_t column;
};

static void put(struct header *header, struct text text)
{
    text_builder_add(header->builder, text);
    header->column += text.length;
}

static void put_fold(struct header *header)
{
    text_builder_add(header->builder, TEXT("\r\n "));
    header->column = 1;
}

static struct header begin_header(struct text_builder *builder, struct text name)
{
    struct header header = { builder, 0 };
    put(&header, name);
    put(&header, TEXT(": "));
    return header;
}

static void end_header(struct header *header)
{
    text_builder_add(header->builder, TEXT("\r\n"));
}

void mail_header_add(struct text_builder *builder, struct text name, struct text value)
{
    text_builder_add(builder, name);
    const bool is_long = name.length + 2 + value.length > MAIL_COLUMNS_MAX;
    text_builder_add(builder, is_long ? TEXT(":\r\n ") : TEXT(": "));
    text_builder_add(builder, value);
    text_builder_add(builder, TEXT("\r\n"));
}

size_t mail_write_hex(char *at, char mark, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    at[0] = mark;
    at[1] = digits[byte >> 4];
    at[2] = digits[byte & 15];
    return 3;
}

/* Writes one character so that it may stand even in a name (RFC 2047 5 (3)); at most 12 bytes. */
static size_t write_q(char *at, struct text character)
{
    assert(character.length >= 1);
    assert(character.length <= 4);
    static const char others[] = "!*+-/";
    const char byte = character.data[0];
    if (byte == ' ' || mail_is_alphanumeric(byte) ||
        memchr(others, byte, sizeof others - 1) != NULL) {
        at[0] = byte == ' ' ? '_' : byte;
        return 1;
    }
    size_t length = 0;
    for (size_t i = 0; i < character.length; i++)
        length += mail_write_hex(at + length, '=', (unsigned char)character.data[i]);
    return length;
}

/* Encoded words, as many as it takes. A word never ends within a character, and the white space
 * between two words is not part of the text (RFC 2047 6.2). */
static void put_encoded(struct header *header, struct text text)
{
    size_t word_length = 0; /* 0: none is open */
    while (text.length > 0) {
        char bytes[12];
        const struct text character = { text.data, text_utf8_width(text) };
        const struct text encoded = { bytes, write_q(bytes, character) };
        if (word_length > 0 && (word_length + encoded.length > ENCODED_WORD_MAX ||
                                header->column + encoded.length + 2 > MAIL_COLUMNS_MAX)) {
            put(header, TEXT("?="));
            put_fold(header);
            word_length = 0;
        }
        if (word_length == 0) {
            if (header->column + ENCODED_WORD_FRAME + encoded.length > MAIL_COLUMNS_MAX)
                put_fold(header);
            put(header, TEXT("=?UTF-8?Q?"));
            word_length = ENCODED_WORD_FRAME;
        }
        put(header, encoded);
        word_length += encoded.length;
        text.data += character.length;
        text.length -= character.length;
    }
    if (word_length > 0) put(header, TEXT("?="));
}

/* False if the text, as it is, would be read as something else, or has parts that no line can hold.
 */
static bool is_plain(struct text text)
{
    size_t run_length = 0; /* of spaces and the word behind them */
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] > '~') return false;
        if (text.data[i] == '=' && i + 1 < text.length && text.data[i + 1] == '?') return false;
        const bool is_start = text.data[i] == ' ' && (i == 0 || text.data[i - 1] != ' ');
        run_length = is_start ? 1 : run_length + 1;
        if (run_length > MAIL_COLUMNS_MAX - 12) return false;
    }
    return text.length == 0 || (text.data[0] != ' ' && text.data[text.length - 1] != ' ');
}

/* Folds before spaces, which stay part of the text (RFC 5322 2.2.3). */
static void put_folded(struct header *header, struct text text)
{
    size_t start = 0;
    while (start < text.length) {
        size_t end = start;
        while (end < text.length && text.data[end] == ' ')
            end++;
        while (end < text.length && text.data[end] != ' ')
            end++;
        if (header->column + (end - start) > MAIL_COLUMNS_MAX && text.data[start] == ' ') {
            text_builder_add(header->builder, TEXT("\r\n"));
            header->column = 0;
        }
        put(header, (struct text){ text.data + start, end - start });
        start = end;
    }
}

void mail_header_add_subject(struct text_builder *builder, struct text subject)
{
    struct header header = begin_header(builder, TEXT("Subject"));
    if (is_plain(subject))
        put_folded(&header, subject);
    else
        put_encoded(&header, subject);
    end_header(&header);
}

static void put_quoted(struct header *header, struct text name)
{
    put(header, TEXT("\""));
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\') put(header, TEXT("\\"));
        put(header, (struct text){ name.data + i, 1 });
    }
    put(header, TEXT("\""));
}

void mail_header_add_mailbox(struct text_builder *builder, struct text field, struct text name,
                             struct text address)
{
    assert(address.length > 0);
    enum {
        QUOTED_NAME_MAX = 32
    }; /* even with every byte escaped it fits behind the field's name */
    struct header header = begin_header(builder, field);
    if (name.length > QUOTED_NAME_MAX || !is_plain(name))
        put_encoded(&header, name);
    else if (name.length > 0)
        put_quoted(&header, name);
    if (name.length > 0) {
        if (header.column + address.length + 3 > MAIL_COLUMNS_MAX)
            put_fold(&header);
        else
            put(&header, TEXT(" "));
    }
    put(&header, TEXT("<"));
    put(&header, address);
    put(&header, TEXT(">"));
    end_header(&header);
}

/* Made of the digits of RFC 3339 ("2026-11-22T18:00:00"), so that the calendar is worked out in one
 * place. 1970 began on a Thursday. */
void mail_header_add_date(struct text_builder *builder, int64_t date_us)
{
    static const char weekdays[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    assert(date_us >= 0);
    char digits[TIME_TEXT_MAX + 1];
    (void)time_format(date_us, digits);
    const int64_t day_us = INT64_C(86400) * 1000 * 1000;
    const size_t month = (size_t)((digits[5] - '0') * 10 + digits[6] - '0');
    assert(month >= 1);
    assert(month <= ARRAY_LENGTH(months));
    char date[64];
    const int length =
        snprintf(date, sizeof date, "%s, %.2s %s %.4s %.8s +0000", weekdays[date_us / day_us % 7],
                 digits + 8, months[month - 1], digits, digits + 11);
    assert(length > 0);
    assert((size_t)length < sizeof date);
    mail_header_add(builder, TEXT("Date"), (struct text){ date, (size_t)length });
}
