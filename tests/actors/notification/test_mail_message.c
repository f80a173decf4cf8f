/* Mails as bytes: their form, what they carry, and what cannot be smuggled into them. */
#include <string.h>

#include "actors/notification/mail_message.h"
#include "messages/values.h"
#include "tests/support/cmocka.h"

static struct mail_message plain_mail(void)
{
    return (struct mail_message){
        .from = { TEXT("Souk"), TEXT("shop@example.org") },
        .to = { TEXT(""), TEXT("ann@example.com") },
        .subject = TEXT("Your order"),
        .message_id = TEXT("<ntf_1@example.org>"),
        .date_us = INT64_C(1795370645) * 1000000, /* 2026-11-22T18:04:05Z */
        .text = TEXT("Hello Ann\n"),
    };
}

/* ---- a reader of its own, to find again what was written ---- */

static unsigned hex_value(char byte)
{
    return (unsigned)(byte <= '9' ? byte - '0' : byte - 'A' + 10);
}

/* Unfolds the value of a header; empty when there is none. */
static struct text read_header(struct arena *arena, struct text mail, const char *name)
{
    struct text_builder value;
    text_builder_init(&value, arena, 4096);
    const char *end = memmem(mail.data, mail.length, "\r\n\r\n", 4);
    assert_non_null(end);
    bool is_inside = false;
    for (const char *line = mail.data; line < end;) {
        const char *line_end = memmem(line, mail.length - (size_t)(line - mail.data), "\r\n", 2);
        const char *from = line;
        if (*line != ' ') {
            is_inside = strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':';
            if (is_inside) from += strlen(name) + 1;
            if (*from == ' ') from++;
        }
        if (is_inside) text_builder_add(&value, (struct text){ from, (size_t)(line_end - from) });
        line = line_end + 2;
    }
    return text_builder_view(&value);
}

/* Decodes a value that is encoded words and nothing else. */
static struct text decode_words(struct arena *arena, struct text value)
{
    struct text_builder decoded;
    text_builder_init(&decoded, arena, 4096);
    const struct text open = TEXT("=?UTF-8?Q?");
    size_t at = 0;
    while (at < value.length) {
        const struct text rest = { value.data + at, value.length - at };
        assert_true(text_starts_with(rest, open));
        const char *end = memmem(rest.data + open.length, rest.length - open.length, "?=", 2);
        assert_non_null(end);
        assert_true((size_t)(end + 2 - rest.data) <= 75);
        const size_t start_length = decoded.length;
        for (const char *byte = rest.data + open.length; byte < end; byte++) {
            if (*byte == '=') {
                text_builder_add_byte(&decoded,
                                      (char)(hex_value(byte[1]) * 16 + hex_value(byte[2])));
                byte += 2;
            } else {
                text_builder_add_byte(&decoded, *byte == '_' ? ' ' : *byte);
            }
        }
        const struct text word = { decoded.data + start_length, decoded.length - start_length };
        assert_true(text_is_utf8(word)); /* no word ends within a character */
        at += (size_t)(end + 2 - rest.data);
        while (at < value.length && value.data[at] == ' ')
            at++;
    }
    return text_builder_view(&decoded);
}

/* Decodes a quoted-printable body; ends of lines come back as LF. */
static struct text decode_body(struct arena *arena, struct text body)
{
    struct text_builder decoded;
    text_builder_init(&decoded, arena, 4 * MAIL_PART_MAX);
    for (size_t i = 0; i < body.length; i++) {
        if (body.data[i] == '\r') continue;
        if (body.data[i] != '=') {
            text_builder_add_byte(&decoded, body.data[i]);
        } else if (body.data[i + 1] == '\r') {
            i += 2;
        } else {
            text_builder_add_byte(
                &decoded, (char)(hex_value(body.data[i + 1]) * 16 + hex_value(body.data[i + 2])));
            i += 2;
        }
    }
    return text_builder_view(&decoded);
}

static struct text body_of(struct text mail)
{
    const char *end = memmem(mail.data, mail.length, "\r\n\r\n", 4);
    assert_non_null(end);
    return (struct text){ end + 4, mail.length - (size_t)(end + 4 - mail.data) };
}

/* What holds for every line of every mail. */
static void check_lines(struct text mail, size_t columns_max)
{
    assert_true(mail.length > 2);
    assert_memory_equal(mail.data + mail.length - 2, "\r\n", 2);
    size_t column = 0;
    for (size_t i = 0; i < mail.length; i++) {
        const unsigned char byte = (unsigned char)mail.data[i];
        if (byte == '\r') {
            assert_int_equal(mail.data[++i], '\n');
            assert_true(column <= columns_max);
            assert_true(column == 0 || mail.data[i - 2] != ' ' || columns_max > 76);
            column = 0;
            continue;
        }
        assert_true((byte >= ' ' && byte <= '~') || byte == '\t');
        column++;
    }
}

