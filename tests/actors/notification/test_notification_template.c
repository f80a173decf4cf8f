/* Claims about how values get into the texts of messages: once, harmless, and within a limit. */
#include "actors/notification/notification_template.h"

#include <string.h>

#include "actors/notification/notification.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static const struct text_pair values[] = {
    { { "name", 4 }, { "A\r\nBcc: x@y <b>&{{link}}\xe2\x80\xae", 27 } },
    { { "link", 4 }, { "https://m/?token=t&a=\"b", 23 } },
    { { "reason", 6 }, { "", 0 } },
};

static struct text render(const char *template, enum notification_format format, size_t limit)
{
    return notification_render(arena, template, values, ARRAY_LENGTH(values), format, limit);
}

/* The value alone, as a line. */
static struct text render_value(struct text value)
{
    const struct text_pair pair = { TEXT("v"), value };
    return notification_render(arena, "{{v}}", &pair, 1, NOTIFICATION_FORMAT_LINE, 500);
}

static bool contains(struct text text, const char *part)
{
    return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

/* ---- values ---- */

static void values_are_put_in_once_and_end_no_line(void **state)
{
    (void)state;
    assert_text_equal(render("Hello {{name}}!", NOTIFICATION_FORMAT_LINE, 500),
                      TEXT("Hello A  Bcc: x@y <b>&{{link}} !"));
}

static void of_two_values_of_one_name_the_first_counts(void **state)
{
    (void)state;
    const struct text_pair twice[] = { { TEXT("market"), TEXT("Souk") },
                                       { TEXT("market"), TEXT("Evil") } };
    assert_text_equal(
        notification_render(arena, "{{market}}", twice, 2, NOTIFICATION_FORMAT_LINE, 99),
        TEXT("Souk"));
}

static void names_are_found_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *template, *line;
    } cases[] = {
        { "", "" },
        { "{{v}}", "1" },
        { "{{v}}{{v}}", "11" },
        { "a{{v}}b{{v}}c", "a1b1c" },
        { "{{ v}}", "" },
        { "{{V}}", "" },
        { "{{}}", "" },
        { "{{vv}}", "" },
        { "{v}", "{v}" },
        { "{{v", "{{v" },
        { "v}}", "v}}" },
        { "{{v}} {{", "1 {{" },
        { "}}{{v}}", "}}1" },
    };
    const struct text_pair value = { TEXT("v"), TEXT("1") };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct text line =
            notification_render(arena, cases[i].template, &value, 1, NOTIFICATION_FORMAT_LINE, 99);
        if (!text_equals_string(line, cases[i].line))
            fail_msg("%s becomes '%.*s'", cases[i].template, (int)line.length, line.data);
    }
}

static void what_ends_a_line_or_hides_text_becomes_a_space(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct text value;
    } cases[] = {
        { "the first of C0", { "a\0b", 3 } },
        { "the last of C0", { "a\037b", 3 } },
        { "delete", { "a\177b", 3 } },
        { "the first of C1", { "a\302\200b", 4 } },
        { "the last of C1", { "a\302\237b", 4 } },
        { "line separator", { "a\342\200\250b", 5 } },
        { "paragraph separator", { "a\342\200\251b", 5 } },
        { "left-to-right embedding", { "a\342\200\252b", 5 } },
        { "right-to-left override", { "a\342\200\256b", 5 } },
        { "left-to-right isolate", { "a\342\201\246b", 5 } },
        { "pop isolate", { "a\342\201\251b", 5 } },
        { "a byte that is not UTF-8", { "a\377b", 3 } },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct text line = render_value(cases[i].value);
        if (!text_equals(line, TEXT("a b")))
            fail_msg("%s: '%.*s'", cases[i].name, (int)line.length, line.data);
    }
    assert_text_equal(render_value(TEXT("a\xc3")), TEXT("a ")); /* half a character */
}

