/* Claims about the changes of many orders: who sees which, and that none is passed by. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "tests/actors/order/shipment_words.h"
#include "tests/support/scratch_database.h"

static const struct text nowhere = { .data = NULL };

static struct order_order_change_page changes_for(const struct principal *who, struct text after,
                                                  int64_t limit, bool is_from_now)
{
    const enum order_changes_from from =
        is_from_now ? ORDER_CHANGES_FROM_NOW : ORDER_CHANGES_FROM_BEGINNING;
    const bool has = after.length > 0;
    const struct order_list_order_changes own = { true, from, has, after, true, limit };
    const struct order_list_vendor_order_changes vendors = { true, from, has, after, true, limit };
    const struct order_list_all_order_changes all = { true, from, has, after, true, limit };
    struct order_order_change_page page;
    enum status status;
    if (who->kind == PRINCIPAL_ADMIN)
        status = direct_call(market, who, &order_list_all_order_changes_message, &all, &page);
    else if (who->kind == PRINCIPAL_VENDOR)
        status =
            direct_call(market, who, &order_list_vendor_order_changes_message, &vendors, &page);
    else
        status = direct_call(market, who, &order_list_order_changes_message, &own, &page);
    assert_int_equal(status, STATUS_OK);
    assert_true(page.has_next);
    return page;
}

static void each_sees_the_changes_of_its_own_orders(void **state)
{
    (void)state;
    (void)sent(3);
    const struct principal stranger = someone(PRINCIPAL_SHOPPER, 8);
    assert_int_equal(changes_for(&shopper, nowhere, 100, false).data_count, 7);
    assert_int_equal(changes_for(&vendor, nowhere, 100, false).data_count, 5);
    assert_int_equal(changes_for(&other, nowhere, 100, false).data_count, 2);
    assert_int_equal(changes_for(&staff, nowhere, 100, false).data_count, 7);
    assert_int_equal(changes_for(&stranger, nowhere, 100, false).data_count, 0);
    const struct order_order_change_page page = changes_for(&vendor, nowhere, 100, false);
    for (size_t i = 0; i < page.data_count; i++) {
        assert_true(uuid_equals(page.data[i].order_id, order_id));
        assert_text_equal(page.data[i].number, TEXT("1-1"));
        assert_int_equal(page.data[i].event.sequence, i + 1);
        assert_false(page.data[i].event.has_actor_id);
    }
    assert_true(changes_for(&staff, nowhere, 100, false).data[6].event.has_actor_id);
}

static void pages_go_on_behind_any_of_their_entries(void **state)
{
    (void)state;
    (void)sent(3);
    const struct order_order_change_page all = changes_for(&staff, nowhere, 100, false);
    assert_false(all.has_more);
    for (size_t i = 0; i < all.data_count; i++) {
        const struct order_order_change_page rest =
            changes_for(&staff, all.data[i].cursor, 100, false);
        assert_int_equal(rest.data_count, all.data_count - i - 1);
        if (rest.data_count > 0) assert_text_equal(rest.data[0].cursor, all.data[i + 1].cursor);
    }
    const struct order_order_change_page some = changes_for(&staff, nowhere, 3, false);
    assert_int_equal(some.data_count, 3);
    assert_true(some.has_more);
    assert_text_equal(some.next, all.data[2].cursor);
    assert_text_equal(all.next, all.data[all.data_count - 1].cursor);
}

static void who_begins_now_sees_only_what_comes(void **state)
{
    (void)state;
    const struct order_order_change_page now = changes_for(&vendor, nowhere, 100, true);
    assert_int_equal(now.data_count, 0);
    assert_false(now.has_more);
    (void)packed(1);
    const struct order_order_change_page page = changes_for(&vendor, now.next, 100, true);
    assert_int_equal(page.data_count, 1);
    assert_text_equal(page.data[0].event.trigger, TEXT("pack"));
    assert_int_equal(changes_for(&vendor, page.next, 100, true).data_count, 0);
}

static void what_is_no_place_is_refused(void **state)
{
    (void)state;
    const struct order_list_all_order_changes query = { .has_after = true, .after = TEXT("AAAA") };
    struct order_order_change_page page;
    assert_int_equal(
        direct_call(market, &staff, &order_list_all_order_changes_message, &query, &page),
        STATUS_INVALID_PARAMETER);
    assert_fault(STATUS_INVALID_PARAMETER, "/after");
}

/* ---- commits side by side ---- */

