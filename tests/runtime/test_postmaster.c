/* Postmasters without a supervisor end, strangers are let live, and a lock file goes only when it
 * protects nobody. The postmaster is a shell of that name in that directory. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/postmaster.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000000, COPY_BYTES_MAX = 1 << 24, TRIES = 500, TURN_US = 10000 };

static char directory[64], program[96], file[96];
static struct postmaster_watch watch;
static pid_t child;

static void copy_program(const char *from, const char *to)
{
    const int source = open(from, O_RDONLY), target = open(to, O_WRONLY | O_CREAT, 0755);
    assert_true(source >= 0);
    assert_true(target >= 0);
    assert_true(copy_file_range(source, NULL, target, NULL, COPY_BYTES_MAX, 0) > 0);
    (void)close(source);
    (void)close(target);
}

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/souk-cluster-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(program, sizeof program, "%s/postgres", directory);
    (void)snprintf(file, sizeof file, "%s/postmaster.pid", directory);
    copy_program("/bin/sh", program);
    watch = (struct postmaster_watch){ .cluster_dir = directory };
    child = 0;
    return 0;
}

static void end_child(void)
{
    if (child == 0) return;
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    child = 0;
}

static int close_stage(void **state)
{
    (void)state;
    end_child();
    (void)unlink(file);
    (void)unlink(program);
    return rmdir(directory);
}

/* Runs a script and waits until it says so. */
static void start(const char *path, const char *where, const char *script)
{
    int pipe_ends[2];
    char ready[1], whole[256];
    (void)snprintf(whole, sizeof whole, "%s; echo; while :; do sleep 0.01; done", script);
    assert_int_equal(pipe(pipe_ends), 0);
    child = fork();
    if (child == 0) {
        if (chdir(where) != 0 || dup2(pipe_ends[1], STDOUT_FILENO) < 0) _exit(1);
        (void)close(pipe_ends[0]);
        (void)execl(path, "postgres", "-c", whole, (char *)NULL);
        _exit(1);
    }
    (void)close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], ready, 1), 1);
    (void)close(pipe_ends[0]);
}

static void write_file(int64_t pid, int64_t started_s, int memory)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    (void)fprintf(out, "%lld\n%s\n%lld\n5432\n/tmp\n\n", (long long)pid, directory,
                  (long long)started_s);
    if (memory >= 0) (void)fprintf(out, "  5432001 %9d\nready\n", memory);
    assert_int_equal(fclose(out), 0);
}

static bool file_is_there(void)
{
    return access(file, F_OK) == 0;
}

/* By which signal the child ends; 0: it does not. */
static int signal_that_ended(void)
{
    int status;
    for (int i = 0; i < TRIES; i++) {
        if (waitpid(child, &status, WNOHANG) == child) {
            child = 0;
            return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
        }
        (void)usleep(TURN_US);
    }
    return 0;
}

static bool child_lives(void)
{
    return waitpid(child, NULL, WNOHANG) == 0;
}

static void no_file_is_a_free_way(void **state)
{
    (void)state;
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
}

static void the_file_of_a_dead_postmaster_is_left_to_the_server(void **state)
{
    (void)state;
    start("/bin/sh", "/", ":");
    write_file(child, time(NULL), -1);
    end_child();
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
    assert_true(file_is_there());
}

static void a_postmaster_without_supervisor_is_told_to_end(void **state)
{
    (void)state;
    start(program, directory, "trap - INT");
    write_file(child, time(NULL), -1);
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(signal_that_ended(), SIGINT);
    assert_int_equal(postmaster_clear_way(&watch, 2 * SECOND_US), POSTMASTER_WAY_IS_FREE);
}

