/* Writes the form of a short message, and where it is posted to. */
#include "actors/notification/sms_message.h"

#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_alphanumeric(char byte)
{
    const char lower = (char)(byte | 0x20);
    return (lower >= 'a' && lower <= 'z') || is_digit(byte);
}

bool sms_number_is_valid(struct text number)
{
    enum { DIGITS_MIN = 7, DIGITS_MAX = 15 };
    if (number.length < 1 + DIGITS_MIN || number.length > 1 + DIGITS_MAX) return false;
    if (number.data[0] != '+' || number.data[1] == '0') return false;
    for (size_t i = 1; i < number.length; i++) {
        if (!is_digit(number.data[i])) return false;
    }
    return true;
}

bool sms_sender_is_valid(struct text from)
{
    if (sms_number_is_valid(from)) return true;
    if (from.length == 0 || from.length > SMS_SENDER_NAME_MAX) return false;
    bool has_letter = false;
    for (size_t i = 0; i < from.length; i++) {
        if (!is_alphanumeric(from.data[i]) && from.data[i] != ' ') return false;
        has_letter = has_letter || (is_alphanumeric(from.data[i]) && !is_digit(from.data[i]));
    }
    return has_letter;
}

/* At the end of a character; the body is UTF-8. */
static struct text cut(struct text body)
{
    size_t length = 0;
    for (size_t i = 0; i < SMS_CHARACTERS_MAX && length < body.length; i++)
        length += text_utf8_width((struct text){ body.data + length, body.length - length });
    return (struct text){ body.data, length };
}

/* https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
static void put_value(struct text_builder *builder, struct text value)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char others[] = "*-._";
    for (size_t i = 0; i < value.length; i++) {
        const char byte = value.data[i];
        if (is_alphanumeric(byte) || memchr(others, byte, sizeof others - 1) != NULL) {
            text_builder_add_byte(builder, byte);
        } else if (byte == ' ') {
            text_builder_add_byte(builder, '+');
        } else {
            text_builder_add_byte(builder, '%');
            text_builder_add_byte(builder, digits[(unsigned char)byte >> 4]);
            text_builder_add_byte(builder, digits[byte & 15]);
        }
    }
}

enum status sms_message_form(struct arena *arena, const struct sms_message *sms,
                             struct text *ret_form)
{
    enum { FORM_MAX = 3 * (4 * SMS_CHARACTERS_MAX + 2 * SMS_SENDER_MAX) + 64 };
    if (sms->body.length > SMS_BODY_MAX) return STATUS_OUT_OF_RANGE;
    if (!sms_number_is_valid(sms->to) || !sms_sender_is_valid(sms->from) || sms->body.length == 0 ||
        !text_is_utf8(sms->body))
        return STATUS_INVALID_VALUE;
    struct text_builder builder;
    text_builder_init(&builder, arena, FORM_MAX);
    text_builder_add(&builder, TEXT("To="));
    put_value(&builder, sms->to);
    text_builder_add(&builder, TEXT("&From="));
    put_value(&builder, sms->from);
    text_builder_add(&builder, TEXT("&Body="));
    put_value(&builder, cut(sms->body));
    assert(!builder.is_full);
    *ret_form = text_builder_view(&builder);
    return STATUS_OK;
}

enum status sms_message_url(struct arena *arena, struct text base, struct text sid,
                            struct text *ret_url)
{
    if (base.length > SMS_BASE_MAX || sid.length == 0 || sid.length > SMS_SID_MAX)
        return STATUS_INVALID_VALUE;
    if (!text_starts_with(base, TEXT("http://")) && !text_starts_with(base, TEXT("https://")))
        return STATUS_INVALID_VALUE;
    for (size_t i = 0; i < base.length; i++) {
        if (base.data[i] <= ' ' || base.data[i] > '~') return STATUS_INVALID_VALUE;
    }
    for (size_t i = 0; i < sid.length; i++) {
        if (!is_alphanumeric(sid.data[i])) return STATUS_INVALID_VALUE;
    }
    while (base.length > 0 && base.data[base.length - 1] == '/')
        base.length--;
    *ret_url = text_format(arena, "%.*s/2010-04-01/Accounts/%.*s/Messages.json", (int)base.length,
                           base.data, (int)sid.length, sid.data);
    return STATUS_OK;
}
