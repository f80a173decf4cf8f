/* Claims about events on their way: none is lost and none has its effect twice, none stops its
 * shard for ever, and none is forgotten before all have passed it. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/host/feed_source.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "order_messages.h"
#include "storage/feed.h"
#include "tests/support/node_stage.h"

enum {
    TRIES = 400,
    TURN_US = 50 * 1000,
    SQL_MAX = 2048,
    MANY = 300,
    GARBAGE = 3,
    POLLS_US = 1200 * 1000, /* in which a consumer looks by itself */
    WORD_US = 7000 * 1000   /* in which every consumer says how far it has come */
};

static struct stage *stage_of_all;

/* ---- what is published ---- */

/* A notice to somebody who does not exist leaves one row that says so; one to a vendor cannot be
 * written, because nobody here hosts vendors. */
static struct text notice_to(struct stage *stage, enum common_audience audience)
{
    const struct told_notice_was_raised event = {
        .notice = { .kind = COMMON_NOTICE_KIND_ORDER_PLACED,
                    .recipient_id = stage_new_id(stage, 7),
                    .audience = audience },
    };
    struct text body;
    assert_int_equal(msgpack_encode(order_notice_was_raised_message.body, &event,
                                    stage_arena(stage), ENVELOPE_BODY_MAX, &body),
                     STATUS_OK);
    return body;
}

static void publish(struct stage *stage, unsigned shard, unsigned number, struct text body)
{
    char sql[SQL_MAX], hexadecimal[2 * 512 + 1] = "";
    assert_true(body.length <= 512);
    for (size_t i = 0; i < body.length; i++)
        (void)snprintf(&hexadecimal[2 * i], 3, "%02x", (unsigned char)body.data[i]);
    (void)snprintf(
        sql, sizeof sql,
        "WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 WHERE shard = %u "
        "RETURNING next_seq) INSERT INTO host.outbox (shard, seq, msg_id, number, key, "
        "body, at) SELECT %u, f.next_seq - 1, gen_random_uuid(), %u, gen_random_uuid(), "
        "'\\x%s', 1 FROM f",
        shard, shard, number, hexadecimal);
    (void)stage_sql(stage, "order", sql);
}

static void publish_good(struct stage *stage, unsigned shard)
{
    publish(stage, shard, order_notice_was_raised_message.number,
            notice_to(stage, COMMON_AUDIENCE_STORE));
}

static void publish_garbage(struct stage *stage, unsigned shard)
{
    publish(stage, shard, order_notice_was_raised_message.number, (struct text){ "xyz", GARBAGE });
}

static bool is_soon(struct stage *stage, const char *domain, const char *sql, const char *expected)
{
    for (int i = 0; i < TRIES; i++) {
        if (strcmp(stage_sql(stage, domain, sql), expected) == 0) return true;
        stage_skip(stage, TURN_US);
    }
    (void)fprintf(stderr, "%s: %s\n", sql, stage_sql(stage, domain, sql));
    return false;
}

static void assert_soon(struct stage *stage, const char *domain, const char *sql,
                        const char *expected)
{
    assert_true(is_soon(stage, domain, sql, expected));
}

static void assert_now(struct stage *stage, const char *domain, const char *sql,
                       const char *expected)
{
    assert_string_equal(stage_sql(stage, domain, sql), expected);
}

#define ROWS_SQL "SELECT count(*) || ' ' || count(DISTINCT event_id) FROM notification.message"
#define PARKED_SQL                                                                                 \
    "SELECT string_agg(source || '/' || shard || '/' || seq || ' ' || reason || ' ' || attempts, " \
    "',' ORDER BY shard, seq) FROM host.parked_event"

/* Each story begins with nothing told, nothing set aside, and nothing left to be read: where the
 * cursors stand is of no matter then. */
static void clear(struct stage *stage)
{
    (void)stage_sql(stage, "order", "DELETE FROM host.outbox");
    (void)stage_sql(stage, "notification",
                    "TRUNCATE notification.message; DELETE FROM host.parked_event");
}

