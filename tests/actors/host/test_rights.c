/* Claims about what a proved principal may do: rights, API keys, impersonation, fresh second
 * factors (tests/SECURITY.md, items 29, 30 and 32). */
#include "tests/support/cmocka.h"

#include "actors/host/host.h"
#include "order_messages.h"
#include "tests/support/node_stage.h"
#include "user_messages.h"
#include "wallet_messages.h"

enum { SHARD = 5, WAIT_US = 5 * 1000 * 1000 };

static struct stage *stage_of_all;

static struct principal shopper_of(struct stage *stage)
{
    return (struct principal){ .kind = PRINCIPAL_SHOPPER,
                               .id = stage_new_id(stage, SHARD),
                               .rights = UINT64_MAX };
}

static enum status say(struct stage *stage, const struct principal *principal,
                       const struct message *message, const void *body)
{
    struct envelope envelope, reply;
    stage_address(stage, principal->id, message, body, &envelope);
    stage_sign(stage, principal, &envelope);
    assert_int_equal(stage_send(stage, ROLE_STORE, &envelope, WAIT_US, &reply), STATUS_OK);
    return reply.status;
}

static enum status look_into_wallet(struct stage *stage, const struct principal *principal)
{
    const struct wallet_get_wallet query = { 0 };
    return say(stage, principal, &wallet_get_wallet_message, &query);
}

static void item_30_the_actor_refuses_what_the_rights_do_not_hold(struct stage *stage,
                                                                  void *context)
{
    (void)context;
    struct principal shopper = shopper_of(stage);
    assert_int_equal(look_into_wallet(stage, &shopper), STATUS_OK);
    shopper.rights = ~(UINT64_C(1) << USER_PERMISSION_WALLET);
    assert_int_equal(look_into_wallet(stage, &shopper), STATUS_FORBIDDEN);
    shopper.rights = UINT64_C(1) << USER_PERMISSION_WALLET;
    assert_int_equal(look_into_wallet(stage, &shopper), STATUS_OK);
}

static void an_api_key_may_do_what_it_is_scoped_for_and_nothing_else(struct stage *stage,
                                                                     void *context)
{
    (void)context;
    struct principal server = shopper_of(stage);
    server.is_api_key = true;
    server.rights = UINT64_C(1) << USER_PERMISSION_WALLET;
    assert_int_equal(look_into_wallet(stage, &server), STATUS_OK);
    const struct identity_change_password command = { .current_password = TEXT("a password"),
                                                      .new_password = TEXT("another one") };
    server.rights = UINT64_MAX;
    assert_int_equal(say(stage, &server, &user_change_password_message, &command),
                     STATUS_FORBIDDEN);
}

static void staff_in_a_shoppers_name_may_look_but_not_pay(struct stage *stage, void *context)
{
    (void)context;
    struct principal staff = shopper_of(stage);
    staff.actor = stage_new_id(stage, SHARD);
    assert_int_equal(look_into_wallet(stage, &staff), STATUS_OK);
    const struct order_checkout command = { .cart_id = stage_new_id(stage, SHARD),
                                            .expected_total = money_make(100, "EUR") };
    assert_true(order_checkout_message.refuses_impersonation);
    assert_int_equal(say(stage, &staff, &order_checkout_message, &command),
                     STATUS_IMPERSONATION_REFUSED);
}

static void item_32_another_audience_is_unauthenticated_whatever_its_rights(struct stage *stage,
                                                                            void *context)
{
    (void)context;
    struct principal principal = shopper_of(stage);
    principal.kind = PRINCIPAL_ADMIN;
    assert_int_equal(look_into_wallet(stage, &principal), STATUS_UNAUTHENTICATED);
    principal.kind = PRINCIPAL_VENDOR;
    assert_int_equal(look_into_wallet(stage, &principal), STATUS_UNAUTHENTICATED);
    principal.kind = PRINCIPAL_OPERATOR;
    assert_int_equal(look_into_wallet(stage, &principal), STATUS_UNAUTHENTICATED);
}

static int open_stage(void **state)
{
    (void)state;
    const char *const domains[] = { "user", "order", "wallet" };
    stage_of_all = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

#define STORY(name)                                                                                \
    static void run_##name(void **state)                                                           \
    {                                                                                              \
        (void)state;                                                                               \
        stage_run(stage_of_all, name, NULL);                                                       \
    }
STORY(item_30_the_actor_refuses_what_the_rights_do_not_hold)
STORY(an_api_key_may_do_what_it_is_scoped_for_and_nothing_else)
STORY(staff_in_a_shoppers_name_may_look_but_not_pay)
STORY(item_32_another_audience_is_unauthenticated_whatever_its_rights)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_item_30_the_actor_refuses_what_the_rights_do_not_hold),
        cmocka_unit_test(run_an_api_key_may_do_what_it_is_scoped_for_and_nothing_else),
        cmocka_unit_test(run_staff_in_a_shoppers_name_may_look_but_not_pay),
        cmocka_unit_test(run_item_32_another_audience_is_unauthenticated_whatever_its_rights),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
