/* Makes databases and roles, and applies numbered SQL files. Everything in a database belongs to
 * the administrator; a domain's role may only read and write rows, call functions, and connect to
 * its own database. */
#include "storage/migrate.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/arena.h"
#include "runtime/text.h"

enum {
    MIGRATION_FILES_MAX = 256,
    MIGRATION_BYTES_MAX = 1 << 20,
    MIGRATION_LOCK = 0x50757C, /* an advisory lock: two runs at a time wait for each other */
    NAME_LENGTH_MAX = 40,
    HASH_TEXT_BYTES = 2 * crypto_hash_sha256_BYTES + 1
};

/* One file that belongs to a database. */
struct migration {
    const char *name;   /* "host/0001_common.sql" */
    const char *schema; /* "host" or the domain */
    const char *sql;
    char hash[HASH_TEXT_BYTES];
};

struct migrations {
    struct migration list[MIGRATION_FILES_MAX];
    size_t count;
};

struct migrate {
    const struct migrate_options *options;
    struct arena *arena;
    PGconn *admin;
    size_t applied;
};

static void connection_close(PGconn **connection)
{
    PQfinish(*connection);
    *connection = NULL;
}

static void result_clear(PGresult **result)
{
    PQclear(*result);
    *result = NULL;
}

static enum status fail(const char *what, PGconn *connection, enum status status)
{
    (void)fprintf(stderr, "souk-migrate: %s: %s", what, PQerrorMessage(connection));
    return status;
}

static void ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static enum status run_sql(PGconn *connection, const char *what, const char *sql)
{
    CLEANUP(result_clear) PGresult *result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return STATUS_OK;
    return fail(what, connection, STATUS_INTERNAL);
}

/* Names become part of SQL and of paths, so they are checked; schemas are quoted too, since "user"
 * and "order" are reserved words. */
static bool name_is_plain(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && length <= NAME_LENGTH_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length &&
           (name[0] < '0' || name[0] > '9');
}

/* ---- files ---- */

static int is_migration(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return length > 9 && strspn(entry->d_name, "0123456789") == 4 && entry->d_name[4] == '_' &&
           strcmp(entry->d_name + length - 4, ".sql") == 0;
}

static enum status read_file(struct arena *arena, const char *path, const char **ret_content)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return STATUS_INTERNAL;
    char *content = arena_allocate(arena, MIGRATION_BYTES_MAX + 1);
    const size_t length = fread(content, 1, MIGRATION_BYTES_MAX, file);
    const bool is_whole = feof(file) != 0 && ferror(file) == 0;
    (void)fclose(file);
    if (!is_whole) return STATUS_INTERNAL;
    content[length] = '\0';
    *ret_content = content;
    return STATUS_OK;
}

static enum status add_file(struct migrate *migrate, const char *directory, const char *file,
                            const char *schema, struct migrations *migrations)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (migrations->count == MIGRATION_FILES_MAX) return STATUS_OVERLOADED;
    struct migration *migration = &migrations->list[migrations->count];
    const char *path = text_format(migrate->arena, "%s/%s", directory, file).data;
    CLEANUP(arena_destroy) struct arena *scratch = arena_new(MIGRATION_BYTES_MAX + 64);
    const char *content;
    if (read_file(scratch, path, &content) != STATUS_OK) {
        (void)fprintf(stderr, "souk-migrate: cannot read %s\n", path);
        return STATUS_INTERNAL;
    }
    migration->name = text_format(migrate->arena, "%s/%s", schema, file).data;
    migration->schema = schema;
    migration->sql = text_string(migrate->arena, text_of(content));
    (void)crypto_hash_sha256(digest, (const uint8_t *)content, strlen(content));
    (void)sodium_bin2hex(migration->hash, sizeof migration->hash, digest, sizeof digest);
    migrations->count++;
    return STATUS_OK;
}

