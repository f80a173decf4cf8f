/* souk-gateway: HTTP/2 and HTTP/1.1 on two ports, in front of the bus. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/access_log.h"
#include "gateway/cors.h"
#include "gateway/picture_home.h"
#include "gateway/server.h"
#include "gateway/tls.h"
#include "runtime/bus.h"
#include "runtime/log.h"
#include "runtime/program.h"
#include "runtime/watchdog.h"

/* What the process consists of. */
struct gateway {
    const struct config *config;
    const char *name;
    struct mesh_keys keys;
    struct loop *loop;
    struct fibers *fibers;
    struct watchdog *watchdog;
    struct backend backend;
    struct server *server;
    struct bus *bus;
    struct picture_home *pictures;
    struct access_log *access_log; /* or NULL */
    SSL_CTX *tls;
};

/* ---- the bus as the server's backend ---- */

static enum status gateway_ask(void *context, const struct envelope *request, int64_t deadline_us,
                               struct arena *arena, struct envelope *ret_reply)
{
    const struct gateway *gateway = context;
    return bus_ask(gateway->bus, request, deadline_us, arena, ret_reply);
}

static bool gateway_is_ready(void *context, unsigned domain)
{
    const struct gateway *gateway = context;
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++) {
        if (!bus_hears_owner(gateway->bus, domain, shard)) return false;
    }
    return true;
}

static bool gateway_hears_hints(void *context)
{
    const struct gateway *gateway = context;
    return bus_hears_hints(gateway->bus);
}

/* A gateway answers no message. */
static void on_request(void *context, const struct envelope *envelope,
                       const struct return_address *from)
{
    const struct gateway *gateway = context;
    const struct envelope reply = { .status = STATUS_UNSUPPORTED };
    (void)envelope;
    bus_reply(gateway->bus, from, &reply);
}

static void on_hint(void *context, const struct hint *hint)
{
    const struct gateway *gateway = context;
    if (gateway->server != NULL) server_on_hint(gateway->server, hint);
}

static void on_hints_lost(void *context)
{
    const struct gateway *gateway = context;
    if (gateway->server != NULL) server_on_hints_lost(gateway->server);
}

/* What came before was not said to us, or will not be said any more. */
static void on_members(void *context, const struct members *members)
{
    (void)members;
    on_hints_lost(context);
}

/* ---- start and stop ---- */

static void on_stopped(void *context)
{
    const struct gateway *gateway = context;
    loop_stop(gateway->loop);
}

static void on_stop_signal(void *context)
{
    struct gateway *gateway = context;
    server_stop(gateway->server, on_stopped, gateway);
}

/* The settings name both files or none; without them there is a pair of the market's own, which
 * only a start may make: a renewal that finds half of a new pair must leave it alone. */
static enum status gateway_open_tls(struct gateway *gateway, bool may_make)
{
    const char *certificate = config_text(gateway->config, SETTING_GATEWAY_CERTIFICATE);
    const char *key = config_text(gateway->config, SETTING_GATEWAY_KEY);
    if (certificate[0] != '\0' || key[0] != '\0')
        return tls_context_new(certificate, key, &gateway->tls);
    const char *data_dir = config_text(gateway->config, SETTING_PATHS_DATA_DIR);
    char own_certificate[PATHS_MAX], own_key[PATHS_MAX];
    (void)snprintf(own_certificate, sizeof own_certificate, "%s/keys/gateway.crt", data_dir);
    (void)snprintf(own_key, sizeof own_key, "%s/keys/gateway.key", data_dir);
    if (may_make) {
        struct rng *rng = loop_rng(gateway->loop);
        uint64_t serial;
        rng->fill(rng->context, &serial, sizeof serial);
        TRY(tls_certificate_make(own_certificate, own_key, serial));
    }
    return tls_context_new(own_certificate, own_key, &gateway->tls);
}

/* The certificate may have been renewed. A wrong one must not end what works. */
static void gateway_renew_tls(struct gateway *gateway)
{
    SSL_CTX *before = gateway->tls;
    const enum status status = gateway_open_tls(gateway, false);
    if (status != STATUS_OK) {
        log_error("certificate_refused", LOG_STATUS(status),
                  LOG_STRING("alarm", "the certificate before is used on"));
        return;
    }
    server_set_tls(gateway->server, gateway->tls);
    SSL_CTX_free(before);
    log_info("certificate_read", LOG_STRING("member", gateway->name));
}

static void on_hangup(void *context)
{
    struct gateway *gateway = context;
    log_reopen();
    access_log_reopen(gateway->access_log);
    gateway_renew_tls(gateway);
}

static enum status gateway_open_access_log(struct gateway *gateway)
{
    const char *path = config_text(gateway->config, SETTING_GATEWAY_ACCESS_LOG);
    return path[0] == '\0' ? STATUS_OK : access_log_open(path, &gateway->access_log);
}