static void what_stands_beside_harmful_characters_stays(void **state)
{
    (void)state;
    static const char *const kept[] = {
        " ",            /* behind C0 */
        "~",            /* before delete */
        "\xc2\xa0",     /* behind C1: a space that does not break */
        "\xe2\x80\xa7", /* before the separators */
        "\xe2\x80\xaf", /* behind the overrides: a narrow space */
        "\xe2\x81\xa5",
        "\xe2\x81\xaa",
        "\xc3\xa4",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        const struct text line = render_value(text_of(kept[i]));
        if (!text_equals_string(line, kept[i])) fail_msg("%zu: '%s'", i, kept[i]);
    }
}

/* ---- lines ---- */

static void lines_without_their_value_are_left_out(void **state)
{
    (void)state;
    assert_text_equal(render("One\n\nReason: {{reason}}\nNone: {{unknown}}\n\nTwo {{\n",
                             NOTIFICATION_FORMAT_TEXT, 500),
                      TEXT("One\n\nTwo {{\n"));
}

static void one_blank_line_stays_of_many(void **state)
{
    (void)state;
    static const struct {
        const char *template, *text;
    } cases[] = {
        { "", "" },
        { "\n\n", "" },
        { "\nOne", "One\n" },
        { "One\n\n\n\nTwo\n", "One\n\nTwo\n" },
        { "{{reason}}\n\nTwo", "Two\n" },
        { "One\n\n{{reason}}\n", "One\n\n" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct text text = render(cases[i].template, NOTIFICATION_FORMAT_TEXT, 500);
        if (!text_equals_string(text, cases[i].text))
            fail_msg("%zu: '%.*s'", i, (int)text.length, text.data);
    }
}

static void pages_escape_whatever_is_put_in(void **state)
{
    (void)state;
    assert_text_equal(render("To {{name}}\n{{link}}\n", NOTIFICATION_FORMAT_HTML, 2000),
                      TEXT("<!DOCTYPE html>\n<html><body>\n"
                           "<p>To A  Bcc: x@y &lt;b&gt;&amp;{{link}} <br>\n"
                           "<a href=\"https://m/?token=t&amp;a=&quot;b\">"
                           "https://m/?token=t&amp;a=&quot;b</a></p>\n</body></html>\n"));
}

static void pages_escape_the_words_of_the_template_too(void **state)
{
    (void)state;
    const struct text page = render("R&D's \"<b>\"\n", NOTIFICATION_FORMAT_HTML, 2000);
    assert_true(contains(page, "<p>R&amp;D&#39;s &quot;&lt;b&gt;&quot;</p>\n"));
}

static void pages_have_a_paragraph_per_block_of_lines(void **state)
{
    (void)state;
    assert_text_equal(
        render("One\nTwo\n\n{{reason}}\n\nThree\n", NOTIFICATION_FORMAT_HTML, 2000),
        TEXT("<!DOCTYPE html>\n<html><body>\n<p>One<br>\nTwo</p>\n<p>Three</p>\n</body></html>\n"));
}

static void a_link_is_an_anchor_only_as_a_value_of_a_page(void **state)
{
    (void)state;
    assert_false(contains(render("{{link}}", NOTIFICATION_FORMAT_TEXT, 500), "<a"));
    assert_false(contains(render("{{link}}", NOTIFICATION_FORMAT_LINE, 500), "<a"));
    assert_false(contains(render("link {{name}}", NOTIFICATION_FORMAT_HTML, 500), "<a"));
}

/* ---- limits ---- */

static void long_lines_are_cut_at_the_end_of_a_character(void **state)
{
    (void)state;
    const struct text_pair name = { TEXT("name"), TEXT("\xc3\xa4\xc3\xa4\xc3\xa4") };
    for (size_t limit = 1; limit <= 7; limit++) {
        const struct text line =
            notification_render(arena, "{{name}}.", &name, 1, NOTIFICATION_FORMAT_LINE, limit);
        assert_int_equal(line.length, limit == 7 ? 7 : limit / 2 * 2);
        assert_true(text_is_utf8(line));
    }
}

static void nothing_stands_behind_what_was_cut(void **state)
{
    (void)state;
    const struct text_pair name = { TEXT("name"), TEXT("\xc3\xa4") };
    const struct text line =
        notification_render(arena, "ab{{name}}c", &name, 1, NOTIFICATION_FORMAT_LINE, 3);
    assert_text_equal(line, TEXT("ab")); /* the c would fit */
}

static void long_texts_are_cut_at_the_end_of_a_line(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 20; limit++) {
        const struct text text = render("One\nTwo\nThree\n", NOTIFICATION_FORMAT_TEXT, limit);
        const char *expected = limit >= 14  ? "One\nTwo\nThree\n"
                               : limit >= 8 ? "One\nTwo\n"
                               : limit >= 4 ? "One\n"
                                            : "";
        assert_text_equal(text, text_of(expected));
    }
}

