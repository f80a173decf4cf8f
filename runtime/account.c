/* Looks users up, and changes from root to one of them. */
#include "runtime/account.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAY_MAX = 400 };

enum status account_find(const char *name, struct account *ret_account)
{
    assert(name != NULL);
    assert(ret_account != NULL);
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL) return STATUS_NOT_FOUND;
    if (entry->pw_uid == 0) return STATUS_FORBIDDEN;
    struct account account = { .user = entry->pw_uid, .group = entry->pw_gid };
    const int name_length = snprintf(account.name, sizeof account.name, "%s", name);
    const int home_length = snprintf(account.home, sizeof account.home, "%s", entry->pw_dir);
    if (name_length >= (int)sizeof account.name || home_length >= (int)sizeof account.home)
        return STATUS_OUT_OF_RANGE;
    *ret_account = account;
    return STATUS_OK;
}

/* ---- becoming ---- */

/* libcap would be one more library for two calls. */
static bool set_capability_of_ports(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
    const unsigned bit = 1U << CAP_NET_BIND_SERVICE;
    static_assert(CAP_NET_BIND_SERVICE < 32, "it is in the first word");
    data[0] =
        (struct __user_cap_data_struct){ .effective = bit, .permitted = bit, .inheritable = bit };
    return syscall(SYS_capset, &header, data) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0) == 0;
}

static bool become(uid_t user, gid_t group)
{
    return setgroups(0, NULL) == 0 && setgid(group) == 0 && setuid(user) == 0;
}

bool account_become(const struct account *account, bool keeps_low_ports)
{
    assert(account != NULL);
    if (keeps_low_ports && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return false;
    if (!become(account->user, account->group)) return false;
    if (keeps_low_ports && !set_capability_of_ports()) return false;
    /* libpq, for one, looks for certificates at home, and gives up when it may not look. */
    (void)setenv("HOME", account->home, 1);
    (void)setenv("USER", account->name, 1);
    (void)setenv("LOGNAME", account->name, 1);
    return true;
}

enum status account_become_owner(const char *path)
{
    struct stat about;
    assert(path != NULL);
    if (geteuid() != 0) return STATUS_OK;
    if (stat(path, &about) != 0) return STATUS_NOT_FOUND;
    if (about.st_uid == 0) return STATUS_OK;
    return become(about.st_uid, about.st_gid) ? STATUS_OK : STATUS_FORBIDDEN;
}

/* ---- in their name ---- */

bool account_work(const struct account *account, bool (*work)(void *context), void *context)
{
    assert(work != NULL);
    if (account == NULL) return work(context);
    const pid_t pid = fork();
    if (pid == 0) _exit(account_become(account, false) && work(context) ? 0 : 1);
    int wait_status = 0;
    while (pid > 0 && waitpid(pid, &wait_status, 0) < 0) {
        if (errno != EINTR) return false;
    }
    return pid > 0 && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
}

struct wish {
    const char *path;
    int mode;
};

static bool may(void *context)
{
    const struct wish *wish = context;
    return access(wish->path, wish->mode) == 0;
}

bool account_may(const struct account *account, const char *path, int mode)
{
    struct wish wish = { path, mode };
    assert(path != NULL);
    return account_work(account, may, &wish);
}

enum status account_check_way(const struct account *account, const char *path,
                              char ret_problem[ACCOUNT_PROBLEM_MAX])
{
    char way[WAY_MAX];
    assert(account != NULL);
    char *real = realpath(path, NULL);
    if (real == NULL) return STATUS_NOT_FOUND;
    const int length = snprintf(way, sizeof way, "%s/", real);
    free(real);
    if (length < 0 || length >= (int)sizeof way) return STATUS_OUT_OF_RANGE;
    for (char *slash = strchr(way + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!account_may(account, way, X_OK)) {
            (void)snprintf(ret_problem, ACCOUNT_PROBLEM_MAX,
                           "the user %s cannot enter the directory %s", account->name, way);
            return STATUS_FORBIDDEN;
        }
        *slash = '/';
    }
    return STATUS_OK;
}
