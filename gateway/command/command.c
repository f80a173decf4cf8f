/* What the main() of each of the operator's programs does. */
#include "gateway/command/command.h"

#include <stdio.h>

void command_print_no_market(const char *name, const struct config *config, enum status status)
{
    assert(status != STATUS_OK);
    (void)fprintf(stderr, "%s: no market is running in %s (%s)\n", name,
                  config_text(config, SETTING_PATHS_DATA_DIR), status_name(status));
}

int command_report_outage(const char *name, enum status status, bool may_be_done)
{
    assert(client_is_outage(status));
    if (may_be_done) {
        (void)fprintf(stderr,
                      "%s: the outcome is not known (%s): it may have been done, or be done yet\n",
                      name, status_name(status));
        return COMMAND_UNKNOWN;
    }
    if (status == STATUS_OVERLOADED)
        (void)fprintf(stderr,
                      "%s: the market takes no more now (%s): it is busy, or too many programs of "
                      "operators run at once; nothing was done, try again\n",
                      name, status_name(status));
    else
        (void)fprintf(stderr, "%s: no market is running here (%s)\n", name, status_name(status));
    return COMMAND_NO_MARKET;
}

void command_print_refusal(enum status status, const struct client_fault *fault)
{
    assert(status != STATUS_OK);
    (void)fputs(status_name(status), stderr);
    if (fault->pointer.length > 0)
        (void)fprintf(stderr, " %.*s", (int)fault->pointer.length, fault->pointer.data);
    if (fault->detail.length > 0)
        (void)fprintf(stderr, ": %.*s", (int)fault->detail.length, fault->detail.data);
    (void)fputc('\n', stderr);
}

static void on_stop_signal(void *context)
{
    client_give_up(context);
}

struct client *command_open_client(const char *name, const struct config *config)
{
    struct client *client = NULL;
    const enum status status = client_open(config, name, &client);
    if (status != STATUS_OK) {
        command_print_no_market(name, config, status);
        return NULL;
    }
    loop_on_stop_signal(client_loop(client), on_stop_signal, client);
    return client;
}

int command_main(const struct command *command, int argc, char **argv)
{
    extern char **environ;
    assert(command->read_arguments != NULL);
    assert(command->run != NULL);
    struct config *config = config_new();
    int first, exit_code = COMMAND_USAGE;
    /* The program's own arguments first: the reader of settings does not know them. But help is
     * given, and a wrong setting told, whatever they are. */
    const bool is_complete = command->read_arguments(command->context, &argc, argv);
    const enum status status = config_load(config, argc, argv, environ, &first);
    if (config_wants_help(config)) {
        (void)fputs(command->usage, stdout);
        exit_code = 0;
    } else if (status != STATUS_OK) {
        (void)fprintf(stderr, "%s: %s\n", command->name, config_problem(config));
    } else if (!is_complete) {
        (void)fputs(command->usage, stderr);
    } else {
        exit_code = command->run(command->context, config);
    }
    config_destroy(&config);
    return exit_code;
}
