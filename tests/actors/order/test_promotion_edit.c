/* Claims about promotions as staff and vendors make, see, change and archive them. */
#include "actors/order/promotion.h"

#include "tests/actors/order/promotion_story.h"

static void what_was_made_is_read_as_it_was_sent(void **state)
{
    (void)state;
    const struct uuid products[] = { draw_id(1), draw_id(2) }, groups[] = { group_named("Trade") };
    struct order_create_promotion wish = markets(" tea-26 ", tenth());
    wish.has_vendor_id = wish.has_bearer = wish.has_market_ppm = true;
    wish.vendor_id = vendor.id;
    wish.bearer = ORDER_PROMOTION_BEARER_SHARED;
    wish.market_ppm = 250000;
    wish.terms.has_target = wish.terms.has_qualifying = true;
    wish.terms.target = (struct order_promotion_selection){ products, 2, false, { { 0 } } };
    wish.terms.qualifying = (struct order_promotion_selection){ NULL, 0, true, draw_id(9) };
    wish.terms.has_cap = wish.terms.has_subtotal_min = true;
    wish.terms.cap = money_make(900, "EUR");
    wish.terms.subtotal_min = money_make(5000, "EUR");
    wish.terms.group_ids = groups;
    wish.terms.group_ids_count = 1;
    wish.terms.has_ends_at = true;
    wish.terms.ends_at_us = direct_now_us(market) + HOUR_US;
    wish.terms.has_limit_total = wish.terms.has_limit_per_customer = true;
    wish.terms.limit_total = 100;
    wish.terms.limit_per_customer = 2;
    wish.terms.has_quantity_min = wish.terms.has_priority = true;
    wish.terms.quantity_min = 3;
    wish.terms.priority = -4;
    wish.terms.has_first_order_only = wish.terms.first_order_only = true;
    struct order_promotion answered;
    assert_int_equal(make(&wish, &answered), STATUS_OK);
    const struct order_promotion read = seen(answered.id);
    assert_int_equal(read.owner, ORDER_PROMOTION_OWNER_MARKET);
    assert_true(uuid_equals(read.vendor_id, vendor.id));
    assert_true(text_equals_string(read.code, "tea-26"));
    assert_int_equal(read.market_ppm, 250000);
    assert_int_equal(read.terms.target.product_ids_count, 2);
    assert_true(uuid_equals(read.terms.target.product_ids[1], products[1]));
    assert_true(read.terms.qualifying.has_category_id);
    assert_true(money_equals(read.terms.cap, money_make(900, "EUR")));
    assert_true(money_equals(read.terms.subtotal_min, money_make(5000, "EUR")));
    assert_true(uuid_equals(read.terms.group_ids[0], groups[0]));
    assert_int_equal(read.terms.starts_at_us, direct_now_us(market));
    assert_int_equal(read.terms.ends_at_us, direct_now_us(market) + HOUR_US);
    assert_int_equal(read.terms.limit_per_customer, 2);
    assert_int_equal(read.terms.quantity_min, 3);
    assert_int_equal(read.terms.priority, -4);
    assert_true(read.terms.first_order_only);
    assert_int_equal(read.version, 1);
    assert_sql("SELECT code_key FROM \"order\".promotion", "TEA-26");
    assert_int_equal(direct_events(market, order_action_was_audited_message.number), 2);
}

static void a_vendors_promotion_is_its_own_and_nobody_elses(void **state)
{
    (void)state;
    struct order_promotion own, reply;
    assert_int_equal(make_own(&vendor, NULL, tenth(), &own), STATUS_OK);
    assert_int_equal(own.owner, ORDER_PROMOTION_OWNER_VENDOR);
    assert_int_equal(own.bearer, ORDER_PROMOTION_BEARER_VENDOR);
    assert_true(uuid_equals(own.vendor_id, vendor.id));
    const struct order_get_own_promotion query = { .promotion_id = own.id };
    const struct order_change_own_promotion change = { .promotion_id = own.id,
                                                       .has_name = true,
                                                       .name = TEXT("Mine") };
    const struct order_archive_own_promotion end = { .promotion_id = own.id };
    assert_int_equal(
        direct_call(market, &stranger, &order_get_own_promotion_message, &query, &reply),
        STATUS_NOT_FOUND);
    assert_int_equal(
        direct_call(market, &stranger, &order_change_own_promotion_message, &change, &reply),
        STATUS_NOT_FOUND);
    assert_int_equal(
        direct_call(market, &stranger, &order_archive_own_promotion_message, &end, NULL),
        STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, &vendor, &order_get_own_promotion_message, &query, &reply),
                     STATUS_OK);
    assert_true(text_equals_string(reply.name, "Own"));
    assert_int_equal(
        direct_call(market, &vendor, &order_change_own_promotion_message, &change, &reply),
        STATUS_OK);
    assert_int_equal(reply.version, 2);
}

