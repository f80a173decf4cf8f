/* Writes mails: first everything is checked, then headers and bodies go into one builder. */
#include "actors/notification/mail_message.h"

#include <stdio.h>
#include <string.h>

#include "messages/values.h"

enum {
    COLUMNS_MAX = 76,
    DOMAIN_LABEL_MAX = 63,
    ENCODED_WORD_FRAME = 12, /* =?UTF-8?Q? and ?= */
    ENCODED_WORD_MAX = 75    /* RFC 2047 2 */
};

/* Never within a quoted-printable body, where = stands only before hexadecimal digits or a line's
 * end (RFC 2045 6.7). */
#define BOUNDARY "=_souk_alternative"

static bool is_alphanumeric(char byte)
{
    const char lower = (char)(byte | 0x20);
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
}

/* ---- what is refused ---- */

static bool is_domain(struct text domain)
{
    size_t label_length = 0, labels_count = 1;
    for (size_t i = 0; i < domain.length; i++) {
        const char byte = domain.data[i];
        if (byte == '.') {
            if (label_length == 0 || domain.data[i - 1] == '-') return false;
            label_length = 0;
            labels_count++;
            continue;
        }
        if (!is_alphanumeric(byte) && (byte != '-' || label_length == 0)) return false;
        if (++label_length > DOMAIN_LABEL_MAX) return false;
    }
    return label_length > 0 && domain.data[domain.length - 1] != '-' && labels_count >= 1;
}

static bool is_dot_atom(struct text local)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~";
    if (local.length == 0 || local.data[0] == '.' || local.data[local.length - 1] == '.')
        return false;
    for (size_t i = 0; i < local.length; i++) {
        const char byte = local.data[i];
        if (byte == '.' && local.data[i - 1] == '.') return false;
        if (byte != '.' && !is_alphanumeric(byte) &&
            memchr(others, byte, sizeof others - 1) == NULL)
            return false;
    }
    return true;
}

bool mail_address_is_valid(struct text address)
{
    if (address.length == 0 || address.length > MAIL_ADDRESS_MAX) return false;
    const char *at = memchr(address.data, '@', address.length);
    if (at == NULL) return false;
    const size_t local_length = (size_t)(at - address.data);
    const struct text domain = { at + 1, address.length - local_length - 1 };
    return local_length <= MAIL_LOCAL_PART_MAX &&
           is_dot_atom((struct text){ address.data, local_length }) && is_domain(domain);
}

static bool has_control(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ' || byte == 0x7f) return true;
    }
    return false;
}

/* Printable ASCII without spaces and angle brackets. */
static bool is_bare(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        if (byte <= ' ' || byte > '~' || byte == '<' || byte == '>') return false;
    }
    return true;
}

static bool is_message_id(struct text id)
{
    if (id.length < 5 || id.data[0] != '<' || id.data[id.length - 1] != '>') return false;
    return mail_address_is_valid((struct text){ id.data + 1, id.length - 2 });
}

static bool is_header_text(struct text text)
{
    return text_is_utf8(text) && !has_control(text);
}

static enum status check_lengths(const struct mail_message *mail)
{
    const bool is_short =
        mail->subject.length <= MAIL_SUBJECT_MAX && mail->from.name.length <= MAIL_NAME_MAX &&
        mail->to.name.length <= MAIL_NAME_MAX && mail->message_id.length <= MAIL_MESSAGE_ID_MAX &&
        mail->list_unsubscribe.length <= MAIL_URL_MAX && mail->text.length <= MAIL_PART_MAX &&
        mail->html.length <= MAIL_PART_MAX;
    return is_short ? STATUS_OK : STATUS_OUT_OF_RANGE;
}

static enum status check(const struct mail_message *mail)
{
    TRY(check_lengths(mail));
    const struct text url = mail->list_unsubscribe;
    const bool is_url =
        url.length == 0 || (is_bare(url) && (text_starts_with(url, TEXT("https://")) ||
                                             text_starts_with(url, TEXT("mailto:"))));
    const bool is_fit = mail_address_is_valid(mail->from.address) &&
                        mail_address_is_valid(mail->to.address) &&
                        is_header_text(mail->from.name) && is_header_text(mail->to.name) &&
                        is_header_text(mail->subject) && is_message_id(mail->message_id) &&
                        is_url && text_is_utf8(mail->text) && text_is_utf8(mail->html) &&
                        mail->date_us >= 0 && mail->date_us <= TIME_MAX_US;
    return is_fit ? STATUS_OK : STATUS_INVALID_VALUE;
}

