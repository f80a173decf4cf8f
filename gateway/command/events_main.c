/* souk-events: events that a domain could not consume, long processes that are late, and what the
 * operator does about them. */
#include <stdio.h>
#include <string.h>

#include "gateway/command/arguments.h"
#include "gateway/command/command.h"
#include "host_messages.h"

enum { ARENA_BYTES = 65536 };

static const char name[] = "souk-events";

/* What is to be done, and with which events. */
struct task {
    struct client *client;
    bool is_list, is_late, is_all, is_sent;
    enum host_parked_fate fate;
    enum domain consumer; /* of one event */
    unsigned shard;
    const char *event;
    int exit_code;
};

static const char usage[] =
    "usage: souk events parked|late [--data-dir DIR]\n"
    "       souk events replay|discard CONSUMER EVENT|all [--data-dir DIR]\n"
    "\n"
    "  parked   lists events that a domain refused as often as events.attempts allows; those "
    "behind\n"
    "           them went on. Columns: consumer, event, kind, reason, attempts, when it was "
    "parked\n"
    "  late     lists long processes (checkouts) that are past their deadline and still tried\n"
    "           again: domain, id, kind, where it stands, the step that fails and why, when it "
    "began\n"
    "  replay   hands one (or all of the consumer's that are listed) on once more\n"
    "  discard  forgets it\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 usage, 3 no market is running, 4 the outcome is not known:\n"
    "repeat it.\n";

static enum status list_of(struct task *task, enum domain domain, struct arena *arena,
                           struct host_parked_events *ret_events)
{
    const struct host_list_parked_events query = { 0 };
    return client_call_at(task->client, domain, 0, &host_list_parked_events_message, &query, arena,
                          ret_events, NULL);
}

static void print_event(enum domain consumer, const struct host_parked_event *event)
{
    char parked_at[TIME_TEXT_MAX + 1];
    printf("%s %.*s %.*s %.*s %lld %.*s\n", domain_name(consumer), (int)event->event.length,
           event->event.data, (int)event->kind.length, event->kind.data, (int)event->reason.length,
           event->reason.data, (long long)event->attempts,
           (int)time_format(event->parked_at_us, parked_at), parked_at);
}

static void print_saga(enum domain domain, const struct host_late_saga *saga)
{
    char started_at[TIME_TEXT_MAX + 1];
    const struct text none = TEXT("-");
    const struct text step = saga->has_step ? saga->step : none;
    const struct text reason = saga->has_reason ? saga->reason : none;
    printf("%s %.*s %.*s %s %.*s %.*s %.*s\n", domain_name(domain), (int)saga->saga.length,
           saga->saga.data, (int)saga->kind.length, saga->kind.data,
           host_saga_standing_names[saga->standing], (int)step.length, step.data,
           (int)reason.length, reason.data, (int)time_format(saga->started_at_us, started_at),
           started_at);
}

static enum status list_late(struct task *task, enum domain domain, struct arena *arena)
{
    const struct host_list_late_sagas query = { 0 };
    struct host_late_sagas found;
    TRY(client_call_at(task->client, domain, 0, &host_list_late_sagas_message, &query, arena,
                       &found, NULL));
    for (size_t i = 0; i < found.sagas_count; i++)
        print_saga(domain, &found.sagas[i]);
    if (found.has_more) printf("%s and more\n", domain_name(domain));
    return STATUS_OK;
}

static enum status list_parked(struct task *task, enum domain domain, struct arena *arena)
{
    struct host_parked_events found;
    TRY(list_of(task, domain, arena, &found));
    for (size_t i = 0; i < found.events_count; i++)
        print_event(domain, &found.events[i]);
    if (found.has_more) printf("%s and more\n", domain_name(domain));
    return STATUS_OK;
}

/* Every domain that some node hosts at this moment. */
static enum status run_list(struct task *task, struct arena *arena)
{
    bool is_any_known = false;
    for (unsigned i = 0; i < DOMAIN_LIMIT; i++) {
        const enum domain domain = (enum domain)i;
        if (!client_knows(task->client, domain)) continue;
        is_any_known = true;
        TRY(task->is_late ? list_late(task, domain, arena) : list_parked(task, domain, arena));
    }
    return is_any_known ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum status settle(struct task *task, struct text event, unsigned shard, struct arena *arena)
{
    const struct host_settle_parked_event command = { .event = event, .fate = task->fate };
    task->is_sent = true;
    return client_call_at(task->client, task->consumer, shard, &host_settle_parked_event_message,
                          &command, arena, NULL, NULL);
}

static enum status run_all(struct task *task, struct arena *arena)
{
    struct host_parked_events found;
    enum status first = STATUS_OK;
    TRY(list_of(task, task->consumer, arena, &found));
    for (size_t i = 0; i < found.events_count; i++) {
        const struct text event = found.events[i].event;
        const enum status status = settle(task, event, (unsigned)found.events[i].shard, arena);
        printf("%.*s %s\n", (int)event.length, event.data, status_name(status));
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static enum status run(struct task *task, struct arena *arena)
{
    TRY(client_join(task->client));
    if (task->is_list) return run_list(task, arena);
    if (task->is_all) return run_all(task, arena);
    return settle(task, text_of(task->event), task->shard, arena);
}

static void run_in_fiber(void *argument)
{
    struct task *task = argument;
    struct arena *arena = arena_new(ARENA_BYTES);
    const enum status status = run(task, arena);
    arena_destroy(&arena);
    if (status == STATUS_OK) return;
    if (client_is_outage(status)) {
        task->exit_code = command_report_outage(name, status, task->is_sent);
        return;
    }
    (void)fprintf(stderr, "%s: %s\n", name, status_name(status));
    task->exit_code = COMMAND_REFUSED;
}

static int execute(void *context, const struct config *config)
{
    struct task *task = context;
    task->client = command_open_client(name, config);
    if (task->client == NULL) return COMMAND_NO_MARKET;
    client_run(task->client, run_in_fiber, task);
    client_close(&task->client);
    return task->exit_code;
}

/* The shard of "order/12/345", whose owner is to be asked. */
static bool read_shard(const char *event, unsigned *ret_shard)
{
    int64_t shard;
    const char *first = strchr(event, '/');
    const char *second = first == NULL ? NULL : strchr(first + 1, '/');
    if (second == NULL) return false;
    const struct text text = { first + 1, (size_t)(second - first - 1) };
    if (text_parse_int(text, &shard) != STATUS_OK || shard < 0 || shard >= SHARD_COUNT)
        return false;
    *ret_shard = (unsigned)shard;
    return true;
}

static bool read_arguments(void *context, int *argc, char **argv)
{
    struct task *task = context;
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    const size_t count = arguments_extract_operands(argc, argv, operands);
    if (count == 1) {
        task->is_list = true;
        task->is_late = strcmp(operands[0], "late") == 0;
        return task->is_late || strcmp(operands[0], "parked") == 0;
    }
    if (count != 3) return false;
    task->fate = HOST_PARKED_FATE_DISCARD;
    if (strcmp(operands[0], "replay") == 0)
        task->fate = HOST_PARKED_FATE_REPLAY;
    else if (strcmp(operands[0], "discard") != 0)
        return false;
    task->event = operands[2];
    task->is_all = strcmp(task->event, "all") == 0;
    return domain_find(operands[1], strlen(operands[1]), &task->consumer) &&
           (task->is_all || read_shard(task->event, &task->shard));
}

int main(int argc, char **argv)
{
    struct task task = { 0 };
    const struct command command = { name, usage, read_arguments, execute, &task };
    return command_main(&command, argc, argv);
}
