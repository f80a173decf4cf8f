/* HTML as merchants write it becomes text that a shopper can read. */
#include "messages/product_file/html_text.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(1024);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void assert_text(const char *html, const char *expected)
{
    assert_text_equal(html_to_text(arena, text_of(html), 20000), text_of(expected));
}

static void plain_text_stays_and_white_space_is_collapsed(void **state)
{
    (void)state;
    assert_text("", "");
    assert_text("plain", "plain");
    assert_text("  two \n\t words  ", "two words");
}

static void tags_are_dropped_and_blocks_become_lines(void **state)
{
    (void)state;
    assert_text("<p>One <b>bold</b> word.</p>\n<p>Two.</p>", "One bold word.\nTwo.");
    assert_text("a<br>b<BR/>c<br />d", "a\nb\nc\nd");
    assert_text("<ul><li>x</li><li>y</li></ul>", "x\ny");
    assert_text("in<span>side</span>", "inside");
}

static void named_and_numeric_entities_are_decoded(void **state)
{
    (void)state;
    assert_text("a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;", "a & b <c> \"d\" 'e'");
    assert_text("caf&eacute; &euro;5 &ndash; &Ouml;l", "caf\xC3\xA9 \xE2\x82\xAC"
                                                       "5 \xE2\x80\x93 \xC3\x96l");
    assert_text("&#65;&#x42;&#X43; &#233; &#x1F600;", "ABC \xC3\xA9 \xF0\x9F\x98\x80");
    assert_text("&#146;s", "\xE2\x80\x99s");
    assert_text("a&nbsp;b&nbsp;&nbsp;c", "a b c");
}

static void broken_entities_stay_as_they_are(void **state)
{
    (void)state;
    assert_text("AT&T & co &unknown; &; &#; &#x; &", "AT&T & co &unknown; &; &#; &#x; &");
}

static void numbers_that_are_no_character_become_the_replacement(void **state)
{
    (void)state;
    assert_text("&#0;&#xD800;&#x110000;&#99999999999999999999;",
                "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void script_style_and_comments_are_dropped_with_their_content(void **state)
{
    (void)state;
    assert_text("a<script>if (1<2) x('</p>');</script>b", "ab");
    assert_text("a<STYLE type='text/css'>p { color: red }</style >b", "ab");
    assert_text("a<!-- <p>hidden</p> -->b<!DOCTYPE html>c", "abc");
    assert_text("a<script>never closed", "a");
}

static void less_than_in_prose_is_text(void **state)
{
    (void)state;
    assert_text("1 < 2 and 3 <4 <- x", "1 < 2 and 3 <4 <- x");
}

static void attribute_may_hold_the_end_of_a_tag(void **state)
{
    (void)state;
    assert_text("<a title=\"x > y\" href='#'>link</a>", "link");
    assert_text("<a title=it's>link</a>", "link");
}

static void tag_without_end_takes_the_rest(void **state)
{
    (void)state;
    assert_text("before<p class=", "before");
}

static void output_is_cut_between_characters(void **state)
{
    (void)state;
    assert_text_equal(html_to_text(arena,
                                   text_of("ab\xC3\xA9"
                                           "cd"),
                                   3),
                      TEXT("ab"));
    assert_text_equal(html_to_text(arena,
                                   text_of("ab\xC3\xA9"
                                           "cd"),
                                   4),
                      TEXT("ab\xC3\xA9"));
    assert_text_equal(html_to_text(arena, text_of("ab&eacute;d"), 3), TEXT("ab"));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(plain_text_stays_and_white_space_is_collapsed),
        CLAIM(tags_are_dropped_and_blocks_become_lines),
        CLAIM(named_and_numeric_entities_are_decoded),
        CLAIM(broken_entities_stay_as_they_are),
        CLAIM(numbers_that_are_no_character_become_the_replacement),
        CLAIM(script_style_and_comments_are_dropped_with_their_content),
        CLAIM(less_than_in_prose_is_text),
        CLAIM(attribute_may_hold_the_end_of_a_tag),
        CLAIM(tag_without_end_takes_the_rest),
        CLAIM(output_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
