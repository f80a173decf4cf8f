/* Claims about the feed of events between two domains of a node: what cannot be consumed stops its
 * own shard only, and large events come in several answers. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/node_stage.h"
#include "vendor_messages.h"

enum { TRIES = 300, TURN_US = 50 * 1000 };

static const struct uuid nobody;
static struct stage *stage_of_all;

/* Vendors are keyed by name, so names spread over the shards. */
static struct uuid vendor_outside_of(struct stage *stage, const char *prefix, unsigned shard)
{
    struct vendor_vendor_imported reply;
    for (int i = 0;; i++) {
        const struct vendor_import_vendor command = { .name = text_format(stage_arena(stage),
                                                                          "%s %d", prefix, i) };
        assert_int_equal(stage_ask(stage, nobody, &vendor_import_vendor_message, &command, &reply),
                         STATUS_OK);
        if (uuid_shard(reply.vendor_id) != shard) return reply.vendor_id;
    }
}

/* Puts events into the vendors' outbox that the catalogue cannot read, or does not look at. */
static void publish(struct stage *stage, unsigned shard, unsigned number, unsigned count,
                    unsigned bytes)
{
    char sql[700];
    (void)snprintf(sql, sizeof sql,
                   "WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + %u WHERE shard = "
                   "%u RETURNING next_seq) INSERT INTO host.outbox (shard, seq, msg_id, number, "
                   "key, body, at) SELECT %u, f.next_seq - i, gen_random_uuid(), %u, "
                   "gen_random_uuid(), convert_to(repeat('x', %u), 'UTF8'), 1 "
                   "FROM f, generate_series(1, %u) i",
                   count, shard, shard, number, bytes, count);
    (void)stage_sql(stage, "vendor", sql);
}

static bool is_copied(struct stage *stage, struct uuid vendor)
{
    char sql[200], hexadecimal[33];
    for (size_t i = 0; i < sizeof vendor.bytes; i++)
        (void)snprintf(&hexadecimal[2 * i], 3, "%02x", vendor.bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM catalog.vendor_copy WHERE vendor_id = '%s'", hexadecimal);
    return strcmp(stage_sql(stage, "catalog", sql), "1") == 0;
}

static void assert_copied_soon(struct stage *stage, struct uuid vendor)
{
    for (int i = 0; i < TRIES && !is_copied(stage, vendor); i++)
        stage_skip(stage, TURN_US);
    assert_true(is_copied(stage, vendor));
}

static void tell_large_events(struct stage *stage, void *context)
{
    (void)context;
    publish(stage, 40, 2199, 30, 200000);
    publish(stage, 63, 2199, 30, 200000);
    for (int i = 0; i < TRIES; i++) {
        if (strcmp(
                stage_sql(stage, "catalog",
                          "SELECT count(*) FROM host.cursor WHERE seq >= 30 AND shard IN (40, 63)"),
                "2") == 0)
            return;
        stage_skip(stage, TURN_US);
    }
    assert_true(false);
}

static void tell_poison(struct stage *stage, void *context)
{
    (void)context;
    publish(stage, 0, 2101, 300, 10);
    stage_skip(stage, 1200000);
    assert_copied_soon(stage, vendor_outside_of(stage, "Healthy", 0));
}

static void events_larger_than_an_answer_come_in_several(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_large_events, NULL);
}

static void event_that_cannot_be_consumed_stops_its_own_shard_only(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_poison, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "vendor", "catalog" };
    (void)state;
    stage_of_all = stage_new(domains, 2);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_larger_than_an_answer_come_in_several),
        cmocka_unit_test(event_that_cannot_be_consumed_stops_its_own_shard_only),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
