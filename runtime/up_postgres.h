/* The private PostgreSQL of `souk up`: makes the cluster on the first start and says how to run it.
 */
#pragma once

#include "runtime/account.h"
#include "runtime/paths.h"
#include "runtime/postmaster.h"
#include "runtime/start_log.h"
#include "runtime/supervisor.h"

struct up_postgres {
    const char *data_dir, *run_dir;
    char programs_dir[PATHS_MAX]; /* of initdb and postgres */
    char cluster_dir[PATHS_MAX], fresh_dir[PATHS_MAX];
    char socket_dir[PATHS_MAX];
    char log_dir[PATHS_MAX]; /* ours: what the database's user could put there, we would follow */
    char own_log_dir[PATHS_MAX]; /* the database's, below */
    char password_file[PATHS_MAX], password_option[PATHS_MAX + 32];
    char socket_setting[PATHS_MAX + 32], log_setting[PATHS_MAX + 32];
    bool has_account; /* we are root: PostgreSQL must not be */
    struct account account;
    const struct account *market; /* that the market's programs run as; NULL: as we do */
    struct start_log start_log;   /* what its programs say before they keep a log of their own */
    struct postmaster_watch watch;
};

/* Finds the programs and the user, makes the directories and the administrator's password. `market`
 * is who may connect to the server besides its own user and root; NULL: nobody. Borrowed.
 * ret_problem says what is wrong (static or in *postgres). Statuses: OK, NOT_FOUND (no PostgreSQL,
 * no user), FORBIDDEN (a directory on the way cannot be entered by the database's user),
 * UNAVAILABLE (cannot write), OUT_OF_RANGE (path too long). */
MUST_CHECK enum status up_postgres_init(struct up_postgres *postgres, const char *data_dir,
                                        const char *run_dir, const struct account *market,
                                        char ret_problem[ACCOUNT_PROBLEM_MAX]);
/* Ends what a server that had to be killed has left behind. Waits up to 5 s for it. */
void up_postgres_end_orphans(const struct up_postgres *postgres);
/* Adds the children; gives the number of the server. */
int up_postgres_add(struct up_postgres *postgres, struct supervisor *supervisor);
