/* Makes the folders of a market, hands over what is the user's, and looks whether it gets there. */
#include "runtime/up_home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/folder.h"

enum { KEYS_MODE = 01770, PASSWORDS_MODE = 0710, PASSING_MODE = 0711 };

enum status up_home_refuse(struct up_home *home, enum status status, const char *what,
                           const char *path)
{
    (void)snprintf(home->problem, sizeof home->problem, "%s: %s", path, what);
    return status;
}

/* ---- the data directory ---- */

static enum status find_account(struct up_home *home)
{
    const char *name = config_text(home->config, SETTING_UP_USER);
    if (geteuid() != 0) return STATUS_OK;
    const enum status status = account_find(name, &home->account);
    home->has_account = status == STATUS_OK;
    if (status == STATUS_NOT_FOUND)
        (void)snprintf(home->problem, sizeof home->problem,
                       "up.user: there is no user %s; make it: useradd --system --user-group "
                       "--no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin %s",
                       name, name);
    else if (status != STATUS_OK)
        (void)up_home_refuse(home, status, "that user is root, or has too long a name", name);
    return status;
}

static enum status make_parents(struct up_home *home, char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const bool is_there = mkdir(path, 0755) == 0 || errno == EEXIST;
        if (!is_there) return up_home_refuse(home, STATUS_UNAVAILABLE, strerror(errno), path);
        *slash = '/';
    }
    return STATUS_OK;
}

enum status up_home_open(struct up_home *home, const struct config *config)
{
    const char *configured = config_text(config, SETTING_PATHS_DATA_DIR);
    char path[PATHS_MAX];
    struct stat about;
    *home = (struct up_home){ .config = config };
    TRY(find_account(home));
    const int length = snprintf(path, sizeof path, "%s/", configured);
    if (length < 2 || length >= (int)sizeof path)
        return up_home_refuse(home, STATUS_OUT_OF_RANGE, "the path is empty or too long",
                              configured);
    TRY(make_parents(home, path));
    char *real = realpath(configured, NULL);
    if (real == NULL) return up_home_refuse(home, STATUS_UNAVAILABLE, strerror(errno), configured);
    (void)snprintf(home->data_dir, sizeof home->data_dir, "%s", real);
    free(real);
    if (stat(home->data_dir, &about) != 0 || about.st_uid != geteuid())
        return up_home_refuse(home, STATUS_FORBIDDEN,
                              "it belongs to another user, who is to start the market",
                              home->data_dir);
    /* Others must get to what is theirs in it, and see nothing else. */
    if (chmod(home->data_dir, PASSING_MODE) != 0)
        return up_home_refuse(home, STATUS_UNAVAILABLE, strerror(errno), home->data_dir);
    return STATUS_OK;
}

enum status up_home_make_run_dir(struct up_home *home)
{
    struct stat about;
    TRY(paths_choose_run_dir(home->data_dir, home->run_dir));
    if (mkdir(home->run_dir, PASSING_MODE) != 0 && errno != EEXIST)
        return up_home_refuse(home, STATUS_UNAVAILABLE, strerror(errno), home->run_dir);
    /* /tmp is everybody's: what is there already must be ours. */
    if (lstat(home->run_dir, &about) != 0 || !S_ISDIR(about.st_mode) || about.st_uid != geteuid() ||
        chmod(home->run_dir, PASSING_MODE) != 0)
        return up_home_refuse(home, STATUS_FORBIDDEN, "it belongs to somebody else", home->run_dir);
    const enum status status = paths_write_run_dir(home->data_dir, home->run_dir);
    if (status != STATUS_OK)
        return up_home_refuse(home, status, "the file run_dir cannot be written", home->data_dir);
    return STATUS_OK;
}

/* ---- what is the user's ---- */

static bool set_owner(int folder, uid_t user, gid_t group, mode_t mode)
{
    return fchown(folder, user, group) == 0 && fchmod(folder, mode) == 0;
}

static enum status share_passwords(const struct up_home *home, int keys)
{
    int folder;
    TRY(folder_open(keys, "database", &folder));
    enum status status = folder_hand_over(folder, &home->account, "superuser");
    if (!set_owner(folder, 0, home->account.group, PASSWORDS_MODE)) status = STATUS_UNAVAILABLE;
    (void)close(folder);
    return status;
}

static enum status make_passwords(const struct up_home *home, const char *const *domains,
                                  size_t count)
{
    char name[PATHS_MAX];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "keys/database/%s", domains[i]);
        TRY(paths_make_secret_file(home->data_dir, name));
    }
    return STATUS_OK;
}

static enum status share_keys(const struct up_home *home, int data_dir, const char *const *domains,
                              size_t count)
{
    int keys;
    TRY(folder_open(data_dir, "keys", &keys));
    enum status status = make_passwords(home, domains, count);
    if (status == STATUS_OK) status = share_passwords(home, keys);
    if (status == STATUS_OK) status = folder_hand_over(keys, &home->account, NULL);
    if (!set_owner(keys, 0, home->account.group, KEYS_MODE)) status = STATUS_UNAVAILABLE;
    (void)close(keys);
    return status;
}

