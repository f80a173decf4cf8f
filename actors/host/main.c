/* souk-node: hosts the domains that the configuration names for its member. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/host/node.h"
#include "runtime/config.h"
#include "runtime/config_member.h"
#include "runtime/paths.h"
#include "runtime/watchdog.h"

enum { KEYS_WAIT_TRIES = 100, KEYS_WAIT_US = 100 * 1000 };

static void on_stop_signal(void *context)
{
    node_stop(context);
}

/* The agent makes the keys; on a first start they may come a moment later. */
static enum status wait_for_keys(const char *data_dir, struct mesh_keys *ret_keys)
{
    enum status status = STATUS_NOT_FOUND;
    for (unsigned i = 0; i < KEYS_WAIT_TRIES && status == STATUS_NOT_FOUND; i++) {
        status = mesh_keys_load(data_dir, ret_keys);
        if (status == STATUS_NOT_FOUND) usleep(KEYS_WAIT_US);
    }
    return status;
}

static const struct config_member *find_member(const struct config *config)
{
    size_t count;
    const struct config_member *members = config_members(config, &count);
    const char *wanted = config_text(config, SETTING_MEMBER);
    for (size_t i = 0; i < count; i++) {
        if (members[i].kind == MEMBER_NODE &&
            (wanted[0] == '\0' || strcmp(members[i].name, wanted) == 0))
            return &members[i];
    }
    return NULL;
}

static uint32_t domains_of(const struct config_member *member)
{
    uint32_t domains = 0;
    for (size_t i = 0; i < member->domains_count; i++) {
        enum domain number;
        if (domain_find(member->domains[i], strlen(member->domains[i]), &number))
            domains |= (uint32_t)1 << number;
    }
    return domains;
}

static int run(const struct config *config, const struct config_member *member)
{
    const char *data_dir = config_text(config, SETTING_PATHS_DATA_DIR);
    struct mesh_keys keys;
    char mesh_dir[PATHS_MAX];
    if (wait_for_keys(data_dir, &keys) != STATUS_OK ||
        paths_mesh_dir(data_dir, mesh_dir) != STATUS_OK) {
        log_error("keys_missing", LOG_STRING("data_dir", data_dir));
        return 1;
    }
    struct loop *loop = loop_new();
    struct fibers *fibers = fibers_new(loop_timers(loop), loop_clock(loop));
    struct watchdog *watchdog = watchdog_new(loop);
    struct host host;
    const struct node_options options = {
        .loop = loop,
        .fibers = fibers,
        .config = config,
        .keys = &keys,
        .name = member->name,
        .run_dir = mesh_dir,
        .domains = domains_of(member),
        .shard_first = member->shard_first,
        .shard_last = member->shard_last,
    };
    const enum status status = node_start(&host, &options);
    if (status == STATUS_OK) {
        loop_on_stop_signal(loop, on_stop_signal, &host);
        loop_run(loop);
    } else {
        log_error("node_start_failed", LOG_STATUS(status));
        host.exit_code = 1;
    }
    if (host.exit_code == NODE_EXIT_FENCED)
        _exit(NODE_EXIT_FENCED); /* Nothing of this process may reach the database any more. */
    node_destroy(&host);
    watchdog_destroy(&watchdog);
    fibers_destroy(&fibers);
    loop_destroy(&loop);
    return host.exit_code;
}

int main(int argc, char **argv)
{
    extern char **environ;
    struct config *config = config_new();
    int first;
    const enum status status = config_load(config, argc, argv, environ, &first);
    int exit_code = 2;
    if (config_wants_help(config)) {
        puts("souk-node: hosts the domains of one member.\n");
        config_help(stdout);
        exit_code = 0;
    } else if (status != STATUS_OK || first < argc || sodium_init() < 0) {
        fprintf(stderr, "souk-node: %s\n",
                status == STATUS_OK ? "unexpected argument" : config_problem(config));
    } else {
        const struct config_member *member = find_member(config);
        log_open("souk-node", (enum log_level)config_int(config, SETTING_LOG_LEVEL));
        if (member == NULL)
            fprintf(stderr, "souk-node: the configuration has no such node\n");
        else
            exit_code = run(config, member);
    }
    config_destroy(&config);
    return exit_code;
}
