/* souk-node: hosts the domains that the configuration names for its member. */
#include <string.h>
#include <unistd.h>

#include "actors/host/node.h"
#include "runtime/program.h"
#include "runtime/watchdog.h"

static void on_stop_signal(void *context)
{
    node_stop(context);
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

static int run(const struct config *config, void *context)
{
    (void)context;
    const struct config_member *member = program_member(config, MEMBER_NODE);
    if (member == NULL) return PROGRAM_EXIT_USAGE;
    const char *data_dir = config_text(config, SETTING_PATHS_DATA_DIR);
    struct mesh_keys keys;
    char mesh_dir[PATHS_MAX];
    if (program_join(data_dir, mesh_dir) != STATUS_OK ||
        mesh_keys_wait(data_dir, &keys) != STATUS_OK) {
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
    return program_main("souk-node", "hosts the domains of one member.", argc, argv, run, NULL);
}
