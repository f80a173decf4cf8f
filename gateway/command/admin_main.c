/* souk-admin: what the operator of a market does by hand. */
#include <stdio.h>
#include <string.h>

#include "admin_messages.h"
#include "gateway/command/arguments.h"
#include "gateway/command/command.h"
#include "gateway/command/password_prompt.h"
#include "runtime/secret.h"
#include "user_messages.h"
#include "wallet_messages.h"

enum { ARENA_BYTES = 16384, KEY_MAX = 64, KEY_RANDOM_BYTES = 10 };

static const char name[] = "souk-admin";

/* What is to be done, and for whom. */
struct task {
    enum status (*run)(struct task *task, struct arena *arena, struct client_fault *ret_fault);
    struct client *client;
    const char *email, *name, *currency, *key;
    char made_key[2 * KEY_RANDOM_BYTES + 1];
    bool is_sent; /* what changes something, that is */
    int64_t amount_minor;
    bool expires;
    int64_t expires_at_us;
    char password[PASSWORD_PROMPT_MAX + 1];
    int exit_code;
};

static const char usage[] =
    "usage: souk admin create --email E [--name N] [--data-dir DIR]\n"
    "       souk admin grant --email E --amount MINOR --currency C [--expires TIME] [--key K]\n"
    "           [--data-dir DIR]\n"
    "\n"
    "  create  makes an owner of the market; the password is asked for, or read from standard "
    "input\n"
    "  grant   credits the wallet of the shopper with that e-mail, in minor units (cents); "
    "repeated\n"
    "          with the same key within seven days it is the same grant, and credits once; what "
    "is left\n"
    "          of it at TIME (2027-01-31T00:00:00Z) lapses, without --expires never\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 usage, 3 no market is running, 4 the outcome is not "
    "known.\n";

static enum status run_create(struct task *task, struct arena *arena,
                              struct client_fault *ret_fault)
{
    struct admin_staff staff;
    TRY(client_join(task->client));
    const struct admin_create_staff command = {
        .email = text_of(task->email),
        .has_name = task->name != NULL,
        .name = text_of(task->name),
        .password = text_of(task->password),
    };
    task->is_sent = true;
    TRY(client_call(task->client, &admin_create_staff_message, &command, arena, &staff, ret_fault));
    printf("%.*s is an owner of this market\n", (int)staff.email.length, staff.email.data);
    return STATUS_OK;
}

/* The same of the same grant: of one key, wallet, amount, currency and time. Another amount under
 * the key is another message, and refused. */
static struct client_name grant_name(const struct task *task, struct uuid wallet)
{
    char called[KEY_MAX + 48], key[KEY_MAX + 16];
    (void)snprintf(called, sizeof called, "grant %s %s", task->currency, task->key);
    if (task->expires)
        (void)snprintf(called, sizeof called, "grant %s until %lld %s", task->currency,
                       (long long)task->expires_at_us, task->key);
    (void)snprintf(key, sizeof key, "grant key %s", task->key);
    return (struct client_name){
        .msg_id = uuid_derive_named(wallet, text_of(called), (uint64_t)task->amount_minor),
        .key = uuid_derive_named(wallet, text_of(key), 0),
    };
}

static enum status run_grant(struct task *task, struct arena *arena, struct client_fault *ret_fault)
{
    struct user_user user;
    struct wallet_granted granted;
    TRY(client_join(task->client));
    const struct user_find_user find = { .email = text_of(task->email) };
    TRY(client_call(task->client, &user_find_user_message, &find, arena, &user, ret_fault));
    /* A wallet has the UUID of its user. */
    const struct wallet_grant command = {
        .wallet_id = user.id,
        .amount = money_make(task->amount_minor, task->currency),
        .has_reference = true,
        .reference = TEXT("operator grant"),
        .has_expires_at = task->expires,
        .expires_at_us = task->expires_at_us,
    };
    task->is_sent = true;
    TRY(client_call_as(task->client, grant_name(task, user.id), &wallet_grant_message, &command,
                       arena, &granted, ret_fault));
    char balance[MONEY_TEXT_MAX + 1];
    (void)money_format(granted.balance, balance);
    printf("%s has %s\n", task->email, balance);
    return STATUS_OK;
}

