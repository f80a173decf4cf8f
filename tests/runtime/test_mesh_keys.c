/* The keys that let a process into the mesh: made once, for their owner, and waited for. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "runtime/members.h"
#include "tests/support/cmocka.h"

static char data_dir[32];
static struct mesh_keys keys;

static void fill_random(void *context, void *bytes, size_t length)
{
    (void)context;
    randombytes_buf(bytes, length);
}

static const struct rng rng = { NULL, fill_random };

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(data_dir, sizeof data_dir, "/tmp/souk-keys-XXXXXX");
    memset(&keys, 0x55, sizeof keys);
    return mkdtemp(data_dir) != NULL ? 0 : -1;
}

/* The path of a key, until the next call. */
static const char *key_path(const char *name)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", data_dir, name);
    return path;
}

static int close_stage(void **state)
{
    (void)state;
    char path[64];
    (void)unlink(key_path("mesh"));
    (void)unlink(key_path("operator"));
    (void)unlink(key_path("principal"));
    (void)snprintf(path, sizeof path, "%s/keys", data_dir);
    if (rmdir(path) != 0) (void)unlink(path);
    return rmdir(data_dir);
}

static void make_keys(void)
{
    assert_int_equal(mesh_keys_make(data_dir, &rng), STATUS_OK);
}

/* Loading gives `status` and leaves the keys of the caller alone. */
static void assert_not_loaded(enum status status)
{
    const struct mesh_keys before = keys;
    assert_int_equal(mesh_keys_load(data_dir, &keys), status);
    assert_memory_equal(&keys, &before, sizeof keys);
}

static void keys_that_were_made_are_loaded(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &keys), STATUS_OK);
}

static void three_keys_differ(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &keys), STATUS_OK);
    assert_memory_not_equal(keys.mesh, keys.operator_, sizeof keys.mesh);
    assert_memory_not_equal(keys.mesh, keys.principal, sizeof keys.mesh);
    assert_memory_not_equal(keys.operator_, keys.principal, sizeof keys.mesh);
}

static void keys_are_readable_for_their_owner_only(void **state)
{
    (void)state;
    struct stat info;
    make_keys();
    assert_int_equal(stat(key_path("mesh"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void keys_that_are_there_stay(void **state)
{
    (void)state;
    struct mesh_keys first;
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &first), STATUS_OK);
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &keys), STATUS_OK);
    assert_memory_equal(&keys, &first, sizeof keys);
}

static void missing_key_is_made_beside_the_others(void **state)
{
    (void)state;
    struct mesh_keys first;
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &first), STATUS_OK);
    assert_int_equal(unlink(key_path("operator")), 0);
    make_keys();
    assert_int_equal(mesh_keys_load(data_dir, &keys), STATUS_OK);
    assert_memory_equal(keys.mesh, first.mesh, sizeof keys.mesh);
    assert_memory_not_equal(keys.operator_, first.operator_, sizeof keys.mesh);
}

static void keys_cannot_be_made_below_a_file(void **state)
{
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/keys", data_dir);
    const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    (void)close(file);
    assert_int_equal(mesh_keys_make(data_dir, &rng), STATUS_UNAVAILABLE);
}

static void data_directory_with_a_path_that_is_too_long_has_no_keys(void **state)
{
    (void)state;
    char path[1024];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(mesh_keys_make(path, &rng), STATUS_UNAVAILABLE);
    assert_int_equal(mesh_keys_load(path, &keys), STATUS_NOT_FOUND);
}

static void keys_that_were_never_made_are_not_found(void **state)
{
    (void)state;
    assert_not_loaded(STATUS_NOT_FOUND);
}

static void one_missing_key_means_none_is_loaded(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(unlink(key_path("principal")), 0);
    assert_not_loaded(STATUS_NOT_FOUND);
}

static void key_that_the_group_can_read_is_refused(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(chmod(key_path("operator"), 0640), 0);
    assert_not_loaded(STATUS_FORBIDDEN);
}

static void key_that_others_can_write_is_refused(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(chmod(key_path("operator"), 0602), 0);
    assert_not_loaded(STATUS_FORBIDDEN);
}

static void key_that_is_too_short_is_corrupt(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(truncate(key_path("mesh"), 31), 0);
    assert_not_loaded(STATUS_CORRUPT);
}

static void key_that_is_too_long_is_corrupt(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(truncate(key_path("mesh"), 33), 0);
    assert_not_loaded(STATUS_CORRUPT);
}

static void key_is_not_read_through_a_link(void **state)
{
    (void)state;
    char target[64];
    make_keys();
    (void)snprintf(target, sizeof target, "%s", key_path("operator"));
    assert_int_equal(unlink(key_path("mesh")), 0);
    assert_int_equal(symlink(target, key_path("mesh")), 0);
    assert_not_loaded(STATUS_NOT_FOUND);
}

/* ---- waiting ---- */

static void *make_keys_later(void *argument)
{
    (void)argument;
    (void)usleep(20000); /* the wait is for another process, whose clock is no parameter */
    return mesh_keys_make(data_dir, &rng) == STATUS_OK ? data_dir : NULL;
}

static void keys_that_another_process_makes_are_waited_for(void **state)
{
    (void)state;
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, make_keys_later, NULL), 0);
    assert_int_equal(mesh_keys_wait(data_dir, &keys), STATUS_OK);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, data_dir);
}

static void keys_that_are_wrong_are_not_waited_for(void **state)
{
    (void)state;
    make_keys();
    assert_int_equal(chmod(key_path("mesh"), 0644), 0);
    const int64_t begin_us = clock_now_us(&platform_clock);
    assert_int_equal(mesh_keys_wait(data_dir, &keys), STATUS_FORBIDDEN);
    assert_true(clock_now_us(&platform_clock) - begin_us < 5000000);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(keys_that_were_made_are_loaded),
        STAGED(three_keys_differ),
        STAGED(keys_are_readable_for_their_owner_only),
        STAGED(keys_that_are_there_stay),
        STAGED(missing_key_is_made_beside_the_others),
        STAGED(keys_cannot_be_made_below_a_file),
        STAGED(data_directory_with_a_path_that_is_too_long_has_no_keys),
        STAGED(keys_that_were_never_made_are_not_found),
        STAGED(one_missing_key_means_none_is_loaded),
        STAGED(key_that_the_group_can_read_is_refused),
        STAGED(key_that_others_can_write_is_refused),
        STAGED(key_that_is_too_short_is_corrupt),
        STAGED(key_that_is_too_long_is_corrupt),
        STAGED(key_is_not_read_through_a_link),
        STAGED(keys_that_another_process_makes_are_waited_for),
        STAGED(keys_that_are_wrong_are_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
