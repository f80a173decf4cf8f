/* Claims about the promotions that a cart is given, and its price with them. */
#include "actors/order/promotion_store.h"

#include "runtime/arena.h"
#include "tests/actors/order/redemption_words.h"

#include <string.h>

/* What the next cart is, and what it was given: the handler of a query that nothing here asks lends
 * its request. */
static struct promotion_cart cart;
static struct {
    size_t count;
    bool has_more;
    struct uuid ids[PRICE_PROMOTIONS_MAX];
    bool are_exhausted[PRICE_PROMOTIONS_MAX], are_exhausted_for_customer[PRICE_PROMOTIONS_MAX];
    struct uuid group_id; /* of the first */
    size_t groups_count;
} given;
static struct price_request *priced; /* NULL: only loaded */
static int64_t total, discount;
static struct text guest_email;
static struct uuid guest;

static enum status load_cart(struct request *request, const void *body, void *reply)
{
    (void)body;
    (void)reply;
    struct promotion_list list;
    guest = promotion_customer_of_guest(request, guest_email);
    TRY(promotion_store_load(request, &cart, &list));
    given.count = list.count;
    given.has_more = list.has_more;
    given.groups_count = list.groups_count;
    for (size_t i = 0; i < list.count; i++) {
        given.ids[i] = list.promotions[i].id;
        given.are_exhausted[i] = list.promotions[i].is_exhausted;
        given.are_exhausted_for_customer[i] = list.promotions[i].is_exhausted_for_customer;
    }
    if (list.count > 0) given.group_id = list.promotions[0].group_id;
    if (priced == NULL) return STATUS_OK;
    struct price_result result;
    priced->promotions = list.promotions;
    priced->promotions_count = list.count;
    TRY(price_cart(priced, request_arena(request), &result));
    total = result.group.sums.total;
    discount = result.group.sums.discount;
    return STATUS_OK;
}

static void load(void)
{
    const struct order_count_open_orders_of_vendor query = { .vendor_id = draw_id(1) };
    struct order_vendor_openings reply;
    cart.now_us = direct_now_us(market);
    assert_int_equal(
        direct_call(market, NULL, &order_count_open_orders_of_vendor_message, &query, &reply),
        STATUS_OK);
}

static bool has(struct uuid promotion_id)
{
    for (size_t i = 0; i < given.count; i++)
        if (uuid_equals(given.ids[i], promotion_id)) return true;
    return false;
}

static int begin_cart(void **state)
{
    priced = NULL;
    cart = (struct promotion_cart){ .currency = "EUR", .vendors = &vendor.id, .vendors_count = 1 };
    return begin_story(state);
}

static struct uuid own_id(const struct principal *owner, const char *code,
                          struct order_promotion_terms terms)
{
    struct order_promotion promotion;
    assert_int_equal(make_own(owner, code, terms, &promotion), STATUS_OK);
    return promotion.id;
}

static void a_cart_gets_the_markets_its_vendors_and_those_whose_code_was_typed(void **state)
{
    (void)state;
    static const struct text typed[] = { TEXT(" tea "), TEXT("TEA"), TEXT("no such"), TEXT("x") };
    const struct uuid markets_own = made_id(NULL, tenth()), coded = made_id("Tea", tenth());
    const struct uuid others_code = made_id("OTHER", tenth());
    const struct uuid own = own_id(&vendor, NULL, tenth());
    const struct uuid strangers = own_id(&stranger, NULL, tenth());
    const struct uuid strangers_code = own_id(&stranger, "THEIRS", tenth());
    cart.codes = typed;
    cart.codes_count = ARRAY_LENGTH(typed);
    load();
    assert_int_equal(given.count, 3);
    assert_true(uuid_equals(given.ids[0], coded));
    assert_true(uuid_equals(given.ids[1], markets_own));
    assert_true(uuid_equals(given.ids[2], own));
    assert_false(has(others_code) || has(strangers) || has(strangers_code));
    /* The code of a vendor who is not in the cart is found, so that it is known why it does
     * nothing.
     */
    const struct text theirs[] = { TEXT("theirs") };
    cart.codes = theirs;
    cart.codes_count = 1;
    load();
    assert_true(has(strangers_code));
}

