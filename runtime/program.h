/* What every long-running program's main() does alike: read the configuration, answer --help, open
 * the log, run, clean up. */
#pragma once

#include "runtime/config.h"
#include "runtime/config_member.h"

enum { PROGRAM_EXIT_USAGE = 2 };

/* SIGHUP opens the log anew, SIGPIPE is ignored. Reads the configuration from environment,
 * arguments and file and calls `run` with it; prints the help, or says what is wrong (as a log
 * line), instead. Returns the exit code. */
int program_main(const char *name, const char *purpose, int argc, char **argv,
                 int (*run)(const struct config *config, void *context), void *context);
/* The member that this process is: the one that --member names, else the first of that kind; NULL
 * if there is none. */
const struct config_member *program_member(const struct config *config, enum member_kind kind);