static void the_markets_promotion_for_a_vendor_is_not_the_vendors(void **state)
{
    (void)state;
    struct order_create_promotion wish = markets(NULL, tenth());
    struct order_promotion made_one, reply;
    wish.has_vendor_id = true;
    wish.vendor_id = vendor.id;
    assert_int_equal(make(&wish, &made_one), STATUS_OK);
    const struct order_change_own_promotion change = { .promotion_id = made_one.id,
                                                       .has_terms = true,
                                                       .terms = tenth() };
    assert_int_equal(
        direct_call(market, &vendor, &order_change_own_promotion_message, &change, &reply),
        STATUS_NOT_FOUND);
}

static void staff_archives_a_vendors_promotion_and_does_not_rewrite_it(void **state)
{
    (void)state;
    struct order_promotion own;
    assert_int_equal(make_own(&vendor, "OWN", tenth(), &own), STATUS_OK);
    assert_int_equal(set_status(own.id, ORDER_PROMOTION_WISH_PAUSED), STATUS_FORBIDDEN);
    assert_int_equal(seen(own.id).status, ORDER_PROMOTION_STATUS_ACTIVE);
    assert_int_equal(archive(own.id), STATUS_OK);
    assert_int_equal(seen(own.id).status, ORDER_PROMOTION_STATUS_ARCHIVED);
}

static void what_is_archived_takes_no_more_changes(void **state)
{
    (void)state;
    const struct order_promotion promotion = made("GONE", tenth());
    assert_int_equal(archive(promotion.id), STATUS_OK);
    assert_int_equal(archive(promotion.id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(set_status(promotion.id, ORDER_PROMOTION_WISH_ACTIVE),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(seen(promotion.id).version, 2);
}

static void nobody_overwrites_a_version_that_he_has_not_seen(void **state)
{
    (void)state;
    const struct order_promotion promotion = made(NULL, tenth());
    const int64_t stale[] = { 1 };
    struct order_change_promotion change = { .promotion_id = promotion.id,
                                             .has_name = true,
                                             .name = TEXT("First"),
                                             .versions = stale,
                                             .versions_count = 1 };
    struct order_promotion reply;
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &change, &reply),
                     STATUS_OK);
    change.name = TEXT("Second");
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &change, &reply),
                     STATUS_PRECONDITION_FAILED);
    assert_true(text_equals_string(seen(promotion.id).name, "First"));
}

