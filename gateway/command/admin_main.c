/* souk-admin: what the operator of a market does by hand. */
#include <stdio.h>
#include <string.h>

#include "admin_messages.h"
#include "gateway/command/arguments.h"
#include "gateway/command/client.h"
#include "gateway/command/password_prompt.h"
#include "runtime/secret.h"
#include "user_messages.h"
#include "wallet_messages.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NO_MARKET = 3 };

enum { ARENA_BYTES = 16384, PATIENCE_US = 10 * 1000 * 1000 };

/* What is to be done, and for whom. */
struct errand {
    enum status (*run)(struct errand *errand, struct arena *arena, struct client_fault *ret_fault);
    struct client *client;
    const char *email, *name, *currency;
    int64_t amount_minor;
    char password[PASSWORD_PROMPT_MAX + 1];
    int exit_code;
};

static const char usage[] =
    "usage: souk admin create --email E [--name N] [--data-dir DIR]\n"
    "       souk admin grant --email E --amount MINOR --currency C [--data-dir DIR]\n"
    "\n"
    "  create  makes an owner of the market; the password is asked for, or read from standard "
    "input\n"
    "  grant   credits the wallet of the shopper with that e-mail, in minor units (cents)\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 usage, 3 no market is running.\n";

static int report(enum status status, const struct client_fault *fault)
{
    if (client_is_outage(status)) {
        fprintf(stderr, "souk-admin: no market is running here (%s)\n", status_name(status));
        return EXIT_NO_MARKET;
    }
    fprintf(stderr, "souk-admin: %s", status_name(status));
    if (fault->pointer.length > 0)
        fprintf(stderr, " %.*s", (int)fault->pointer.length, fault->pointer.data);
    if (fault->detail.length > 0)
        fprintf(stderr, ": %.*s", (int)fault->detail.length, fault->detail.data);
    fputc('\n', stderr);
    return EXIT_REFUSED;
}

static enum status run_create(struct errand *errand, struct arena *arena,
                              struct client_fault *ret_fault)
{
    struct admin_staff staff;
    TRY(client_join(errand->client));
    const struct admin_create_staff command = {
        .email = text_of(errand->email),
        .has_name = errand->name != NULL,
        .name = text_of(errand->name),
        .password = text_of(errand->password),
    };
    TRY(client_call(errand->client, &admin_create_staff_message, &command, arena, &staff,
                    ret_fault));
    printf("%.*s is an owner of this market\n", (int)staff.email.length, staff.email.data);
    return STATUS_OK;
}

static enum status run_grant(struct errand *errand, struct arena *arena,
                             struct client_fault *ret_fault)
{
    struct user_user user;
    struct wallet_granted granted;
    TRY(client_join(errand->client));
    const struct user_find_user find = { .email = text_of(errand->email) };
    TRY(client_call(errand->client, &user_find_user_message, &find, arena, &user, ret_fault));
    /* A wallet has the UUID of its user. */
    const struct wallet_grant command = {
        .wallet_id = user.id,
        .amount = money_make(errand->amount_minor, errand->currency),
        .has_reference = true,
        .reference = TEXT("operator grant"),
    };
    TRY(client_call(errand->client, &wallet_grant_message, &command, arena, &granted, ret_fault));
    char balance[MONEY_TEXT_MAX + 1];
    (void)money_format(granted.balance, balance);
    printf("%s has %s\n", errand->email, balance);
    return STATUS_OK;
}

static void run_in_fiber(void *argument)
{
    struct errand *errand = argument;
    struct client_fault fault = { 0 };
    struct arena *arena = arena_new(ARENA_BYTES);
    const enum status status = errand->run(errand, arena, &fault);
    errand->exit_code = status == STATUS_OK ? 0 : report(status, &fault);
    arena_destroy(&arena);
}

static void on_stop_signal(void *context)
{
    client_give_up(context);
}

static int run(const struct config *config, struct errand *errand)
{
    if (errand->run == run_create && !password_prompt("Password: ", errand->password)) {
        fputs("souk-admin: a password is needed: twice the same, one line of 1 to 200 bytes\n",
              stderr);
        return EXIT_USAGE;
    }
    const enum status status = client_open(config, "souk-admin", &errand->client);
    if (status != STATUS_OK) {
        fprintf(stderr, "souk-admin: no market is running in %s (%s)\n",
                config_text(config, SETTING_PATHS_DATA_DIR), status_name(status));
        return EXIT_NO_MARKET;
    }
    client_set_patience_us(errand->client, PATIENCE_US);
    loop_on_stop_signal(client_loop(errand->client), on_stop_signal, errand->client);
    client_run(errand->client, run_in_fiber, errand);
    client_close(&errand->client);
    return errand->exit_code;
}

static bool read_grant(const char *amount, struct errand *errand)
{
    if (amount == NULL || errand->currency == NULL || errand->name != NULL) return false;
    errand->run = run_grant;
    return text_parse_int(text_of(amount), &errand->amount_minor) == STATUS_OK &&
           currency_exponent(errand->currency) >= 0;
}

static bool read_arguments(int *argc, char **argv, struct errand *errand)
{
    const char *operands[ARGUMENTS_OPERANDS_MAX], *amount = NULL;
    if (arguments_extract_option(argc, argv, "--email", &errand->email) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--name", &errand->name) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--amount", &amount) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--currency", &errand->currency) != STATUS_OK)
        return false;
    if (arguments_extract_operands(argc, argv, operands) != 1 || errand->email == NULL)
        return false;
    if (strcmp(operands[0], "grant") == 0) return read_grant(amount, errand);
    errand->run = run_create;
    return strcmp(operands[0], "create") == 0 && amount == NULL && errand->currency == NULL;
}

int main(int argc, char **argv)
{
    extern char **environ;
    struct errand errand = { 0 };
    struct config *config = config_new();
    int first, exit_code = EXIT_USAGE;
    const bool is_complete = read_arguments(&argc, argv, &errand);
    const enum status status = config_load(config, argc, argv, environ, &first);
    if (config_wants_help(config)) {
        fputs(usage, stdout);
        exit_code = 0;
    } else if (status != STATUS_OK) {
        fprintf(stderr, "souk-admin: %s\n", config_problem(config));
    } else if (!is_complete) {
        fputs(usage, stderr);
    } else {
        exit_code = run(config, &errand);
    }
    secret_wipe(errand.password, sizeof errand.password);
    config_destroy(&config);
    return exit_code;
}