/* The folder as a whole becomes the user's; it is in one of ours. */
static enum status give_folder(const struct up_home *home, int parent, const char *name)
{
    int folder;
    struct stat about;
    TRY(folder_open_any(parent, name, &folder));
    enum status status = fstat(folder, &about) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
    /* In one that it has already nothing is anybody else's, or ours to give. */
    if (status == STATUS_OK && about.st_uid != home->account.user)
        status = folder_hand_over(folder, &home->account, NULL);
    if (!set_owner(folder, home->account.user, home->account.group, 0700))
        status = STATUS_UNAVAILABLE;
    (void)close(folder);
    return status;
}

enum status up_home_share(struct up_home *home, const char *const *domains, size_t domains_count)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (!home->has_account) return STATUS_OK;
    const int data_dir = open(home->data_dir, flags), run_dir = open(home->run_dir, flags);
    enum status status =
        data_dir < 0 || run_dir < 0 ? STATUS_UNAVAILABLE : give_folder(home, run_dir, "mesh");
    if (status == STATUS_OK) status = give_folder(home, data_dir, "import");
    if (status == STATUS_OK) status = give_folder(home, data_dir, "search");
    if (status == STATUS_OK) status = give_folder(home, data_dir, "pictures");
    if (status == STATUS_OK) status = share_keys(home, data_dir, domains, domains_count);
    if (data_dir >= 0) (void)close(data_dir);
    if (run_dir >= 0) (void)close(run_dir);
    if (status != STATUS_OK)
        return up_home_refuse(home, status, "what is in it cannot be handed over", home->data_dir);
    return STATUS_OK;
}

static const char *access_log_path(const struct up_home *home)
{
    const char *path = config_text(home->config, SETTING_GATEWAY_ACCESS_LOG);
    return strcmp(path, "-") == 0 ? "" : path;
}

void up_home_share_logs(const struct up_home *home)
{
    const char *path = access_log_path(home);
    if (!home->has_account) return;
    /* Programs that were started before have it open, and will want to open it again. */
    (void)folder_give_file(STDERR_FILENO, &home->account);
    const int file = path[0] == '\0' ? -1 : folder_open_log(path, &home->account);
    if (file >= 0) (void)close(file);
}

/* ---- whether it gets there ---- */

static enum status refuse_user(struct up_home *home, const char *what, const char *path)
{
    (void)snprintf(home->problem, sizeof home->problem, "%s: the user %s %s", path,
                   home->account.name, what);
    return STATUS_FORBIDDEN;
}

static bool open_to_append(void *context)
{
    const char *path = context;
    /* A pipe that nobody reads yet is good, too. */
    return access(path, W_OK) == 0 ||
           open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640) >= 0;
}

/* By the path, or by the descriptor that the supervisor opens before. */
static bool may_run(const struct account *account, const char *program)
{
    struct stat about;
    return account_may(account, program, X_OK) ||
           (stat(program, &about) == 0 && (about.st_mode & S_IXOTH) != 0);
}

static enum status check_files(struct up_home *home)
{
    const char *key, *path;
    size_t place = 0;
    while (config_next_file(home->config, &place, &key, &path)) {
        if (account_may(&home->account, path, R_OK)) continue;
        (void)snprintf(home->problem, sizeof home->problem, "%s: the user %s cannot read %s", key,
                       home->account.name, path);
        return STATUS_FORBIDDEN;
    }
    return STATUS_OK;
}

enum status up_home_check(struct up_home *home, const char *const *programs, size_t programs_count)
{
    const struct account *account = &home->account;
    char log[PATHS_MAX];
    if (!home->has_account) return STATUS_OK;
    TRY(account_check_way(account, home->data_dir, home->problem));
    TRY(account_check_way(account, home->run_dir, home->problem));
    TRY(check_files(home));
    (void)snprintf(log, sizeof log, "%s", access_log_path(home));
    if (log[0] != '\0' && !account_work(account, open_to_append, log))
        return refuse_user(home, "cannot write the access log", log);
    for (size_t i = 0; i < programs_count; i++)
        if (!may_run(account, programs[i]))
            return refuse_user(home, "may not run that program", programs[i]);
    return STATUS_OK;
}

/* ---- the end ---- */

void up_home_remove_run_dir(const struct up_home *home)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int run_dir = home->run_dir[0] == '\0' ? -1 : open(home->run_dir, flags);
    const int mesh = run_dir < 0 ? -1 : openat(run_dir, "mesh", flags);
    if (mesh >= 0) {
        /* The lock on the data directory is ours: no other agent of this market holds it. */
        (void)unlinkat(mesh, "agent.lock", 0);
        (void)close(mesh);
        (void)unlinkat(run_dir, "mesh", AT_REMOVEDIR);
    }
    if (run_dir < 0) return;
    (void)unlinkat(run_dir, "pg", AT_REMOVEDIR);
    (void)close(run_dir);
    (void)rmdir(home->run_dir);
}
