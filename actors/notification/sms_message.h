/* A short message as a call to an API like Twilio's: POST of a form to
 * {base}/2010-04-01/Accounts/{sid}/Messages.json with Basic authentication. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

enum {
    SMS_CHARACTERS_MAX = 480, /* a longer body is cut: three or more parts of a message */
    SMS_BODY_MAX = 16 * 1024, /* bytes, before it is cut */
    SMS_SENDER_MAX = 16,      /* bytes of a number */
    SMS_SENDER_NAME_MAX = 11, /* bytes of a name (GSM 03.40) */
    SMS_BASE_MAX = 512,       /* bytes */
    SMS_SID_MAX = 64          /* bytes */
};

struct sms_message {
    struct text to;   /* E.164 */
    struct text from; /* E.164, or a name of letters, digits and spaces */
    struct text body; /* UTF-8 */
};

/* True for +, then 7 to 15 digits of which the first is not 0 (ITU-T E.164). */
bool sms_number_is_valid(struct text number);

/* True for a number as above, or a name of 1 to SMS_SENDER_NAME_MAX letters, digits and spaces with
 * at least one letter. */
bool sms_sender_is_valid(struct text from);

/* Writes To, From and Body as application/x-www-form-urlencoded, in the arena; the body is cut to
 * SMS_CHARACTERS_MAX at the end of a character. Statuses: OK, INVALID_VALUE (not a number, not a
 * sender, not UTF-8, an empty body), OUT_OF_RANGE (beyond SMS_BODY_MAX). */
MUST_CHECK enum status sms_message_form(struct arena *arena, const struct sms_message *sms,
                                        struct text *ret_form);

/* Writes the address to post to, in the arena. `base` is an address without a path, with or without
 * a slash at its end; `sid` names the account. Statuses: OK, INVALID_VALUE (a base that is not http
 * or https, a sid that is not letters and digits, or one that is too long). */
MUST_CHECK enum status sms_message_url(struct arena *arena, struct text base, struct text sid,
                                       struct text *ret_url);