static const char *cursor_sql(struct stage *stage, unsigned shard)
{
    char *sql = arena_allocate(stage_arena(stage), 200);
    (void)snprintf(sql, 200, "SELECT seq FROM host.cursor WHERE source = 'order' AND shard = %u",
                   shard);
    return sql;
}

/* ---- batches ---- */

static void tell_many(struct stage *stage, void *context)
{
    (void)context;
    clear(stage);
    for (unsigned i = 0; i < MANY; i++)
        publish_good(stage, i * 7 % SHARD_COUNT);
    stage_sleep(stage, TURN_US); /* some are told, others are not */
}

static void assert_many(struct stage *stage, void *context)
{
    (void)context;
    assert_soon(stage, "notification", ROWS_SQL, "300 300");
    /* Nobody's cursor is behind, so nothing is left to be told. */
    stage_skip(stage, POLLS_US);
    assert_now(stage, "notification", ROWS_SQL, "300 300");
}

static void each_event_has_its_effect_once_whenever_the_node_stops(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_many, NULL);
    stage_restart_node(stage_of_all);
    stage_run(stage_of_all, assert_many, NULL);
}

static void tell_repeatedly(struct stage *stage, void *context)
{
    (void)context;
    clear(stage);
    publish_good(stage, 3);
    assert_soon(stage, "notification", ROWS_SQL, "1 1");
    /* As if the answer to the commit had been lost together with the node. */
    (void)stage_sql(stage, "notification", "UPDATE host.cursor SET seq = 0 WHERE source = 'order'");
    publish_good(stage, 4);
}

/* All are read from the first again. */
static void assert_no_repetition(struct stage *stage, void *context)
{
    (void)context;
    assert_soon(stage, "notification", ROWS_SQL, "2 2");
    stage_skip(stage, POLLS_US);
    assert_now(stage, "notification", ROWS_SQL, "2 2");
}

static void events_that_are_read_again_are_not_told_again(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_repeatedly, NULL);
    stage_restart_node(stage_of_all);
    stage_run(stage_of_all, assert_no_repetition, NULL);
}

/* ---- poison ---- */

static const char *last_sequence(struct stage *stage, unsigned shard)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT max(seq) FROM host.outbox WHERE shard = %u", shard);
    const char *cell = stage_sql(stage, "order", sql);
    return text_string(stage_arena(stage), text_of(cell));
}

static enum status settle(struct stage *stage, const char *event, enum host_parked_fate fate)
{
    const struct host_settle_parked_event command = { .event = text_of(event), .fate = fate };
    struct envelope envelope, reply;
    stage_address(stage, (struct uuid){ { 0 } }, &host_settle_parked_event_message, &command,
                  &envelope);
    envelope.domain = DOMAIN_NOTIFICATION;
    envelope.key = envelope.msg_id;
    const enum status status =
        stage_send(stage, ROLE_OPERATOR, &envelope, INT64_C(5000000), &reply);
    return status == STATUS_OK ? reply.status : status;
}

static void tell_poison(struct stage *stage, void *context)
{
    (void)context;
    clear(stage);
    for (unsigned shard = 10; shard < 20; shard++)
        publish_good(stage, shard);
    publish_garbage(stage, 12);
    publish_good(stage, 12);
    publish_good(stage, 12);
    const char *last = last_sequence(stage, 12);
    const long poison = strtol(last, NULL, 10) - 2;
    char event[64], expected[128];
    (void)snprintf(event, sizeof event, "order/12/%ld", poison);
    (void)snprintf(expected, sizeof expected, "%s wrong_type 3", event);

    /* What stands behind it goes on, in order, and so does everybody else. */
    assert_soon(stage, "notification", PARKED_SQL, expected);
    assert_soon(stage, "notification", ROWS_SQL, "12 12");
    assert_soon(stage, "notification", cursor_sql(stage, 12), last);

    /* It fails as before until what was wrong with it is mended; then it is told, once. */
    assert_int_equal(settle(stage, event, HOST_PARKED_FATE_REPLAY), STATUS_WRONG_TYPE);
    (void)snprintf(expected, sizeof expected, "%s wrong_type 4", event);
    assert_now(stage, "notification", PARKED_SQL, expected);
    const char *body =
        stage_sql(stage, "order",
                  "SELECT encode(body, 'hex') FROM host.outbox WHERE shard = 12 ORDER "
                  "BY seq DESC LIMIT 1");
    char sql[SQL_MAX];
    (void)snprintf(sql, sizeof sql, "UPDATE host.parked_event SET body = '\\x%s'", body);
    (void)stage_sql(stage, "notification", sql);
    assert_int_equal(settle(stage, event, HOST_PARKED_FATE_REPLAY), STATUS_OK);
    assert_now(stage, "notification", ROWS_SQL, "13 13");
    assert_now(stage, "notification", "SELECT count(*) FROM host.parked_event", "0");
    assert_int_equal(settle(stage, event, HOST_PARKED_FATE_REPLAY), STATUS_NOT_FOUND);
}

