/* Log lines, read back from standard error. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/log.h"
#include "runtime/metrics.h"
#include "tests/support/cmocka.h"

enum { LINE_MAX_BYTES = 16384 };

static char line[LINE_MAX_BYTES];
static int saved_stderr, pipe_read;

static void capture_begin(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    pipe_read = ends[0];
}

/* What was written since capture_begin(), and "" when there was nothing. */
static const char *capture_end(void)
{
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    const ssize_t length = read(pipe_read, line, sizeof line - 1);
    (void)close(pipe_read);
    line[length > 0 ? length : 0] = '\0';
    return line;
}

static void line_has_time_level_program_event_and_typed_fields(void **state)
{
    (void)state;
    const struct uuid uuid = { { 0x01, 0x93, 0xab, 0xcd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255 } };
    log_open("souk-test", LOG_INFO);
    capture_begin();
    log_warning("unit_failed", LOG_INT("count", -3), LOG_UUID("key", uuid), LOG_STATUS(STATUS_OK));
    const char *text = capture_end();
    assert_non_null(strstr(text, "Z\",\"level\":\"warning\",\"program\":\"souk-test\","
                                 "\"event\":\"unit_failed\",\"count\":-3,"
                                 "\"key\":\"0193abcd-0001-0203-0405-060708090aff\","
                                 "\"status\":\"ok\"}\n"));
    int year, month, day, hour, minute, second, millisecond;
    assert_int_equal(sscanf(text, "{\"time\":\"%4d-%2d-%2dT%2d:%2d:%2d.%3dZ\"", &year, &month, &day,
                            &hour, &minute, &second, &millisecond),
                     7);
    assert_in_range(year, 2024, 2200);
    assert_in_range(month, 1, 12);
    assert_in_range(day, 1, 31);
    assert_in_range(hour, 0, 23);
}

static void levels_below_the_least_are_not_written(void **state)
{
    (void)state;
    log_open("souk-test", LOG_WARNING);
    capture_begin();
    log_info("not_heard", LOG_INT("n", 1));
    assert_string_equal(capture_end(), "");
}

static void event_may_have_no_fields(void **state)
{
    (void)state;
    log_open("souk-test", LOG_INFO);
    capture_begin();
    log_error("loop_stopped");
    assert_non_null(strstr(capture_end(), "\"event\":\"loop_stopped\"}\n"));
}

static void text_is_escaped(void **state)
{
    (void)state;
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_escaped",
              LOG_TEXT("value", TEXT("q\" b\\ \n\r\t\0\x1f\x7f \xE2\x82\xAC \xff\xC3")));
    assert_non_null(strstr(capture_end(), "\"value\":\"q\\\" b\\\\ \\n\\r\\t\\u0000\\u001f\x7f "
                                          "\xE2\x82\xAC \xEF\xBF\xBD\xEF\xBF\xBD\"}\n"));
}

static void long_values_are_cut_between_characters(void **state)
{
    (void)state;
    static char value[4001];
    for (size_t i = 0; i < 4000; i += 2)
        memcpy(value + i, "\xC3\xA9", 2);
    memmove(value + 1, value, 3999);
    value[0] = 'x'; /* the limit now falls inside a character */
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_cut", LOG_STRING("value", value));
    const struct text text = text_of(capture_end());
    assert_true(text_is_utf8(text));
    assert_null(strstr(line, "\xEF\xBF\xBD"));
    assert_true(text.length < 2300);
}

static void line_that_would_be_too_long_says_so_and_stays_whole(void **state)
{
    (void)state;
    static char value[2001];
    memset(value, '\x01', 2000); /* six bytes each when escaped */
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_long", LOG_STRING("big", value), LOG_INT("small", 7));
    const struct text text = text_of(capture_end());
    assert_null(strstr(line, "\"big\""));
    assert_non_null(strstr(line, "\"small\":7,\"truncated\":true}\n"));
    assert_true(text.length <= 4096);
}

/* ---- readers that stall, or are gone ---- */

enum { STALLED_LINES = 5000 };

static void assert_ready_and_blocking(int fd)
{
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
}

/* Writes far more than the reader's side holds, then reads it empty and writes once more. */
static void stall_and_flow(const int ends[2])
{
    const int64_t dropped = metric_value(METRIC_LOG_LINES_DROPPED);
    log_open("souk-test", LOG_INFO);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)alarm(60); /* one that waits, waits for ever */
    for (int i = 0; i < STALLED_LINES; i++)
        log_info("reader_stalled", LOG_INT("number", i));
    (void)alarm(0);
    const int64_t lost = metric_value(METRIC_LOG_LINES_DROPPED) - dropped;
    assert_in_range(lost, 1, STALLED_LINES - 1);
    assert_ready_and_blocking(STDERR_FILENO); /* others write there, too */
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    while (read(ends[0], line, sizeof line) > 0)
        continue;
    log_info("reader_is_back");
    log_info("reader_stayed");
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    const ssize_t length = read(ends[0], line, sizeof line - 1);
    assert_true(length > 0);
    line[length] = '\0';
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "\"log_lines_dropped\",\"lines\":%lld}", (long long)lost);
    assert_non_null(strstr(line, wanted));
    assert_non_null(strstr(line, "\"reader_is_back\""));
    assert_non_null(strstr(line, "\"reader_stayed\""));
    assert_null(strstr(strstr(line, "log_lines_dropped") + 1, "log_lines_dropped")); /* once */
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_pipe_that_nobody_reads_is_not_waited_for(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    stall_and_flow(ends);
}