/* ---- headers ---- */

/* A header that grows, with the columns of its last line. */
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

static void put_plain(struct text_builder *builder, struct text name, struct text value)
{
    text_builder_add(builder, name);
    const bool is_long = name.length + 2 + value.length > COLUMNS_MAX;
    text_builder_add(builder, is_long ? TEXT(":\r\n ") : TEXT(": "));
    text_builder_add(builder, value);
    text_builder_add(builder, TEXT("\r\n"));
}

static size_t write_hex(char *at, char mark, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    at[0] = mark;
    at[1] = digits[byte >> 4];
    at[2] = digits[byte & 15];
    return 3;
}

/* One character as RFC 2047 5 (3) lets it stand even in a name; at most 12 bytes. */
static size_t write_q(char *at, struct text character)
{
    static const char others[] = "!*+-/";
    const char byte = character.data[0];
    if (byte == ' ' || is_alphanumeric(byte) || memchr(others, byte, sizeof others - 1) != NULL) {
        at[0] = byte == ' ' ? '_' : byte;
        return 1;
    }
    size_t length = 0;
    for (size_t i = 0; i < character.length; i++)
        length += write_hex(at + length, '=', (unsigned char)character.data[i]);
    return length;
}

/* Encoded words, as many as it takes; white space between them is not part of the text. */
static void put_encoded(struct header *header, struct text text)
{
    size_t word_length = 0; /* 0: none is open */
    while (text.length > 0) {
        char bytes[12];
        const struct text character = { text.data, text_utf8_width(text) };
        const struct text encoded = { bytes, write_q(bytes, character) };
        if (word_length > 0 && (word_length + encoded.length > ENCODED_WORD_MAX ||
                                header->column + encoded.length + 2 > COLUMNS_MAX)) {
            put(header, TEXT("?="));
            put_fold(header);
            word_length = 0;
        }
        if (word_length == 0) {
            if (header->column + ENCODED_WORD_FRAME + encoded.length > COLUMNS_MAX)
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

/* False if it would be read as something else, or has parts that no line can hold. */
static bool is_plain(struct text text)
{
    size_t run_length = 0; /* of spaces and the word behind them */
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] > '~') return false;
        if (text.data[i] == '=' && i + 1 < text.length && text.data[i + 1] == '?') return false;
        const bool is_start = text.data[i] == ' ' && (i == 0 || text.data[i - 1] != ' ');
        run_length = is_start ? 1 : run_length + 1;
        if (run_length > COLUMNS_MAX - 12) return false;
    }
    return text.length == 0 || (text.data[0] != ' ' && text.data[text.length - 1] != ' ');
}

/* Folds before spaces, which stay (RFC 5322 2.2.3). */
static void put_folded(struct header *header, struct text text)
{
    size_t start = 0;
    while (start < text.length) {
        size_t end = start;
        while (end < text.length && text.data[end] == ' ')
            end++;
        while (end < text.length && text.data[end] != ' ')
            end++;
        if (header->column + (end - start) > COLUMNS_MAX && text.data[start] == ' ') {
            text_builder_add(header->builder, TEXT("\r\n"));
            header->column = 0;
        }
        put(header, (struct text){ text.data + start, end - start });
        start = end;
    }
}

static void put_subject(struct text_builder *builder, struct text subject)
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

static void put_mailbox(struct text_builder *builder, struct text field,
                        const struct mail_mailbox *mailbox)
{
    enum { QUOTED_NAME_MAX = 32 }; /* with every byte escaped it fits behind the field's name */
    struct header header = begin_header(builder, field);
    const struct text name = mailbox->name;
    if (name.length > QUOTED_NAME_MAX || !is_plain(name))
        put_encoded(&header, name);
    else if (name.length > 0)
        put_quoted(&header, name);
    if (name.length > 0) {
        if (header.column + mailbox->address.length + 3 > COLUMNS_MAX)
            put_fold(&header);
        else
            put(&header, TEXT(" "));
    }
    put(&header, TEXT("<"));
    put(&header, mailbox->address);
    put(&header, TEXT(">"));
    end_header(&header);
}