static void contradictions_are_refused_with_their_place(void **state)
{
    (void)state;
    struct order_promotion reply;
    struct order_create_promotion wish = markets(NULL, tenth());
    wish.terms.has_ends_at = true;
    wish.terms.ends_at_us = direct_now_us(market);
    assert_int_equal(make(&wish, &reply), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/ends_at");
    wish = markets("\xD0\xA2"
                   "EA",
                   tenth());
    assert_int_equal(make(&wish, &reply), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/code");
    wish = markets(NULL, tenth());
    wish.name = TEXT(" \t ");
    assert_int_equal(make(&wish, &reply), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/name");
    wish = markets(NULL, tenth());
    wish.has_bearer = true;
    wish.bearer = ORDER_PROMOTION_BEARER_SHARED;
    assert_int_equal(make(&wish, &reply), STATUS_MISSING_FIELD);
    assert_fault(STATUS_MISSING_FIELD, "/market_ppm");
    assert_sql("SELECT count(*) FROM \"order\".promotion", "0");
}

/* ---- codes ---- */

static void what_is_not_there_is_refused_with_its_place(void **state)
{
    (void)state;
    const struct uuid products[] = { draw_id(1), draw_id(2) };
    struct order_create_promotion wish = markets(NULL, tenth());
    struct order_promotion answered;
    wish.terms.has_target = wish.terms.has_qualifying = wish.has_vendor_id = true;
    wish.terms.target = (struct order_promotion_selection){ products, 2, false, { { 0 } } };
    wish.terms.qualifying = (struct order_promotion_selection){ NULL, 0, true, draw_id(9) };
    wish.vendor_id = vendor.id;
    lacking = products[1];
    assert_int_equal(make(&wish, &answered), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/target/product_ids/1");
    lacking = wish.terms.qualifying.category_id;
    assert_int_equal(make(&wish, &answered), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/qualifying/category_id");
    lacking = vendor.id;
    assert_int_equal(make(&wish, &answered), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/vendor_id");
    assert_sql("SELECT count(*) FROM \"order\".promotion", "0");
    lacking = draw_id(7);
    wish.terms.group_ids = &lacking;
    wish.terms.group_ids_count = 1;
    assert_int_equal(make(&wish, &answered), STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/group_ids/0");
    wish.terms.group_ids_count = 0;
    assert_int_equal(make(&wish, &answered), STATUS_OK);
    lacking = products[0];
    const struct order_change_promotion change = { .promotion_id = answered.id,
                                                   .has_terms = true,
                                                   .terms = wish.terms };
    assert_int_equal(
        direct_call(market, &staff, &order_change_promotion_message, &change, &answered),
        STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/target/product_ids/0");
}

static void a_code_is_taken_in_any_case_and_by_anybody(void **state)
{
    (void)state;
    struct order_promotion reply;
    (void)made("Tea", tenth());
    const struct order_create_promotion wish = markets(" tEA", tenth());
    assert_int_equal(make(&wish, &reply), STATUS_CODE_TAKEN);
    assert_fault(STATUS_CODE_TAKEN, "/code");
    assert_int_equal(make_own(&vendor, "TEA", tenth(), &reply), STATUS_CODE_TAKEN);
    assert_int_equal(make_own(&vendor, "TEA-2", tenth(), &reply), STATUS_OK);
}

static void a_code_is_free_again_when_its_promotion_is_archived_or_over(void **state)
{
    (void)state;
    struct order_promotion_terms brief = tenth();
    brief.has_ends_at = true;
    brief.ends_at_us = direct_now_us(market) + HOUR_US;
    const struct uuid first = made_id("TEA", tenth());
    assert_int_equal(set_status(first, ORDER_PROMOTION_WISH_PAUSED), STATUS_OK);
    const struct order_create_promotion wish = markets("TEA", brief);
    struct order_promotion second, reply;
    assert_int_equal(make(&wish, &second), STATUS_CODE_TAKEN);
    assert_int_equal(archive(first), STATUS_OK);
    assert_int_equal(make(&wish, &second), STATUS_OK);
    direct_advance(market, HOUR_US);
    const struct uuid third = made_id("TEA", tenth());
    assert_sql("SELECT count(*) FROM \"order\".promotion WHERE holds_code", "1");
    /* Who has ended asks for his code again, when he is to go on. */
    const struct order_change_promotion go_on = { .promotion_id = second.id,
                                                  .has_terms = true,
                                                  .terms = tenth() };
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &go_on, &reply),
                     STATUS_CODE_TAKEN);
    assert_int_equal(archive(third), STATUS_OK);
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &go_on, &reply),
                     STATUS_OK);
    assert_sql("SELECT count(*) FROM \"order\".promotion WHERE holds_code", "1");
    assert_int_equal(make(&wish, &reply), STATUS_INVALID_VALUE); /* it would have ended */
}

/* ---- how many there may be ---- */

static void the_twenty_first_automatic_one_is_refused_when_it_is_made_or_activated(void **state)
{
    (void)state;
    struct order_promotion reply, own;
    struct uuid last = { { 0 } };
    for (unsigned i = 0; i < PROMOTIONS_AUTOMATIC_MAX; i++)
        last = made_id(NULL, tenth());
    struct order_create_promotion wish = markets(NULL, tenth());
    assert_int_equal(make(&wish, &reply), STATUS_TOO_MANY_AUTOMATIC_PROMOTIONS);
    assert_fault(STATUS_TOO_MANY_AUTOMATIC_PROMOTIONS, "/status");
    wish.has_status = true;
    wish.status = ORDER_PROMOTION_WISH_PAUSED;
    assert_int_equal(make(&wish, &reply), STATUS_OK);
    assert_int_equal(set_status(reply.id, ORDER_PROMOTION_WISH_ACTIVE),
                     STATUS_TOO_MANY_AUTOMATIC_PROMOTIONS);
    /* Those that are active may be changed, one with a code takes no place, vendors have their own.
     */
    assert_int_equal(set_status(last, ORDER_PROMOTION_WISH_ACTIVE), STATUS_OK);
    (void)made_id("TEA", tenth());
    assert_int_equal(make_own(&vendor, NULL, tenth(), &own), STATUS_OK);
    assert_int_equal(archive(last), STATUS_OK);
    assert_int_equal(set_status(reply.id, ORDER_PROMOTION_WISH_ACTIVE), STATUS_OK);
}

static void what_has_ended_takes_no_place(void **state)
{
    (void)state;
    struct order_promotion_terms brief = tenth();
    brief.has_ends_at = true;
    brief.ends_at_us = direct_now_us(market) + HOUR_US;
    struct order_promotion reply;
    struct uuid last = { { 0 } };
    for (unsigned i = 0; i < PROMOTIONS_AUTOMATIC_MAX; i++)
        last = made_id(NULL, brief);
    direct_advance(market, HOUR_US);
    for (unsigned i = 0; i < PROMOTIONS_AUTOMATIC_MAX; i++)
        (void)made_id(NULL, tenth());
    const struct order_change_promotion go_on = { .promotion_id = last,
                                                  .has_terms = true,
                                                  .terms = tenth() };
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &go_on, &reply),
                     STATUS_TOO_MANY_AUTOMATIC_PROMOTIONS);
}

static void a_thousand_that_are_not_archived_are_all(void **state)
{
    (void)state;
    struct order_promotion reply;
    const struct order_promotion one = made("FIRST", tenth());
    (void)direct_sql(
        market, "INSERT INTO \"order\".promotion (id, owner_id, name, status, kind, off_ppm,"
                " fixed_amount, buy_quantity, get_quantity, target_products, qualifying_products,"
                " quantity_min, subtotal_min, group_ids, needs_first_order, starts_at,"
                " is_exclusive, priority, bearer, market_ppm, created_at, updated_at)"
                " SELECT gen_random_uuid(), owner_id, name, 'paused', kind, off_ppm, fixed_amount,"
                " buy_quantity, get_quantity, target_products, qualifying_products, quantity_min,"
                " subtotal_min, group_ids, needs_first_order, starts_at, is_exclusive, priority,"
                " bearer, market_ppm, created_at, updated_at FROM \"order\".promotion,"
                " generate_series(1, 999)");
    const struct order_create_promotion wish = markets("MORE", tenth());
    assert_int_equal(make(&wish, &reply), STATUS_TOO_MANY_PROMOTIONS);
    assert_int_equal(archive(one.id), STATUS_OK);
    assert_int_equal(make(&wish, &reply), STATUS_OK);
}

static void of_two_at_once_for_the_last_place_one_gets_it(void **state)
{
    (void)state;
    struct order_promotion replies[2];
    for (unsigned i = 0; i + 1 < PROMOTIONS_AUTOMATIC_MAX; i++)
        (void)made(NULL, tenth());
    const struct order_create_promotion wish = markets(NULL, tenth());
    direct_queue_units(market);
    for (unsigned i = 0; i < 2; i++) {
        /* Two members of staff: two actors. */
        const struct principal member = someone(PRINCIPAL_ADMIN, 6 + i);
        assert_int_equal(
            direct_call(market, &member, &order_create_promotion_message, &wish, &replies[i]),
            STATUS_OK);
    }
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT count(*) FROM \"order\".promotion", "20");
}

static void of_two_at_once_for_one_code_one_gets_it(void **state)
{
    (void)state;
    struct order_promotion reply;
    (void)made("OTHER", tenth());
    direct_queue_units(market);
    assert_int_equal(make_own(&vendor, "TEA", tenth(), &reply), STATUS_OK);
    assert_int_equal(make_own(&stranger, "tea", tenth(), &reply), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT count(*) FROM \"order\".promotion WHERE code_key = 'TEA'", "1");
}

/* ---- lists ---- */

static size_t list(struct order_list_promotions query, struct order_promotion_page *ret_page)
{
    assert_int_equal(direct_call(market, &staff, &order_list_promotions_message, &query, ret_page),
                     STATUS_OK);
    return ret_page->data_count;
}

static void lists_hold_what_they_are_asked_for_newest_first(void **state)
{
    (void)state;
    struct order_promotion own;
    struct order_promotion_page page;
    direct_advance(market, 1000000);
    const struct order_promotion first = made(NULL, tenth());
    direct_advance(market, 1000000);
    assert_int_equal(make_own(&vendor, NULL, tenth(), &own), STATUS_OK);
    direct_advance(market, 1000000);
    const struct order_promotion gone = made("GONE", tenth());
    assert_int_equal(archive(gone.id), STATUS_OK);
    assert_int_equal(list((struct order_list_promotions){ 0 }, &page), 2);
    assert_true(uuid_equals(page.data[0].id, own.id));
    assert_true(uuid_equals(page.data[1].id, first.id));
    assert_int_equal(
        list((struct order_list_promotions){ .has_status = true,
                                             .status = ORDER_PROMOTION_STATUS_ARCHIVED },
             &page),
        1);
    assert_int_equal(
        list((struct order_list_promotions){ .has_vendor = true, .vendor = vendor.id }, &page), 1);
    assert_int_equal(list((struct order_list_promotions){ .has_owner = true,
                                                          .owner = ORDER_PROMOTION_OWNER_MARKET },
                          &page),
                     1);
    assert_true(uuid_equals(page.data[0].id, first.id));
    assert_int_equal(list((struct order_list_promotions){ .has_owner = true,
                                                          .owner = ORDER_PROMOTION_OWNER_VENDOR },
                          &page),
                     1);
    const struct order_list_own_promotions mine = { 0 };
    assert_int_equal(direct_call(market, &vendor, &order_list_own_promotions_message, &mine, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(
        direct_call(market, &stranger, &order_list_own_promotions_message, &mine, &page),
        STATUS_OK);
    assert_int_equal(page.data_count, 0);
}

static void pages_hold_each_promotion_once(void **state)
{
    (void)state;
    enum { MADE = 7 };
    struct order_promotion_page page;
    struct order_list_promotions query = { .has_limit = true, .limit = 3 };
    struct uuid last = { { 0 } };
    size_t count = 0;
    for (unsigned i = 0; i < MADE; i++)
        (void)made(NULL, tenth());
    for (unsigned turn = 0; turn < 3; turn++) {
        count += list(query, &page);
        for (size_t i = 0; i < page.data_count; i++) {
            assert_true(uuid_is_zero(last) || uuid_compare(page.data[i].id, last) < 0);
            last = page.data[i].id;
        }
        assert_int_equal(page.has_more, turn < 2);
        query.has_after = true;
        query.after = page.next;
    }
    assert_int_equal(count, MADE);
    query.after = TEXT("none");
    assert_int_equal(direct_call(market, &staff, &order_list_promotions_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(what_was_made_is_read_as_it_was_sent),
        CLAIM(a_vendors_promotion_is_its_own_and_nobody_elses),
        CLAIM(the_markets_promotion_for_a_vendor_is_not_the_vendors),
        CLAIM(staff_archives_a_vendors_promotion_and_does_not_rewrite_it),
        CLAIM(what_is_archived_takes_no_more_changes),
        CLAIM(nobody_overwrites_a_version_that_he_has_not_seen),
        CLAIM(contradictions_are_refused_with_their_place),
        CLAIM(what_is_not_there_is_refused_with_its_place),
        CLAIM(a_code_is_taken_in_any_case_and_by_anybody),
        CLAIM(a_code_is_free_again_when_its_promotion_is_archived_or_over),
        CLAIM(the_twenty_first_automatic_one_is_refused_when_it_is_made_or_activated),
        CLAIM(what_has_ended_takes_no_place),
        CLAIM(a_thousand_that_are_not_archived_are_all),
        CLAIM(of_two_at_once_for_the_last_place_one_gets_it),
        CLAIM(of_two_at_once_for_one_code_one_gets_it),
        CLAIM(lists_hold_what_they_are_asked_for_newest_first),
        CLAIM(pages_hold_each_promotion_once),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
