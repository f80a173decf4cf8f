/* Users of the system that root starts programs as, since nobody should be root who need not be:
 * who they are, becoming them, and having something done in their name. */
#pragma once

#include <sys/types.h>

#include "runtime/base.h"

enum { ACCOUNT_NAME_MAX = 33, ACCOUNT_HOME_MAX = 256, ACCOUNT_PROBLEM_MAX = 512 };

struct account {
    uid_t user;
    gid_t group;
    char name[ACCOUNT_NAME_MAX], home[ACCOUNT_HOME_MAX];
};

/* Statuses: OK, NOT_FOUND (no such user), FORBIDDEN (it is root by another name), OUT_OF_RANGE (a
 * name or a home that is too long). */
MUST_CHECK enum status account_find(const char *name, struct account *ret_account);
/* This process becomes that user, with no other groups, for good; what programs learn from the
 * environment about their user follows. keeps_low_ports: it, and the program that it becomes, may
 * listen on ports below 1024, and nothing else that only root may. False: it must not go on. For
 * root only; safe between fork() and exec() of a process with one thread. */
MUST_CHECK bool account_become(const struct account *account, bool keeps_low_ports);
/* Root becomes whoever owns the file or folder, unless that is root; anybody else stays who he is.
 * What root opened in a folder of somebody else could be a link of his to anything. Statuses: OK,
 * NOT_FOUND, FORBIDDEN (it did not work: the process must not go on). */
MUST_CHECK enum status account_become_owner(const char *path);
/* Has `work` done by a process of that user (NULL: by this process), and waits for its end. False
 * if `work` gave false or ended otherwise. The caller has one thread. */
MUST_CHECK bool account_work(const struct account *account, bool (*work)(void *context),
                             void *context);
/* True if that user may do to the file what `mode` says, as in access(2). */
bool account_may(const struct account *account, const char *path, int mode);
/* Looks whether that user may pass through every folder down to `path`, which must exist. Statuses:
 * OK, FORBIDDEN (ret_problem names the first that he may not), NOT_FOUND, OUT_OF_RANGE. */
MUST_CHECK enum status account_check_way(const struct account *account, const char *path,
                                         char ret_problem[ACCOUNT_PROBLEM_MAX]);
