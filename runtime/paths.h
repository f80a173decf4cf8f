/* Where a market's files are: everything follows from its data directory. */
#pragma once

#include "runtime/base.h"
#include "runtime/config.h"

enum {
    PATHS_MAX = 256, /* of a path, with its NUL */
    PATHS_CONNINFO_MAX = 512,
    PATHS_SECRET_MAX = 128, /* of a secret's text, with its NUL */
    PATHS_SECRET_BYTES = 32
};

/* The directory of sockets that a market chooses when it starts: short, because a socket's path may
 * have 107 bytes. "/run/souk-HASH" for root, else "$XDG_RUNTIME_DIR (or /tmp, if that is
 * not set or too long)/souk-UID-HASH", where HASH is the start of the BLAKE2b of the data
 * directory's real path. Statuses: OK, NOT_FOUND (no such directory), OUT_OF_RANGE (too long). */
MUST_CHECK enum status paths_choose_run_dir(const char *data_dir, char ret_path[PATHS_MAX]);
/* Writes what was chosen into DATA_DIR/run_dir, for programs that are started elsewhere, with
 * another environment or by another user. Statuses: OK, UNAVAILABLE (cannot write). */
MUST_CHECK enum status paths_write_run_dir(const char *data_dir, const char *run_dir);
/* The directory of sockets of a market: as it has written, else as this process would choose.
 * Statuses as paths_choose_run_dir(). */
MUST_CHECK enum status paths_run_dir(const char *data_dir, char ret_path[PATHS_MAX]);
/* RUN_DIR/mesh: the sockets of the bus (0700). Statuses as above. */
MUST_CHECK enum status paths_mesh_dir(const char *data_dir, char ret_path[PATHS_MAX]);
/* The directory of SQL files and other data: "../share/souk" beside an installed program, the
 * source tree beside a built one. Statuses: OK, NOT_FOUND. */
MUST_CHECK enum status paths_share_dir(char ret_path[PATHS_MAX]);
/* How the role of a domain reaches its database in the private cluster, with the password from
 * DATA_DIR/keys/database/DOMAIN; the domain "superuser" gives the administrator. Statuses: OK,
 * NOT_FOUND (no password), FORBIDDEN (readable by others), OUT_OF_RANGE. */
MUST_CHECK enum status paths_database_conninfo(const char *data_dir, const char *domain,
                                               char ret_conninfo[PATHS_CONNINFO_MAX]);
/* The same, unless the configuration names another database: [database] DOMAIN = conninfo. */
MUST_CHECK enum status paths_domain_conninfo(const struct config *config, const char *domain,
                                             char ret_conninfo[PATHS_CONNINFO_MAX]);
/* Reads DATA_DIR/keys/database/DOMAIN. Statuses as above. */
MUST_CHECK enum status paths_database_password(const char *data_dir, const char *domain,
                                               char ret_password[PATHS_SECRET_MAX]);
/* Makes a file (0600) with 64 random hexadecimal digits, and the directories (0700) on its way
 * below data_dir, unless it exists. `name` is relative: "keys/database/wallet". Statuses: OK,
 * UNAVAILABLE (cannot write), OUT_OF_RANGE. */
MUST_CHECK enum status paths_make_secret_file(const char *data_dir, const char *name);
