/* The folders of `souk up`, and whose they are. Started as root, they stay root's, so that nothing
 * that root does there can be led elsewhere, and the user that programs run as gets what it needs:
 *
 *   DATA_DIR                root, 0711     up.pid, run_dir
 *   DATA_DIR/keys           root, 1770     the user makes files of its own here, and moves no other
 *   DATA_DIR/keys/database  root, 0710     passwords of domains (the user's), of the administrator
 *                                          (root's)
 *   DATA_DIR/import         the user, 0700
 *   DATA_DIR/search         the user, 0700 the nodes' indexes
 *   RUN_DIR                 root, 0711
 *   RUN_DIR/mesh            the user, 0700 sockets of the bus
 *   RUN_DIR/pg              the database's user, and the user may connect (up_postgres.h)
 */
#pragma once

#include "runtime/account.h"
#include "runtime/config.h"
#include "runtime/paths.h"

struct up_home {
    const struct config *config;
    bool has_account; /* we are root */
    struct account account;
    char data_dir[PATHS_MAX], run_dir[PATHS_MAX];
    char problem[ACCOUNT_PROBLEM_MAX]; /* what was refused, and why */
};

/* Keeps "path: what" as the problem and returns the status. */
enum status up_home_refuse(struct up_home *home, enum status status, const char *what,
                           const char *path);
/* Finds the user that programs run as, and makes the data directory. Statuses: OK, NOT_FOUND (no
 * such user), FORBIDDEN (the directory is somebody else's), OUT_OF_RANGE (path too long),
 * UNAVAILABLE. */
MUST_CHECK enum status up_home_open(struct up_home *home, const struct config *config);
/* Makes the run directory, under the lock of the data directory. Statuses as above. */
MUST_CHECK enum status up_home_make_run_dir(struct up_home *home);
/* Gives the user what the above says, and what an older release or root itself left in it since.
 * `domains` are those whose passwords it needs; missing ones are made. Nothing to do if we are not
 * root. Statuses as above. */
MUST_CHECK enum status up_home_share(struct up_home *home, const char *const *domains,
                                     size_t domains_count);
/* Gives it the logs that are written now, after they have been opened anew, too. */
void up_home_share_logs(const struct up_home *home);
/* Looks whether the user can read all files that the configuration names, write the access log, run
 * these programs and reach the folders. Statuses: OK, FORBIDDEN. */
MUST_CHECK enum status up_home_check(struct up_home *home, const char *const *programs,
                                     size_t programs_count);
/* Removes the run directory, if it was made, when everybody has ended; what somebody still uses
 * stays. */
void up_home_remove_run_dir(const struct up_home *home);