static void limits_read(const struct config *config, struct server_limits *ret_limits)
{
    struct server_limits limits = server_limits_default();
    struct connection_limits *connection = &limits.connection;
    limits.body_max = (size_t)config_int(config, SETTING_GATEWAY_BODY_MAX);
    limits.bodies_max = (size_t)config_int(config, SETTING_GATEWAY_BODIES_MAX) << 20;
    connection->arriving_max = (int64_t)limits.bodies_max;
    limits.in_flight_max = (size_t)config_int(config, SETTING_GATEWAY_IN_FLIGHT_MAX);
    limits.in_flight_each_max = (size_t)config_int(config, SETTING_GATEWAY_IN_FLIGHT_EACH_MAX);
    limits.answers_bytes_max = (size_t)config_int(config, SETTING_GATEWAY_ANSWERS_KEPT) << 20;
    limits.streams_max = (size_t)config_int(config, SETTING_GATEWAY_STREAMS_MAX);
    limits.streams_each_max = (size_t)config_int(config, SETTING_GATEWAY_STREAMS_EACH_MAX);
    limits.streams_per_connection =
        (size_t)config_int(config, SETTING_GATEWAY_STREAMS_PER_CONNECTION);
    if (config_bool(config, SETTING_GATEWAY_RATE_LIMITS)) {
        limits.rate_requests = config_int(config, SETTING_GATEWAY_RATE_REQUESTS);
        limits.rate_auth = config_int(config, SETTING_GATEWAY_RATE_AUTH);
        limits.rate_codes = config_int(config, SETTING_GATEWAY_RATE_CODES);
        limits.rate_webhooks = config_int(config, SETTING_GATEWAY_RATE_WEBHOOKS);
    }
    connection->connections_max = (size_t)config_int(config, SETTING_GATEWAY_CONNECTIONS_MAX);
    connection->per_address_max =
        (size_t)config_int(config, SETTING_GATEWAY_CONNECTIONS_PER_ADDRESS);
    connection->faults_max = config_int(config, SETTING_GATEWAY_FAULTS_PER_ADDRESS);
    connection->header_deadline_us = config_duration_us(config, SETTING_GATEWAY_HEADER_TIMEOUT);
    connection->body_deadline_us = config_duration_us(config, SETTING_GATEWAY_BODY_TIMEOUT);
    connection->body_rate_min = config_int(config, SETTING_GATEWAY_BODY_RATE_MIN);
    connection->write_deadline_us = config_duration_us(config, SETTING_GATEWAY_WRITE_TIMEOUT);
    connection->idle_deadline_us = config_duration_us(config, SETTING_GATEWAY_IDLE_TIMEOUT);
    connection->input_rate_max = config_int(config, SETTING_GATEWAY_INPUT_RATE_MAX);
    *ret_limits = limits;
}

/* Allows as many open files as the system permits, since each connection is one, and makes the
 * kernel's table of them as large as it will be while the process still has one thread. For several
 * threads Linux replaces a full table only after an RCU grace period, and accept() then stands
 * still for tens of milliseconds (expand_files() in fs/file.c; gateway/README.md, Decisions: storms
 * wait in the kernel). Opening a file at the last position and closing it makes the table. */
static void reserve_files(size_t connections_max)
{
    enum { OTHER_FILES = 256 };
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* refused: the old limit stays, and is read next */
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    rlim_t last = connections_max + OTHER_FILES;
    if (last >= files.rlim_cur) last = files.rlim_cur - 1;
    const int reserved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)last);
    if (reserved >= 0) (void)close(reserved);
}

static enum status gateway_open_server(struct gateway *gateway)
{
    const struct config *config = gateway->config;
    const uint16_t port = (uint16_t)config_int(config, SETTING_GATEWAY_PORT);
    const uint16_t clear_port = (uint16_t)config_int(config, SETTING_GATEWAY_CLEAR_PORT);
    const bool has_tests = config_bool(config, SETTING_TEST_MODE);
    struct server_options options = {
        .loop = gateway->loop,
        .fibers = gateway->fibers,
        .backend = &gateway->backend,
        .routes = route_table,
        .routes_count = route_table_count,
        .has_test_routes = has_tests,
        .openapi = { has_tests ? openapi_with_tests_json : openapi_json,
                     has_tests ? openapi_with_tests_json_length : openapi_json_length },
        .docs = { has_tests ? docs_with_tests_html : docs_html,
                  has_tests ? docs_with_tests_html_length : docs_html_length },
        .docs_policy = text_of(docs_policy),
        .name = gateway->name,
        .principal_key = gateway->keys.principal,
        .tls = gateway->tls,
        .address = config_text(config, SETTING_GATEWAY_ADDRESS),
        .tls_port = port,
        .clear_port = clear_port != 0 ? clear_port : (uint16_t)(port + 1),
        .cors_origins = text_of(config_text(config, SETTING_GATEWAY_CORS_ORIGINS)),
        .languages = text_of(config_text(config, SETTING_MARKET_LANGUAGES)),
        .access_log = gateway->access_log,
        .pictures = picture_home_pictures(gateway->pictures),
    };
    limits_read(config, &options.limits);
    const struct text proxies = text_of(config_text(config, SETTING_GATEWAY_PROXIES));
    if (proxies_read(proxies, &options.limits.connection.proxies) != STATUS_OK) {
        log_error("gateway_proxies_wrong", LOG_TEXT("value", proxies));
        return STATUS_INVALID_VALUE;
    }
    if (!cors_list_is_good(options.cors_origins)) {
        log_error("gateway_cors_origins_wrong", LOG_TEXT("value", options.cors_origins));
        return STATUS_INVALID_VALUE;
    }
    return server_new(&options, &gateway->server);
}