static void one_that_hangs_is_told_harder(void **state)
{
    (void)state;
    start(program, directory, "trap '' INT");
    write_file(child, time(NULL), -1);
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(postmaster_clear_way(&watch, 5 * SECOND_US), POSTMASTER_IS_ENDED);
    assert_true(child_lives());
    assert_int_equal(postmaster_clear_way(&watch, 6 * SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(signal_that_ended(), SIGQUIT);
}

static void one_that_hangs_for_good_is_killed(void **state)
{
    (void)state;
    start(program, directory, "trap '' INT QUIT");
    write_file(child, time(NULL), -1);
    for (int second = 1; second < 11; second++) {
        assert_int_equal(postmaster_clear_way(&watch, (int64_t)second * SECOND_US),
                         POSTMASTER_IS_ENDED);
        assert_true(child_lives());
    }
    assert_int_equal(postmaster_clear_way(&watch, 11 * SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(signal_that_ended(), SIGKILL);
    assert_true(file_is_there());
}

static void a_stranger_with_its_number_lives_and_the_file_goes(void **state)
{
    (void)state;
    start("/bin/sh", directory, ":");
    write_file(child, time(NULL), -1);
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
    assert_false(file_is_there());
    assert_true(child_lives());
}

static void a_postmaster_of_another_directory_lives_and_the_file_goes(void **state)
{
    (void)state;
    start(program, "/tmp", ":");
    write_file(child, time(NULL), -1);
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
    assert_false(file_is_there());
    assert_true(child_lives());
}

static void the_file_stays_while_its_memory_is_in_use(void **state)
{
    (void)state;
    const int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    assert_true(memory >= 0);
    void *attached = shmat(memory, NULL, 0);
    start("/bin/sh", directory, ":");
    write_file(child, time(NULL), memory);
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_IS_UNKNOWN);
    assert_true(file_is_there());
    assert_int_equal(shmdt(attached), 0);
    assert_int_equal(postmaster_clear_way(&watch, 2 * SECOND_US), POSTMASTER_WAY_IS_FREE);
    assert_false(file_is_there());
    (void)shmctl(memory, IPC_RMID, NULL);
}

static void a_postgres_that_began_at_another_time_is_not_touched(void **state)
{
    (void)state;
    start(program, directory, "trap - INT");
    write_file(child, time(NULL) - 86400, -1);
    for (int second = 1; second < 20; second++)
        assert_int_equal(postmaster_clear_way(&watch, (int64_t)second * SECOND_US),
                         POSTMASTER_IS_UNKNOWN);
    assert_true(child_lives());
    assert_true(file_is_there());
}

static void a_file_of_nonsense_is_left_to_the_server(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "\n\n\n", "0\n", "x\n", "99999999999999999999\n" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        FILE *out = fopen(file, "w");
        assert_non_null(out);
        (void)fputs(texts[i], out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
        assert_true(file_is_there());
    }
}

/* A backend that computes does not notice that its postmaster is dead, and keeps the next one out.
 */
static void what_a_dead_postmaster_has_left_is_told_to_end(void **state)
{
    (void)state;
    start(program, directory, "trap - QUIT");
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(signal_that_ended(), SIGQUIT);
    assert_int_equal(postmaster_clear_way(&watch, 2 * SECOND_US), POSTMASTER_WAY_IS_FREE);
}

static void what_does_not_listen_is_killed(void **state)
{
    (void)state;
    start(program, directory, "trap '' QUIT");
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_IS_ENDED);
    assert_true(child_lives());
    assert_int_equal(postmaster_clear_way(&watch, 4 * SECOND_US), POSTMASTER_IS_ENDED);
    assert_int_equal(signal_that_ended(), SIGKILL);
}

static void processes_of_other_directories_live(void **state)
{
    (void)state;
    start(program, "/", "trap - QUIT");
    assert_int_equal(postmaster_clear_way(&watch, SECOND_US), POSTMASTER_WAY_IS_FREE);
    assert_int_equal(postmaster_signal_orphans(directory, SIGKILL), 0);
    assert_true(child_lives());
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(no_file_is_a_free_way),
        STAGED(the_file_of_a_dead_postmaster_is_left_to_the_server),
        STAGED(a_postmaster_without_supervisor_is_told_to_end),
        STAGED(one_that_hangs_is_told_harder),
        STAGED(one_that_hangs_for_good_is_killed),
        STAGED(a_stranger_with_its_number_lives_and_the_file_goes),
        STAGED(a_postmaster_of_another_directory_lives_and_the_file_goes),
        STAGED(the_file_stays_while_its_memory_is_in_use),
        STAGED(a_postgres_that_began_at_another_time_is_not_touched),
        STAGED(a_file_of_nonsense_is_left_to_the_server),
        STAGED(what_a_dead_postmaster_has_left_is_told_to_end),
        STAGED(what_does_not_listen_is_killed),
        STAGED(processes_of_other_directories_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
