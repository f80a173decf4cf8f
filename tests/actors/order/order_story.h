/* Words that the stories of carts and checkouts are told with: one shopper, a shop of three goods,
 * one market. Set up before each claim; after each, stored orders must be sound and no saga open.
 */
#pragma once

#include "tests/support/cmocka.h"

#include "order_messages.h"
#include "tests/actors/order/order_market.h"

enum { TEAPOT, BOWL, LAMP, VARIANTS };
enum { SHOPPER_MONEY = 100000, SECOND_US = 1000 * 1000 };

extern struct order_market market;
extern struct uuid shopper;

int set_up_group(void **state);
int tear_down_group(void **state);
int set_up(void **state);
int tear_down(void **state);

/* An id that was not drawn before. */
struct uuid draw_id(unsigned shard);
/* What the shopper does. */
struct answer create(struct order_cart *ret_cart);
struct answer add(const struct order_cart *cart, size_t variant, int64_t quantity,
                  struct order_cart *ret_cart);
/* Two teapots and a bowl: 44.98, of two vendors. */
struct order_cart filled_cart(void);
struct order_checkout checkout_of(const struct order_cart *cart);
struct answer check_out(const struct order_cart *cart, uint8_t key, struct order_group *ret_group);
struct answer get_cart(struct uuid user_id, struct uuid cart_id, struct order_cart *ret_cart);
struct text fault_code(const struct answer *answer, size_t index);
/* Money and stock are what they were, and the cart is the shopper's again. */
void assert_nothing_happened(const struct order_cart *cart);
/* The filled cart was bought, once. */
void assert_sold(const struct order_cart *cart);

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