static void long_pages_are_cut_at_the_end_of_a_line_and_never_within_a_tag(void **state)
{
    (void)state;
    const struct text whole =
        render("One\nTwo\n\n{{link}}\nThree\n", NOTIFICATION_FORMAT_HTML, 2000);
    for (size_t limit = 1; limit < whole.length; limit++) {
        const struct text page =
            render("One\nTwo\n\n{{link}}\nThree\n", NOTIFICATION_FORMAT_HTML, limit);
        assert_true(page.length <= limit);
        assert_true(page.length < 30 || !contains(page, "<a href") || contains(page, "</a>"));
    }
}

/* ---- the texts that there are ---- */

static void every_kind_has_its_words_in_every_language(void **state)
{
    (void)state;
    assert_true(notification_locales_count >= 2);
    for (size_t i = 0; i < notification_locales_count; i++) {
        for (unsigned kind = 0; kind < COMMON_NOTICE_KIND_COUNT; kind++) {
            const struct notification_template *template = notification_template_of(
                (enum common_notice_kind)kind, text_of(notification_locales[i].name));
            const unsigned ways = notification_kind_of((enum common_notice_kind)kind)->channels;
            const bool has_sms = (ways & 1u << NOTIFICATION_CHANNEL_SMS) != 0;
            const bool has_inbox = (ways & 1u << NOTIFICATION_CHANNEL_IN_APP) != 0;
            if (template->subject == NULL || template->text == NULL ||
                (template->sms != NULL) != has_sms || (template->title != NULL) != has_inbox ||
                (template->in_app != NULL) != has_inbox)
                fail_msg("%s in %s", common_notice_kind_names[kind], notification_locales[i].name);
        }
    }
}

static void an_unknown_language_is_english(void **state)
{
    (void)state;
    const enum common_notice_kind kind = COMMON_NOTICE_KIND_ORDER_PLACED;
    const struct notification_template *english = notification_template_of(kind, TEXT("en"));
    assert_ptr_equal(notification_template_of(kind, TEXT("xx")), english);
    assert_ptr_equal(notification_template_of(kind, TEXT("")), english);
    assert_ptr_equal(notification_template_of(kind, TEXT("EN")), english);
    assert_ptr_not_equal(notification_template_of(kind, TEXT("de")), english);
}