static struct text write_mail(struct arena *arena, const struct mail_message *mail)
{
    struct text bytes;
    assert_int_equal(mail_message_write(arena, mail, &bytes), STATUS_OK);
    return bytes;
}

/* ---- claims ---- */

static void plain_mail_is_written_byte_by_byte(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct mail_message mail = plain_mail();
    assert_text_equal(write_mail(arena, &mail),
                      TEXT("Date: Sun, 22 Nov 2026 18:04:05 +0000\r\n"
                           "From: \"Souk\" <shop@example.org>\r\n"
                           "To: <ann@example.com>\r\n"
                           "Message-ID: <ntf_1@example.org>\r\n"
                           "Subject: Your order\r\n"
                           "Auto-Submitted: auto-generated\r\n"
                           "MIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n"
                           "\r\n"
                           "Hello Ann\r\n"));
    arena_destroy(&arena);
}

static void html_makes_two_alternatives(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.html = TEXT("<p title=\"--=_souk_alternative\">Hi</p>");
    mail.list_unsubscribe = TEXT("https://example.org/u?t=1");
    const struct text bytes = write_mail(arena, &mail);
    check_lines(bytes, 76);
    assert_text_equal(read_header(arena, bytes, "List-Unsubscribe"),
                      TEXT("<https://example.org/u?t=1>"));
    assert_text_equal(read_header(arena, bytes, "Content-Type"),
                      TEXT("multipart/alternative; boundary=\"=_souk_alternative\""));
    assert_text_equal(body_of(bytes), TEXT("--=_souk_alternative\r\n"
                                           "Content-Type: text/plain; charset=utf-8\r\n"
                                           "Content-Transfer-Encoding: quoted-printable\r\n"
                                           "\r\n"
                                           "Hello Ann\r\n"
                                           "--=_souk_alternative\r\n"
                                           "Content-Type: text/html; charset=utf-8\r\n"
                                           "Content-Transfer-Encoding: quoted-printable\r\n"
                                           "\r\n"
                                           "<p title=3D\"--=3D_souk_alternative\">Hi</p>\r\n"
                                           "--=_souk_alternative--\r\n"));
    arena_destroy(&arena);
}

static void body_survives_quoted_printable(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.text = TEXT("a = b \n.\ntab\t\n\nna\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80\x01\n");
    const struct text bytes = write_mail(arena, &mail);
    check_lines(bytes, 76);
    assert_text_equal(body_of(bytes), TEXT("a =3D b=20\r\n.\r\ntab=09\r\n\r\n"
                                           "na=C3=AFve =E2=82=AC =F0=9F=98=80=01\r\n"));
    assert_text_equal(decode_body(arena, body_of(bytes)), mail.text);
    arena_destroy(&arena);
}

static void ends_of_lines_become_cr_lf(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.text = TEXT("a\nb\r\nc\rd");
    assert_text_equal(body_of(write_mail(arena, &mail)), TEXT("a\r\nb\r\nc\r\nd\r\n"));
    mail.text = TEXT("a\r");
    assert_text_equal(body_of(write_mail(arena, &mail)), TEXT("a\r\n"));
    mail.text = TEXT("");
    assert_text_equal(body_of(write_mail(arena, &mail)), TEXT("\r\n"));
    arena_destroy(&arena);
}

static void long_line_is_broken_softly(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    char line[401];
    memset(line, 'x', 400);
    line[400] = '\n';
    mail.text = (struct text){ line, sizeof line };
    const struct text bytes = write_mail(arena, &mail);
    check_lines(bytes, 76);
    assert_text_equal(decode_body(arena, body_of(bytes)), mail.text);
    arena_destroy(&arena);
}

static void subject_that_is_not_ascii_becomes_encoded_words(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.subject = TEXT("Gr\xc3\xbc\xc3\x9f"
                        "e");
    assert_text_equal(read_header(arena, write_mail(arena, &mail), "Subject"),
                      TEXT("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?="));
    mail.subject = TEXT("looks =?UTF-8?Q?encoded?=");
    const struct text read = read_header(arena, write_mail(arena, &mail), "Subject");
    assert_text_equal(decode_words(arena, read), mail.subject);
    mail.subject = TEXT("");
    assert_text_equal(read_header(arena, write_mail(arena, &mail), "Subject"), TEXT(""));
    arena_destroy(&arena);
}

