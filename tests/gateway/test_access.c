/* The access log: what is in a line, what is never in one, and what becomes of lines that nobody
 * reads. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "gateway/access_log.h"
#include "tests/gateway/fixture.h"

static struct fixture fixture;
static char path[64];
static struct access_log *access_log;

static int start(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/souk-access-XXXXXX");
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    assert_int_equal(access_log_open(path, &access_log), STATUS_OK);
    const struct fixture_edge edge = { .access_log = access_log };
    fixture_start_edge(&fixture, NULL, &edge);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    access_log_close(&access_log);
    (void)unlink(path);
    return 0;
}

static char *file_read(void)
{
    enum { FILE_MAX = 1 << 20 };
    char *text = arena_allocate(fixture.arena, FILE_MAX);
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t length = read(descriptor, text, FILE_MAX - 1);
    assert_true(length >= 0);
    text[length] = '\0';
    (void)close(descriptor);
    return text;
}

/* The file once it holds so many lines. */
static char *lines_read(size_t count)
{
    const struct timespec moment = { .tv_nsec = 10000000 };
    char *text = NULL;
    for (int i = 0; i < 200; i++) {
        text = file_read();
        size_t lines = 0;
        for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        if (lines >= count) return text;
        (void)nanosleep(&moment, NULL);
    }
    fail_msg("fewer than %zu lines: %s", count, text);
    return text;
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* ---- lines ---- */

static void a_request_leaves_one_line_that_names_its_route(void **state)
{
    (void)state;
    const struct answer answer =
        client_ask(&fixture, "GET", fixture.thing_path, "X-Request-Id: mine-1\r\n", "");
    const char *text = lines_read(1);
    char bytes[32];
    (void)snprintf(bytes, sizeof bytes, "\"bytes\":%zu,", answer.body.length);
    assert_true(has(text, "{\"time\":\"20"));
    assert_true(has(text, "\"method\":\"GET\",\"route\":\"/v1/things/{id}\",\"status\":200,"));
    assert_true(has(text, bytes));
    assert_true(has(text, "\"duration_us\":"));
    assert_true(has(text, "\"request_id\":\"mine-1\",\"principal\":\"none\"}\n"));
}

static void a_teams_member_is_in_the_line_beside_its_vendor(void **state)
{
    (void)state;
    char actor[ID_TEXT_MAX + 1], wanted[96];
    (void)id_format("mbr", fixture.thing.id, actor);
    (void)client_ask(&fixture, "DELETE", fixture.thing_path,
                     token_header(&fixture, "vendor", "vendor-key", 600), "");
    (void)snprintf(wanted, sizeof wanted, "\"principal\":\"vendor\",\"actor\":\"%s\"}\n", actor);
    assert_true(has(lines_read(1), wanted));
}

static void staff_is_in_the_line_as_what_it_is(void **state)
{
    (void)state;
    const struct text approve =
        text_format(fixture.arena, "/v1/admin%s/approve", fixture.thing_path + 3);
    (void)client_ask(&fixture, "POST", text_string(fixture.arena, approve),
                     token_header(&fixture, "admin", "admin-key", 600), "");
    assert_true(has(lines_read(1), "\"principal\":\"admin\"}\n"));
}

static void staff_in_a_shoppers_name_is_in_the_line(void **state)
{
    (void)state;
    const struct token_parts parts = { .audience = "store",
                                       .kid = "good",
                                       .session = { { 1 } },
                                       .actor = fixture.thing.id,
                                       .lifetime_s = 600 };
    char actor[ID_TEXT_MAX + 1], wanted[96];
    (void)id_format("adm", fixture.thing.id, actor);
    (void)client_ask(&fixture, "PATCH", fixture.thing_path, token_header_of(&fixture, &parts), "");
    (void)snprintf(wanted, sizeof wanted, "\"principal\":\"shopper\",\"actor\":\"%s\"}\n", actor);
    assert_true(has(lines_read(1), wanted));
}

static void refusals_and_probes_leave_lines_too(void **state)
{
    (void)state;
    (void)client_ask(&fixture, "GET", "/healthz", "", "");
    (void)client_ask(&fixture, "GET", "/v1/nothing/at-all", "", "");
    (void)client_ask(&fixture, "PUT", "/v1/things", "", "");
    (void)client_ask(&fixture, "SPELL\"BOUND", "/v1/things", "", "");
    (void)client_ask(&fixture, "HEAD", fixture.thing_path, "", "");
    const char *text = lines_read(5);
    assert_true(has(text, "\"route\":\"/healthz\",\"status\":200"));
    assert_true(has(text, "\"route\":\"\",\"status\":404"));
    assert_true(has(text, "\"method\":\"PUT\",\"route\":\"/v1/things\",\"status\":405"));
    assert_true(has(text, "\"method\":\"HEAD\",\"route\":\"/v1/things/{id}\",\"status\":200,"
                          "\"bytes\":0,"));
    assert_false(has(text, "SPELL"));
}

static void nothing_secret_is_written(void **state)
{
    (void)state;
    const char *token = token_header(&fixture, "store", "good", 600);
    char headers[2048];
    (void)snprintf(headers, sizeof headers,
                   "%sContent-Type: application/json\r\nX-Cart-Token: c4n4ry-cart\r\n"
                   "Cookie: c4n4ry-cookie\r\nIdempotency-Key: c4n4ry-key\r\n",
                   token);
    (void)client_ask(&fixture, "POST", "/v1/things?q=c4n4ry-query", headers,
                     "{\"name\":\"c4n4ry-body\",\"quantity\":1}");
    (void)client_ask(&fixture, "PATCH", fixture.thing_path, headers, "{\"name\":\"c4n4ry-body\"}");
    (void)client_ask(&fixture, "GET", "/v1/c4n4ry-path", "", "");
    const char *text = lines_read(3);
    assert_true(has(text, "\"principal\":\"shopper\""));
    assert_false(has(text, "c4n4ry"));
    assert_false(has(text, "v4.public"));
    assert_false(has(text, "thg_"));
}

static void a_client_that_leaves_is_499(void **state)
{
    (void)state;
    struct text_builder out;
    const char length = (char)strlen(fixture.thing_path);
    const char head[9] = { 0, 0, (char)(length + 7), 1, 5, 0, 0, 0, 1 }; /* HEADERS, stream 1 */
    text_builder_init(&out, fixture.arena, 512);
    text_builder_add(&out, TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"));
    text_builder_add(&out, (struct text){ head, sizeof head });
    text_builder_add(&out, TEXT("\x86\x82\x04")); /* :scheme http, :method GET, :path */
    text_builder_add_byte(&out, length);
    text_builder_add(&out, text_of(fixture.thing_path));
    text_builder_add(&out, TEXT("\x01\x01"
                                "a"));                                  /* :authority */
    text_builder_add(&out, TEXT("\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08")); /* RST_STREAM, CANCEL */
    const int socket = client_connect(&fixture);
    client_send(socket, text_builder_view(&out));
    assert_true(has(lines_read(1), "\"method\":\"GET\",\"route\":\"\",\"status\":499,"));
    assert_int_equal(fixture.seen.asks, 0);
    (void)close(socket);
}

/* ---- nobody reads ---- */

static void a_pipe_that_nobody_reads_drops_lines_and_never_waits(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    char fifo[64];
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    (void)snprintf(fifo, sizeof fifo, "/proc/self/fd/%d", ends[1]);
    struct access_log *log;
    assert_int_equal(access_log_open(fifo, &log), STATUS_OK);
    const struct access_entry entry = { .method = "GET",
                                        .route = TEXT("/v1/things"),
                                        .status = 200,
                                        .request_id = TEXT("r"),
                                        .principal = "none" };
    for (int i = 0; i < LINES; i++)
        access_log_add(log, &entry);
    access_log_flush(log);
    assert_in_range(access_log_dropped(log), 1, LINES - 1);
    char byte = 'x', last = '\0';
    (void)close(ends[1]);
    access_log_close(&log);
    for (size_t i = 0; read(ends[0], &byte, 1) == 1; i++)
        last = byte;
    assert_int_equal(last, '\n');
    (void)close(ends[0]);
}

static void a_file_that_cannot_be_opened_is_refused(void **state)
{
    (void)state;
    struct access_log *log = NULL;
    assert_int_equal(access_log_open("/nowhere/at/all", &log), STATUS_UNAVAILABLE);
    assert_null(log);
}

static void a_line_that_a_full_disk_cuts_leaves_no_piece(void **state)
{
    (void)state;
    char own[] = "/tmp/souk-access-XXXXXX", text[2048];
    const int file = mkstemp(own);
    struct access_log *log;
    struct rlimit before, full;
    assert_int_equal(access_log_open(own, &log), STATUS_OK);
    const struct access_entry entry = { .method = "GET",
                                        .route = TEXT("/v1/things"),
                                        .status = 200,
                                        .request_id = TEXT("r"),
                                        .principal = "none" };
    access_log_add(log, &entry);
    access_log_flush(log);
    const off_t line = lseek(file, 0, SEEK_END);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = before;
    full.rlim_cur = (rlim_t)(2 * line + 20); /* room for one and a piece */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    access_log_add(log, &entry);
    access_log_add(log, &entry);
    access_log_flush(log);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(access_log_dropped(log), 1);
    access_log_add(log, &entry);
    access_log_close(&log);
    const ssize_t length = pread(file, text, sizeof text - 1, 0);
    assert_int_equal(length, 3 * line);
    for (off_t i = 1; i <= 3; i++)
        assert_int_equal(text[i * line - 1], '\n');
    (void)close(file);
    (void)unlink(own);
}

static void a_full_disk_drops_lines_and_never_stops(void **state)
{
    (void)state;
    struct access_log *log;
    assert_int_equal(access_log_open("/dev/full", &log), STATUS_OK);
    const struct access_entry entry = { .method = "GET",
                                        .route = TEXT("/v1/things"),
                                        .status = 200,
                                        .request_id = TEXT("r"),
                                        .principal = "none" };
    access_log_add(log, &entry);
    access_log_add(log, &entry);
    access_log_flush(log);
    assert_int_equal(access_log_dropped(log), 2);
    access_log_add(log, &entry); /* there is room for it */
    assert_int_equal(access_log_dropped(log), 2);
    access_log_close(&log);
    assert_null(log);
}

static void the_longest_entry_fits_a_line(void **state)
{
    (void)state;
    char long_text[1000], line[ACCESS_LINE_MAX + 1], file[] = "/tmp/souk-access-XXXXXX";
    memset(long_text, 'x', sizeof long_text);
    const int descriptor = mkstemp(file);
    struct access_log *log;
    assert_true(descriptor >= 0);
    assert_int_equal(access_log_open(file, &log), STATUS_OK);
    const struct access_entry entry = { .real_us = INT64_MAX / 1000000,
                                        .method = "OPTIONS",
                                        .route = { long_text, sizeof long_text },
                                        .status = INT32_MIN,
                                        .bytes = SIZE_MAX,
                                        .duration_us = INT64_MIN,
                                        .request_id = { long_text, sizeof long_text },
                                        .principal = "shopper",
                                        .actor = { long_text, sizeof long_text } };
    access_log_add(log, &entry);
    access_log_close(&log);
    const ssize_t length = read(descriptor, line, sizeof line);
    assert_in_range(length, 3 * 160, ACCESS_LINE_MAX); /* three texts, each cut at 160 */
    assert_memory_equal(line + length - 3, "\"}\n", 3);
    (void)close(descriptor);
    (void)unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_leaves_one_line_that_names_its_route, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_teams_member_is_in_the_line_beside_its_vendor, start,
                                        stop),
        cmocka_unit_test_setup_teardown(staff_is_in_the_line_as_what_it_is, start, stop),
        cmocka_unit_test_setup_teardown(staff_in_a_shoppers_name_is_in_the_line, start, stop),
        cmocka_unit_test_setup_teardown(refusals_and_probes_leave_lines_too, start, stop),
        cmocka_unit_test_setup_teardown(nothing_secret_is_written, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_is_499, start, stop),
        cmocka_unit_test(a_pipe_that_nobody_reads_drops_lines_and_never_waits),
        cmocka_unit_test(a_full_disk_drops_lines_and_never_stops),
        cmocka_unit_test(a_line_that_a_full_disk_cuts_leaves_no_piece),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_refused),
        cmocka_unit_test(the_longest_entry_fits_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
