/* What a bus needs before it speaks: a run directory of its own, paths that fit, fresh sockets. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "runtime/bus.h"
#include "tests/support/cmocka.h"

static struct loop *loop;
static struct fibers *fibers;
static struct bus *bus;
static struct mesh_keys keys;
static char directory[32], run_dir[64];

static int open_stage(void **state)
{
    (void)state;
    loop = loop_new();
    fibers = fibers_new(loop_timers(loop), loop_clock(loop));
    randombytes_buf(&keys, sizeof keys);
    (void)snprintf(directory, sizeof directory, "/tmp/souk-start-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(run_dir, sizeof run_dir, "%s/mesh", directory);
    bus = NULL;
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    bus_destroy(&bus);
    fibers_destroy(&fibers);
    loop_destroy(&loop);
    if (rmdir(run_dir) != 0) (void)unlink(run_dir);
    return rmdir(directory);
}

static void refuse_request(void *context, const struct envelope *envelope,
                           const struct return_address *from)
{
    (void)context, (void)envelope, (void)from;
    fail_msg("nobody asks");
}

static enum status start_in(const char *where, const char *name)
{
    const struct bus_options options = { .loop = loop,
                                         .fibers = fibers,
                                         .name = name,
                                         .kind = MEMBER_NODE,
                                         .run_dir = where,
                                         .keys = &keys,
                                         .credit_messages = 1,
                                         .queue_max = 1,
                                         .on_request = refuse_request };
    return bus_new(&options, &bus);
}

/* True if the run directory has a file of that name. */
static bool has_file(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", run_dir, name);
    return access(path, F_OK) == 0;
}

static void leave_file(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", run_dir, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    (void)close(file);
}

static void remove_file(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", run_dir, name);
    assert_int_equal(unlink(path), 0);
}

static void run_directory_is_made_for_its_owner_only(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    assert_int_equal(stat(run_dir, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void run_directory_that_others_can_enter_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir(run_dir, 0700), 0);
    assert_int_equal(chmod(run_dir, 0750), 0);
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_UNAVAILABLE);
    assert_null(bus);
}

static void run_directory_that_is_a_link_is_refused(void **state)
{
    (void)state;
    assert_int_equal(symlink(directory, run_dir), 0);
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_UNAVAILABLE);
}

static void run_directory_below_nothing_is_refused(void **state)
{
    (void)state;
    assert_int_equal(start_in("/nowhere/at/all", "node-1"), STATUS_UNAVAILABLE);
}

static void sockets_carry_the_name_and_the_incarnation(void **state)
{
    (void)state;
    char data[64], control[64];
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    const unsigned long long incarnation = bus_incarnation(bus);
    (void)snprintf(data, sizeof data, "node-1-%016llx.data", incarnation);
    (void)snprintf(control, sizeof control, "node-1-%016llx.control", incarnation);
    assert_true(has_file(data));
    assert_true(has_file(control));
    bus_destroy(&bus);
    assert_false(has_file(data));
    assert_false(has_file(control));
}

static void later_life_has_a_greater_incarnation(void **state)
{
    (void)state;
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    const uint64_t first = bus_incarnation(bus);
    bus_destroy(&bus);
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    assert_true(bus_incarnation(bus) > first);
}

static void new_bus_knows_nobody(void **state)
{
    (void)state;
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    assert_int_equal(bus_members(bus)->count, 0);
}

static void sockets_of_earlier_lives_are_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(run_dir, 0700), 0);
    leave_file("node-1-0123456789abcdef.data");
    leave_file("node-1-0123456789abcdef.control");
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    assert_false(has_file("node-1-0123456789abcdef.data"));
    assert_false(has_file("node-1-0123456789abcdef.control"));
}

/* A file that the start of node-1 must leave alone. */
static void assert_stays(const char *name)
{
    assert_int_equal(mkdir(run_dir, 0700), 0);
    leave_file(name);
    assert_int_equal(start_in(run_dir, "node-1"), STATUS_OK);
    remove_file(name);
}

static void sockets_of_others_stay(void **state)
{
    (void)state;
    assert_stays("node-12-0123456789abcdef.data");
}

static void socket_of_the_agent_stays(void **state)
{
    (void)state;
    assert_stays("agent");
}

static void file_with_another_ending_stays(void **state)
{
    (void)state;
    assert_stays("node-1-0123456789abcdef.log");
}

static void file_with_a_short_number_stays(void **state)
{
    (void)state;
    assert_stays("node-1-0123.data");
}

static void path_that_is_too_long_for_a_socket_is_refused(void **state)
{
    (void)state;
    char name[MEMBER_NAME_MAX + 1], where[128];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(where, sizeof where, "%s/%s", directory, "a-run-directory-that-is-quite-long");
    assert_int_equal(start_in(where, name), STATUS_UNAVAILABLE);
    assert_int_equal(rmdir(where), 0); /* and nothing is left in it */
}

int main(void)
{
    if (sodium_init() < 0) return 1;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(run_directory_is_made_for_its_owner_only),
        STAGED(run_directory_that_others_can_enter_is_refused),
        STAGED(run_directory_that_is_a_link_is_refused),
        STAGED(run_directory_below_nothing_is_refused),
        STAGED(sockets_carry_the_name_and_the_incarnation),
        STAGED(later_life_has_a_greater_incarnation),
        STAGED(new_bus_knows_nobody),
        STAGED(sockets_of_earlier_lives_are_removed),
        STAGED(sockets_of_others_stay),
        STAGED(socket_of_the_agent_stays),
        STAGED(file_with_another_ending_stays),
        STAGED(file_with_a_short_number_stays),
        STAGED(path_that_is_too_long_for_a_socket_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
