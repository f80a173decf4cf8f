/* Writes mails: first everything is checked, then headers and bodies go into one builder. */
#include "actors/notification/mail_message.h"

#include <string.h>

#include "actors/notification/mail_header.h"
#include "messages/values.h"

enum { DOMAIN_LABEL_MAX = 63 };

/* Cannot occur in a quoted-printable body, where = stands only before hexadecimal digits or a
 * line's end (RFC 2045 6.7), so no body can end its part. */
#define BOUNDARY "=_souk_alternative"

/* ---- what is refused ---- */

static bool is_domain(struct text domain)
{
    size_t label_length = 0;
    for (size_t i = 0; i < domain.length; i++) {
        const char byte = domain.data[i];
        if (byte == '.') {
            if (label_length == 0 || domain.data[i - 1] == '-') return false;
            label_length = 0;
            continue;
        }
        if (!mail_is_alphanumeric(byte) && (byte != '-' || label_length == 0)) return false;
        if (++label_length > DOMAIN_LABEL_MAX) return false;
    }
    return label_length > 0 && domain.data[domain.length - 1] != '-';
}

static bool is_dot_atom(struct text local)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~";
    if (local.length == 0 || local.data[0] == '.' || local.data[local.length - 1] == '.')
        return false;
    for (size_t i = 0; i < local.length; i++) {
        const char byte = local.data[i];
        if (byte == '.' && local.data[i - 1] == '.') return false;
        if (byte != '.' && !mail_is_alphanumeric(byte) &&
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

/* Printable ASCII without spaces and angle brackets: it cannot end the brackets that it is put in.
 */
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

/* ---- bodies ---- */

/* RFC 2045 6.7. A soft break may stand between the bytes of a character: they are decoded first. */
static void put_quoted_printable(struct text_builder *builder, struct text text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        const char next = i + 1 < text.length ? text.data[i + 1] : '\n'; /* the end ends a line */
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
            length = mail_write_hex(token, '=', (unsigned char)byte);
        if (column + length > MAIL_COLUMNS_MAX - 1) {
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
    mail_header_add(builder, TEXT("Content-Type"), type);
    mail_header_add(builder, TEXT("Content-Transfer-Encoding"), TEXT("quoted-printable"));
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
    mail_header_add(builder, TEXT("Content-Type"),
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
    mail_header_add_date(&builder, mail->date_us);
    mail_header_add_mailbox(&builder, TEXT("From"), mail->from.name, mail->from.address);
    mail_header_add_mailbox(&builder, TEXT("To"), mail->to.name, mail->to.address);
    mail_header_add(&builder, TEXT("Message-ID"), mail->message_id);
    mail_header_add_subject(&builder, mail->subject);
    mail_header_add(&builder, TEXT("Auto-Submitted"), TEXT("auto-generated"));
    if (mail->list_unsubscribe.length > 0) {
        const struct text url = mail->list_unsubscribe;
        mail_header_add(&builder, TEXT("List-Unsubscribe"),
                        text_format(arena, "<%.*s>", (int)url.length, url.data));
    }
    mail_header_add(&builder, TEXT("MIME-Version"), TEXT("1.0"));
    put_body(&builder, mail);
    if (builder.is_full) return STATUS_OUT_OF_RANGE;
    *ret_bytes = text_builder_view(&builder);
    return STATUS_OK;
}
