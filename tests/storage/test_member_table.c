/* Who takes part: what a JOIN may change, who is dead when, and what places do when somebody goes.
 */
#include <stdio.h>

#include "storage/member_table.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000000 };

static struct member_table table;

static struct member member_of(enum member_kind kind, const char *name, uint64_t incarnation)
{
    struct member member = { .kind = kind, .incarnation = incarnation };
    (void)snprintf(member.name, sizeof member.name, "%s", name);
    return member;
}

/* gateway-1 and node-1 are configured, and so is an agent, which is no member. */
static int set_up(void **state)
{
    (void)state;
    static struct members configured;
    configured = (struct members){ .count = 3 };
    configured.list[0] = member_of(MEMBER_GATEWAY, "gateway-1", 77);
    configured.list[1] = member_of(MEMBER_AGENT, "agent", 77);
    configured.list[2] = member_of(MEMBER_NODE, "node-1", 77);
    member_table_init(&table, &configured, 100);
    return 0;
}

static enum member_joining join(enum member_kind kind, const char *name, uint64_t incarnation,
                                int64_t now_us, size_t *ret_place)
{
    const struct member joined = member_of(kind, name, incarnation);
    return member_table_join(&table, &joined, now_us, ret_place);
}

static size_t must_join(enum member_kind kind, const char *name, uint64_t incarnation,
                        int64_t now_us)
{
    size_t place = MEMBERS_MAX;
    assert_int_equal(join(kind, name, incarnation, now_us, &place), MEMBER_REBORN);
    return place;
}

/* ---- the beginning ---- */

static void only_nodes_and_gateways_of_the_configuration_have_places_and_none_runs(void **state)
{
    (void)state;
    assert_int_equal(table.members.count, 2);
    assert_string_equal(table.members.list[0].name, "gateway-1");
    assert_string_equal(table.members.list[1].name, "node-1");
    assert_int_equal(table.members.list[0].incarnation, 0);
    assert_int_equal(table.members.list[1].incarnation, 0);
    assert_false(member_table_renew(&table));
    assert_int_equal(table.members.version, 100);
}

/* ---- coming ---- */

static void first_join_is_a_new_life_and_a_new_version(void **state)
{
    (void)state;
    assert_int_equal(must_join(MEMBER_NODE, "node-1", 5, 0), 1);
    assert_int_equal(table.members.list[1].incarnation, 5);
    assert_true(member_table_renew(&table));
    assert_int_equal(table.members.version, 101);
    assert_false(member_table_renew(&table));
}

static void same_join_again_changes_nothing(void **state)
{
    (void)state;
    size_t place = MEMBERS_MAX;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    (void)member_table_renew(&table);
    assert_int_equal(join(MEMBER_NODE, "node-1", 5, 1, &place), MEMBER_REPEATED);
    assert_int_equal(place, 1);
    assert_false(member_table_renew(&table));
}

static void node_that_becomes_ready_is_a_change_of_the_same_life(void **state)
{
    (void)state;
    size_t place = MEMBERS_MAX;
    struct member node = member_of(MEMBER_NODE, "node-1", 5);
    assert_int_equal(member_table_join(&table, &node, 0, &place), MEMBER_REBORN);
    node.is_ready = true;
    assert_int_equal(member_table_join(&table, &node, 1, &place), MEMBER_CHANGED);
    assert_true(table.members.list[1].is_ready);
}

static void former_life_never_comes_back(void **state)
{
    (void)state;
    size_t place = 33;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    assert_int_equal(join(MEMBER_NODE, "node-1", 4, 1, &place), MEMBER_OUTDATED);
    assert_int_equal(place, 33);
    assert_int_equal(table.members.list[1].incarnation, 5);
    assert_int_equal(table.lives[1].heard_us, 0);
}

static void stranger_is_refused(void **state)
{
    (void)state;
    size_t place = 33;
    assert_int_equal(join(MEMBER_NODE, "node-2", 5, 0, &place), MEMBER_REFUSED);
    assert_int_equal(place, 33);
    assert_false(member_table_renew(&table));
}