static void long_ascii_subject_is_folded_at_spaces(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.subject = TEXT("one two three four five six seven eight nine ten eleven  twelve thirteen "
                        "fourteen fifteen sixteen seventeen eighteen nineteen twenty");
    const struct text bytes = write_mail(arena, &mail);
    check_lines(bytes, 76);
    assert_text_equal(read_header(arena, bytes, "Subject"), mail.subject);
    arena_destroy(&arena);
}

/* The n-th number of a sequence that is the same in each run (splitmix64). */
static uint64_t number_of(uint64_t n)
{
    uint64_t z = n * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void any_subject_and_body_are_found_again(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a",
                                          " ",
                                          "=",
                                          "?",
                                          "_",
                                          "\"",
                                          "word",
                                          "\xc3\xa9",
                                          "\xe2\x82\xac",
                                          "\\",
                                          "\xf0\x9f\x98\x80",
                                          "=?",
                                          "longerword",
                                          ".",
                                          "  " };
    uint64_t n = 1;
    for (size_t round = 0; round < 2000; round++) {
        struct arena *arena = arena_new(16384);
        struct text_builder subject, body;
        text_builder_init(&subject, arena, 180);
        text_builder_init(&body, arena, 2000);
        const size_t length = number_of(n++) % 60;
        for (size_t i = 0; i < length; i++) {
            const struct text piece = text_of(pieces[number_of(n++) % ARRAY_LENGTH(pieces)]);
            if (subject.length + piece.length <= 180) text_builder_add(&subject, piece);
            text_builder_add(&body, piece);
            if (number_of(n++) % 16 == 0) text_builder_add(&body, TEXT("\n"));
        }
        text_builder_add(&body, TEXT("\n"));
        struct mail_message mail = plain_mail();
        mail.subject = text_builder_view(&subject);
        mail.from.name = mail.subject;
        mail.text = text_builder_view(&body);
        const struct text bytes = write_mail(arena, &mail);
        check_lines(bytes, 77); /* an empty subject leaves the space behind its colon */
        const struct text read = read_header(arena, bytes, "Subject");
        const bool is_encoded = text_starts_with(read, TEXT("=?UTF-8?Q?"));
        assert_text_equal(is_encoded ? decode_words(arena, read) : read, mail.subject);
        struct text from = read_header(arena, bytes, "From");
        const struct text address = TEXT("<shop@example.org>");
        assert_true(from.length >= address.length);
        from.length -= address.length;
        assert_memory_equal(from.data + from.length, address.data, address.length);
        if (text_starts_with(from, TEXT("=?")))
            assert_text_equal(decode_words(arena, text_trim(from)), mail.from.name);
        assert_text_equal(decode_body(arena, body_of(bytes)), mail.text);
        arena_destroy(&arena);
    }
}

static void names_are_quoted(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.to.name = TEXT("O'Neil, \"Ann\" \\ <x@y>");
    assert_text_equal(read_header(arena, write_mail(arena, &mail), "To"),
                      TEXT("\"O'Neil, \\\"Ann\\\" \\\\ <x@y>\" <ann@example.com>"));
    mail.to.name = TEXT("\xc3\x84nn <x@y>");
    assert_text_equal(read_header(arena, write_mail(arena, &mail), "To"),
                      TEXT("=?UTF-8?Q?=C3=84nn_=3Cx=40y=3E?= <ann@example.com>"));
    arena_destroy(&arena);
}

static enum status write_status(struct arena *arena, const struct mail_message *mail)
{
    struct text bytes = TEXT("untouched");
    const enum status status = mail_message_write(arena, mail, &bytes);
    if (status != STATUS_OK) assert_text_equal(bytes, TEXT("untouched"));
    return status;
}

static void control_characters_in_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct text value;
    } cases[] = {
        { "another header", TEXT("a\r\nBcc: b@c") },
        { "line feed", TEXT("a\nb") },
        { "carriage return", TEXT("a\rb") },
        { "NUL", TEXT("a\0b") },
        { "escape", TEXT("a\x1b") },
        { "delete", TEXT("\x7f") },
        { "line feed behind UTF-8", TEXT("\xc3\xa9\n") },
        { "not UTF-8", TEXT("\xff") },
        { "half a character", TEXT("\xc3") },
    };
    struct arena *arena = arena_new(4096);
    struct mail_message mail;
    struct text *const places[] = { &mail.subject, &mail.from.name, &mail.to.name, &mail.message_id,
                                    &mail.list_unsubscribe };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(places); k++) {
            mail = plain_mail();
            *places[k] = cases[i].value;
            if (write_status(arena, &mail) != STATUS_INVALID_VALUE)
                fail_msg("%s in place %zu", cases[i].name, k);
        }
    }
    arena_destroy(&arena);
}