static void an_event_that_always_fails_is_set_aside_until_an_operator_replays_it(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_poison, NULL);
}

static void tell_discarded(struct stage *stage, void *context)
{
    (void)context;
    clear(stage);
    publish_garbage(stage, 0);
    publish_garbage(stage, 0);
    publish_good(stage, 0);
    assert_soon(stage, "notification", "SELECT count(*) FROM host.parked_event", "2");
    assert_soon(stage, "notification", ROWS_SQL, "1 1");
    char event[64];
    (void)snprintf(event, sizeof event, "order/0/%ld",
                   strtol(last_sequence(stage, 0), NULL, 10) - 1);
    assert_int_equal(settle(stage, event, HOST_PARKED_FATE_DISCARD), STATUS_OK);
    assert_int_equal(settle(stage, event, HOST_PARKED_FATE_DISCARD), STATUS_NOT_FOUND);
    assert_int_equal(settle(stage, "order/64/1", HOST_PARKED_FATE_DISCARD), STATUS_NOT_FOUND);
    assert_int_equal(settle(stage, "//", HOST_PARKED_FATE_DISCARD), STATUS_NOT_FOUND);
    assert_int_equal(settle(stage, "nobody/1/1", HOST_PARKED_FATE_REPLAY), STATUS_NOT_FOUND);
    assert_now(stage, "notification", "SELECT count(*) FROM host.parked_event", "1");
}

static void what_is_discarded_is_gone_and_nothing_else(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_discarded, NULL);
}

/* ---- outages ---- */

/* Shard 30 has two events, of which the first cannot be consumed; nine other shards have one. */
static void publish_behind_an_outage(struct stage *stage)
{
    clear(stage);
    publish(stage, 30, order_notice_was_raised_message.number,
            notice_to(stage, COMMON_AUDIENCE_VENDOR));
    publish_good(stage, 30);
    for (unsigned shard = 31; shard < 40; shard++)
        publish_good(stage, shard);
    assert_soon(stage, "notification", ROWS_SQL, "9 9");
}

static void tell_outage(struct stage *stage, void *context)
{
    (void)context;
    publish_behind_an_outage(stage);
    stage_skip(stage, 5 * POLLS_US); /* more than three attempts */
    assert_now(stage, "notification", "SELECT count(*) FROM host.parked_event", "0");
    assert_now(stage, "notification", ROWS_SQL, "9 9");
}

static void an_outage_is_no_poison_and_stops_its_own_shard_only(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_outage, NULL);
}

/* ---- forgetting ---- */

static int64_t trim(struct stage *stage)
{
    int64_t deleted = -1;
    assert_int_equal(feed_source_trim(&stage_host(stage)->hosted[DOMAIN_ORDER], &deleted),
                     STATUS_OK);
    return deleted;
}

static void tell_what_was_not_passed(struct stage *stage, void *context)
{
    (void)context;
    publish_behind_an_outage(stage);
    stage_skip(stage, WORD_US);
    assert_int_equal(trim(stage), 9);
    assert_int_equal(trim(stage), 0);
    assert_now(stage, "order", "SELECT string_agg(shard::text, ',') FROM host.outbox", "30,30");
}

