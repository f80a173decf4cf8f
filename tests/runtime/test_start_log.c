/* What a child wrote into its file, as warnings of ours. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/log.h"
#include "runtime/start_log.h"
#include "tests/support/cmocka.h"

static char path[64];
static struct start_log start_log;

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/souk-start-log-%d", (int)getpid());
    (void)unlink(path);
    log_open("souk-test", LOG_INFO);
    assert_int_equal(start_log_open(path, &start_log), STATUS_OK);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    (void)close(start_log.fd);
    return unlink(path);
}

static void child_writes(const char *text)
{
    assert_int_equal(write(start_log.fd, text, strlen(text)), strlen(text));
}

/* How often `wanted` stands in what is logged when the file is told of. */
static int count_told(const char *wanted)
{
    static char text[65536];
    char name[] = "/tmp/souk-told-XXXXXX";
    const int file = mkstemp(name), before = dup(STDERR_FILENO);
    assert_true(file >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    start_log_tell(&start_log, "postgres");
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    const ssize_t length = pread(file, text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    (void)close(file);
    (void)close(before);
    (void)unlink(name);
    int count = 0;
    for (const char *at = text; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

static void an_error_is_told_as_a_warning_and_the_rest_is_not(void **state)
{
    (void)state;
    child_writes("2026-11-29 01:00:00 UTC [7] LOG:  starting PostgreSQL\n"
                 "2026-11-29 01:00:00 UTC [7] FATAL:  lock file \"postmaster.pid\" exists\n"
                 "2026-11-29 01:00:00 UTC [7] HINT:  Is another postmaster running?\n");
    assert_int_equal(count_told("\"level\":\"warning\""), 1);
    child_writes("initdb: error: no room\n");
    assert_int_equal(count_told("error: no room"), 1);
}

static void what_is_said_again_and_again_is_told_once(void **state)
{
    (void)state;
    child_writes("12:00:01 FATAL:  no\n");
    assert_int_equal(count_told("FATAL:  no"), 1);
    child_writes("12:00:02 FATAL:  no\n12:00:03 FATAL:  no\n");
    assert_int_equal(count_told("FATAL:  no"), 0);
    child_writes("12:00:04 PANIC:  worse\n12:00:05 FATAL:  no\n");
    assert_int_equal(count_told("child_complained"), 2);
}

static void nothing_is_told_twice_and_no_more_than_eight_lines(void **state)
{
    (void)state;
    char line[64];
    for (int i = 0; i < 30; i++) {
        (void)snprintf(line, sizeof line, "FATAL:  number %d\n", i);
        child_writes(line);
    }
    assert_int_equal(count_told("child_complained"), 8);
    assert_int_equal(count_told("child_complained"), 0);
}

static void a_line_without_an_end_is_cut(void **state)
{
    (void)state;
    static char line[8000];
    memset(line, 'x', sizeof line);
    memcpy(line, "FATAL:", 6);
    line[sizeof line - 1] = '\0';
    child_writes(line);
    assert_int_equal(count_told("child_complained"), 1);
}

static void a_link_is_not_followed(void **state)
{
    (void)state;
    struct start_log other = { .fd = -1 };
    char link_path[80];
    (void)snprintf(link_path, sizeof link_path, "%s.link", path);
    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(start_log_open(link_path, &other), STATUS_UNAVAILABLE);
    (void)unlink(link_path);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(an_error_is_told_as_a_warning_and_the_rest_is_not),
        STAGED(what_is_said_again_and_again_is_told_once),
        STAGED(nothing_is_told_twice_and_no_more_than_eight_lines),
        STAGED(a_line_without_an_end_is_cut),
        STAGED(a_link_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