static void the_markets_promotion_for_one_vendor_comes_with_that_vendor_only(void **state)
{
    (void)state;
    struct order_create_promotion wish = markets(NULL, tenth());
    struct order_promotion promotion;
    wish.has_vendor_id = true;
    wish.vendor_id = stranger.id;
    assert_int_equal(make(&wish, &promotion), STATUS_OK);
    load();
    assert_int_equal(given.count, 0);
    cart.vendors = &stranger.id;
    load();
    assert_true(has(promotion.id));
}

static void what_is_paused_archived_or_over_does_not_come_and_what_starts_later_does(void **state)
{
    (void)state;
    static const struct text typed[] = { TEXT("CODE") };
    struct order_promotion_terms brief = tenth(), later = tenth();
    brief.has_ends_at = true;
    brief.ends_at_us = direct_now_us(market) + HOUR_US;
    later.has_starts_at = true;
    later.starts_at_us = direct_now_us(market) + 2 * HOUR_US;
    const struct uuid paused = made_id(NULL, tenth()), gone = made_id("CODE", tenth());
    const struct uuid ending = made_id(NULL, brief), starting = made_id(NULL, later);
    assert_int_equal(set_status(paused, ORDER_PROMOTION_WISH_PAUSED), STATUS_OK);
    assert_int_equal(archive(gone), STATUS_OK);
    cart.codes = typed;
    cart.codes_count = 1;
    load();
    assert_int_equal(given.count, 2);
    assert_true(has(ending) && has(starting));
    direct_advance(market, HOUR_US);
    load();
    assert_int_equal(given.count, 1);
    assert_true(has(starting));
}

static void what_is_over_comes_by_its_code_until_another_has_that(void **state)
{
    (void)state;
    static const struct text typed[] = { TEXT("BRIEF") };
    struct order_promotion_terms brief = tenth();
    brief.has_ends_at = true;
    brief.ends_at_us = direct_now_us(market) + HOUR_US;
    const struct uuid ended = made_id("BRIEF", brief);
    cart.codes = typed;
    cart.codes_count = 1;
    direct_advance(market, HOUR_US);
    load();
    assert_int_equal(given.count, 1);
    assert_true(has(ended));
    const struct uuid later = made_id("BRIEF", tenth());
    load();
    assert_int_equal(given.count, 1);
    assert_true(has(later));
    assert_int_equal(set_status(later, ORDER_PROMOTION_WISH_PAUSED), STATUS_OK);
    load();
    assert_int_equal(given.count, 0);
}

static void amounts_of_another_currency_keep_a_promotion_away(void **state)
{
    (void)state;
    struct order_promotion_terms dollars = tenth(), euros = tenth();
    dollars.has_cap = euros.has_cap = true;
    dollars.cap = money_make(100, "USD");
    euros.cap = money_make(100, "EUR");
    const struct uuid in_dollars = made_id(NULL, dollars), in_euros = made_id(NULL, euros);
    const struct uuid in_any = made_id(NULL, tenth());
    load();
    assert_true(has(in_euros) && has(in_any) && !has(in_dollars));
    memcpy(cart.currency, "USD", 4);
    load();
    assert_true(!has(in_euros) && has(in_any) && has(in_dollars));
}

static void limits_that_are_reached_are_said(void **state)
{
    (void)state;
    const struct uuid customer = draw_id(1), group = draw_id(2);
    const struct uuid promotion = made_id(NULL, limited(2, 1));
    cart.customer = customer;
    assert_int_equal(hold_as(promotion, group, customer), STATUS_OK);
    load();
    assert_false(given.are_exhausted[0]);
    assert_true(given.are_exhausted_for_customer[0]);
    cart.customer = draw_id(1);
    load();
    assert_false(given.are_exhausted[0] || given.are_exhausted_for_customer[0]);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    load();
    assert_true(given.are_exhausted[0]);
    assert_false(given.are_exhausted_for_customer[0]);
    /* Who has set a use aside is not kept from it by it. */
    cart.customer = customer;
    cart.group_id = group;
    load();
    assert_false(given.are_exhausted[0] || given.are_exhausted_for_customer[0]);
    assert_int_equal(release(promotion, group), STATUS_OK);
    cart.group_id = (struct uuid){ 0 };
    load();
    assert_false(given.are_exhausted[0] || given.are_exhausted_for_customer[0]);
}