/* RFC 5322 3.3, from the digits of RFC 3339: 2026-11-22T18:00:00… */
static void put_date(struct text_builder *builder, int64_t date_us)
{
    static const char weekdays[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char digits[TIME_TEXT_MAX + 1];
    (void)time_format(date_us, digits);
    const int64_t day_us = INT64_C(86400) * 1000 * 1000;
    const size_t month = (size_t)((digits[5] - '0') * 10 + digits[6] - '0');
    assert(month >= 1 && month <= ARRAY_LENGTH(months));
    char date[64];
    const int length =
        snprintf(date, sizeof date, "%s, %.2s %s %.4s %.8s +0000", weekdays[date_us / day_us % 7],
                 digits + 8, months[month - 1], digits, digits + 11);
    put_plain(builder, TEXT("Date"), (struct text){ date, (size_t)length });
}

/* ---- bodies ---- */

/* RFC 2045 6.7. A soft break may part the bytes of a character. */
static void put_quoted_printable(struct text_builder *builder, struct text text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        const char next = i + 1 < text.length ? text.data[i + 1] : '\n';
        if (byte == '\r' && next == '\n' && i + 1 < text.length) continue;
        if (byte == '\n' || byte == '\r') {
            text_builder_add(builder, TEXT("\r\n"));
            column = 0;
            continue;
        }
        char token[3] = { byte };
        size_t length = 1;
        const bool ends_line = next == '\n' || next == '\r';
        const bool is_space = byte == ' ' || byte == '\t';
        if (is_space ? ends_line : byte < '!' || byte > '~' || byte == '=')
            length = write_hex(token, '=', (unsigned char)byte);
        if (column + length > COLUMNS_MAX - 1) {
            text_builder_add(builder, TEXT("=\r\n"));
            column = 0;
        }
        text_builder_add(builder, (struct text){ token, length });
        column += length;
    }
    if (column > 0 || text.length == 0) text_builder_add(builder, TEXT("\r\n"));
}

static void put_part(struct text_builder *builder, struct text type, struct text body)
{
    put_plain(builder, TEXT("Content-Type"), type);
    put_plain(builder, TEXT("Content-Transfer-Encoding"), TEXT("quoted-printable"));
    text_builder_add(builder, TEXT("\r\n"));
    put_quoted_printable(builder, body);
}

static void put_body(struct text_builder *builder, const struct mail_message *mail)
{
    const struct text plain = TEXT("text/plain; charset=utf-8");
    if (mail->html.length == 0) {
        put_part(builder, plain, mail->text);
        return;
    }
    put_plain(builder, TEXT("Content-Type"),
              TEXT("multipart/alternative; boundary=\"" BOUNDARY "\""));
    text_builder_add(builder, TEXT("\r\n--" BOUNDARY "\r\n"));
    put_part(builder, plain, mail->text);
    text_builder_add(builder, TEXT("--" BOUNDARY "\r\n"));
    put_part(builder, TEXT("text/html; charset=utf-8"), mail->html);
    text_builder_add(builder, TEXT("--" BOUNDARY "--\r\n"));
}

enum status mail_message_write(struct arena *arena, const struct mail_message *mail,
                               struct text *ret_bytes)
{
    TRY(check(mail));
    struct text_builder builder;
    text_builder_init(&builder, arena, MAIL_BYTES_MAX);
    put_date(&builder, mail->date_us);
    put_mailbox(&builder, TEXT("From"), &mail->from);
    put_mailbox(&builder, TEXT("To"), &mail->to);
    put_plain(&builder, TEXT("Message-ID"), mail->message_id);
    put_subject(&builder, mail->subject);
    put_plain(&builder, TEXT("Auto-Submitted"), TEXT("auto-generated"));
    if (mail->list_unsubscribe.length > 0) {
        const struct text url = mail->list_unsubscribe;
        put_plain(&builder, TEXT("List-Unsubscribe"),
                  text_format(arena, "<%.*s>", (int)url.length, url.data));
    }
    put_plain(&builder, TEXT("MIME-Version"), TEXT("1.0"));
    put_body(&builder, mail);
    if (builder.is_full) return STATUS_OUT_OF_RANGE;
    *ret_bytes = text_builder_view(&builder);
    return STATUS_OK;
}