/* A directory that does not exist holds no files. */
static enum status add_directory(struct migrate *migrate, const char *directory, const char *schema,
                                 struct migrations *migrations)
{
    struct dirent **entries = NULL;
    const int count = scandir(directory, &entries, is_migration, alphasort);
    enum status status = STATUS_OK;
    for (int i = 0; i < count; i++) {
        if (status == STATUS_OK)
            status = add_file(migrate, directory, entries[i]->d_name, schema, migrations);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* ---- roles and databases ---- */

static bool exists(PGconn *connection, const char *sql, const char *name)
{
    CLEANUP(result_clear)
    PGresult *result = PQexecParams(connection, sql, 1, NULL, &name, NULL, NULL, 0);
    return PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
}

/* The password is set every time, so that a lost password file can simply be made anew. Only its
 * SCRAM verifier leaves this process. */
static enum status make_role(struct migrate *migrate, const char *domain, const char *name)
{
    const char *password = migrate->options->password(migrate->options->context, domain);
    char *verifier = PQencryptPasswordConn(migrate->admin, password, name, "scram-sha-256");
    if (verifier == NULL) return fail(name, migrate->admin, STATUS_INTERNAL);
    const char *verb = exists(migrate->admin, "SELECT 1 FROM pg_roles WHERE rolname = $1", name)
                           ? "ALTER"
                           : "CREATE";
    const char *sql = text_format(migrate->arena,
                                  "%s ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE "
                                  "NOREPLICATION PASSWORD '%s'",
                                  verb, name, verifier)
                          .data;
    PQfreemem(verifier);
    return run_sql(migrate->admin, name, sql);
}

static enum status make_database(struct migrate *migrate, const char *name)
{
    if (exists(migrate->admin, "SELECT 1 FROM pg_database WHERE datname = $1", name))
        return STATUS_OK;
    return run_sql(migrate->admin, name,
                   text_format(migrate->arena,
                               "CREATE DATABASE %s TEMPLATE template0 "
                               "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
                               name)
                       .data);
}

/* The role may do nothing but its work, in the schemas that the files have made. About the
 * settings: tables that were vacuumed while they were empty make prepared statements keep a
 * sequential scan for ever (402/s instead of 1,213 measured), so the planner takes an index
 * wherever there is one; the high cost that it then shows for the rest must not start the JIT
 * compiler. */
static enum status grant_rights(struct migrate *migrate, PGconn *connection, const char *domain,
                                const char *name)
{
    const char *sql =
        text_format(
            migrate->arena,
            "REVOKE ALL ON DATABASE %1$s FROM PUBLIC;"
            "GRANT CONNECT ON DATABASE %1$s TO %1$s;"
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            "DO $$ DECLARE schema name; BEGIN FOR schema IN SELECT nspname FROM pg_namespace"
            " WHERE nspname NOT LIKE 'pg\\_%%' AND nspname NOT IN ('public', 'information_schema')"
            " LOOP EXECUTE format('GRANT USAGE ON SCHEMA %%1$I TO %1$s;"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %%1$I TO %1$s;"
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA %%1$I TO %1$s;"
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %%1$I TO %1$s', schema);"
            "END LOOP; END $$;"
            "REVOKE INSERT, UPDATE, DELETE ON host.migration FROM %1$s;"
            "ALTER ROLE %1$s IN DATABASE %1$s SET search_path = \"%2$s\", host;"
            "ALTER ROLE %1$s IN DATABASE %1$s SET enable_seqscan = off;"
            "ALTER ROLE %1$s IN DATABASE %1$s SET jit = off;",
            name, domain)
            .data;
    return run_sql(connection, name, sql);
}

/* ---- applying ---- */

static const char bootstrap_sql[] =
    "CREATE SCHEMA IF NOT EXISTS host;"
    "CREATE TABLE IF NOT EXISTS host.migration (name text PRIMARY KEY, sha256 text NOT NULL, "
    "at timestamptz NOT NULL DEFAULT now());";

static const char list_sql[] = "SELECT name, sha256 FROM host.migration";

/* NULL when the file has not been applied. */
static const char *applied_hash(const PGresult *applied, const char *name)
{
    for (int i = 0; i < PQntuples(applied); i++)
        if (strcmp(PQgetvalue(applied, i, 0), name) == 0) return PQgetvalue(applied, i, 1);
    return NULL;
}

static enum status check_applied(const PGresult *applied, const struct migrations *migrations,
                                 size_t *ret_missing)
{
    size_t missing = 0;
    for (size_t i = 0; i < migrations->count; i++) {
        const struct migration *migration = &migrations->list[i];
        const char *hash = applied_hash(applied, migration->name);
        if (hash == NULL) {
            missing++;
        } else if (strcmp(hash, migration->hash) != 0) {
            (void)fprintf(stderr,
                          "souk-migrate: %s has changed since it was applied; add a new file\n",
                          migration->name);
            return STATUS_CORRUPT;
        }
    }
    *ret_missing = missing;
    return STATUS_OK;
}

static enum status apply_file(struct migrate *migrate, PGconn *connection,
                              const struct migration *migration)
{
    const char *path =
        text_format(migrate->arena, "SET LOCAL search_path = \"%s\", host", migration->schema).data;
    TRY(run_sql(connection, migration->name, path));
    TRY(run_sql(connection, migration->name, migration->sql));
    TRY(run_sql(connection, migration->name,
                text_format(migrate->arena,
                            "INSERT INTO host.migration (name, sha256) VALUES ('%s', '%s')",
                            migration->name, migration->hash)
                    .data));
    migrate->applied++;
    return STATUS_OK;
}

/* All missing files of one database are one transaction. Schemas are quoted because "user" is
 * reserved. */
static enum status apply_missing(struct migrate *migrate, PGconn *connection, const char *domain,
                                 const char *name, const struct migrations *migrations)
{
    size_t missing;
    TRY(run_sql(connection, name, "BEGIN"));
    TRY(run_sql(
        connection, name,
        text_format(migrate->arena, "SELECT pg_advisory_xact_lock(%d)", MIGRATION_LOCK).data));
    TRY(run_sql(connection, name, bootstrap_sql));
    TRY(run_sql(connection, name,
                text_format(migrate->arena, "CREATE SCHEMA IF NOT EXISTS \"%s\"", domain).data));
    CLEANUP(result_clear) PGresult *applied = PQexec(connection, list_sql);
    if (PQresultStatus(applied) != PGRES_TUPLES_OK) return fail(name, connection, STATUS_INTERNAL);
    TRY(check_applied(applied, migrations, &missing));
    for (size_t i = 0; i < migrations->count; i++)
        if (applied_hash(applied, migrations->list[i].name) == NULL)
            TRY(apply_file(migrate, connection, &migrations->list[i]));
    TRY(grant_rights(migrate, connection, domain, name));
    return run_sql(connection, name, "COMMIT");
}

static enum status migrate_database(struct migrate *migrate, const char *domain, const char *name,
                                    const struct migrations *migrations)
{
    const char *const keys[] = { "dbname", "dbname", "application_name", NULL };
    const char *const values[] = { migrate->options->admin_conninfo, name, "souk-migrate", NULL };
    CLEANUP(connection_close) PGconn *connection = PQconnectdbParams(keys, values, 1);
    size_t missing;
    if (PQstatus(connection) != CONNECTION_OK) return fail(name, connection, STATUS_UNAVAILABLE);
    (void)PQsetNoticeReceiver(connection, ignore_notice, NULL);
    CLEANUP(result_clear) PGresult *applied = PQexec(connection, list_sql);
    if (PQresultStatus(applied) == PGRES_TUPLES_OK) {
        TRY(check_applied(applied, migrations, &missing));
        if (missing == 0) return STATUS_OK;
    }
    return apply_missing(migrate, connection, domain, name, migrations);
}

static enum status migrate_domain(struct migrate *migrate, const char *domain)
{
    if (!name_is_plain(domain) || !name_is_plain(migrate->options->prefix)) {
        (void)fprintf(stderr, "souk-migrate: \"%s\" is no plain name\n", domain);
        return STATUS_INTERNAL;
    }
    struct migrations *migrations = arena_allocate(migrate->arena, sizeof *migrations);
    const char *name = text_format(migrate->arena, "%s_%s", migrate->options->prefix, domain).data;
    const char *directory =
        text_format(migrate->arena, "%s/%s/migrations", migrate->options->actors_dir, domain).data;
    TRY(add_directory(migrate, migrate->options->common_dir, "host", migrations));
    TRY(add_directory(migrate, directory, domain, migrations));
    directory = text_format(migrate->arena, "%s/%s", migrate->options->common_dir, domain).data;
    TRY(add_directory(migrate, directory, domain, migrations));
    TRY(make_role(migrate, domain, name));
    TRY(make_database(migrate, name));
    return migrate_database(migrate, domain, name, migrations);
}

enum status migrate_run(const struct migrate_options *options, size_t *ret_applied)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(64 * 1024);
    CLEANUP(connection_close) PGconn *admin = PQconnectdb(options->admin_conninfo);
    if (PQstatus(admin) != CONNECTION_OK) return fail("administrator", admin, STATUS_UNAVAILABLE);
    (void)PQsetNoticeReceiver(admin, ignore_notice, NULL);
    struct migrate migrate = { .options = options, .arena = arena, .admin = admin };
    for (size_t i = 0; i < options->domains_count; i++)
        TRY(migrate_domain(&migrate, options->domains[i]));
    *ret_applied = migrate.applied;
    return STATUS_OK;
}
