/* Directories under /tmp, a configuration that names them, and what is written meanwhile. */
#include "tests/gateway/command/market_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messages/schema.h"
#include "runtime/members.h"
#include "runtime/paths.h"
#include "runtime/secret.h"
#include "tests/support/cmocka.h"

static void fill_random(void *context, void *bytes, size_t length)
{
    (void)context;
    memset(bytes, 7, length);
}

/* The parent of the mesh's directory is the market's, too. */
static void mesh_dir(const struct market_stage *stage, char ret_path[PATHS_MAX], bool is_parent)
{
    assert_int_equal(paths_mesh_dir(stage->data_dir, ret_path), STATUS_OK);
    if (is_parent) *strrchr(ret_path, '/') = '\0';
}

void market_stage_make(struct market_stage *stage,
                       enum status (*answer)(void *context, const struct envelope *request,
                                             struct arena *arena, struct envelope *ret_reply),
                       void *context)
{
    char path[PATHS_MAX];
    int first;
    static const struct rng rng = { .fill = fill_random };
    secret_open();
    *stage = (struct market_stage){ .peers = { .context = context, .answer = answer } };
    (void)snprintf(stage->data_dir, sizeof stage->data_dir, "/tmp/souk-test-market-XXXXXX");
    assert_non_null(mkdtemp(stage->data_dir));
    assert_int_equal(mesh_keys_make(stage->data_dir, &rng), STATUS_OK);
    mesh_dir(stage, path, true);
    assert_int_equal(mkdir(path, 0700), 0);
    mesh_dir(stage, path, false);
    assert_int_equal(mkdir(path, 0700), 0);
    stage->config = config_new();
    char program[] = "test", option[] = "--data-dir";
    char *argv[] = { program, option, stage->data_dir, NULL };
    assert_int_equal(config_load_arguments(stage->config, 3, argv, &first), STATUS_OK);
    fake_bus_set_peers(&stage->peers);
    market_stage_set_nodes(1);
}

void market_stage_set_nodes(size_t count)
{
    static struct members members = { .list = { { .name = "node",
                                                  .kind = MEMBER_NODE,
                                                  .incarnation = 1,
                                                  .domains = UINT32_MAX,
                                                  .shard_last = SHARD_COUNT - 1,
                                                  .is_ready = true } } };
    assert_in_range(count, 0, 1);
    members.count = count;
    fake_bus_set_members(&members);
}

void market_stage_open(struct market_stage *stage)
{
    assert_int_equal(client_open(stage->config, "test", &stage->client), STATUS_OK);
}

void market_stage_lose_key(const struct market_stage *stage)
{
    char path[MARKET_STAGE_PATH + 32];
    (void)snprintf(path, sizeof path, "%s/keys/operator.key", stage->data_dir);
    assert_int_equal(unlink(path), 0);
}

void market_stage_stop(const struct market_stage *stage)
{
    char path[PATHS_MAX];
    mesh_dir(stage, path, false);
    assert_int_equal(rmdir(path), 0);
}

void market_stage_remove(struct market_stage *stage)
{
    static const char *const files[] = { "/keys/mesh.key", "/keys/operator.key",
                                         "/keys/principal.key" };
    char path[PATHS_MAX];
    client_close(&stage->client);
    config_destroy(&stage->config);
    mesh_dir(stage, path, false);
    (void)rmdir(path);
    mesh_dir(stage, path, true);
    assert_int_equal(rmdir(path), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        (void)snprintf(path, sizeof path, "%s%s", stage->data_dir, files[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/keys", stage->data_dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(stage->data_dir), 0);
}

struct capture capture_begin(int descriptor)
{
    (void)fflush(NULL);
    struct capture capture = { .descriptor = descriptor, .kept = dup(descriptor) };
    capture.file = memfd_create("captured", MFD_CLOEXEC);
    assert_true(capture.kept >= 0 && capture.file >= 0);
    assert_int_equal(dup2(capture.file, descriptor), descriptor);
    return capture;
}

const char *capture_end(struct capture *capture, struct arena *arena)
{
    (void)fflush(NULL);
    const off_t length = lseek(capture->file, 0, SEEK_END);
    char *text = arena_allocate(arena, (size_t)length + 1);
    assert_int_equal(pread(capture->file, text, (size_t)length, 0), length);
    text[length] = '\0';
    assert_int_equal(dup2(capture->kept, capture->descriptor), capture->descriptor);
    (void)close(capture->kept);
    (void)close(capture->file);
    return text;
}
