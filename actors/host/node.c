/* Puts a node together: its domains with their databases and actors, the claim of their shards, and
 * the way down. */
#include "actors/host/node.h"

#include <stdio.h>
#include <string.h>

#include "actors/host/background.h"
#include "actors/host/consumer.h"
#include "actors/host/dispatch.h"
#include "actors/host/fault_points.h"
#include "actors/host/feed_source.h"
#include "actors/host/market_time.h"
#include "actors/host/receive.h"
#include "actors/host/saga_resume.h"
#include "actors/host/service_run.h"
#include "actors/host/slug_book.h"
#include "runtime/metrics.h"
#include "runtime/paths.h"

enum { STOP_TIMEOUT_US = 10 * 1000 * 1000 };

#define DOMAIN(name) extern const struct domain_definition name##_domain;
#include "actors/host/registry.def"
#undef DOMAIN

struct registered {
    const char *name;
    const struct domain_definition *definition;
};

static const struct registered registry[] = {
#define DOMAIN(name) { #name, &name##_domain },
#include "actors/host/registry.def"
#undef DOMAIN
};

static void on_fenced(void *context, const char *domain)
{
    struct host *host = context;
    log_error("node_fenced", LOG_STRING("domain", domain));
    host->exit_code = NODE_EXIT_FENCED;
    host->is_stopping = true;
    loop_stop(host->loop);
}

/* Others are for whoever shows things to people. */
static bool has_events(const struct hint *hint)
{
    return hint->sequence != 0;
}

static void follow(struct host *host, const struct hint *hint)
{
    consumers_on_hint(host, hint->domain);
    services_on_hint(host, hint);
}

static void on_outbox(void *context, const char *domain, struct hint *hint)
{
    struct host *host = context;
    enum domain number;
    if (!domain_find(domain, strlen(domain), &number)) return;
    hint->domain = number;
    bus_hint(host->bus, hint);
    if (has_events(hint)) follow(host, hint);
}

static void on_hint(void *context, const struct hint *hint)
{
    if (has_events(hint)) follow(context, hint);
}

static const struct domain_definition *find_definition(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(registry); i++) {
        if (strcmp(registry[i].name, name) == 0) return registry[i].definition;
    }
    return NULL;
}

static enum status host_domain(struct host *host, const struct node_options *options,
                               const char *name)
{
    enum domain number;
    const struct domain_definition *definition = find_definition(name);
    if (definition == NULL || !domain_find(name, strlen(name), &number)) return STATUS_NOT_FOUND;
    char conninfo[PATHS_CONNINFO_MAX];
    TRY(paths_domain_conninfo(options->config, name, conninfo));
    struct hosted *hosted = &host->hosted[number];
    *hosted = (struct hosted){
        .host = host,
        .definition = definition,
        .domain = number,
        .shard_first = options->shard_first,
        .shard_last = options->shard_last,
    };
    const struct database_options database = {
        .loop = host->loop,
        .fibers = host->fibers,
        .conninfo = conninfo,
        .domain = name,
        .member = options->name,
        .incarnation = bus_incarnation(host->bus),
        .batch_max = (size_t)config_int(options->config, SETTING_STORE_BATCH_MAX),
        .readers = (size_t)config_int(options->config, SETTING_STORE_READERS),
        .context = host,
        .on_fenced = on_fenced,
        .on_outbox = on_outbox,
    };
    hosted->database = database_new(&database);
    hosted->feed = feed_source_new();
    service_open(hosted);
    dispatch_prepare_actors(hosted,
                            (size_t)config_int(options->config, SETTING_ACTORS_ACTIVATIONS_MAX),
                            (size_t)config_int(options->config, SETTING_ACTORS_MAILBOX_MAX));
    return STATUS_OK;
}

/* Claims the shards of one domain and starts what runs by itself there. */
static enum status open_domain(struct hosted *hosted)
{
    TRY(database_claim(hosted->database, hosted->shard_first, hosted->shard_last,
                       loop_now_us(hosted->host->loop) + START_TIMEOUT_US));
    TRY(market_time_take_over(hosted));
    hosted->is_ready = true;
    return STATUS_OK;
}

static enum status start_domain(struct hosted *hosted)
{
    TRY(saga_resume_all(hosted));
    background_start_sweeps(hosted);
    consumers_start(hosted);
    background_start_retention(hosted);
    service_start(hosted);
    return STATUS_OK;
}