static void of_several_groups_the_customers_own_is_chosen(void **state)
{
    (void)state;
    const struct uuid groups[] = { group_named("Trade"), group_named("Press"),
                                   group_named("Crew") };
    struct order_promotion_terms terms = tenth();
    terms.group_ids = groups;
    terms.group_ids_count = 3;
    (void)made_id(NULL, terms);
    load();
    assert_int_equal(given.groups_count, 0);
    assert_true(uuid_equals(given.group_id, groups[0]));
    cart.customer = draw_id(1);
    const struct order_add_customer_group_member add = { .group_id = groups[2],
                                                         .user_id = cart.customer };
    assert_int_equal(
        direct_call(market, &staff, &order_add_customer_group_member_message, &add, NULL),
        STATUS_OK);
    load();
    assert_int_equal(given.groups_count, 1);
    assert_true(uuid_equals(given.group_id, groups[2]));
    cart.customer = draw_id(1);
    load();
    assert_int_equal(given.groups_count, 0);
}

static struct uuid guest_with(const char *email)
{
    guest_email = text_of(email);
    load();
    assert_false(uuid_is_zero(guest));
    return guest;
}

static void a_guest_is_the_same_customer_however_the_address_is_typed(void **state)
{
    (void)state;
    const struct uuid ada = guest_with("ada@example.com");
    assert_true(uuid_equals(ada, guest_with(" Ada@Example.COM ")));
    assert_false(uuid_equals(ada, guest_with("bob@example.com")));
    assert_memory_not_equal(ada.bytes, "ada@", 4);
}

/* Ten codes, twenty of the market, and twenty of one vendor: everything fits. */
static void all_promotions_of_one_vendors_cart_fit(void **state)
{
    (void)state;
    char names[PRICE_CODES_MAX][8];
    struct text typed[PRICE_CODES_MAX];
    for (unsigned i = 0; i < PRICE_CODES_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "CODE%u", i);
        typed[i] = text_of(names[i]);
        (void)made_id(names[i], tenth());
    }
    for (unsigned i = 0; i < PROMOTIONS_AUTOMATIC_MAX; i++) {
        (void)made_id(NULL, tenth());
        (void)own_id(&vendor, NULL, tenth());
    }
    cart.codes = typed;
    cart.codes_count = PRICE_CODES_MAX;
    load();
    assert_int_equal(given.count, PRICE_PROMOTIONS_MAX);
    assert_false(given.has_more);
}

static void beyond_the_bound_every_vendors_first_goes_before_any_second(void **state)
{
    (void)state;
    enum { VENDORS = 22, EACH = 3 };
    struct uuid vendors[VENDORS], firsts[VENDORS];
    struct order_promotion_terms first = tenth(), second = tenth();
    first.has_priority = second.has_priority = true;
    for (unsigned i = 0; i < PROMOTIONS_AUTOMATIC_MAX; i++)
        (void)made_id(NULL, tenth());
    for (unsigned i = 0; i < VENDORS; i++) {
        const struct principal owner = someone(PRINCIPAL_VENDOR, i);
        vendors[i] = owner.id;
        /* All of one vendor's go before any of the next, if only priorities are asked. */
        first.priority = 10 * (int64_t)i;
        second.priority = first.priority + 1;
        for (unsigned k = 0; k + 1 < EACH; k++)
            (void)own_id(&owner, NULL, second);
        firsts[i] = own_id(&owner, NULL, first);
    }
    cart.vendors = vendors;
    cart.vendors_count = VENDORS;
    load();
    assert_int_equal(given.count, PRICE_PROMOTIONS_MAX);
    assert_true(given.has_more);
    for (unsigned i = 0; i < VENDORS; i++)
        assert_true(has(firsts[i]));
    /* The same again, for the same rows. */
    struct uuid before[PRICE_PROMOTIONS_MAX];
    memcpy(before, given.ids, sizeof before);
    direct_forget(market);
    load();
    assert_memory_equal(before, given.ids, sizeof before);
}

