/* souk-verify: whether everything adds up, asked of the nodes of a running market. No gateway is
 * needed. */
#include <stdio.h>

#include "admin_messages.h"
#include "gateway/command/arguments.h"
#include "gateway/command/command.h"

enum { ARENA_BYTES = 65536 };
#define PATIENCE_US (INT64_C(600) * 1000000)

static const char name[] = "souk-verify";

struct task {
    struct client *client;
    int exit_code;
};

static const char usage[] =
    "usage: souk verify [--data-dir DIR]\n"
    "\n"
    "Recomputes from rows what must hold, and prints a line per check: ok, VIOLATED or unknown "
    "(it\n"
    "was not finished), how many rows it looked at, its name, and what it shows. Below a violated\n"
    "one stand at most 20 of its violations. Whole tables are read. Processes that are under way\n"
    "(checkouts, refunds) are counted on the last line, and sums that they move are not compared.\n"
    "\n"
    "Exit status: 0 all adds up, 1 something does not, or is unknown, 2 usage, 3 no market is\n"
    "running, or does not answer.\n";

static const char *verdict(const struct admin_check *check)
{
    if (check->is_ok) return "ok";
    return check->is_finished ? "VIOLATED" : "unknown";
}

static void print_check(const struct admin_check *check)
{
    printf("%-8s %10lld  %-24.*s %.*s\n", verdict(check), (long long)check->compared,
           (int)check->name.length, check->name.data, (int)check->covers.length,
           check->covers.data);
    for (size_t i = 0; i < check->violations_count; i++) {
        const struct admin_violation *violation = &check->violations[i];
        printf("%21s %.*s: %.*s\n", "", (int)violation->rule.length, violation->rule.data,
               (int)violation->subject.length, violation->subject.data);
    }
}

static int print_all(const struct admin_invariants *found)
{
    size_t bad = 0;
    for (size_t i = 0; i < found->checks_count; i++) {
        print_check(&found->checks[i]);
        if (!found->checks[i].is_ok) bad++;
    }
    printf("%zu checks, %zu not ok; %lld processes under way\n", found->checks_count, bad,
           (long long)found->open_processes);
    return found->is_ok ? 0 : COMMAND_REFUSED;
}

static void run_in_fiber(void *argument)
{
    struct task *task = argument;
    struct arena *arena = arena_new(ARENA_BYTES);
    const struct admin_verify_market query = { 0 };
    struct admin_invariants found;
    struct client_fault fault = { 0 };
    enum status status = client_join(task->client);
    if (status == STATUS_OK)
        status =
            client_call(task->client, &admin_verify_market_message, &query, arena, &found, &fault);
    if (status == STATUS_OK) {
        task->exit_code = print_all(&found);
    } else if (client_is_outage(status)) {
        task->exit_code = command_report_outage(name, status, false);
    } else {
        (void)fprintf(stderr, "%s: ", name);
        command_print_refusal(status, &fault);
        task->exit_code = COMMAND_REFUSED;
    }
    arena_destroy(&arena);
}

static int execute(void *context, const struct config *config)
{
    struct task *task = context;
    task->client = command_open_client(name, config);
    if (task->client == NULL) return COMMAND_NO_MARKET;
    client_set_patience_us(task->client, PATIENCE_US);
    client_set_attempt_us(task->client, PATIENCE_US);
    client_run(task->client, run_in_fiber, task);
    client_close(&task->client);
    return task->exit_code;
}

static bool read_arguments(void *context, int *argc, char **argv)
{
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    (void)context;
    return arguments_extract_operands(argc, argv, operands) == 0;
}

int main(int argc, char **argv)
{
    struct task task = { 0 };
    const struct command command = { name, usage, read_arguments, execute, &task };
    return command_main(&command, argc, argv);
}
