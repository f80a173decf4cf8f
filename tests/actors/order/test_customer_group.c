/* Claims about groups of customers: what staff does with them, and their bounds. */
#include "actors/order/customer_group_store.h"

#include <string.h>

#include "tests/actors/order/promotion_story.h"

static enum status put(struct uuid group_id, struct uuid user_id)
{
    const struct order_add_customer_group_member command = { .group_id = group_id,
                                                             .user_id = user_id };
    return direct_call(market, &staff, &order_add_customer_group_member_message, &command, NULL);
}

static enum status take(struct uuid group_id, struct uuid user_id)
{
    const struct order_remove_customer_group_member command = { .group_id = group_id,
                                                                .user_id = user_id };
    return direct_call(market, &staff, &order_remove_customer_group_member_message, &command, NULL);
}

static struct order_customer_group look(struct uuid group_id)
{
    const struct order_get_customer_group query = { .group_id = group_id };
    struct order_customer_group group;
    assert_int_equal(direct_call(market, &staff, &order_get_customer_group_message, &query, &group),
                     STATUS_OK);
    return group;
}

static enum status rename_as(struct uuid group_id, const char *name, int64_t version)
{
    const struct order_rename_customer_group command = {
        .group_id = group_id, .name = text_of(name), .versions = &version, .versions_count = 1
    };
    struct order_customer_group group;
    return direct_call(market, &staff, &order_rename_customer_group_message, &command, &group);
}

static void shoppers_are_put_in_and_out_as_often_as_it_is_said(void **state)
{
    (void)state;
    const struct uuid group = group_named(" Trade ");
    const struct uuid one = draw_id(1), two = draw_id(2);
    assert_text_equal(look(group).name, TEXT("Trade"));
    assert_int_equal(put(group, one), STATUS_OK);
    assert_int_equal(put(group, one), STATUS_OK);
    assert_int_equal(put(group, two), STATUS_OK);
    assert_int_equal(look(group).members, 2);
    assert_int_equal(take(group, one), STATUS_OK);
    assert_int_equal(take(group, one), STATUS_NOT_FOUND);
    assert_int_equal(look(group).members, 1);
    assert_int_equal(look(group).version, 1);
}

static void who_does_not_exist_or_was_erased_is_put_into_no_group(void **state)
{
    (void)state;
    const struct uuid group = group_named("Trade");
    lacking = draw_id(1);
    assert_int_equal(put(group, lacking), STATUS_NOT_FOUND);
    assert_int_equal(put(draw_id(3), draw_id(2)), STATUS_NOT_FOUND);
    const struct uuid leaving = draw_id(2);
    assert_int_equal(put(group, leaving), STATUS_OK);
    const struct order_forget_shopper forget = { .user_id = leaving };
    assert_int_equal(direct_call(market, NULL, &order_forget_shopper_message, &forget, NULL),
                     STATUS_OK);
    assert_int_equal(look(group).members, 0);
    assert_int_equal(put(group, leaving), STATUS_NOT_FOUND);
}

static void names_are_told_apart_whatever_their_case(void **state)
{
    (void)state;
    struct order_customer_group group;
    const struct uuid trade = group_named("Trade"), press = group_named("Press");
    assert_int_equal(make_group("tRADE", &group), STATUS_CUSTOMER_GROUP_EXISTS);
    assert_int_equal(make_group("  ", &group), STATUS_INVALID_VALUE);
    assert_int_equal(rename_as(press, "TRADE", 1), STATUS_CUSTOMER_GROUP_EXISTS);
    assert_int_equal(rename_as(trade, "TRADE", 2), STATUS_PRECONDITION_FAILED);
    assert_int_equal(rename_as(trade, "TRADE", 1), STATUS_OK);
    assert_int_equal(look(trade).version, 2);
}

static void of_two_that_take_one_name_at_once_one_gets_it(void **state)
{
    (void)state;
    struct order_customer_group one, two;
    direct_queue_units(market);
    assert_int_equal(make_group("Trade", &one), STATUS_OK);
    assert_int_equal(make_group("trade", &two), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT count(*) FROM \"order\".customer_group", "1");
}

static void there_are_a_hundred_at_most_and_one_that_goes_makes_room(void **state)
{
    (void)state;
    struct order_customer_group group;
    char name[16];
    for (int i = 0; i < CUSTOMER_GROUPS_MAX; i++) {
        (void)snprintf(name, sizeof name, "Group %d", i);
        assert_int_equal(make_group(name, &group), STATUS_OK);
    }
    const struct uuid last = group.id;
    assert_int_equal(make_group("One more", &group), STATUS_TOO_MANY_CUSTOMER_GROUPS);
    assert_int_equal(put(last, draw_id(1)), STATUS_OK);
    const struct order_remove_customer_group command = { .group_id = last };
    assert_int_equal(
        direct_call(market, &staff, &order_remove_customer_group_message, &command, NULL),
        STATUS_OK);
    assert_sql("SELECT count(*) FROM \"order\".customer_group_member", "0");
    assert_int_equal(make_group("One more", &group), STATUS_OK);
}

static enum status remove_group(struct uuid group_id)
{
    const struct order_remove_customer_group command = { .group_id = group_id };
    return direct_call(market, &staff, &order_remove_customer_group_message, &command, NULL);
}