static void tell_what_is_young(struct stage *stage, void *context)
{
    (void)context;
    clear(stage);
    publish_good(stage, 41);
    (void)stage_sql(stage, "order", "UPDATE host.outbox SET at = 9000000000000000");
    assert_soon(stage, "notification", ROWS_SQL, "1 1");
    stage_skip(stage, WORD_US);
    assert_int_equal(trim(stage), 0);
    (void)stage_sql(stage, "order", "UPDATE host.outbox SET at = 1");
    assert_int_equal(trim(stage), 1);
}

/* A consumer that is down has said nothing since the node started. */
static void tell_unheard(struct stage *stage, void *context)
{
    struct feed_source *fresh = feed_source_new();
    struct hosted *order = &stage_host(stage)->hosted[DOMAIN_ORDER];
    struct feed_source *heard = order->feed;
    (void)context;
    clear(stage);
    publish_good(stage, 42);
    assert_soon(stage, "notification", ROWS_SQL, "1 1");
    stage_skip(stage, WORD_US);
    order->feed = fresh;
    const int64_t deleted = trim(stage);
    order->feed = heard;
    feed_source_destroy(&fresh);
    assert_int_equal(deleted, 0);
    assert_int_equal(trim(stage), 1);
}

static void only_what_all_have_passed_is_forgotten(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_what_was_not_passed, NULL);
}

static void only_what_is_old_is_forgotten(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_what_is_young, NULL);
}

static void nothing_is_forgotten_while_a_consumer_is_unheard_of(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_unheard, NULL);
}

/* ---- long processes ---- */

static void tell_late(struct stage *stage, void *context)
{
    const struct host_list_late_sagas query = { 0 };
    struct envelope envelope, reply;
    struct host_late_sagas late;
    (void)context;
    (void)stage_sql(stage, "order",
                    "INSERT INTO host.saga (id, shard, kind, version, direction, point, data, "
                    "started_at, deadline) SELECT gen_random_uuid(), 5, 'checkout', 1, 0, i, '', "
                    "i + 1, CASE i WHEN 1 THEN 1000 ELSE 9000000000000000 END "
                    "FROM generate_series(0, 1) i");
    stage_address(stage, (struct uuid){ { 0 } }, &host_list_late_sagas_message, &query, &envelope);
    envelope.domain = DOMAIN_ORDER;
    envelope.key = envelope.msg_id;
    assert_int_equal(stage_send(stage, ROLE_OPERATOR, &envelope, INT64_C(5000000), &reply),
                     STATUS_OK);
    assert_int_equal(reply.status, STATUS_OK);
    assert_int_equal(msgpack_decode(&host_late_sagas_schema, reply.body, stage_arena(stage), &late),
                     STATUS_OK);
    assert_int_equal(late.sagas_count, 1);
    assert_int_equal(late.sagas[0].standing, HOST_SAGA_STANDING_PAST_PIVOT);
    assert_int_equal(late.sagas[0].started_at_us, 2);
    assert_false(late.sagas[0].has_step);
    (void)stage_sql(stage, "order",
                    "DELETE FROM host.saga WHERE deadline IN (1000, "
                    "9000000000000000)");
}

static void a_saga_past_its_deadline_is_shown_to_the_operator(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_late, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "user", "order", "notification", "admin" };
    static const char *const settings[] = { "--events.attempts=3", "--events.kept=60" };
    (void)state;
    stage_of_all = stage_new_with(domains, 4, settings, 2);
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
        cmocka_unit_test(each_event_has_its_effect_once_whenever_the_node_stops),
        cmocka_unit_test(events_that_are_read_again_are_not_told_again),
        cmocka_unit_test(an_event_that_always_fails_is_set_aside_until_an_operator_replays_it),
        cmocka_unit_test(what_is_discarded_is_gone_and_nothing_else),
        cmocka_unit_test(an_outage_is_no_poison_and_stops_its_own_shard_only),
        cmocka_unit_test(only_what_all_have_passed_is_forgotten),
        cmocka_unit_test(only_what_is_old_is_forgotten),
        cmocka_unit_test(nothing_is_forgotten_while_a_consumer_is_unheard_of),
        cmocka_unit_test(a_saga_past_its_deadline_is_shown_to_the_operator),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
