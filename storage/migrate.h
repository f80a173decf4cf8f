/* Databases, roles and tables: makes what is missing and applies numbered SQL files once, forward
 * only. Blocking; used by souk-migrate and by tests, never on a loop. */
#pragma once

#include "runtime/base.h"

struct migrate_options {
    const char *admin_conninfo; /* may create databases and roles */
    const char *common_dir; /* storage/migrations; files for every database, those in DOMAIN/ for
                               one only ("cluster") */
    const char *actors_dir; /* actors; each domain's files are in DOMAIN/migrations */
    const char *prefix;     /* database and role names are PREFIX_DOMAIN ("souk") */
    const char *const *domains;
    size_t domains_count;
    /* Gives the password of a domain's login role. */
    const char *(*password)(void *context, const char *domain);
    void *context;
};

/* Makes each domain's database and login role and brings its schema up to date. Applying a file
 * that changed since is refused. Errors are written to standard error with file and SQL message.
 * Statuses: OK, UNAVAILABLE, CORRUPT (a file has changed), INTERNAL (SQL failed). */
MUST_CHECK enum status migrate_run(const struct migrate_options *options, size_t *ret_applied);
