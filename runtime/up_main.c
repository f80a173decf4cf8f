/* souk-up: the supervisor of one host. Starts a private PostgreSQL, the migration, the agent, nodes
 * and gateways; keeps them running; stops them in order. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domains.h"
#include "runtime/log.h"
#include "runtime/port_claim.h"
#include "runtime/program.h"
#include "runtime/sandbox.h"
#include "runtime/up_home.h"
#include "runtime/up_postgres.h"

enum {
    CHILD_STOP_US = 10000000,
    EXIT_RUNS_ALREADY = 3,
    MIGRATE_EXIT_UNAVAILABLE = 69,
    MIGRATE_RETRY_US = 40000,
    LOW_PORTS_END = 1024, /* those below are root's to give */
    /* When memory runs out the database goes last: all others wait for it, and come back in
       seconds. */
    GATEWAY_OOM_SCORE = 600,
    NODE_OOM_SCORE = 400,
    AGENT_OOM_SCORE = 200,
    PORTS = 2 /* TLS and clear */
};

struct up {
    const struct config *config;
    struct supervisor *supervisor;
    struct up_postgres postgres;
    int arguments_count; /* of the command line, handed on to every child */
    char *const *arguments;
    struct up_home home;
    char programs_dir[PATHS_MAX];
    char agent[PATHS_MAX], node[PATHS_MAX], gateway[PATHS_MAX], migrate[PATHS_MAX];
    int migrate_output;
    uint16_t ports[PORTS];
    int gateways[CHILDREN_MAX]; /* their numbers among the children */
    size_t gateways_count;
    bool is_port_taken; /* said already */
};

static void fill_random(void *context, void *bytes, size_t length)
{
    (void)context;
    randombytes_buf(bytes, length);
}

/* ---- what only one may have ---- */

/* One supervisor per data directory: the lock ends with the process and is not inherited. */
static enum status up_lock(struct up *up)
{
    char path[PATHS_MAX + 16], text[32];
    (void)snprintf(path, sizeof path, "%s/up.pid", up->home.data_dir);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return up_home_refuse(&up->home, STATUS_UNAVAILABLE, strerror(errno), path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return up_home_refuse(&up->home, STATUS_CONFLICT, "souk up runs already",
                              up->home.data_dir);
    const int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || write(fd, text, (size_t)length) != length)
        return up_home_refuse(&up->home, STATUS_UNAVAILABLE, strerror(errno), path);
    return STATUS_OK;
}

/* Claims end with the process and are not inherited. */
static enum status up_claim_ports(struct up *up)
{
    const char *address = config_text(up->config, SETTING_GATEWAY_ADDRESS);
    const uint16_t clear_port = (uint16_t)config_int(up->config, SETTING_GATEWAY_CLEAR_PORT);
    up->ports[0] = (uint16_t)config_int(up->config, SETTING_GATEWAY_PORT);
    up->ports[1] = clear_port != 0 ? clear_port : (uint16_t)(up->ports[0] + 1);
    size_t count;
    const struct config_member *members = config_members(up->config, &count);
    bool has_gateway = false;
    for (size_t i = 0; i < count; i++)
        has_gateway = has_gateway || members[i].kind == MEMBER_GATEWAY;
    for (size_t i = 0; i < PORTS && has_gateway; i++) {
        int fd;
        char place[64];
        (void)snprintf(place, sizeof place, "%s, port %u", address, (unsigned)up->ports[i]);
        const enum status status = port_claim(address, up->ports[i], &fd);
        if (status == STATUS_CONFLICT)
            return up_home_refuse(&up->home, status, "another market listens there", place);
        if (status != STATUS_OK)
            return up_home_refuse(&up->home, status, "cannot be claimed", place);
    }
    return STATUS_OK;
}

static enum status up_find_programs(struct up *up)
{
    const ssize_t length = readlink("/proc/self/exe", up->programs_dir, PATHS_MAX - 32);
    if (length <= 0 || length >= PATHS_MAX - 32)
        return up_home_refuse(&up->home, STATUS_OUT_OF_RANGE, "the path is too long",
                              "/proc/self/exe");
    up->programs_dir[length] = '\0';
    *strrchr(up->programs_dir, '/') = '\0';
    (void)snprintf(up->agent, PATHS_MAX, "%.*s/souk-agent", PATHS_MAX - 32, up->programs_dir);
    (void)snprintf(up->node, PATHS_MAX, "%.*s/souk-node", PATHS_MAX - 32, up->programs_dir);
    (void)snprintf(up->gateway, PATHS_MAX, "%.*s/souk-gateway", PATHS_MAX - 32, up->programs_dir);
    (void)snprintf(up->migrate, PATHS_MAX, "%.*s/souk-migrate", PATHS_MAX - 32, up->programs_dir);
    return STATUS_OK;
}