static void a_group_that_a_promotion_is_for_stays_until_that_is_archived(void **state)
{
    (void)state;
    const struct uuid trade = group_named("Trade"), press = group_named("Press");
    struct order_promotion_terms terms = tenth();
    terms.group_ids = &trade;
    terms.group_ids_count = 1;
    const struct uuid promotion_id = made_id(NULL, terms);
    assert_int_equal(put(trade, draw_id(1)), STATUS_OK);
    assert_int_equal(remove_group(trade), STATUS_CUSTOMER_GROUP_IN_USE);
    assert_int_equal(set_status(promotion_id, ORDER_PROMOTION_WISH_PAUSED), STATUS_OK);
    assert_int_equal(remove_group(trade), STATUS_CUSTOMER_GROUP_IN_USE);
    assert_int_equal(look(trade).members, 1);
    assert_int_equal(remove_group(press), STATUS_OK);
    assert_int_equal(archive(promotion_id), STATUS_OK);
    assert_int_equal(remove_group(trade), STATUS_OK);
    assert_sql("SELECT count(*) FROM \"order\".customer_group", "0");
}

static void a_promotion_that_is_made_while_its_group_is_removed_keeps_it(void **state)
{
    (void)state;
    const struct uuid trade = group_named("Trade");
    struct order_promotion_terms terms = tenth();
    terms.group_ids = &trade;
    terms.group_ids_count = 1;
    direct_queue_units(market);
    (void)made_id(NULL, terms);
    assert_int_equal(remove_group(trade), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT count(*) FROM \"order\".customer_group", "1");
}

static void a_full_group_takes_nobody_else_and_keeps_who_is_in_it(void **state)
{
    (void)state;
    const struct uuid group = group_named("Trade");
    const struct uuid member = draw_id(1);
    assert_int_equal(put(group, member), STATUS_OK);
    (void)direct_sql(market, "INSERT INTO \"order\".customer_group_member (user_id, group_id,"
                             " added_at) SELECT gen_random_uuid(), g.id, 1 FROM"
                             " \"order\".customer_group g, generate_series(2, 10000)");
    assert_int_equal(put(group, draw_id(1)), STATUS_CUSTOMER_GROUP_FULL);
    assert_int_equal(put(group, member), STATUS_OK);
}

static void a_group_that_a_price_list_is_for_stays(void **state)
{
    (void)state;
    const struct order_remove_customer_group command = { .group_id = group_named("Trade") };
    listed = command.group_id;
    assert_int_equal(
        direct_call(market, &staff, &order_remove_customer_group_message, &command, NULL),
        STATUS_CUSTOMER_GROUP_IN_USE);
    assert_non_null(strstr(direct_last_fault(market).detail.data, "Wholesale"));
    listed = (struct uuid){ { 0 } };
    assert_int_equal(
        direct_call(market, &staff, &order_remove_customer_group_message, &command, NULL),
        STATUS_OK);
}

static void groups_are_found_among_those_that_there_are(void **state)
{
    (void)state;
    const struct uuid asked[] = { draw_id(1), group_named("Trade") };
    const struct order_find_customer_groups query = { .group_ids = asked, .group_ids_count = 2 };
    struct order_known_customer_groups known;
    assert_int_equal(direct_call(market, NULL, &order_find_customer_groups_message, &query, &known),
                     STATUS_OK);
    assert_int_equal(known.group_ids_count, 1);
    assert_true(uuid_equals(known.group_ids[0], asked[1]));
}

static void members_and_groups_come_in_pages(void **state)
{
    (void)state;
    const struct uuid group = group_named("Trade"), other = group_named("Press");
    const struct uuid member = draw_id(1);
    assert_int_equal(put(group, member), STATUS_OK);
    assert_int_equal(put(group, draw_id(2)), STATUS_OK);
    struct order_list_customer_group_members query = { .group_id = group,
                                                       .has_limit = true,
                                                       .limit = 1 };
    struct order_customer_group_members page;
    assert_int_equal(
        direct_call(market, &staff, &order_list_customer_group_members_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_true(page.has_more);
    query.has_after = true;
    query.after = page.next;
    assert_int_equal(
        direct_call(market, &staff, &order_list_customer_group_members_message, &query, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_false(page.has_more);
    struct order_list_customer_groups groups = { .has_user_id = true, .user_id = member };
    struct order_customer_group_page found;
    assert_int_equal(
        direct_call(market, &staff, &order_list_customer_groups_message, &groups, &found),
        STATUS_OK);
    assert_int_equal(found.data_count, 1);
    assert_true(uuid_equals(found.data[0].id, group));
    groups.has_user_id = false;
    assert_int_equal(
        direct_call(market, &staff, &order_list_customer_groups_message, &groups, &found),
        STATUS_OK);
    assert_int_equal(found.data_count, 2);
    assert_true(uuid_equals(found.data[0].id, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shoppers_are_put_in_and_out_as_often_as_it_is_said),
        CLAIM(who_does_not_exist_or_was_erased_is_put_into_no_group),
        CLAIM(names_are_told_apart_whatever_their_case),
        CLAIM(of_two_that_take_one_name_at_once_one_gets_it),
        CLAIM(there_are_a_hundred_at_most_and_one_that_goes_makes_room),
        CLAIM(a_group_that_a_promotion_is_for_stays_until_that_is_archived),
        CLAIM(a_promotion_that_is_made_while_its_group_is_removed_keeps_it),
        CLAIM(a_full_group_takes_nobody_else_and_keeps_who_is_in_it),
        CLAIM(a_group_that_a_price_list_is_for_stays),
        CLAIM(groups_are_found_among_those_that_there_are),
        CLAIM(members_and_groups_come_in_pages),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
