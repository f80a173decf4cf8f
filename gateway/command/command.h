/* The frame of the operator's programs: arguments, settings, help, a market that is joined, exit
 * codes. */
#pragma once

#include "gateway/command/client.h"

/* Exit codes of all these programs; 0: done. */
enum {
    COMMAND_REFUSED = 1,
    COMMAND_USAGE = 2,
    COMMAND_NO_MARKET = 3,
    COMMAND_UNKNOWN = 4 /* what was asked may have been done, or be done yet */
};

struct command {
    const char *name;  /* "souk-admin" */
    const char *usage; /* what --help prints */
    /* Extracts the program's own arguments (arguments.h). False: they are wrong or incomplete. */
    bool (*read_arguments)(void *context, int *argc, char **argv);
    /* Does what they say; returns the exit code. */
    int (*run)(void *context, const struct config *config);
    void *context;
};

/* The whole of main(): reads arguments and settings and calls `run`; or prints the usage, or what
 * is wrong with the settings. Returns the exit code. */
int command_main(const struct command *command, int argc, char **argv);
/* Opens a client that gives up at SIGTERM and SIGINT; to be closed with client_close(). NULL when
 * there is no market, which it has said then. */
struct client *command_open_client(const char *name, const struct config *config);
/* Says that no market is running in the configured directory, and why one thinks so. */
void command_print_no_market(const char *name, const struct config *config, enum status status);
/* Says that there was no answer, for a status of client_is_outage(), and gives the exit code. If
 * the command itself may have been sent, its outcome is not known; else nothing was done. */
int command_report_outage(const char *name, enum status status, bool may_be_done);
/* Appends why a message was refused to a line on standard error, and ends it:
 * "invalid_field /email: The value is not an e-mail address." */
void command_print_refusal(enum status status, const struct client_fault *fault);