static void a_socket_that_nobody_reads_is_not_waited_for(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    stall_and_flow(ends);
}

static void a_reader_that_is_gone_costs_lines_and_not_the_program(void **state)
{
    (void)state;
    int ends[2];
    const int64_t dropped = metric_value(METRIC_LOG_LINES_DROPPED);
    void (*const before)(int) = signal(SIGPIPE, SIG_IGN); /* as program_main() does */
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    log_open("souk-test", LOG_INFO);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_info("nobody_reads");
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    (void)close(ends[1]);
    (void)signal(SIGPIPE, before);
    assert_int_equal(metric_value(METRIC_LOG_LINES_DROPPED), dropped + 1);
}

static void
what_others_print_is_not_waited_for_either_and_their_processes_wait_as_before(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_own_stderr();
    (void)alarm(60);
    ssize_t written = 0;
    for (int i = 0; i < STALLED_LINES && written >= 0; i++)
        written = write(STDERR_FILENO, line, 4096);
    (void)alarm(0);
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    assert_int_equal(written, -1);
    assert_ready_and_blocking(ends[1]);
    (void)close(ends[0]);
    (void)close(ends[1]);
    log_open("souk-test", LOG_INFO);
}

static bool file_has(const char *path, const char *wanted)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const ssize_t length = read(file, line, sizeof line - 1);
    (void)close(file);
    line[length > 0 ? length : 0] = '\0';
    return strstr(line, wanted) != NULL;
}

/* Moves the log in a folder of that mode, and looks where the next line goes. */
static void move_log(mode_t mode, bool is_made_anew)
{
    char folder[] = "/tmp/souk-log-XXXXXX", path[40], moved[64];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, mode), 0);
    (void)snprintf(path, sizeof path, "%s/log", folder);
    (void)snprintf(moved, sizeof moved, "%s.1", path);
    const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    log_open("souk-test", LOG_INFO);
    log_info("at_first");
    assert_int_equal(rename(path, moved), 0);
    log_info("still_there");
    log_reopen_at_hangup();
    assert_int_equal(raise(SIGHUP), 0);
    (void)signal(SIGHUP, SIG_DFL);
    log_info("in_the_new_one");
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    (void)close(file);
    assert_true(file_has(moved, "still_there"));
    assert_int_equal(file_has(moved, "in_the_new_one"), !is_made_anew);
    assert_int_equal(file_has(path, "in_the_new_one"), is_made_anew);
    (void)unlink(path);
    (void)unlink(moved);
    assert_int_equal(rmdir(folder), 0);
    log_open("souk-test", LOG_INFO); /* forgets the file */
}

static void a_file_that_was_moved_is_made_anew_when_told(void **state)
{
    (void)state;
    move_log(0700, true);
}

static void root_makes_no_file_where_others_may_write(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    move_log(01777, false);
}

/* Lets files be so long at most, as a full disk would. */
static void set_room(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What others append to the same file must not stick to it. */
static void a_line_that_a_full_disk_cuts_is_taken_back(void **state)
{
    (void)state;
    char path[] = "/tmp/souk-log-XXXXXX", text[2048];
    const int file = mkstemp(path);
    assert_true(file >= 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    log_open("souk-test", LOG_INFO);
    log_info("whole");
    const off_t end = lseek(file, 0, SEEK_END);
    set_room((rlim_t)end + 20);
    log_info("cut");
    set_room(RLIM_INFINITY);
    assert_int_equal(write(file, "{\"of\":\"another\"}\n", 17), 17);
    log_info("whole_again");
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    const ssize_t length = pread(file, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    (void)close(file);
    (void)unlink(path);
    log_open("souk-test", LOG_INFO);
    int lines = 0;
    for (char *rest = text, *at; (at = strsep(&rest, "\n")) != NULL && rest != NULL; lines++) {
        assert_int_equal(at[0], '{');
        assert_int_equal(at[strlen(at) - 1], '}');
        assert_null(strstr(at, "}{"));
        assert_null(strstr(at + 1, "{"));
    }
    assert_int_equal(lines, 4); /* and the one that tells what was dropped */
}

static void a_file_that_was_removed_has_no_name(void **state)
{
    (void)state;
    char path[] = "/tmp/souk-log-XXXXXX", invented[64];
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(unlink(path), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    log_open("souk-test", LOG_INFO);
    log_reopen();
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    (void)close(file);
    (void)snprintf(invented, sizeof invented, "%s (deleted)", path);
    assert_int_equal(access(invented, F_OK), -1);
    log_open("souk-test", LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_has_time_level_program_event_and_typed_fields),
        cmocka_unit_test(levels_below_the_least_are_not_written),
        cmocka_unit_test(event_may_have_no_fields),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(line_that_would_be_too_long_says_so_and_stays_whole),
        cmocka_unit_test(a_pipe_that_nobody_reads_is_not_waited_for),
        cmocka_unit_test(a_socket_that_nobody_reads_is_not_waited_for),
        cmocka_unit_test(a_reader_that_is_gone_costs_lines_and_not_the_program),
        cmocka_unit_test(
            what_others_print_is_not_waited_for_either_and_their_processes_wait_as_before),
        cmocka_unit_test(a_file_that_was_moved_is_made_anew_when_told),
        cmocka_unit_test(root_makes_no_file_where_others_may_write),
        cmocka_unit_test(a_line_that_a_full_disk_cuts_is_taken_back),
        cmocka_unit_test(a_file_that_was_removed_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