/* 2 x 10.00 and 5.00 of the vendor: 10 % of the market, then 3.00 by code; a limit that is reached
 * takes the code away. */
static void a_cart_is_priced_with_them(void **state)
{
    (void)state;
    static const struct text typed[] = { TEXT("three") };
    const struct uuid product = draw_id(4);
    const struct price_line lines[] = { { .id = draw_id(5),
                                          .product_id = product,
                                          .is_digital = true,
                                          .quantity = 2,
                                          .list_amount = 1000 },
                                        { .id = draw_id(5),
                                          .product_id = draw_id(4),
                                          .is_digital = true,
                                          .quantity = 1,
                                          .list_amount = 500 } };
    struct price_request request = { .currency = "EUR",
                                     .now_us = direct_now_us(market),
                                     .is_explained = true,
                                     .vendors = &vendor.id,
                                     .vendors_count = 1,
                                     .lines = lines,
                                     .lines_count = 2,
                                     .codes = typed,
                                     .codes_count = 1 };
    struct order_promotion_terms three = { .kind = ORDER_PROMOTION_KIND_FIXED,
                                           .has_amount = true,
                                           .amount = money_make(300, "EUR"),
                                           .has_priority = true,
                                           .priority = 1,
                                           .has_limit_total = true,
                                           .limit_total = 1 };
    struct order_promotion_terms on_product = tenth();
    on_product.has_target = true;
    on_product.target = (struct order_promotion_selection){ &product, 1, false, { { 0 } } };
    (void)made_id(NULL, on_product);
    const struct uuid code = made_id("THREE", three);
    cart.codes = typed;
    cart.codes_count = 1;
    priced = &request;
    load();
    assert_int_equal(discount, 200 + 300);
    assert_int_equal(total, 2000);
    const struct uuid group = draw_id(2);
    assert_int_equal(hold(code, group), STATUS_OK);
    load();
    assert_int_equal(discount, 200);
    cart.group_id = group;
    load();
    assert_int_equal(discount, 500);
    cart.group_id = (struct uuid){ 0 };
    assert_int_equal(release(code, group), STATUS_OK);
    load();
    assert_int_equal(total, 2000);
}

static struct dispatch_entry entries[256];

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CART_CLAIM(test) cmocka_unit_test_setup_teardown(test, begin_cart, promotions_are_sound)
        CART_CLAIM(a_cart_gets_the_markets_its_vendors_and_those_whose_code_was_typed),
        CART_CLAIM(the_markets_promotion_for_one_vendor_comes_with_that_vendor_only),
        CART_CLAIM(what_is_paused_archived_or_over_does_not_come_and_what_starts_later_does),
        CART_CLAIM(what_is_over_comes_by_its_code_until_another_has_that),
        CART_CLAIM(amounts_of_another_currency_keep_a_promotion_away),
        CART_CLAIM(limits_that_are_reached_are_said),
        CART_CLAIM(of_several_groups_the_customers_own_is_chosen),
        CART_CLAIM(a_guest_is_the_same_customer_however_the_address_is_typed),
        CART_CLAIM(all_promotions_of_one_vendors_cart_fit),
        CART_CLAIM(beyond_the_bound_every_vendors_first_goes_before_any_second),
        CART_CLAIM(a_cart_is_priced_with_them),
    };
    struct dispatch_table table = *order_domain.dispatch;
    struct domain_definition domain = order_domain;
    assert_true(table.entries_count <= ARRAY_LENGTH(entries));
    memcpy(entries, table.entries, table.entries_count * sizeof *entries);
    for (size_t i = 0; i < table.entries_count; i++)
        if (entries[i].message == &order_count_open_orders_of_vendor_message)
            entries[i].handle = load_cart;
    table.entries = entries;
    domain.dispatch = &table;
    market = direct_market_new(&domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
