/* A mail as bytes: RFC 5322 headers, RFC 2047 encoded words where a header is not ASCII, RFC 2045
 * quoted-printable bodies, RFC 2046 multipart/alternative when there is HTML. Every line ends with
 * CR LF and has at most 76 columns but for addresses, the Message-ID and URLs, which are not
 * folded. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* All in bytes. */
enum {
    MAIL_ADDRESS_MAX = 254, /* RFC 5321 4.5.3.1.3 less the brackets */
    MAIL_LOCAL_PART_MAX = 64,
    MAIL_NAME_MAX = 200,
    MAIL_SUBJECT_MAX = 500,
    MAIL_MESSAGE_ID_MAX = 200,
    MAIL_URL_MAX = 900,
    MAIL_PART_MAX = 128 * 1024,
    MAIL_BYTES_MAX = 1024 * 1024
};

struct mail_mailbox {
    struct text name; /* may be empty; UTF-8 */
    struct text address;
};

struct mail_message {
    struct mail_mailbox from, to;
    struct text subject;          /* UTF-8, may be empty */
    struct text message_id;       /* with its brackets: <ntf_…@domain> */
    int64_t date_us;              /* since 1970, UTC */
    struct text text;             /* UTF-8; lines end with LF or CR LF */
    struct text html;             /* empty: the mail is plain text */
    struct text list_unsubscribe; /* https: or mailto: URL; empty: no such header */
};

/* True for exactly one addr-spec (RFC 5322 3.4.1) of a dot-atom and a domain name, all ASCII: no
 * quoted local part, no comment, no address literal, so no space, bracket, comma or control
 * character. */
bool mail_address_is_valid(struct text address);

/* Writes the whole mail into the arena. The same mail gives the same bytes. Everything that could
 * add a header, a recipient or a line is refused. Statuses: OK, INVALID_VALUE (not an address; a
 * CR, LF, NUL or other control character in a header; not UTF-8; not an https: or mailto: URL; not
 * a Message-ID; a date before 1970), OUT_OF_RANGE (a part is too long). On a refusal `*ret_bytes`
 * is untouched. */
MUST_CHECK enum status mail_message_write(struct arena *arena, const struct mail_message *mail,
                                          struct text *ret_bytes);
