/* souk-admin: what the operator of a market does by hand. */
#include <stdio.h>
#include <string.h>

#include "gateway/arguments.h"
#include "gateway/client.h"
#include "user_messages.h"
#include "wallet_messages.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NO_MARKET = 3 };

enum { ARENA_BYTES = 16384, PATIENCE_US = 10 * 1000 * 1000 };

struct grant {
    struct client *client;
    const char *email, *currency;
    int64_t amount_minor;
    int exit_code;
};

static const char usage[] =
    "usage: souk admin grant --email E --amount MINOR --currency C [--data-dir DIR]\n"
    "\n"
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

/* The balance in the currency's own units: "1000.00 EUR". */
static void print_money(struct money money)
{
    int64_t unit = 1;
    const int digits = currency_exponent(money.currency);
    for (int i = 0; i < digits; i++)
        unit *= 10;
    printf("%lld", (long long)(money.amount / unit));
    if (digits > 0) printf(".%0*lld", digits, (long long)(money.amount % unit));
    printf(" %s", money.currency);
}

static enum status grant(struct grant *grant, struct arena *arena, struct client_fault *ret_fault)
{
    struct user_user user;
    struct wallet_granted granted;
    TRY(client_join(grant->client));
    const struct user_find_user find = { .email = text_of(grant->email) };
    TRY(client_call(grant->client, &user_find_user_message, &find, arena, &user, ret_fault));
    /* A wallet has the UUID of its user. */
    const struct wallet_grant command = {
        .wallet_id = user.id,
        .amount = money_make(grant->amount_minor, grant->currency),
        .has_reference = true,
        .reference = TEXT("operator grant"),
    };
    TRY(client_call(grant->client, &wallet_grant_message, &command, arena, &granted, ret_fault));
    printf("%s has ", grant->email);
    print_money(granted.balance);
    putchar('\n');
    return STATUS_OK;
}

static void grant_fiber(void *argument)
{
    struct grant *granting = argument;
    struct client_fault fault = { 0 };
    struct arena *arena = arena_new(ARENA_BYTES);
    const enum status status = grant(granting, arena, &fault);
    granting->exit_code = status == STATUS_OK ? 0 : report(status, &fault);
    arena_destroy(&arena);
}

static void on_stop_signal(void *context)
{
    client_give_up(context);
}

static int run(const struct config *config, struct grant *grant)
{
    const enum status status = client_open(config, "souk-admin", &grant->client);
    if (status != STATUS_OK) {
        fprintf(stderr, "souk-admin: no market is running in %s (%s)\n",
                config_text(config, SETTING_PATHS_DATA_DIR), status_name(status));
        return EXIT_NO_MARKET;
    }
    client_set_patience_us(grant->client, PATIENCE_US);
    loop_on_stop_signal(client_loop(grant->client), on_stop_signal, grant->client);
    client_run(grant->client, grant_fiber, grant);
    client_close(&grant->client);
    return grant->exit_code;
}

static bool read_arguments(int *argc, char **argv, struct grant *grant)
{
    const char *operands[ARGUMENTS_OPERANDS_MAX], *amount = NULL;
    if (arguments_take_option(argc, argv, "--email", &grant->email) != STATUS_OK ||
        arguments_take_option(argc, argv, "--amount", &amount) != STATUS_OK ||
        arguments_take_option(argc, argv, "--currency", &grant->currency) != STATUS_OK)
        return false;
    if (arguments_take_operands(argc, argv, operands) != 1 || strcmp(operands[0], "grant") != 0)
        return false;
    if (grant->email == NULL || amount == NULL || grant->currency == NULL) return false;
    return text_parse_int(text_of(amount), &grant->amount_minor) == STATUS_OK &&
           currency_exponent(grant->currency) >= 0;
}

int main(int argc, char **argv)
{
    extern char **environ;
    struct grant grant = { 0 };
    struct config *config = config_new();
    int first, exit_code = EXIT_USAGE;
    const bool is_complete = read_arguments(&argc, argv, &grant);
    const enum status status = config_load(config, argc, argv, environ, &first);
    if (config_wants_help(config)) {
        fputs(usage, stdout);
        exit_code = 0;
    } else if (status != STATUS_OK) {
        fprintf(stderr, "souk-admin: %s\n", config_problem(config));
    } else if (!is_complete) {
        fputs(usage, stderr);
    } else {
        exit_code = run(config, &grant);
    }
    config_destroy(&config);
    return exit_code;
}
