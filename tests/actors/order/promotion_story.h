/* Words that the stories of promotions are told with: one market without a host, a member of staff,
 * two vendors. Rows of one claim are gone before the next; after each, what is stored must be
 * sound. Each program that includes this has a market of its own. */
#pragma once

#include "tests/support/cmocka.h"

#include <stdio.h>

#include "catalog_messages.h"
#include "order_handlers.h"
#include "order_messages.h"
#include "tests/support/direct_request.h"
#include "user_messages.h"
#include "vendor_messages.h"

extern const struct domain_definition order_domain;

#define HOUR_US (INT64_C(3600) * 1000000)

static struct direct_market *market;
static struct principal staff, vendor, stranger;
/* What neither the catalogue nor the vendors have; zero: they have all. */
static struct uuid lacking;
/* The group of customers that a price list is for. */
static struct uuid listed;

static inline size_t leave_out_what_lacks(const struct uuid *ids, size_t count,
                                          struct uuid *ret_ids)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!uuid_equals(ids[i], lacking)) ret_ids[kept++] = ids[i];
    return kept;
}

static inline enum status answer_as_peers(void *context, const struct message *message,
                                          const void *body, void *ret_reply)
{
    (void)context;
    static struct uuid products[200], categories[8];
    if (message == &user_get_shopper_standing_message) {
        const struct user_get_shopper_standing *query = body;
        return uuid_equals(query->user_id, lacking) ? STATUS_NOT_FOUND : STATUS_OK;
    }
    if (message == &vendor_get_standing_message) {
        const struct vendor_get_standing *query = body;
        return uuid_equals(query->vendor_id, lacking) ? STATUS_NOT_FOUND : STATUS_OK;
    }
    if (message == &catalog_find_price_list_of_group_message) {
        const struct catalog_find_price_list_of_group *query = body;
        if (!uuid_equals(query->group_id, listed)) return STATUS_NOT_FOUND;
        ((struct catalog_price_list_of_group *)ret_reply)->name = TEXT("Wholesale");
        return STATUS_OK;
    }
    assert_ptr_equal(message, &catalog_find_goods_message);
    const struct catalog_find_goods *query = body;
    *(struct catalog_known_goods *)ret_reply = (struct catalog_known_goods){
        .product_ids = products,
        .product_ids_count =
            leave_out_what_lacks(query->product_ids, query->product_ids_count, products),
        .category_ids = categories,
        .category_ids_count =
            leave_out_what_lacks(query->category_ids, query->category_ids_count, categories),
    };
    return STATUS_OK;
}

static inline struct uuid draw_id(unsigned shard)
{
    static unsigned drawn;
    const uint8_t random[10] = { (uint8_t)(drawn >> 8), (uint8_t)drawn };
    drawn++;
    return uuid_make(1767225600000000, random, shard);
}

static inline struct principal someone(enum principal_kind kind, unsigned shard)
{
    return (struct principal){ .kind = kind, .id = draw_id(shard), .rights = UINT64_MAX };
}

/* 10 % off everything. */
static inline struct order_promotion_terms tenth(void)
{
    return (struct order_promotion_terms){ .kind = ORDER_PROMOTION_KIND_PERCENT,
                                           .has_off_ppm = true,
                                           .off_ppm = 100000 };
}

/* The market's, without code unless one is given. */
static inline struct order_create_promotion markets(const char *code,
                                                    struct order_promotion_terms terms)
{
    return (struct order_create_promotion){
        .name = TEXT("Spring"), .has_code = code != NULL, .code = text_of(code), .terms = terms
    };
}

static inline enum status make(const struct order_create_promotion *wish,
                               struct order_promotion *ret_promotion)
{
    return direct_call(market, &staff, &order_create_promotion_message, wish, ret_promotion);
}

static inline struct order_promotion made(const char *code, struct order_promotion_terms terms)
{
    const struct order_create_promotion wish = markets(code, terms);
    struct order_promotion promotion;
    assert_int_equal(make(&wish, &promotion), STATUS_OK);
    return promotion;
}

/* The same where only its id matters: a story of many would not fit into a frame. */
static __attribute__((noinline, unused)) struct uuid made_id(const char *code,
                                                             struct order_promotion_terms terms)
{
    return made(code, terms).id;
}

static inline enum status make_own(const struct principal *owner, const char *code,
                                   struct order_promotion_terms terms,
                                   struct order_promotion *ret_promotion)
{
    const struct order_create_own_promotion wish = {
        .name = TEXT("Own"), .has_code = code != NULL, .code = text_of(code), .terms = terms
    };
    return direct_call(market, owner, &order_create_own_promotion_message, &wish, ret_promotion);
}

static inline enum status make_group(const char *name, struct order_customer_group *ret_group)
{
    const struct order_create_customer_group command = { .name = text_of(name) };
    return direct_call(market, &staff, &order_create_customer_group_message, &command, ret_group);
}

static inline struct uuid group_named(const char *name)
{
    struct order_customer_group group;
    assert_int_equal(make_group(name, &group), STATUS_OK);
    return group.id;
}

static inline enum status archive(struct uuid promotion_id)
{
    const struct order_archive_promotion command = { .promotion_id = promotion_id };
    return direct_call(market, &staff, &order_archive_promotion_message, &command, NULL);
}

static inline enum status set_status(struct uuid promotion_id, enum order_promotion_wish status)
{
    const struct order_change_promotion command = { .promotion_id = promotion_id,
                                                    .has_status = true,
                                                    .status = status };
    struct order_promotion reply;
    return direct_call(market, &staff, &order_change_promotion_message, &command, &reply);
}

static inline struct order_promotion seen(struct uuid promotion_id)
{
    const struct order_get_promotion query = { .promotion_id = promotion_id };
    struct order_promotion reply;
    assert_int_equal(direct_call(market, &staff, &order_get_promotion_message, &query, &reply),
                     STATUS_OK);
    return reply;
}

static inline void assert_sql(const char *sql, const char *expected)
{
    const struct text got = direct_sql(market, sql);
    if (!text_equals_string(got, expected)) fail_msg("%s: %.*s", sql, (int)got.length, got.data);
}

static inline void assert_fault(enum status code, const char *pointer)
{
    const struct request_fault fault = direct_last_fault(market);
    assert_int_equal(fault.code, code);
    assert_string_equal(fault.pointer, pointer);
    assert_true(fault.detail.length > 0);
}

static inline int begin_story(void **state)
{
    (void)state;
    direct_forget(market);
    (void)direct_sql(market,
                     "TRUNCATE \"order\".promotion, \"order\".promotion_owner,"
                     " \"order\".redemption, \"order\".order_group, \"order\".customer_group,"
                     " \"order\".customer_group_member, \"order\".customer_address,"
                     " \"order\".leaving_shopper");
    direct_set_peer(market, answer_as_peers, NULL);
    lacking = (struct uuid){ { 0 } };
    staff = someone(PRINCIPAL_ADMIN, 5);
    vendor = someone(PRINCIPAL_VENDOR, 3);
    stranger = someone(PRINCIPAL_VENDOR, 4);
    return 0;
}

static inline int promotions_are_sound(void **state)
{
    (void)state;
    const struct text violated = direct_sql_as_role(
        market, "SELECT invariant || ' ' || id FROM \"order\".check_promotions()");
    if (violated.length > 0) print_error("%.*s\n", (int)violated.length, violated.data);
    return violated.length == 0 ? 0 : -1;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, begin_story, promotions_are_sound)
