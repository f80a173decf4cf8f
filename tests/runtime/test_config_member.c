/* The members of a site. */
#include "domains.h"
#include "runtime/config_member.h"
#include "tests/support/cmocka.h"

struct stage {
    struct arena *arena;
    struct config_members members;
    const char *problem;
};

static struct stage stage;

static int open_stage(void **state)
{
    (void)state;
    stage = (struct stage){ .arena = arena_new(1024), .problem = "" };
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    arena_destroy(&stage.arena);
    return 0;
}

static enum status set(const char *name, const char *key, const char *value)
{
    return config_member_set(&stage.members, stage.arena, text_of(name), text_of(key),
                             text_of(value), &stage.problem);
}

static enum status complete(void)
{
    return config_members_complete(&stage.members, stage.arena, &stage.problem);
}

static void site_without_members_has_one_gateway_and_one_node(void **state)
{
    (void)state;
    assert_int_equal(complete(), STATUS_OK);
    assert_int_equal(stage.members.count, 2);
    const struct config_member *gateway = config_members_find(&stage.members, TEXT("gateway-1"));
    const struct config_member *node = config_members_find(&stage.members, TEXT("node-1"));
    assert_int_equal(gateway->kind, MEMBER_GATEWAY);
    assert_int_equal(gateway->domains_count, 0);
    assert_int_equal(node->kind, MEMBER_NODE);
    assert_true(node->domains_count >= 5);
    assert_string_equal(node->domains[0], "user");
    assert_string_equal(node->domains[4], "wallet");
    assert_int_equal(node->domain_bits >> DOMAIN_HOST & 1, 0);
    assert_int_equal(node->shard_first, 0);
    assert_int_equal(node->shard_last, 63);
    assert_null(config_members_find(&stage.members, TEXT("node-2")));
}

static void node_serves_what_its_section_says(void **state)
{
    (void)state;
    assert_int_equal(set("node-a", "kind", "node"), STATUS_OK);
    assert_int_equal(set("node-a", "domains", "wallet, order"), STATUS_OK);
    assert_int_equal(set("node-a", "shards", "16-31"), STATUS_OK);
    assert_int_equal(complete(), STATUS_OK);
    const struct config_member *node = config_members_find(&stage.members, TEXT("node-a"));
    assert_int_equal(stage.members.count, 1);
    assert_int_equal(node->domains_count, 2);
    assert_int_equal(node->domain_bits, 1u << DOMAIN_WALLET | 1u << DOMAIN_ORDER);
    assert_string_equal(node->domains[1], "order");
    assert_int_equal(node->shard_first, 16);
    assert_int_equal(node->shard_last, 31);
}

static void malformed_values_are_refused(void **state)
{
    (void)state;
    assert_int_equal(set("Node", "kind", "node"), STATUS_MALFORMED);
    assert_int_equal(set("-n", "kind", "node"), STATUS_MALFORMED);
    assert_int_equal(set("n", "kind", "nodes"), STATUS_MALFORMED);
    assert_int_equal(set("n", "domains", ""), STATUS_MALFORMED);
    assert_int_equal(set("n", "domains", "walet"), STATUS_MALFORMED);
    assert_int_equal(set("n", "domains", "host"), STATUS_MALFORMED);
    assert_int_equal(set("n", "domains", "wallet,"), STATUS_MALFORMED);
    assert_int_equal(set("n", "domains", "wallet,wallet"), STATUS_MALFORMED);
    assert_int_equal(set("n", "shards", "0-64"), STATUS_MALFORMED);
    assert_int_equal(set("n", "shards", "5-4"), STATUS_MALFORMED);
    assert_int_equal(set("n", "shards", "-1"), STATUS_MALFORMED);
    assert_int_equal(set("n", "shards", "1,3"), STATUS_MALFORMED);
    assert_int_equal(set("n", "colour", "red"), STATUS_UNKNOWN_FIELD);
    assert_string_not_equal(stage.problem, "");
}

static void member_without_kind_or_gateway_with_shards_is_refused(void **state)
{
    (void)state;
    assert_int_equal(set("n", "shards", "1"), STATUS_OK);
    assert_int_equal(complete(), STATUS_MISSING_FIELD);
    assert_int_equal(set("n", "kind", "gateway"), STATUS_OK);
    assert_int_equal(complete(), STATUS_INVALID_VALUE);
}

static void members_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < MEMBERS_MAX; i++) {
        const struct text name = text_format(stage.arena, "n%d", i);
        assert_int_equal(set(name.data, "kind", "node"), STATUS_OK);
    }
    assert_int_equal(set("one-more", "kind", "node"), STATUS_OVERLOADED);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(site_without_members_has_one_gateway_and_one_node),
        STAGED(node_serves_what_its_section_says),
        STAGED(malformed_values_are_refused),
        STAGED(member_without_kind_or_gateway_with_shards_is_refused),
        STAGED(members_beyond_the_limit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
