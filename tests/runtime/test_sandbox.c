/* What a confined process can still do, and what it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sandbox.h"
#include "tests/support/cmocka.h"

/* Runs a claim in a process of its own, which ends with 0 if it holds. */
static int confined(bool (*claim)(void))
{
    int status = -1;
    const pid_t child = fork();
    if (child == 0) _exit(!sandbox_enter() ? 100 : claim() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Both are anybody's right otherwise. */
static bool is_refused(void)
{
    errno = 0;
    if (syscall(SYS_process_vm_readv, getpid(), NULL, 0L, NULL, 0L, 0L) != -1 || errno != EPERM)
        return false;
    errno = 0;
    return syscall(SYS_personality, 0xffffffffUL) == -1 && errno == EPERM;
}

/* The exit code of a program that the process starts. */
static int run_shell(const char *script)
{
    int status = -1;
    const pid_t child = fork();
    if (child == 0) {
        (void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

static bool runs_programs(void)
{
    const int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (file < 0) return false;
    (void)close(file);
    return run_shell("exit 7") == 7;
}

static bool has_no_new_privileges(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* What it starts is confined, too:. */
static bool hands_it_on(void)
{
    return run_shell("grep -q '^NoNewPrivs:.1' /proc/self/status && "
                     "grep -q '^Seccomp:.2' /proc/self/status") == 0;
}

static void calls_that_nobody_needs_are_refused(void **state)
{
    (void)state;
    assert_true(syscall(SYS_process_vm_readv, getpid(), NULL, 0L, NULL, 0L, 0L) == 0);
    assert_int_equal(confined(is_refused), 0);
}

static void all_else_works(void **state)
{
    (void)state;
    assert_int_equal(confined(runs_programs), 0);
}

static void privileges_do_not_grow(void **state)
{
    (void)state;
    assert_int_equal(confined(has_no_new_privileges), 0);
    assert_int_equal(confined(hands_it_on), 0);
}

static void to_ask_for_it_changes_nothing(void **state)
{
    (void)state;
    assert_true(sandbox_is_available());
    assert_int_equal(prctl(PR_GET_SECCOMP), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_nobody_needs_are_refused),
        cmocka_unit_test(all_else_works),
        cmocka_unit_test(privileges_do_not_grow),
        cmocka_unit_test(to_ask_for_it_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