static void name_of_another_kind_is_refused(void **state)
{
    (void)state;
    size_t place;
    assert_int_equal(join(MEMBER_GATEWAY, "node-1", 5, 0, &place), MEMBER_REFUSED);
    assert_int_equal(join(MEMBER_CLIENT, "node-1", 5, 0, &place), MEMBER_REFUSED);
}

static void client_needs_the_name_of_a_client(void **state)
{
    (void)state;
    size_t place;
    assert_int_equal(join(MEMBER_CLIENT, "import-1", 5, 0, &place), MEMBER_REFUSED);
    assert_int_equal(must_join(MEMBER_CLIENT, "client-1", 5, 0), 2);
}

static void one_client_too_many_is_refused(void **state)
{
    (void)state;
    char name[32];
    size_t place;
    for (unsigned i = 0; i < MEMBER_CLIENTS_MAX; i++) {
        (void)snprintf(name, sizeof name, "client-%u", i);
        (void)must_join(MEMBER_CLIENT, name, 5, 0);
    }
    assert_int_equal(join(MEMBER_CLIENT, "client-x", 5, 0, &place), MEMBER_REFUSED);
    assert_int_equal(table.members.count, 2 + MEMBER_CLIENTS_MAX);
}

static void sockets_are_called_by_the_member_and_lie_in_the_run_directory(void **state)
{
    (void)state;
    struct member member = member_of(MEMBER_NODE, "node-1", 5);
    (void)snprintf(member.data_endpoint, sizeof member.data_endpoint, "ipc:///run/node-1-05.data");
    (void)snprintf(member.control_endpoint, sizeof member.control_endpoint,
                   "ipc:///run/node-1-05.control");
    assert_true(member_has_sockets_in(&member, "/run"));
    assert_false(member_has_sockets_in(&member, "/tmp"));
    (void)snprintf(member.control_endpoint, sizeof member.control_endpoint,
                   "ipc:///run/node-2-05.control");
    assert_false(member_has_sockets_in(&member, "/run"));
    (void)snprintf(member.control_endpoint, sizeof member.control_endpoint,
                   "ipc:///run/node-1-/../../etc/x");
    assert_false(member_has_sockets_in(&member, "/run"));
}

/* ---- going ---- */

static void node_is_dead_after_three_silent_seconds(void **state)
{
    (void)state;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, MEMBER_DEAD_US - 1), MEMBERS_MAX);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, MEMBER_DEAD_US), 1);
}

static void silence_that_the_agent_did_not_hear_counts_for_nobody(void **state)
{
    (void)state;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    (void)must_join(MEMBER_CLIENT, "client-1", 6, 0);
    member_table_forgive(&table, 8 * SECOND_US);
    assert_int_equal(
        member_table_find_dead(&table, MEMBERS_MAX, 8 * SECOND_US + MEMBER_DEAD_US - 1),
        MEMBERS_MAX);
    assert_int_equal(
        member_table_find_dead(&table, MEMBERS_MAX, 8 * SECOND_US + MEMBER_CLIENT_DEAD_US), 2);
}

static void a_life_is_found_by_name_and_incarnation(void **state)
{
    (void)state;
    (void)must_join(MEMBER_CLIENT, "client-1", 6, 0);
    assert_int_equal(member_table_find(&table, TEXT("client-1"), 6), 2);
    assert_int_equal(member_table_find(&table, TEXT("client-1"), 5), MEMBERS_MAX);
    assert_int_equal(member_table_find(&table, TEXT("client-2"), 6), MEMBERS_MAX);
}

static void ping_keeps_a_node_alive(void **state)
{
    (void)state;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    member_table_hear(&table, TEXT("node-1"), 5, 2 * SECOND_US);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 4 * SECOND_US), MEMBERS_MAX);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 5 * SECOND_US), 1);
}

static void ping_of_a_former_life_or_of_another_name_keeps_nobody_alive(void **state)
{
    (void)state;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    member_table_hear(&table, TEXT("node-1"), 4, 2 * SECOND_US);
    member_table_hear(&table, TEXT("node-2"), 5, 2 * SECOND_US);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 3 * SECOND_US), 1);
}

