/* The journal: what was acknowledged is there again, whatever the end of the file looks like. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/cmocka.h"
#include "tests/testbank/journal.h"

enum { RECORDS_MAX = 100000 };

struct place {
    char folder[64], path[96];
    size_t count;
    char last[64];
    bool is_in_order, refuses;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/souk-journal-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof place->path, "%s/journal", place->folder);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    (void)unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0);
    free(place);
    return 0;
}

static bool on_record(void *context, struct text payload)
{
    struct place *place = context;
    if (place->refuses) return false;
    char expected[64];
    (void)snprintf(expected, sizeof expected, "record %zu", place->count);
    if (!text_equals_string(payload, expected)) place->is_in_order = false;
    memcpy(place->last, payload.data, payload.length);
    place->count++;
    return true;
}

static enum status reopen(struct place *place, struct journal **ret_journal)
{
    place->count = 0;
    place->is_in_order = true;
    return journal_open(place->path, on_record, place, ret_journal);
}

static void add(struct journal *journal, size_t number)
{
    char text[64];
    (void)snprintf(text, sizeof text, "record %zu", number);
    assert_int_equal(journal_append(journal, text_of(text)), STATUS_OK);
}

static void fill(struct place *place, size_t count)
{
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        add(journal, i);
    assert_int_equal(journal_write(journal, true), STATUS_OK);
}

static off_t size_of(const struct place *place)
{
    const int file = open(place->path, O_RDONLY);
    assert_true(file >= 0);
    const off_t size = lseek(file, 0, SEEK_END);
    close(file);
    return size;
}

static void records_come_back_in_their_order(void **state)
{
    struct place *place = *state;
    fill(place, 3);
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    assert_int_equal(place->count, 3);
    assert_true(place->is_in_order);
    assert_int_equal(journal_torn_bytes(journal), 0);
}

static void what_was_not_written_is_not_there(void **state)
{
    struct place *place = *state;
    fill(place, 1);
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    add(journal, 1);
    journal_destroy(&journal);
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    assert_int_equal(place->count, 1);
}

/* At each length that a torn write can leave. */
static void a_torn_tail_is_cut_off_and_written_over(void **state)
{
    struct place *place = *state;
    fill(place, 2);
    const off_t two = size_of(place);
    fill(place, 0);
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    add(journal, 2);
    assert_int_equal(journal_write(journal, true), STATUS_OK);
    journal_destroy(&journal);
    const off_t three = size_of(place);
    for (off_t length = three - 1; length > two; length--) {
        assert_int_equal(truncate(place->path, length), 0);
        assert_int_equal(reopen(place, &journal), STATUS_OK);
        assert_int_equal(place->count, 2);
        assert_int_equal(journal_torn_bytes(journal), length - two);
        assert_int_equal(size_of(place), two);
        add(journal, 2);
        assert_int_equal(journal_write(journal, true), STATUS_OK);
        journal_destroy(&journal);
        assert_int_equal(reopen(place, &journal), STATUS_OK);
        assert_int_equal(place->count, 3);
        assert_true(place->is_in_order);
        journal_destroy(&journal);
    }
}

static void a_changed_byte_ends_the_journal_there(void **state)
{
    struct place *place = *state;
    fill(place, 3);
    const int file = open(place->path, O_RDWR);
    const off_t end = lseek(file, 0, SEEK_END);
    assert_int_equal(pwrite(file, "X", 1, end - 1), 1);
    close(file);
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    assert_int_equal(place->count, 2);
    assert_true(journal_torn_bytes(journal) > 0);
}

static void another_file_is_refused_and_kept(void **state)
{
    struct place *place = *state;
    const int file = open(place->path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(file, "something else", 14), 14);
    close(file);
    struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_CORRUPT);
    assert_int_equal(size_of(place), 14);
}

static void a_start_that_was_torn_is_made_again(void **state)
{
    struct place *place = *state;
    const int file = open(place->path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(file, "SOUK", 4), 4);
    close(file);
    fill(place, 1);
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    assert_int_equal(place->count, 1);
}

static void a_record_that_its_reader_refuses_ends_the_start(void **state)
{
    struct place *place = *state;
    fill(place, 1);
    place->refuses = true;
    struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_CORRUPT);
}

static void two_processes_never_share_a_journal(void **state)
{
    struct place *place = *state;
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    struct journal *second = NULL;
    assert_int_equal(reopen(place, &second), STATUS_UNAVAILABLE);
}

static void a_record_beyond_the_bound_is_refused(void **state)
{
    struct place *place = *state;
    CLEANUP(journal_destroy) struct journal *journal = NULL;
    assert_int_equal(reopen(place, &journal), STATUS_OK);
    char *bytes = calloc(1, JOURNAL_RECORD_MAX + 1);
    assert_int_equal(journal_append(journal, (struct text){ bytes, JOURNAL_RECORD_MAX + 1 }),
                     STATUS_OUT_OF_RANGE);
    const size_t whole = JOURNAL_BUFFER_MAX / (JOURNAL_RECORD_MAX + 20);
    for (size_t i = 0; i < whole; i++) {
        assert_int_equal(journal_append(journal, (struct text){ bytes, JOURNAL_RECORD_MAX }),
                         STATUS_OK);
    }
    assert_int_equal(journal_append(journal, (struct text){ bytes, JOURNAL_RECORD_MAX }),
                     STATUS_OVERLOADED);
    free(bytes);
}

/* The child says how many records it was promised, and is killed at some moment. */
static void write_until_killed(const char *path, struct place *place, int told)
{
    struct journal *journal = NULL;
    place->count = 0;
    if (journal_open(path, on_record, place, &journal) != STATUS_OK) _exit(1);
    for (size_t i = place->count; i < RECORDS_MAX; i++) {
        add(journal, i);
        if (journal_write(journal, true) != STATUS_OK) _exit(1);
        if (write(told, &(size_t){ i + 1 }, sizeof(size_t)) != sizeof(size_t)) _exit(1);
    }
    _exit(0);
}

static void what_was_acknowledged_survives_kills(void **state)
{
    struct place *place = *state;
    size_t promised = 0;
    for (int round = 0; round < 10; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) write_until_killed(place->path, place, ends[1]);
        close(ends[1]);
        for (int i = 0; i < 7 + round; i++)
            assert_int_equal(read(ends[0], &promised, sizeof promised), sizeof promised);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(ends[0], &promised, sizeof promised) == sizeof promised) {
        }
        close(ends[0]);
        CLEANUP(journal_destroy) struct journal *journal = NULL;
        assert_int_equal(reopen(place, &journal), STATUS_OK);
        assert_true(place->count >= promised);
        assert_true(place->is_in_order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_back_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_not_written_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_off_and_written_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_byte_ends_the_journal_there, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_is_refused_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_start_that_was_torn_is_made_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_that_its_reader_refuses_ends_the_start, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(two_processes_never_share_a_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_beyond_the_bound_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_acknowledged_survives_kills, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