/* ---- children ---- */

/* Domains whose databases are in the private cluster. */
static size_t up_list_domains(const struct up *up, const char *ret_names[DOMAIN_LIMIT + 1])
{
    size_t count = 0;
    for (int domain = 1; domain < DOMAIN_LIMIT; domain++) {
        const char *name = domain_name((enum domain)domain);
        if (strcmp(name, "unknown") == 0 || strcmp(name, "host") == 0) continue;
        if (config_database(up->config, name)[0] == '\0') ret_names[count++] = name;
    }
    return count;
}

static bool migrate_is_not_yet(void *context, int exit_code, int64_t ran_us)
{
    (void)context, (void)ran_us;
    return exit_code == MIGRATE_EXIT_UNAVAILABLE;
}

/* What a peer sends is bounded by credit and by the size of frames, but for a message of endless
 * parts, which ZeroMQ gathers before anybody sees it. Instrumented programs reserve terabytes. */
static int64_t up_memory_max(const struct up *up)
{
#ifdef SOUK_SANITIZED
    (void)up;
    return 0;
#else
    return config_int(up->config, SETTING_UP_MEMORY_MAX) << 20;
#endif
}

static struct child_spec up_child(const struct up *up, const char *name, const char *program)
{
    (void)up;
    struct child_spec spec = { .name = name,
                               .after = -1,
                               .output_fd = -1,
                               .stop_signal = SIGTERM,
                               .force_signal = SIGKILL,
                               .stop_wait_us = CHILD_STOP_US,
                               .parent_death_signal = SIGTERM };
    spec.arguments[0] = program;
    return spec;
}

/* Stays root: it knows the administrator's password, which the user of the market must not have,
 * and talks to nobody but the database. */
static int up_add_migrate(struct up *up, int postgres)
{
    struct child_spec spec = up_child(up, "migrate", up->migrate);
    spec.arguments[1] = "--data-dir";
    spec.arguments[2] = up->home.data_dir;
    spec.after = postgres;
    spec.is_run_once = true;
    spec.is_not_yet = migrate_is_not_yet;
    spec.retry_us = MIGRATE_RETRY_US;
    spec.output_fd = up->migrate_output;
    return supervisor_add(up->supervisor, &spec);
}

/* Our programs get our own command line, so that they read the same configuration. */
static int up_add_program(struct up *up, struct child_spec spec, const char *member)
{
    size_t count = 1;
    for (int i = 1; i < up->arguments_count; i++)
        spec.arguments[count++] = up->arguments[i];
    /* What is said last holds. Its default is another one for another user. */
    spec.arguments[count++] = "--data-dir";
    spec.arguments[count++] = up->home.data_dir;
    if (member != NULL) {
        spec.arguments[count++] = "--member";
        spec.arguments[count++] = member;
    }
    assert(count <= CHILD_ARGUMENTS_MAX);
    spec.has_watchdog = true;
    spec.memory_max = up_memory_max(up);
    spec.hears_hangup = true;
    spec.account = up->home.has_account ? &up->home.account : NULL;
    return supervisor_add(up->supervisor, &spec);
}

static void up_add_agent(struct up *up)
{
    struct child_spec spec = up_child(up, "agent", up->agent);
    spec.oom_score = AGENT_OOM_SCORE;
    (void)up_add_program(up, spec, NULL);
}

static void up_add_node(struct up *up, const char *member, int after)
{
    struct child_spec spec = up_child(up, member, up->node);
    spec.after = after;
    spec.oom_score = NODE_OOM_SCORE;
    (void)up_add_program(up, spec, member);
}

static bool up_has_running_gateway(const struct up *up)
{
    for (size_t i = 0; i < up->gateways_count; i++)
        if (supervisor_child_pid(up->supervisor, up->gateways[i]) != 0) return true;
    return false;
}

/* A gateway would share its port with whoever listens there: only another one of ours may. */
static bool up_prepare_gateway(void *context)
{
    struct up *up = context;
    const char *address = config_text(up->config, SETTING_GATEWAY_ADDRESS);
    if (up_has_running_gateway(up)) return true;
    for (size_t i = 0; i < PORTS; i++) {
        if (port_is_free(address, up->ports[i])) continue;
        if (!up->is_port_taken)
            log_error("gateway_port_taken", LOG_STRING("address", address),
                      LOG_INT("port", up->ports[i]),
                      LOG_STRING("alarm", "somebody else listens there, or the address is not of "
                                          "this host; it is tried again"));
        up->is_port_taken = true;
        return false;
    }
    if (up->is_port_taken) log_info("gateway_port_free", LOG_STRING("address", address));
    up->is_port_taken = false;
    return true;
}