static int report(const struct task *task, enum status status, const struct client_fault *fault)
{
    if (client_is_outage(status)) {
        const int exit_code = command_report_outage(name, status, task->is_sent);
        if (exit_code == COMMAND_UNKNOWN && task->run == run_grant)
            (void)fprintf(stderr, "%s: repeat it with --key %s, and it is the same grant\n", name,
                          task->key);
        return exit_code;
    }
    (void)fprintf(stderr, "%s: ", name);
    command_print_refusal(status, fault);
    return COMMAND_REFUSED;
}

static void run_in_fiber(void *argument)
{
    struct task *task = argument;
    struct client_fault fault = { 0 };
    struct arena *arena = arena_new(ARENA_BYTES);
    const enum status status = task->run(task, arena, &fault);
    task->exit_code = status == STATUS_OK ? 0 : report(task, status, &fault);
    arena_destroy(&arena);
}

static void make_key(struct task *task)
{
    uint8_t bytes[KEY_RANDOM_BYTES];
    const struct rng *rng = loop_rng(client_loop(task->client));
    rng->fill(rng->context, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(task->made_key + 2 * i, 3, "%02x", bytes[i]);
    task->key = task->made_key;
}

static int run(void *context, const struct config *config)
{
    struct task *task = context;
    if (task->run == run_create && !password_prompt("Password: ", task->password)) {
        (void)fputs(
            "souk-admin: a password is needed: twice the same, one line of 1 to 200 bytes\n",
            stderr);
        return COMMAND_USAGE;
    }
    task->client = command_open_client(name, config);
    if (task->client == NULL) return COMMAND_NO_MARKET;
    if (task->key == NULL) make_key(task);
    client_run(task->client, run_in_fiber, task);
    client_close(&task->client);
    return task->exit_code;
}

static bool key_is_good(const char *key)
{
    const size_t length = strlen(key);
    return length > 0 && length <= KEY_MAX &&
           strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
               length;
}

static bool read_grant(const char *amount, const char *expires, struct task *task)
{
    if (amount == NULL || task->currency == NULL || task->name != NULL) return false;
    task->expires = expires != NULL;
    if (task->expires && time_parse(text_of(expires), &task->expires_at_us) != STATUS_OK)
        return false;
    if (task->key != NULL && !key_is_good(task->key)) return false;
    task->run = run_grant;
    return text_parse_int(text_of(amount), &task->amount_minor) == STATUS_OK &&
           currency_exponent(task->currency) >= 0;
}

static bool read_arguments(void *context, int *argc, char **argv)
{
    struct task *task = context;
    const char *operands[ARGUMENTS_OPERANDS_MAX], *amount = NULL, *expires = NULL;
    if (arguments_extract_option(argc, argv, "--email", &task->email) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--name", &task->name) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--amount", &amount) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--expires", &expires) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--key", &task->key) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--currency", &task->currency) != STATUS_OK)
        return false;
    if (arguments_extract_operands(argc, argv, operands) != 1 || task->email == NULL) return false;
    if (strcmp(operands[0], "grant") == 0) return read_grant(amount, expires, task);
    task->run = run_create;
    return strcmp(operands[0], "create") == 0 && amount == NULL && task->currency == NULL &&
           task->key == NULL && expires == NULL;
}

int main(int argc, char **argv)
{
    struct task task = { 0 };
    const struct command command = { name, usage, read_arguments, run, &task };
    const int exit_code = command_main(&command, argc, argv);
    secret_wipe(task.password, sizeof task.password);
    return exit_code;
}
