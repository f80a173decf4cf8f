/* Snapshots travel whole or not at all; owners are found. */
#include <stdio.h>
#include <string.h>

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

/* A snapshot of two nodes with one byte changed. */
static enum status decode_with(size_t position, char byte)
{
    struct arena *arena = arena_new(65536);
    const struct text bytes = members_encode(arena, two_nodes(arena));
    struct members *got = arena_allocate(arena, sizeof *got);
    char *changed = arena_copy(arena, bytes.data, bytes.length);
    changed[position] = byte;
    const enum status status = members_decode((struct text){ changed, bytes.length }, got);
    arena_destroy(&arena);
    return status;
}

static void a_snapshot_of_another_format_is_corrupt(void **state)
{
    (void)state;
    assert_int_equal(decode_with(1, 1), STATUS_OK); /* the format that there is */
    assert_int_equal(decode_with(1, 2), STATUS_CORRUPT);
}

static void a_snapshot_of_more_members_than_there_may_be_is_corrupt(void **state)
{
    (void)state;
    const size_t count_at = 1 + 1 + 9; /* behind the array, the format and a version of 64 bits */
    assert_int_equal(decode_with(count_at, 2), STATUS_OK);
    assert_int_equal(decode_with(count_at, MEMBERS_MAX + 1), STATUS_CORRUPT);
}

static void bytes_behind_a_snapshot_are_corrupt(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    const struct text bytes = members_encode(arena, two_nodes(arena));
    struct members *got = arena_allocate(arena, sizeof *got);
    char *longer = arena_allocate(arena, bytes.length + 1);
    memcpy(longer, bytes.data, bytes.length);
    assert_int_equal(members_decode((struct text){ longer, bytes.length + 1 }, got),
                     STATUS_CORRUPT);
    arena_destroy(&arena);
}

static void a_snapshot_of_nobody_is_a_snapshot(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    const struct members *nobody = arena_allocate(arena, sizeof *nobody);
    struct members *got = two_nodes(arena);
    assert_int_equal(members_decode(members_encode(arena, nobody), got), STATUS_OK);
    assert_int_equal(got->count, 0);
    arena_destroy(&arena);
}

static void a_gateway_owns_no_shards(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct members *members = two_nodes(arena);
    members->list[0].kind = MEMBER_GATEWAY;
    assert_null(members_owner(members, 0, 0));
    arena_destroy(&arena);
}

static void a_member_gives_back_every_field(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct member got, member = node_with("node-7", UINT32_MAX, 1, 63);
    member.incarnation = UINT64_MAX;
    member.is_ready = false;
    (void)snprintf(member.control_endpoint, sizeof member.control_endpoint, "ipc:///x/control");
    assert_int_equal(member_decode(member_encode(arena, &member), &got), STATUS_OK);
    assert_string_equal(got.name, "node-7");
    assert_int_equal(got.kind, MEMBER_NODE);
    assert_true(got.incarnation == UINT64_MAX);
    assert_string_equal(got.data_endpoint, "ipc:///x/node-7.data");
    assert_string_equal(got.control_endpoint, "ipc:///x/control");
    assert_true(got.domains == UINT32_MAX);
    assert_int_equal(got.shard_first, 1);
    assert_int_equal(got.shard_last, 63);
    assert_false(got.is_ready);
    arena_destroy(&arena);
}

static void a_shard_beyond_the_last_is_corrupt(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct member got, member = node_with("node-7", 1, 0, 64);
    assert_int_equal(member_decode(member_encode(arena, &member), &got), STATUS_CORRUPT);
    arena_destroy(&arena);
}

static void the_longest_member_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct member got, member = node_with("x", UINT32_MAX, 0, 63);
    memset(member.name, 'n', sizeof member.name - 1);
    memset(member.data_endpoint, 'd', sizeof member.data_endpoint - 1);
    memset(member.control_endpoint, 'c', sizeof member.control_endpoint - 1);
    member.incarnation = UINT64_MAX;
    assert_int_equal(member_decode(member_encode(arena, &member), &got), STATUS_OK);
    assert_string_equal(got.name, member.name);
    assert_string_equal(got.control_endpoint, member.control_endpoint);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_gives_back_every_member),
        cmocka_unit_test(a_snapshot_cut_anywhere_changes_nothing),
        cmocka_unit_test(a_member_without_name_or_with_a_nul_is_corrupt),
        cmocka_unit_test(the_owner_is_the_ready_node_with_domain_and_shard),
        cmocka_unit_test(a_snapshot_of_another_format_is_corrupt),
        cmocka_unit_test(a_snapshot_of_more_members_than_there_may_be_is_corrupt),
        cmocka_unit_test(bytes_behind_a_snapshot_are_corrupt),
        cmocka_unit_test(a_snapshot_of_nobody_is_a_snapshot),
        cmocka_unit_test(a_gateway_owns_no_shards),
        cmocka_unit_test(a_member_gives_back_every_field),
        cmocka_unit_test(a_shard_beyond_the_last_is_corrupt),
        cmocka_unit_test(the_longest_member_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
