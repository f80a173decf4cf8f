/* Users are looked up, become for good, and asked without becoming them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/account.h"
#include "tests/support/cmocka.h"

static char place[64];
static struct account nobody;

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(place, sizeof place, "/tmp/souk-account-XXXXXX");
    assert_non_null(mkdtemp(place));
    assert_int_equal(account_find("nobody", &nobody), STATUS_OK);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    return rmdir(place);
}

static void needs_root(void)
{
    if (geteuid() != 0) skip();
}

static void nobody_is_found_and_root_is_refused(void **state)
{
    (void)state;
    struct account account = { .user = 7 };
    assert_int_not_equal(nobody.user, 0);
    assert_string_equal(nobody.name, "nobody");
    assert_int_equal(account_find("root", &account), STATUS_FORBIDDEN);
    assert_int_equal(account_find("no such user", &account), STATUS_NOT_FOUND);
    assert_int_equal(account.user, 7);
}

static bool is_nobody(void *context)
{
    uid_t real, effective, saved;
    gid_t groups[1];
    assert(getresuid(&real, &effective, &saved) == 0);
    return real == nobody.user && effective == nobody.user && saved == nobody.user &&
           getgid() == nobody.group && getgroups(0, groups) == 0 &&
           strcmp(getenv("HOME"), nobody.home) == 0 && setuid(0) != 0 && *(int *)context == 3;
}

static void work_is_done_in_the_name_of_the_account_and_we_stay_who_we_are(void **state)
{
    (void)state;
    needs_root();
    int three = 3, four = 4;
    assert_true(account_work(&nobody, is_nobody, &three));
    assert_false(account_work(&nobody, is_nobody, &four));
    assert_int_equal(geteuid(), 0);
}

static void a_folder_that_cannot_be_entered_is_named(void **state)
{
    (void)state;
    needs_root();
    char problem[ACCOUNT_PROBLEM_MAX] = "";
    assert_int_equal(account_check_way(&nobody, place, problem), STATUS_FORBIDDEN);
    assert_non_null(strstr(problem, place));
    assert_non_null(strstr(problem, "nobody"));
    assert_int_equal(chmod(place, 0711), 0);
    assert_int_equal(account_check_way(&nobody, place, problem), STATUS_OK);
    assert_true(account_may(&nobody, place, X_OK));
    assert_false(account_may(&nobody, place, R_OK));
}

/* In a process of its own: there is no way back. */
static int become_owner_and_tell(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        const bool is_done = account_become_owner(place) == STATUS_OK;
        _exit(!is_done ? 3 : geteuid() == nobody.user ? 1 : geteuid() == 0 ? 0 : 2);
    }
    int wait_status = -1;
    assert_int_equal(waitpid(pid, &wait_status, 0), pid);
    return WEXITSTATUS(wait_status);
}

static void root_becomes_the_owner_of_what_is_not_its_own(void **state)
{
    (void)state;
    needs_root();
    assert_int_equal(become_owner_and_tell(), 0);
    assert_int_equal(chown(place, nobody.user, nobody.group), 0);
    assert_int_equal(become_owner_and_tell(), 1);
    assert_int_equal(account_become_owner("/no/such/place"), STATUS_NOT_FOUND);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(nobody_is_found_and_root_is_refused),
        STAGED(work_is_done_in_the_name_of_the_account_and_we_stay_who_we_are),
        STAGED(a_folder_that_cannot_be_entered_is_named),
        STAGED(root_becomes_the_owner_of_what_is_not_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