static void fail_start(struct host *host, const struct hosted *hosted, enum status status)
{
    if (status == STATUS_STOPPING || host->is_stopping) return;
    log_error("node_start_failed", LOG_STRING("domain", domain_name(hosted->domain)),
              LOG_STATUS(status));
    host->exit_code = 1;
    loop_stop(host->loop);
}

/* The start of a node: first every shard, then what the shards had under way. */
static void start_fiber(void *argument)
{
    struct host *host = argument;
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        struct hosted *hosted = &host->hosted[i];
        if (hosted->definition == NULL) continue;
        const enum status status = open_domain(hosted);
        if (status != STATUS_OK) {
            fail_start(host, hosted, status);
            host_service_ends(host);
            return;
        }
    }
    bus_set_ready(host->bus, true);
    log_info("node_ready", LOG_INT("incarnation", bus_incarnation(host->bus)));
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        struct hosted *hosted = &host->hosted[i];
        const enum status status = hosted->definition == NULL ? STATUS_OK : start_domain(hosted);
        if (status != STATUS_OK) {
            fail_start(host, hosted, status);
            host_service_ends(host);
            return;
        }
    }
    background_start_tidying(host);
    host->is_started = true;
    host_service_ends(host);
}

enum status node_start(struct host *host, const struct node_options *options)
{
    assert(host != NULL);
    assert(options != NULL);
    *host = (struct host){ .loop = options->loop,
                           .fibers = options->fibers,
                           .config = options->config };
    (void)snprintf(host->name, sizeof host->name, "%s", options->name);
    memcpy(host->principal_key, options->keys->principal, sizeof host->principal_key);
    struct rng *rng = loop_rng(host->loop);
    rng->fill(rng->context, host->asker_seed, sizeof host->asker_seed);
    host->offload = offload_new(options->loop, options->fibers,
                                (size_t)config_int(options->config, SETTING_OFFLOAD_QUEUE_MAX));
    const struct bus_options bus = {
        .loop = options->loop,
        .fibers = options->fibers,
        .name = options->name,
        .kind = MEMBER_NODE,
        .run_dir = options->run_dir,
        .keys = options->keys,
        .credit_messages = (size_t)config_int(options->config, SETTING_LINKS_CREDIT_MESSAGES),
        .queue_max = (size_t)config_int(options->config, SETTING_LINKS_QUEUE_MAX),
        .domains = options->domains,
        .shard_first = (uint8_t)options->shard_first,
        .shard_last = (uint8_t)options->shard_last,
        .context = host,
        .on_request = receive_request,
        .on_hint = on_hint,
    };
    TRY(bus_new(&bus, &host->bus));
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++) {
        if ((options->domains >> domain & 1) != 0)
            TRY(host_domain(host, options, domain_name((enum domain)domain)));
    }
    return host_spawn(host, start_fiber, host);
}

static bool is_idle(const struct host *host)
{
    return host->jobs == 0;
}

/* Messages under way get their time; then every wait ends. */
static void stop_fiber(void *argument)
{
    struct host *host = argument;
    const int64_t until_us = loop_now_us(host->loop) + STOP_TIMEOUT_US;
    while (!is_idle(host) && loop_now_us(host->loop) < until_us &&
           fiber_sleep(host->fibers, 10 * 1000) == STATUS_OK)
        ;
    host_service_ends(host);
    loop_stop(host->loop);
}

void node_stop(struct host *host)
{
    assert(host != NULL);
    if (host->is_stopping) return;
    host->is_stopping = true;
    bus_set_ready(host->bus, false);
    if (host_spawn(host, stop_fiber, host) != STATUS_OK) loop_stop(host->loop);
}

void node_destroy(struct host *host)
{
    assert(host != NULL);
    host->is_stopping = true;
    if (host->transfers != NULL) transfers_stop(host->transfers);
    fibers_stop(host->fibers);
    offload_finish(host->offload);
    for (size_t i = 0; i < DOMAIN_LIMIT; i++)
        database_destroy(&host->hosted[i].database);
    bus_destroy(&host->bus);
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        if (host->hosted[i].actors != NULL) actors_destroy(&host->hosted[i].actors);
        feed_source_destroy(&host->hosted[i].feed);
        service_close(&host->hosted[i]);
        fault_points_destroy(&host->hosted[i]);
        slug_claims_destroy(&host->hosted[i].slug_claims);
    }
    transfers_destroy(&host->transfers);
    offload_destroy(&host->offload);
    jobs_drop_arenas(host);
}
