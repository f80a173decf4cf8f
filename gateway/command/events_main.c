/* souk-events: events that their consumers could not take, and what the operator does about them.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/command/arguments.h"
#include "gateway/command/client.h"
#include "host_messages.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NO_MARKET = 3 };

enum { ARENA_BYTES = 65536, PATIENCE_US = 10 * 1000 * 1000 };

struct errand {
    struct client *client;
    bool is_list, is_late, is_all;
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
    "Exit status: 0 done, 1 refused, 2 usage, 3 no market is running.\n";

static enum status list_of(struct errand *errand, enum domain domain, struct arena *arena,
                           struct host_parked_events *ret_events)
{
    const struct host_list_parked_events query = { 0 };
    return client_call_at(errand->client, domain, 0, &host_list_parked_events_message, &query,
                          arena, ret_events, NULL);
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

static enum status list_late(struct errand *errand, enum domain domain, struct arena *arena)
{
    const struct host_list_late_sagas query = { 0 };
    struct host_late_sagas found;
    TRY(client_call_at(errand->client, domain, 0, &host_list_late_sagas_message, &query, arena,
                       &found, NULL));
    for (size_t i = 0; i < found.sagas_count; i++)
        print_saga(domain, &found.sagas[i]);
    if (found.has_more) printf("%s and more\n", domain_name(domain));
    return STATUS_OK;
}

static enum status list_parked(struct errand *errand, enum domain domain, struct arena *arena)
{
    struct host_parked_events found;
    TRY(list_of(errand, domain, arena, &found));
    for (size_t i = 0; i < found.events_count; i++)
        print_event(domain, &found.events[i]);
    if (found.has_more) printf("%s and more\n", domain_name(domain));
    return STATUS_OK;
}

/* Every domain that some node hosts at this moment. */
static enum status run_list(struct errand *errand, struct arena *arena)
{
    bool is_any_known = false;
    for (unsigned i = 0; i < DOMAIN_LIMIT; i++) {
        const enum domain domain = (enum domain)i;
        if (!client_knows(errand->client, domain)) continue;
        is_any_known = true;
        TRY(errand->is_late ? list_late(errand, domain, arena)
                            : list_parked(errand, domain, arena));
    }
    return is_any_known ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum status settle(struct errand *errand, struct text event, unsigned shard,
                          struct arena *arena)
{
    const struct host_settle_parked_event command = { .event = event, .fate = errand->fate };
    return client_call_at(errand->client, errand->consumer, shard,
                          &host_settle_parked_event_message, &command, arena, NULL, NULL);
}

static enum status run_all(struct errand *errand, struct arena *arena)
{
    struct host_parked_events found;
    enum status first = STATUS_OK;
    TRY(list_of(errand, errand->consumer, arena, &found));
    for (size_t i = 0; i < found.events_count; i++) {
        const struct text event = found.events[i].event;
        const enum status status = settle(errand, event, (unsigned)found.events[i].shard, arena);
        printf("%.*s %s\n", (int)event.length, event.data, status_name(status));
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static enum status run(struct errand *errand, struct arena *arena)
{
    TRY(client_join(errand->client));
    if (errand->is_list) return run_list(errand, arena);
    if (errand->is_all) return run_all(errand, arena);
    return settle(errand, text_of(errand->event), errand->shard, arena);
}

static void run_in_fiber(void *argument)
{
    struct errand *errand = argument;
    struct arena *arena = arena_new(ARENA_BYTES);
    const enum status status = run(errand, arena);
    arena_destroy(&arena);
    if (status == STATUS_OK) return;
    fprintf(stderr, "souk-events: %s\n", status_name(status));
    errand->exit_code = client_is_outage(status) ? EXIT_NO_MARKET : EXIT_REFUSED;
}

static void on_stop_signal(void *context)
{
    client_give_up(context);
}

static int execute(const struct config *config, struct errand *errand)
{
    const enum status status = client_open(config, "souk-events", &errand->client);
    if (status != STATUS_OK) {
        fprintf(stderr, "souk-events: no market is running in %s (%s)\n",
                config_text(config, SETTING_PATHS_DATA_DIR), status_name(status));
        return EXIT_NO_MARKET;
    }
    client_set_patience_us(errand->client, PATIENCE_US);
    loop_on_stop_signal(client_loop(errand->client), on_stop_signal, errand->client);
    client_run(errand->client, run_in_fiber, errand);
    client_close(&errand->client);
    return errand->exit_code;
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

static bool read_arguments(int *argc, char **argv, struct errand *errand)
{
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    const size_t count = arguments_extract_operands(argc, argv, operands);
    if (count == 1) {
        errand->is_list = true;
        errand->is_late = strcmp(operands[0], "late") == 0;
        return errand->is_late || strcmp(operands[0], "parked") == 0;
    }
    if (count != 3) return false;
    errand->fate = HOST_PARKED_FATE_DISCARD;
    if (strcmp(operands[0], "replay") == 0)
        errand->fate = HOST_PARKED_FATE_REPLAY;
    else if (strcmp(operands[0], "discard") != 0)
        return false;
    errand->event = operands[2];
    errand->is_all = strcmp(errand->event, "all") == 0;
    return domain_find(operands[1], strlen(operands[1]), &errand->consumer) &&
           (errand->is_all || read_shard(errand->event, &errand->shard));
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
        fprintf(stderr, "souk-events: %s\n", config_problem(config));
    } else if (!is_complete) {
        fputs(usage, stderr);
    } else {
        exit_code = execute(config, &errand);
    }
    config_destroy(&config);
    return exit_code;
}