/* A gateway waits for nodes by itself, and says so to its clients meanwhile. */
static void up_add_gateway(struct up *up, const char *member)
{
    struct child_spec spec = up_child(up, member, up->gateway);
    spec.context = up;
    spec.prepare = up_prepare_gateway;
    spec.keeps_low_ports = up->ports[0] < LOW_PORTS_END || up->ports[1] < LOW_PORTS_END;
    spec.oom_score = GATEWAY_OOM_SCORE;
    up->gateways[up->gateways_count++] = up_add_program(up, spec, member);
}

/* In the order of their start; they stop the other way round. */
static enum status up_add_children(struct up *up)
{
    int ready = -1;
    const char *domains[DOMAIN_LIMIT + 1];
    const size_t domains_count = up_list_domains(up, domains);
    TRY(up_home_share(&up->home, domains, domains_count));
    if (domains_count > 0) {
        TRY(up_postgres_init(&up->postgres, up->home.data_dir, up->home.run_dir,
                             up->home.has_account ? &up->home.account : NULL, up->home.problem));
        up->migrate_output = up->postgres.start_log.fd;
        ready = up_add_migrate(up, up_postgres_add(&up->postgres, up->supervisor));
    }
    up_add_agent(up);
    size_t count;
    const struct config_member *members = config_members(up->config, &count);
    const bool has_nodes = config_bool(up->config, SETTING_UP_NODES);
    for (size_t i = 0; i < count && has_nodes; i++)
        if (members[i].kind == MEMBER_NODE) up_add_node(up, members[i].name, ready);
    for (size_t i = 0; i < count; i++)
        if (members[i].kind == MEMBER_GATEWAY) up_add_gateway(up, members[i].name);
    return STATUS_OK;
}

/* What root has put there since, a renewed certificate perhaps, is the user's to read. */
static void up_on_hangup(void *context)
{
    struct up *up = context;
    up_home_share_logs(&up->home);
    if (up_home_share(&up->home, NULL, 0) != STATUS_OK)
        log_error("not_handed_over", LOG_STRING("problem", up->home.problem));
}

static enum status up_start(struct up *up)
{
    if (up->arguments_count > CHILD_ARGUMENTS_MAX - 5)
        return up_home_refuse(&up->home, STATUS_OUT_OF_RANGE, "too many arguments", "command line");
    TRY(up_home_open(&up->home, up->config));
    TRY(up_lock(up));
    TRY(up_claim_ports(up));
    TRY(up_home_make_run_dir(&up->home));
    TRY(up_find_programs(up));
    up_home_share_logs(&up->home);
    TRY(up_home_check(&up->home, (const char *[]){ up->agent, up->node, up->gateway }, 3));
    return up_add_children(up);
}

static int up_run(struct up *up)
{
    static const struct rng rng = { NULL, fill_random };
    up->supervisor = supervisor_new(&platform_clock, &rng);
    const enum status status = up_start(up);
    int exit_code = status == STATUS_CONFLICT ? EXIT_RUNS_ALREADY : EXIT_FAILURE;
    if (status == STATUS_OK) {
        if (!sandbox_is_available())
            log_warning("sandbox_missing", LOG_STRING("reason", "the kernel has no such filters"));
        supervisor_on_hangup(up->supervisor, up_on_hangup, up);
        log_info("up_started", LOG_STRING("data_dir", up->home.data_dir),
                 LOG_STRING("run_dir", up->home.run_dir),
                 LOG_STRING("user", up->home.has_account ? up->home.account.name : ""));
        (void)supervisor_run(up->supervisor, -1);
        log_info("up_stopping", LOG_STRING("data_dir", up->home.data_dir));
        supervisor_stop(up->supervisor);
        if (up->postgres.cluster_dir[0] != '\0') up_postgres_end_orphans(&up->postgres);
        log_info("up_stopped", LOG_STRING("data_dir", up->home.data_dir));
        exit_code = EXIT_SUCCESS;
    } else {
        log_error("up_refused", LOG_STATUS(status), LOG_STRING("problem", up->home.problem));
    }
    up_home_remove_run_dir(&up->home);
    supervisor_destroy(&up->supervisor);
    return exit_code;
}

struct up_arguments {
    int count;
    char **values;
};

static int run(const struct config *config, void *context)
{
    static struct up up;
    const struct up_arguments *arguments = context;
    up = (struct up){
        .config = config,
        .arguments_count = arguments->count,
        .arguments = arguments->values,
        .migrate_output = -1,
    };
    return up_run(&up);
}

int main(int argc, char **argv)
{
    struct up_arguments arguments = { .count = argc, .values = argv };
    return program_main("souk-up", "runs a market on this host.", argc, argv, run, &arguments);
}
