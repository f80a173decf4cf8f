/* What every long-running program's main() does alike: read the configuration, answer --help, open
 * the log, run, clean up. */
#pragma once

#include "runtime/config.h"
#include "runtime/config_member.h"
#include "runtime/paths.h"

enum { PROGRAM_EXIT_USAGE = 2 };

/* SIGHUP opens the log anew, SIGPIPE is ignored. Reads the configuration from environment,
 * arguments and file and calls `run` with it; prints the help, or says what is wrong (as a log
 * line), instead. Returns the exit code. */
int program_main(const char *name, const char *purpose, int argc, char **argv,
                 int (*run)(const struct config *config, void *context), void *context);
/* Finds the directory of the bus's sockets; root becomes the user that the market in `data_dir`
 * runs as, for good, before it opens anything where that user may write. Statuses: OK, NOT_FOUND
 * (there is no market), FORBIDDEN (the user cannot be changed: the program must end), OUT_OF_RANGE.
 */
MUST_CHECK enum status program_join(const char *data_dir, char ret_mesh_dir[PATHS_MAX]);
/* The member that this process is: the one that --member names, else the first of that kind; NULL
 * if there is none. */
const struct config_member *program_member(const struct config *config, enum member_kind kind);