static void client_lives_by_its_joins_and_not_by_pings(void **state)
{
    (void)state;
    (void)must_join(MEMBER_CLIENT, "client-1", 5, 0);
    member_table_hear(&table, TEXT("client-1"), 5, 4 * SECOND_US);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, MEMBER_CLIENT_DEAD_US - 1),
                     MEMBERS_MAX);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, MEMBER_CLIENT_DEAD_US), 2);
}

static void who_does_not_run_cannot_die(void **state)
{
    (void)state;
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 3600LL * SECOND_US), MEMBERS_MAX);
}

static void buried_node_keeps_its_place_and_may_be_born_again(void **state)
{
    (void)state;
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    (void)member_table_renew(&table);
    assert_int_equal(member_table_bury(&table, 1), 1);
    assert_int_equal(table.members.list[1].incarnation, 0);
    assert_false(table.members.list[1].is_ready);
    assert_true(member_table_renew(&table));
    assert_int_equal(must_join(MEMBER_NODE, "node-1", 6, 4 * SECOND_US), 1);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 5 * SECOND_US), MEMBERS_MAX);
}

static void last_client_fills_the_place_of_one_that_leaves(void **state)
{
    (void)state;
    (void)must_join(MEMBER_CLIENT, "client-a", 5, 0);
    (void)must_join(MEMBER_CLIENT, "client-b", 6, 1 * SECOND_US);
    (void)must_join(MEMBER_CLIENT, "client-c", 7, 2 * SECOND_US);
    assert_int_equal(member_table_bury(&table, 2), 4);
    assert_int_equal(table.members.count, 4);
    assert_string_equal(table.members.list[2].name, "client-c");
    assert_int_equal(table.lives[2].joined_us, 2 * SECOND_US);
    assert_string_equal(table.members.list[3].name, "client-b");
    assert_string_equal(table.members.list[4].name, "");
}

static void last_client_leaves_no_gap(void **state)
{
    (void)state;
    (void)must_join(MEMBER_CLIENT, "client-a", 5, 0);
    assert_int_equal(member_table_bury(&table, 2), 2);
    assert_int_equal(table.members.count, 2);
    assert_int_equal(must_join(MEMBER_CLIENT, "client-b", 6, 0), 2);
}

static void search_for_the_dead_goes_on_below_the_last_one_found(void **state)
{
    (void)state;
    (void)must_join(MEMBER_GATEWAY, "gateway-1", 5, 0);
    (void)must_join(MEMBER_NODE, "node-1", 5, 0);
    assert_int_equal(member_table_find_dead(&table, MEMBERS_MAX, 9LL * SECOND_US), 1);
    assert_int_equal(member_table_find_dead(&table, 1, 9LL * SECOND_US), 0);
    assert_int_equal(member_table_find_dead(&table, 0, 9LL * SECOND_US), MEMBERS_MAX);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        CLAIM(only_nodes_and_gateways_of_the_configuration_have_places_and_none_runs),
        CLAIM(first_join_is_a_new_life_and_a_new_version),
        CLAIM(same_join_again_changes_nothing),
        CLAIM(node_that_becomes_ready_is_a_change_of_the_same_life),
        CLAIM(former_life_never_comes_back),
        CLAIM(stranger_is_refused),
        CLAIM(name_of_another_kind_is_refused),
        CLAIM(client_needs_the_name_of_a_client),
        CLAIM(one_client_too_many_is_refused),
        CLAIM(sockets_are_called_by_the_member_and_lie_in_the_run_directory),
        CLAIM(node_is_dead_after_three_silent_seconds),
        CLAIM(silence_that_the_agent_did_not_hear_counts_for_nobody),
        CLAIM(a_life_is_found_by_name_and_incarnation),
        CLAIM(ping_keeps_a_node_alive),
        CLAIM(ping_of_a_former_life_or_of_another_name_keeps_nobody_alive),
        CLAIM(client_lives_by_its_joins_and_not_by_pings),
        CLAIM(who_does_not_run_cannot_die),
        CLAIM(buried_node_keeps_its_place_and_may_be_born_again),
        CLAIM(last_client_fills_the_place_of_one_that_leaves),
        CLAIM(last_client_leaves_no_gap),
        CLAIM(search_for_the_dead_goes_on_below_the_last_one_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
