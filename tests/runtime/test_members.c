/* Snapshots travel whole or not at all; owners are found; keys are made once and only for their
 * owner. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "runtime/arena.h"
#include "runtime/members.h"
#include "tests/support/cmocka.h"

static struct member node_with(const char *name, uint32_t domains, uint8_t first, uint8_t last)
{
    struct member member = { .kind = MEMBER_NODE,
                             .incarnation = 5,
                             .domains = domains,
                             .shard_first = first,
                             .shard_last = last,
                             .is_ready = true };
    (void)snprintf(member.name, sizeof member.name, "%s", name);
    (void)snprintf(member.data_endpoint, sizeof member.data_endpoint, "ipc:///x/%s.data", name);
    return member;
}

static struct members *two_nodes(struct arena *arena)
{
    struct members *members = arena_allocate(arena, sizeof *members);
    members->version = UINT64_MAX;
    members->count = 2;
    members->list[0] = node_with("node-1", 3, 0, 31);
    members->list[1] = node_with("node-2", 1, 32, 63);
    return members;
}

static void a_snapshot_gives_back_every_member(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    const struct members *members = two_nodes(arena);
    struct members *got = arena_allocate(arena, sizeof *got);
    assert_int_equal(members_decode(members_encode(arena, members), got), STATUS_OK);
    assert_true(got->version == UINT64_MAX);
    assert_int_equal(got->count, 2);
    assert_string_equal(got->list[1].name, "node-2");
    assert_string_equal(got->list[0].data_endpoint, "ipc:///x/node-1.data");
    assert_int_equal(got->list[1].shard_first, 32);
    assert_true(got->list[0].is_ready);
    arena_destroy(&arena);
}

static void a_snapshot_cut_anywhere_changes_nothing(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    const struct text bytes = members_encode(arena, two_nodes(arena));
    struct members *got = arena_allocate(arena, sizeof *got);
    for (size_t length = 0; length < bytes.length; length++) {
        const char *copy = arena_copy(arena, bytes.data, length);
        assert_int_equal(members_decode((struct text){ copy, length }, got), STATUS_CORRUPT);
        assert_int_equal(got->count, 0);
        assert_string_equal(got->list[0].name, "");
    }
    arena_destroy(&arena);
}

static void a_member_without_name_or_with_a_nul_is_corrupt(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct member member = node_with("", 1, 0, 63);
    struct member got;
    assert_int_equal(member_decode(member_encode(arena, &member), &got), STATUS_CORRUPT);
    member = node_with("ab", 1, 0, 63);
    struct text bytes = member_encode(arena, &member);
    char *changed = arena_copy(arena, bytes.data, bytes.length);
    changed[2] = '\0';
    assert_int_equal(member_decode((struct text){ changed, bytes.length }, &got), STATUS_CORRUPT);
    arena_destroy(&arena);
}

static void the_owner_is_the_ready_node_with_domain_and_shard(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct members *members = two_nodes(arena);
    assert_string_equal(members_owner(members, 0, 31)->name, "node-1");
    assert_string_equal(members_owner(members, 0, 32)->name, "node-2");
    assert_null(members_owner(members, 1, 32));
    assert_null(members_owner(members, 40, 0));
    members->list[1].is_ready = false;
    assert_null(members_owner(members, 0, 32));
    members->list[0].incarnation = 0;
    assert_null(members_owner(members, 0, 0));
    assert_non_null(members_find(members, TEXT("node-1")));
    assert_null(members_find(members, TEXT("node-3")));
    arena_destroy(&arena);
}

static void fill_random(void *context, void *bytes, size_t length)
{
    (void)context;
    randombytes_buf(bytes, length);
}

static void keys_are_made_once_and_refused_when_others_can_read_them(void **state)
{
    (void)state;
    const struct rng rng = { NULL, fill_random };
    char directory[] = "/tmp/souk-keys-XXXXXX";
    char path[128];
    struct mesh_keys first, second;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(mesh_keys_load(directory, &first), STATUS_NOT_FOUND);
    assert_int_equal(mesh_keys_make(directory, &rng), STATUS_OK);
    assert_int_equal(mesh_keys_load(directory, &first), STATUS_OK);
    assert_int_equal(mesh_keys_make(directory, &rng), STATUS_OK);
    assert_int_equal(mesh_keys_load(directory, &second), STATUS_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_memory_not_equal(first.mesh, first.operator_, 32);

    (void)snprintf(path, sizeof path, "%s/keys/operator.key", directory);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(mesh_keys_load(directory, &second), STATUS_FORBIDDEN);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 31), 0);
    assert_int_equal(mesh_keys_load(directory, &second), STATUS_CORRUPT);

    static const char *const names[] = { "mesh", "operator", "principal" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        (void)snprintf(path, sizeof path, "%s/keys/%s.key", directory, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/keys", directory);
    (void)rmdir(path);
    (void)rmdir(directory);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_gives_back_every_member),
        cmocka_unit_test(a_snapshot_cut_anywhere_changes_nothing),
        cmocka_unit_test(a_member_without_name_or_with_a_nul_is_corrupt),
        cmocka_unit_test(the_owner_is_the_ready_node_with_domain_and_shard),
        cmocka_unit_test(keys_are_made_once_and_refused_when_others_can_read_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
