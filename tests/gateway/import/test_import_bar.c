/* The bar that shows how far an import has come. */
#include "gateway/import/importer.h"

#include <string.h>
#include <unistd.h>

#include "tests/gateway/command/market_stage.h"
#include "tests/support/cmocka.h"

static struct import_options options;
static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    options = (struct import_options){ .path = "goods.csv" };
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static const char *bar(uint64_t offset)
{
    const struct import_state state = { .offset = offset, .counts = { .products = 7, .bad = 2 } };
    struct capture errors = capture_begin(STDERR_FILENO);
    import_draw_bar(&options, &state);
    return capture_end(&errors, arena);
}

static void the_bar_shows_how_far_the_file_is_read(void **state)
{
    (void)state;
    options.has_bar = true;
    options.size = 200;
    assert_non_null(strstr(bar(0), "[..............................]   0 %  7 products, 2 bad"));
    assert_non_null(strstr(bar(100), "[###############...............]  50 %"));
    assert_non_null(strstr(bar(200), "[##############################] 100 %"));
}

static void the_bar_of_an_empty_file_is_full(void **state)
{
    (void)state;
    options.has_bar = true;
    options.size = 0;
    assert_non_null(strstr(bar(1), "100 %"));
}

static void without_a_terminal_there_is_no_bar(void **state)
{
    (void)state;
    assert_string_equal(bar(100), "");
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(the_bar_shows_how_far_the_file_is_read),
        CLAIM(the_bar_of_an_empty_file_is_full),
        CLAIM(without_a_terminal_there_is_no_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