static PGconn *second_connection(void)
{
    const char *cluster = getenv("SOUK_TEST_CLUSTER");
    char conninfo[1024];
    const struct text database = direct_sql(market, "SELECT current_database()");
    if (cluster != NULL) {
        (void)snprintf(conninfo, sizeof conninfo, "%s dbname=%.*s", cluster, (int)database.length,
                       database.data);
    } else {
        const struct text place = direct_sql(
            market, "SELECT format('host=%L port=%s user=%s', current_setting("
                    "'unix_socket_directories'), current_setting('port'), current_user)");
        (void)snprintf(conninfo, sizeof conninfo, "%.*s password=%s dbname=%.*s", (int)place.length,
                       place.data, scratch_password, (int)database.length, database.data);
    }
    PGconn *connection = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    return connection;
}

static void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
}

static const char *step_of(struct uuid order)
{
    static char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine,"
                   " object_id, trigger, from_state, to_state, is_late, actor_kind, actor,"
                   " request_id, at) VALUES ('%s', 3, '%s', 'vendor_order', '%s', 'process',"
                   " 'accepted', 'processing', false, 'vendor', '', '', 2)",
                   sql_id(order), sql_id(group_id), sql_id(order));
    return sql;
}

/* Of two orders whose shards commit side by side the one that wrote first commits last. */
static void what_commits_late_is_not_passed_by(void **state)
{
    (void)state;
    const struct uuid far_id = draw_id(uuid_shard(order_id) ^ 1), far_line = draw_id(1);
    write_order(far_id, far_line, vendor.id, "1-3", 1, "accepted");
    const struct order_order_change_page now = changes_for(&staff, nowhere, 100, true);
    PGconn *slow = second_connection();
    run(slow, "BEGIN");
    run(slow, step_of(order_id));
    (void)direct_sql(market, step_of(far_id));
    const struct order_order_change_page first = changes_for(&staff, now.next, 100, true);
    assert_int_equal(first.data_count, 1);
    assert_true(uuid_equals(first.data[0].order_id, far_id));
    run(slow, "COMMIT");
    const struct order_order_change_page second = changes_for(&staff, first.next, 100, true);
    assert_int_equal(second.data_count, 1);
    assert_true(uuid_equals(second.data[0].order_id, order_id));
    PQfinish(slow);
    char sql[512]; /* these steps were no order's */
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM \"order\".order_history WHERE sequence = 3 OR order_id = '%s';"
                   "DELETE FROM \"order\".order_line WHERE order_id = '%s';"
                   "DELETE FROM \"order\".vendor_order WHERE id = '%s'",
                   sql_id(far_id), sql_id(far_id), sql_id(far_id));
    (void)direct_sql(market, sql);
}

/* A position is given when it is committed: whoever waits for it gets the next one. */
static void writers_of_one_shard_wait_for_each_other(void **state)
{
    (void)state;
    PGconn *slow = second_connection();
    run(slow, "BEGIN");
    run(slow, step_of(order_id));
    const struct text got = direct_sql(
        market, "WITH h AS (SELECT 1 FROM \"order\".history_head ORDER BY shard FOR UPDATE"
                " SKIP LOCKED) SELECT count(*) FROM h");
    assert_text_equal(got, TEXT("63"));
    run(slow, "ROLLBACK");
    PQfinish(slow);
}

static void positions_have_no_gaps(void **state)
{
    (void)state;
    (void)sent(1);
    (void)sent(2);
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) = max(h.position) - min(h.position) + 1 AND max(h.position) ="
                   " (SELECT last FROM \"order\".history_head WHERE shard = %u) FROM"
                   " \"order\".order_history h WHERE h.shard = %u",
                   uuid_shard(order_id), uuid_shard(order_id));
    assert_sql(sql, "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(each_sees_the_changes_of_its_own_orders),
        CLAIM(pages_go_on_behind_any_of_their_entries),
        CLAIM(who_begins_now_sees_only_what_comes),
        CLAIM(what_is_no_place_is_refused),
        CLAIM(what_commits_late_is_not_passed_by),
        CLAIM(writers_of_one_shard_wait_for_each_other),
        CLAIM(positions_have_no_gaps),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