static enum status gateway_open_bus(struct gateway *gateway, const char *mesh_dir)
{
    const struct bus_options options = {
        .loop = gateway->loop,
        .fibers = gateway->fibers,
        .name = gateway->name,
        .kind = MEMBER_GATEWAY,
        .run_dir = mesh_dir,
        .keys = &gateway->keys,
        .credit_messages = (size_t)config_int(gateway->config, SETTING_LINKS_CREDIT_MESSAGES),
        .queue_max = (size_t)config_int(gateway->config, SETTING_LINKS_QUEUE_MAX),
        .context = gateway,
        .on_request = on_request,
        .on_hint = on_hint,
        .on_hints_lost = on_hints_lost,
        .on_members = on_members,
    };
    return bus_new(&options, &gateway->bus);
}

static enum status gateway_open(struct gateway *gateway, const char *data_dir)
{
    char mesh_dir[PATHS_MAX];
    TRY(program_join(data_dir, mesh_dir));
    TRY(mesh_keys_wait(data_dir, &gateway->keys));
    TRY(gateway_open_tls(gateway, true));
    TRY(gateway_open_access_log(gateway));
    TRY(picture_home_open(gateway->config, gateway->loop, gateway->fibers, &gateway->pictures));
    /* The server first: its turn then ends before the bus's, and what it asks leaves in the same
     * turn. Neither does anything before the loop runs. */
    TRY(gateway_open_server(gateway));
    return gateway_open_bus(gateway, mesh_dir);
}

static int gateway_run(const struct config *config, const char *name)
{
    assert(name != NULL);
    struct gateway gateway = { .config = config, .name = name };
    reserve_files((size_t)config_int(config, SETTING_GATEWAY_CONNECTIONS_MAX));
    gateway.backend = (struct backend){ .context = &gateway,
                                        .ask = gateway_ask,
                                        .is_ready = gateway_is_ready,
                                        .hears_hints = gateway_hears_hints };
    gateway.loop = loop_new();
    gateway.fibers = fibers_new(loop_timers(gateway.loop), loop_clock(gateway.loop));
    gateway.watchdog = watchdog_new(gateway.loop);
    const enum status status = gateway_open(&gateway, config_text(config, SETTING_PATHS_DATA_DIR));
    if (status == STATUS_OK) {
        log_info("gateway_started", LOG_STRING("member", name),
                 LOG_INT("tls_port", server_tls_port(gateway.server)),
                 LOG_INT("clear_port", server_clear_port(gateway.server)));
        loop_on_stop_signal(gateway.loop, on_stop_signal, &gateway);
        loop_on_hangup(gateway.loop, on_hangup, &gateway);
        loop_run(gateway.loop);
        log_info("gateway_stopped", LOG_STRING("member", name));
    } else {
        log_error("gateway_start_failed", LOG_STATUS(status));
    }
    server_destroy(&gateway.server); /* first, because it runs the loop once more, with the bus */
    access_log_close(&gateway.access_log);
    picture_home_stop(gateway.pictures);
    fibers_stop(gateway.fibers);
    bus_destroy(&gateway.bus);
    picture_home_close(&gateway.pictures);
    watchdog_destroy(&gateway.watchdog);
    fibers_destroy(&gateway.fibers);
    loop_destroy(&gateway.loop);
    SSL_CTX_free(gateway.tls);
    sodium_memzero(&gateway.keys, sizeof gateway.keys);
    return status == STATUS_OK ? 0 : 1;
}

static int run(const struct config *config, void *context)
{
    (void)context;
    const struct config_member *member = program_member(config, MEMBER_GATEWAY);
    return member == NULL ? PROGRAM_EXIT_USAGE : gateway_run(config, member->name);
}

int main(int argc, char **argv)
{
    return program_main("souk-gateway", "serves HTTP.", argc, argv, run, NULL);
}
