/* souk-agent: tells the processes of one host who takes part. Makes the keys of the mesh on the
 * first start. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/program.h"
#include "runtime/watchdog.h"
#include "storage/agent.h"

enum { EXIT_UNAVAILABLE = 69 };

static void read_members(const struct config *config, struct members *ret_members)
{
    size_t count;
    const struct config_member *configured = config_members(config, &count);
    for (size_t i = 0; i < count && ret_members->count < MEMBERS_MAX; i++) {
        struct member *member = &ret_members->list[ret_members->count++];
        *member = (struct member){ .kind = configured[i].kind,
                                   .domains = configured[i].domain_bits,
                                   .shard_first = (uint8_t)configured[i].shard_first,
                                   .shard_last = (uint8_t)configured[i].shard_last };
        (void)snprintf(member->name, sizeof member->name, "%s", configured[i].name);
    }
}

static void on_stop_signal(void *context)
{
    loop_stop(context);
}

static enum status make_keys(const char *data_dir, struct loop *loop, struct mesh_keys *ret_keys)
{
    TRY(mesh_keys_make(data_dir, loop_rng(loop)));
    return mesh_keys_load(data_dir, ret_keys);
}

static int run(const struct config *config, void *context)
{
    (void)context;
    static struct members members;
    static struct mesh_keys keys;
    const char *data_dir = config_text(config, SETTING_PATHS_DATA_DIR);
    char mesh_dir[PATHS_MAX];
    struct loop *loop = loop_new();
    struct watchdog *watchdog = watchdog_new(loop);
    struct agent *agent = NULL;
    read_members(config, &members);
    enum status status = program_join(data_dir, mesh_dir);
    if (status == STATUS_OK) status = make_keys(data_dir, loop, &keys);
    if (status == STATUS_OK)
        status = agent_new(
            &(struct agent_options){
                .loop = loop, .run_dir = mesh_dir, .keys = &keys, .configured = &members },
            &agent);
    if (status == STATUS_OK) {
        log_info("agent_started", LOG_STRING("run_dir", mesh_dir));
        loop_on_stop_signal(loop, on_stop_signal, loop);
        loop_run(loop);
    } else if (status == STATUS_CONFLICT) {
        log_error("agent_refused", LOG_STRING("problem", "another agent runs on this market"),
                  LOG_STRING("run_dir", mesh_dir));
    } else {
        log_error("agent_refused", LOG_STATUS(status), LOG_STRING("data_dir", data_dir));
    }
    agent_destroy(&agent);
    watchdog_destroy(&watchdog);
    loop_destroy(&loop);
    return status == STATUS_OK ? EXIT_SUCCESS : EXIT_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    return program_main("souk-agent", "tells the processes of one host who takes part.", argc, argv,
                        run, NULL);
}
