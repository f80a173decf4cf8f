/* PostgreSQL for tests: one private cluster per test program (a directory of its own, a unix
 * socket, no fsync), or the cluster that SOUK_TEST_CLUSTER names (a connection string of a
 * superuser); databases with random names in it. Failures end the program. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct scratch;

/* Makes a database and role for each domain and applies storage/migrations and
 * ACTORS_DIR/DOMAIN/migrations. Paths are relative to the source tree, where ctest runs tests. */
struct scratch *scratch_new(const char *const *domains, size_t count, const char *actors_dir);
/* Drops the databases; the private cluster ends with the program. */
void scratch_destroy(struct scratch **scratch);
/* Ends PostgreSQL at once, as a crash would, and starts it again. False: the cluster was given,
 * nothing was done. */
bool scratch_restart_cluster(void);
/* As the domain's own role. */
const char *scratch_conninfo(const struct scratch *scratch, const char *domain);
/* As the superuser, in the domain's database; "" gives the database postgres. */
const char *scratch_admin_conninfo(const struct scratch *scratch, const char *domain);
/* What databases and roles are called: PREFIX_DOMAIN. */
const char *scratch_prefix(const struct scratch *scratch);
/* The password of every role that was made here. */
extern const char scratch_password[];
/* Runs SQL as the superuser in the domain's database; returns the first cell of the first row (""
 * when there is none), which is valid until the next call. */
const char *scratch_sql(const struct scratch *scratch, const char *domain, const char *sql);