/* Both addresses are checked, the sender's too: it comes from a setting. */
static void addresses_that_are_none_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.to.address = TEXT("a@b>\r\nRCPT TO:<c@d");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail = plain_mail();
    mail.from.address = TEXT("shop");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    arena_destroy(&arena);
}

static void other_unfit_parts_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct mail_message mail = plain_mail();
    mail.text = TEXT("\xff");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail = plain_mail();
    mail.message_id = TEXT("ntf_1@example.org");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail = plain_mail();
    mail.list_unsubscribe = TEXT("javascript:alert(1)");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail.list_unsubscribe = TEXT("https://a/>,<mailto:x@y");
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail = plain_mail();
    mail.date_us = -1;
    assert_int_equal(write_status(arena, &mail), STATUS_INVALID_VALUE);
    mail = plain_mail();
    char *large = arena_allocate(arena, MAIL_PART_MAX + 1);
    memset(large, 0xc3, MAIL_PART_MAX + 1);
    mail.subject = (struct text){ large, MAIL_SUBJECT_MAX + 1 };
    assert_int_equal(write_status(arena, &mail), STATUS_OUT_OF_RANGE);
    mail.subject = TEXT("");
    mail.html = (struct text){ large, MAIL_PART_MAX + 1 };
    assert_int_equal(write_status(arena, &mail), STATUS_OUT_OF_RANGE);
    memset(large, '=', MAIL_PART_MAX);
    mail.text = mail.html = (struct text){ large, MAIL_PART_MAX };
    assert_int_equal(write_status(arena, &mail), STATUS_OK); /* the longest there is */
    arena_destroy(&arena);
}

static void addresses_are_one_addr_spec(void **state)
{
    (void)state;
    static const char *const good[] = { "a@b", "ann.lee+tag@mail.example.com", "o'neil@x-y.org",
                                        "_@1.2" };
    static const char *const bad[] = {
        "",        "a",          "@b",          "a@",        "a@b@c",
        "a b@c",   "<a@b>",      "a@b,c@d",     "a@b;",      ".a@b",
        "a.@b",    "a..b@c",     "a@.b",        "a@b.",      "a@b..c",
        "a@-b",    "a@b-",       "a@b-.c",      "\"a b\"@c", "a@[1.2.3.4]",
        "a@b\r\n", "\xc3\xa4@b", "a@b\xc3\xa4", "a@b_c",     "a@b>\r\nRCPT TO:<c@d",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        if (!mail_address_is_valid(text_of(good[i]))) fail_msg("%s is one", good[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (mail_address_is_valid(text_of(bad[i]))) fail_msg("%s is none", bad[i]);
    }
    assert_false(mail_address_is_valid(TEXT("a\0@b")));
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[64] = '@';
    longest[128] = longest[192] = '.';
    assert_true(mail_address_is_valid((struct text){ longest, MAIL_ADDRESS_MAX }));
    assert_false(mail_address_is_valid((struct text){ longest, MAIL_ADDRESS_MAX + 1 }));
    longest[64] = 'a';
    longest[65] = '@'; /* a local part of 65 */
    assert_false(mail_address_is_valid((struct text){ longest, 100 }));
}

static void date_is_that_of_the_calendar(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *date;
    } cases[] = {
        { 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
        { 951782400, "Tue, 29 Feb 2000 00:00:00 +0000" },
        { 4107542400, "Mon, 01 Mar 2100 00:00:00 +0000" }, /* no leap year */
        { 1798761599, "Thu, 31 Dec 2026 23:59:59 +0000" },
    };
    struct arena *arena = arena_new(4096);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct mail_message mail = plain_mail();
        mail.date_us = cases[i].seconds * 1000000 + 999999;
        const struct text date = read_header(arena, write_mail(arena, &mail), "Date");
        if (!text_equals_string(date, cases[i].date))
            fail_msg("%s: %.*s", cases[i].date, (int)date.length, date.data);
    }
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_mail_is_written_byte_by_byte),
        cmocka_unit_test(html_makes_two_alternatives),
        cmocka_unit_test(body_survives_quoted_printable),
        cmocka_unit_test(ends_of_lines_become_cr_lf),
        cmocka_unit_test(long_line_is_broken_softly),
        cmocka_unit_test(subject_that_is_not_ascii_becomes_encoded_words),
        cmocka_unit_test(long_ascii_subject_is_folded_at_spaces),
        cmocka_unit_test(any_subject_and_body_are_found_again),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(control_characters_in_headers_are_refused),
        cmocka_unit_test(addresses_that_are_none_are_refused),
        cmocka_unit_test(other_unfit_parts_are_refused),
        cmocka_unit_test(addresses_are_one_addr_spec),
        cmocka_unit_test(date_is_that_of_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