/* The facts of each kind, as the table lists them. */
#define NOTICE(kind, about, critical, ways, leads_to, to, facts)                                   \
    [COMMON_NOTICE_KIND_##kind] = (facts),
static const char *const facts_of_kinds[] = {
#include "actors/notification/notification_kind.def"
};
#undef NOTICE

/* What a template may use: three names that are always there, and the kind's facts. */
static size_t make_values(unsigned kind, struct text_pair *ret_values)
{
    size_t count = 0;
    ret_values[count++] = (struct text_pair){ TEXT("name"), TEXT("<Ada>") };
    ret_values[count++] = (struct text_pair){ TEXT("market"), TEXT("<Souk>") };
    ret_values[count++] = (struct text_pair){ TEXT("link"), TEXT("https://m/?a=1&b=2") };
    struct text rest = text_of(facts_of_kinds[kind]);
    while (rest.length > 0) {
        const char *space = memchr(rest.data, ' ', rest.length);
        const size_t length = space == NULL ? rest.length : (size_t)(space - rest.data);
        const struct text name = { rest.data, length };
        ret_values[count++] = (struct text_pair){ name, TEXT("<fact>") };
        const size_t used = space == NULL ? length : length + 1;
        rest.data += used;
        rest.length -= used;
    }
    return count;
}

static void check_part(const char *name, const char *template, const struct text_pair *given,
                       size_t count, enum notification_format format)
{
    if (template == NULL) return;
    const struct text text =
        notification_render(arena, template, given, count, format, NOTIFICATION_HTML_MAX);
    const bool is_page = format == NOTIFICATION_FORMAT_HTML;
    if (text_trim(text).length == 0 || contains(text, "{{") ||
        (is_page && (contains(text, "<Ada>") || contains(text, "<Souk>"))))
        fail_msg("%s: %.*s", name, (int)text.length, text.data);
}

/* A template may not promise a way that the money does not go: only the facts know. */
static void money_that_goes_back_is_said_by_the_ways_that_it_goes(void **state)
{
    (void)state;
    const enum common_notice_kind kinds[] = {
        COMMON_NOTICE_KIND_ORDER_CANCELLED,       COMMON_NOTICE_KIND_ORDER_REFUSED,
        COMMON_NOTICE_KIND_ORDER_UNITS_CANCELLED, COMMON_NOTICE_KIND_RETURN_REFUNDED,
        COMMON_NOTICE_KIND_ORDER_REFUNDED,        COMMON_NOTICE_KIND_ORDER_REFUND_REDIRECTED,
        COMMON_NOTICE_KIND_CLAIM_REFUNDED,
    };
    const struct text_pair facts[] = { { TEXT("to_card"), TEXT("1234.50 EUR") } };
    struct text_pair in_german[1];
    notification_say_facts(arena, facts, 1, TEXT("de"), in_german);
    assert_text_equal(in_german[0].value, TEXT("1.234,50 EUR"));
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        const struct notification_template *english =
            notification_template_of(kinds[i], TEXT("en"));
        const struct notification_template *german = notification_template_of(kinds[i], TEXT("de"));
        const char *const texts[] = { english->text, english->in_app };
        for (size_t t = 0; t < ARRAY_LENGTH(texts); t++) {
            const struct text text =
                notification_render(arena, texts[t], facts, 1, NOTIFICATION_FORMAT_TEXT, 4000);
            assert_true(contains(text, "To the card that you paid with: 1234.50 EUR."));
            assert_false(contains(text, "wallet"));
            assert_false(contains(text, "anded back"));
        }
        const struct text text =
            notification_render(arena, german->text, in_german, 1, NOTIFICATION_FORMAT_TEXT, 4000);
        assert_true(contains(text, "bezahlt haben: 1.234,50 EUR."));
        assert_false(contains(text, "Guthaben"));
    }
}

static void every_text_is_whole_with_the_facts_of_its_kind(void **state)
{
    (void)state;
    enum { VALUES_MAX = 3 + 12 };
    for (size_t i = 0; i < notification_locales_count; i++) {
        for (unsigned kind = 0; kind < COMMON_NOTICE_KIND_COUNT; kind++) {
            const struct notification_template *template = &notification_locales[i].templates[kind];
            const char *name = common_notice_kind_names[kind];
            struct text_pair given[VALUES_MAX];
            const size_t count = make_values(kind, given);
            check_part(name, template->subject, given, count, NOTIFICATION_FORMAT_LINE);
            check_part(name, template->text, given, count, NOTIFICATION_FORMAT_TEXT);
            check_part(name, template->text, given, count, NOTIFICATION_FORMAT_HTML);
            check_part(name, template->sms, given, count, NOTIFICATION_FORMAT_LINE);
            check_part(name, template->title, given, count, NOTIFICATION_FORMAT_LINE);
            check_part(name, template->in_app, given, count, NOTIFICATION_FORMAT_TEXT);
        }
        arena_reset(arena);
    }
}

