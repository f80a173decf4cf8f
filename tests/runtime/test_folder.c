/* What root gives away in a folder, and what it leaves alone: links lead it nowhere. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/folder.h"
#include "tests/support/cmocka.h"

static char place[64];
static const struct account nobody = { .user = 65534, .group = 65534, .name = "nobody" };

/* The path of something below the place; four at a time. */
static const char *below(const char *name)
{
    static char paths[4][256];
    static size_t next;
    char *path = paths[next++ % ARRAY_LENGTH(paths)];
    (void)snprintf(path, sizeof paths[0], "%s/%s", place, name);
    return path;
}

static void make_file(const char *name)
{
    const int file = open(below(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

static uid_t owner_of(const char *name)
{
    struct stat about;
    assert_int_equal(lstat(below(name), &about), 0);
    return about.st_uid;
}

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(place, sizeof place, "/tmp/souk-folder-XXXXXX");
    assert_non_null(mkdtemp(place));
    assert_int_equal(mkdir(below("given"), 0700), 0);
    make_file("secret");
    return 0;
}

static int close_stage(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "exec rm -rf '%s'", place);
    FILE *shell = popen(command, "r");
    return shell == NULL ? -1 : pclose(shell);
}

static void needs_root(void)
{
    if (geteuid() != 0) skip();
}

static int open_place(void)
{
    const int folder = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    return folder;
}

/* ---- opening ---- */

static void a_missing_folder_is_made_for_us_alone(void **state)
{
    (void)state;
    struct stat about;
    int folder;
    const int parent = open_place();
    assert_int_equal(folder_open(parent, "made", &folder), STATUS_OK);
    assert_int_equal(fstat(folder, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    (void)close(folder);
    (void)close(parent);
}

static void a_link_to_a_folder_is_none(void **state)
{
    (void)state;
    int folder = -1;
    const int parent = open_place();
    assert_int_equal(symlink(below("given"), below("link")), 0);
    assert_int_equal(folder_open(parent, "link", &folder), STATUS_UNAVAILABLE);
    assert_int_equal(folder_open_any(parent, "link", &folder), STATUS_UNAVAILABLE);
    assert_int_equal(folder, -1);
    (void)close(parent);
}

static void somebody_elses_folder_is_refused(void **state)
{
    (void)state;
    needs_root();
    int folder = -1;
    const int parent = open_place();
    assert_int_equal(chown(below("given"), nobody.user, nobody.group), 0);
    assert_int_equal(folder_open(parent, "given", &folder), STATUS_FORBIDDEN);
    assert_int_equal(folder, -1);
    (void)close(parent);
}

/* ---- giving ---- */

static void hand_over_given(const char *kept)
{
    int folder;
    const int parent = open_place();
    assert_int_equal(folder_open_any(parent, "given", &folder), STATUS_OK);
    assert_int_equal(folder_hand_over(folder, &nobody, kept), STATUS_OK);
    (void)close(folder);
    (void)close(parent);
}

static void files_and_sockets_are_given(void **state)
{
    (void)state;
    needs_root();
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    make_file("given/key");
    make_file("given/superuser");
    (void)snprintf(name.sun_path, sizeof name.sun_path, "%.64s/given/socket", place);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&name, sizeof name), 0);
    hand_over_given("superuser");
    assert_int_equal(owner_of("given/key"), nobody.user);
    assert_int_equal(owner_of("given/socket"), nobody.user);
    assert_int_equal(owner_of("given/superuser"), 0);
    assert_int_equal(owner_of("given"), 0);
    (void)close(listener);
}

static void what_a_link_leads_to_is_not_given(void **state)
{
    (void)state;
    needs_root();
    assert_int_equal(symlink(below("secret"), below("given/link")), 0);
    assert_int_equal(link(below("secret"), below("given/second")), 0);
    hand_over_given(NULL);
    assert_int_equal(owner_of("secret"), 0);
    assert_int_equal(owner_of("given/link"), 0);
}

static void other_kinds_are_not_given_and_wait_for_nobody(void **state)
{
    (void)state;
    needs_root();
    assert_int_equal(mkfifo(below("given/pipe"), 0600), 0);
    assert_int_equal(mkdir(below("given/folder"), 0700), 0);
    hand_over_given(NULL);
    assert_int_equal(owner_of("given/pipe"), 0);
    assert_int_equal(owner_of("given/folder"), 0);
}

/* ---- logs ---- */

static void a_log_is_made_in_a_folder_of_ours_and_given(void **state)
{
    (void)state;
    needs_root();
    const int file = folder_open_log(below("given/log"), &nobody);
    assert_true(file >= 0);
    assert_int_equal(owner_of("given/log"), nobody.user);
    (void)close(file);
}

static void no_log_is_made_where_somebody_else_may_write(void **state)
{
    (void)state;
    needs_root();
    assert_true(folder_is_ours(below("given/log")));
    assert_int_equal(chown(below("given"), nobody.user, nobody.group), 0);
    assert_false(folder_is_ours(below("given/log")));
    assert_int_equal(folder_open_log(below("given/log"), NULL), -1);
    assert_int_equal(access(below("given/log"), F_OK), -1);
    assert_false(folder_is_ours("/tmp/log"));
    assert_false(folder_is_ours("log"));
}

/* The folder is ours, but who leads there is not. */
static void no_log_is_made_behind_a_link(void **state)
{
    (void)state;
    needs_root();
    assert_int_equal(mkdir(below("theirs"), 0755), 0);
    assert_int_equal(symlink(below("given"), below("theirs/way")), 0);
    assert_int_equal(chown(below("theirs"), nobody.user, nobody.group), 0);
    assert_int_equal(folder_open_log(below("theirs/way/log"), &nobody), -1);
    assert_int_equal(access(below("given/log"), F_OK), -1);
    assert_int_equal(symlink(below("secret"), below("given/log")), 0);
    assert_int_equal(folder_open_log(below("given/log"), &nobody), -1);
    assert_int_equal(owner_of("secret"), 0);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(a_missing_folder_is_made_for_us_alone),
        STAGED(a_link_to_a_folder_is_none),
        STAGED(somebody_elses_folder_is_refused),
        STAGED(files_and_sockets_are_given),
        STAGED(what_a_link_leads_to_is_not_given),
        STAGED(other_kinds_are_not_given_and_wait_for_nobody),
        STAGED(a_log_is_made_in_a_folder_of_ours_and_given),
        STAGED(no_log_is_made_where_somebody_else_may_write),
        STAGED(no_log_is_made_behind_a_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