/* A mail without its link would be of no use where the link is what it is about. */
static void every_mail_with_a_token_shows_its_link(void **state)
{
    (void)state;
    for (size_t i = 0; i < notification_locales_count; i++) {
        for (unsigned kind = 0; kind < COMMON_NOTICE_KIND_COUNT; kind++) {
            const bool has_token = notification_kind_of((enum common_notice_kind)kind)->link ==
                                   NOTIFICATION_LINK_TOKEN;
            const char *text = notification_locales[i].templates[kind].text;
            if (has_token && strstr(text, "\n{{link}}\n") == NULL)
                fail_msg("%s in %s", common_notice_kind_names[kind], notification_locales[i].name);
        }
    }
}

static void amounts_have_the_marks_of_the_reader_s_language(void **state)
{
    (void)state;
    static const struct {
        const char *amount, *english, *german;
    } cases[] = {
        { "19.99 EUR", "19.99 EUR", "19,99 EUR" },
        { "1234.50 EUR", "1,234.50 EUR", "1.234,50 EUR" },
        { "-1234567.00 EUR", "-1,234,567.00 EUR", "-1.234.567,00 EUR" },
        { "999999 JPY", "999,999 JPY", "999.999 JPY" },
        { "0.005 BHD", "0.005 BHD", "0,005 BHD" },
        { "free", "free", "free" },
        { "", "", "" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct text amount = text_of(cases[i].amount);
        assert_text_equal(notification_money(arena, amount, TEXT("en")), text_of(cases[i].english));
        assert_text_equal(notification_money(arena, amount, TEXT("de")), text_of(cases[i].german));
        assert_text_equal(notification_money(arena, amount, TEXT("xx")), text_of(cases[i].english));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_have_the_marks_of_the_reader_s_language),
        cmocka_unit_test(values_are_put_in_once_and_end_no_line),
        cmocka_unit_test(of_two_values_of_one_name_the_first_counts),
        cmocka_unit_test(names_are_found_whole_or_not_at_all),
        cmocka_unit_test(what_ends_a_line_or_hides_text_becomes_a_space),
        cmocka_unit_test(what_stands_beside_harmful_characters_stays),
        cmocka_unit_test(lines_without_their_value_are_left_out),
        cmocka_unit_test(one_blank_line_stays_of_many),
        cmocka_unit_test(pages_escape_whatever_is_put_in),
        cmocka_unit_test(pages_escape_the_words_of_the_template_too),
        cmocka_unit_test(pages_have_a_paragraph_per_block_of_lines),
        cmocka_unit_test(a_link_is_an_anchor_only_as_a_value_of_a_page),
        cmocka_unit_test(long_lines_are_cut_at_the_end_of_a_character),
        cmocka_unit_test(nothing_stands_behind_what_was_cut),
        cmocka_unit_test(long_texts_are_cut_at_the_end_of_a_line),
        cmocka_unit_test(long_pages_are_cut_at_the_end_of_a_line_and_never_within_a_tag),
        cmocka_unit_test(every_kind_has_its_words_in_every_language),
        cmocka_unit_test(an_unknown_language_is_english),
        cmocka_unit_test(money_that_goes_back_is_said_by_the_ways_that_it_goes),
        cmocka_unit_test(every_text_is_whole_with_the_facts_of_its_kind),
        cmocka_unit_test(every_mail_with_a_token_shows_its_link),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
