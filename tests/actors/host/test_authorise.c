/* Who may send what: the kind of the process decides first, then the proved principal. A row of
 * claims for each role, right and restriction. */
#include "actors/host/authorise.h"

#include "admin_messages.h"
#include "catalog_messages.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"
#include "vendor_messages.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

#define NOW_US (INT64_C(1800000000) * 1000000)

static const uint8_t principal_key[32] = { 42 };
static struct message message;
static struct envelope envelope;

static int set_up(void **state)
{
    (void)state;
    message =
        (struct message){ .number = 1001, .name = "test.act", .role = ROLE_STORE, .right = 4 };
    envelope = (struct envelope){
        .msg_id = { { 1 } },
        .principal = { .kind = PRINCIPAL_SHOPPER,
                       .id = { { 2 } },
                       .rights = 4,
                       .expires_at_us = NOW_US + MINUTE_US },
    };
    return 0;
}

static void prove(void)
{
    principal_prove(principal_key, envelope.msg_id, &envelope.principal, envelope.principal_proof);
}

static enum status judge(enum member_kind from)
{
    return authorise_message(&message, &envelope, from, principal_key, NOW_US);
}

/* From a gateway, with the principal as it stands proved. */
static enum status judge_proved(void)
{
    prove();
    return judge(MEMBER_GATEWAY);
}

static enum status judge_role(enum message_role role, enum member_kind from)
{
    message.role = role;
    prove();
    return judge(from);
}

/* ---- processes ---- */

static void node_may_send_what_nodes_send(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_NODE, MEMBER_NODE), STATUS_OK);
    assert_int_equal(judge_role(ROLE_PUBLIC, MEMBER_NODE), STATUS_OK);
}

static void node_speaks_for_nobody_else(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_STORE, MEMBER_NODE), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_STORE_OPTIONAL, MEMBER_NODE), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_VENDOR, MEMBER_NODE), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_ADMIN, MEMBER_NODE), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_OPERATOR, MEMBER_NODE), STATUS_FORBIDDEN);
}

static void client_of_the_operator_may_send_what_operators_send(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_OPERATOR, MEMBER_CLIENT), STATUS_OK);
    assert_int_equal(judge_role(ROLE_PUBLIC, MEMBER_CLIENT), STATUS_OK);
}

static void client_of_the_operator_is_no_node_and_no_shopper(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_NODE, MEMBER_CLIENT), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_STORE, MEMBER_CLIENT), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_ADMIN, MEMBER_CLIENT), STATUS_FORBIDDEN);
}

static void gateway_cannot_speak_as_a_node_or_an_operator(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_NODE, MEMBER_GATEWAY), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_OPERATOR, MEMBER_GATEWAY), STATUS_FORBIDDEN);
}

static void agent_sends_no_messages(void **state)
{
    (void)state;
    assert_int_equal(judge_role(ROLE_PUBLIC, MEMBER_AGENT), STATUS_FORBIDDEN);
    assert_int_equal(judge_role(ROLE_NODE, MEMBER_AGENT), STATUS_FORBIDDEN);
}

/* ---- proofs and tokens ---- */

static void proved_shopper_may_do_what_shoppers_do(void **state)
{
    (void)state;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void principal_without_a_proof_is_unauthenticated(void **state)
{
    (void)state;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
}

static void proof_is_of_one_message_only(void **state)
{
    (void)state;
    prove();
    envelope.msg_id.bytes[15] = 1;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
}

static void rights_that_grew_on_the_way_are_unauthenticated(void **state)
{
    (void)state;
    prove();
    envelope.principal.rights = UINT64_MAX;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
}

static void proof_under_another_key_is_none(void **state)
{
    (void)state;
    static const uint8_t other_key[32] = { 43 };
    principal_prove(other_key, envelope.msg_id, &envelope.principal, envelope.principal_proof);
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
}

static void token_that_has_expired_on_the_way_is_told_so(void **state)
{
    (void)state;
    envelope.principal.expires_at_us = NOW_US;
    assert_int_equal(judge_proved(), STATUS_TOKEN_EXPIRED);
}

static void token_is_good_until_its_last_microsecond(void **state)
{
    (void)state;
    envelope.principal.expires_at_us = NOW_US + 1;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void nobody_may_do_what_is_public(void **state)
{
    (void)state;
    message.role = ROLE_PUBLIC;
    envelope.principal = (struct principal){ .kind = PRINCIPAL_NONE };
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_OK);
}

static void nobody_may_do_what_guests_may(void **state)
{
    (void)state;
    message.role = ROLE_STORE_OPTIONAL;
    envelope.principal = (struct principal){ .kind = PRINCIPAL_NONE };
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_OK);
}

static void nobody_is_unauthenticated_elsewhere(void **state)
{
    (void)state;
    envelope.principal = (struct principal){ .kind = PRINCIPAL_NONE };
    message.role = ROLE_STORE;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
    message.role = ROLE_VENDOR;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
    message.role = ROLE_ADMIN;
    assert_int_equal(judge(MEMBER_GATEWAY), STATUS_UNAUTHENTICATED);
}

/* ---- audiences ---- */

static enum status judge_as(enum principal_kind kind, enum message_role role)
{
    envelope.principal.kind = kind;
    return judge_role(role, MEMBER_GATEWAY);
}

static void shopper_is_of_the_store_and_of_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(judge_as(PRINCIPAL_SHOPPER, ROLE_STORE_OPTIONAL), STATUS_OK);
    assert_int_equal(judge_as(PRINCIPAL_SHOPPER, ROLE_VENDOR), STATUS_UNAUTHENTICATED);
    assert_int_equal(judge_as(PRINCIPAL_SHOPPER, ROLE_ADMIN), STATUS_UNAUTHENTICATED);
}

static void vendor_is_of_the_portal_and_of_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(judge_as(PRINCIPAL_VENDOR, ROLE_VENDOR), STATUS_OK);
    assert_int_equal(judge_as(PRINCIPAL_VENDOR, ROLE_STORE), STATUS_UNAUTHENTICATED);
    assert_int_equal(judge_as(PRINCIPAL_VENDOR, ROLE_ADMIN), STATUS_UNAUTHENTICATED);
}

static void staff_is_of_the_back_office_and_of_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(judge_as(PRINCIPAL_ADMIN, ROLE_ADMIN), STATUS_OK);
    assert_int_equal(judge_as(PRINCIPAL_ADMIN, ROLE_STORE), STATUS_UNAUTHENTICATED);
    assert_int_equal(judge_as(PRINCIPAL_ADMIN, ROLE_VENDOR), STATUS_UNAUTHENTICATED);
}

static void proved_operator_through_a_gateway_is_nobody(void **state)
{
    (void)state;
    assert_int_equal(judge_as(PRINCIPAL_OPERATOR, ROLE_STORE), STATUS_UNAUTHENTICATED);
    assert_int_equal(judge_as(PRINCIPAL_NODE, ROLE_ADMIN), STATUS_UNAUTHENTICATED);
}

/* ---- rights ---- */

static void right_that_is_missing_is_forbidden(void **state)
{
    (void)state;
    envelope.principal.rights = ~UINT64_C(4);
    assert_int_equal(judge_proved(), STATUS_FORBIDDEN);
}

static void what_needs_no_right_needs_none(void **state)
{
    (void)state;
    message.right = 0;
    envelope.principal.rights = 0;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void api_key_with_the_right_may_do_it(void **state)
{
    (void)state;
    envelope.principal.is_api_key = true;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void api_key_may_not_do_what_no_right_covers(void **state)
{
    (void)state;
    message.right = 0;
    envelope.principal.is_api_key = true;
    envelope.principal.rights = UINT64_MAX;
    assert_int_equal(judge_proved(), STATUS_FORBIDDEN);
}

static void public_messages_ask_for_no_right(void **state)
{
    (void)state;
    message.role = ROLE_PUBLIC;
    envelope.principal.rights = 0;
    envelope.principal.is_api_key = true;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void staff_in_a_shoppers_name_may_do_what_it_may_see(void **state)
{
    (void)state;
    envelope.principal.actor.bytes[0] = 9;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void staff_in_a_shoppers_name_is_refused_what_is_the_shoppers_own(void **state)
{
    (void)state;
    message.refuses_impersonation = true;
    envelope.principal.actor.bytes[0] = 9;
    assert_int_equal(judge_proved(), STATUS_IMPERSONATION_REFUSED);
}

static void shopper_is_not_refused_for_impersonation(void **state)
{
    (void)state;
    message.refuses_impersonation = true;
    assert_int_equal(judge_proved(), STATUS_OK);
}

static void fresh_second_factor_is_good_for_five_minutes(void **state)
{
    (void)state;
    message.needs_step_up = true;
    envelope.principal.confirmed_us = NOW_US - INT64_C(5) * MINUTE_US;
    assert_int_equal(judge_proved(), STATUS_OK);
    envelope.principal.confirmed_us--;
    assert_int_equal(judge_proved(), STATUS_STEP_UP_REQUIRED);
}

static void second_factor_that_was_never_given_is_not_fresh(void **state)
{
    (void)state;
    message.needs_step_up = true;
    assert_int_equal(judge_proved(), STATUS_STEP_UP_REQUIRED);
}

/* Who may change products must see them. */
static void who_manages_products_may_list_them(void **state)
{
    (void)state;
    const uint64_t products = UINT64_C(1) << VENDOR_PERMISSION_MANAGE_PRODUCTS,
                   vendor = UINT64_C(1) << VENDOR_PERMISSION_VIEW_VENDOR;
    assert_int_equal(catalog_list_own_products_message.right, products | vendor);
    assert_int_equal(catalog_get_own_product_message.right, products | vendor);
}

/* What would outlast a stolen token. */
static void what_makes_keys_or_members_takes_a_fresh_factor(void **state)
{
    (void)state;
    const struct message *const makers[] = {
        &vendor_make_api_key_message,      &vendor_invite_member_message,
        &vendor_change_member_message,     &vendor_remove_member_message,
        &admin_make_api_key_message,       &admin_invite_staff_message,
        &admin_change_staff_message,       &user_impersonate_message,
        &user_disable_otp_of_user_message,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(makers); i++)
        assert_true(makers[i]->needs_step_up);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_manages_products_may_list_them),
        cmocka_unit_test(what_makes_keys_or_members_takes_a_fresh_factor),
        CLAIM(node_may_send_what_nodes_send),
        CLAIM(node_speaks_for_nobody_else),
        CLAIM(client_of_the_operator_may_send_what_operators_send),
        CLAIM(client_of_the_operator_is_no_node_and_no_shopper),
        CLAIM(gateway_cannot_speak_as_a_node_or_an_operator),
        CLAIM(agent_sends_no_messages),
        CLAIM(proved_shopper_may_do_what_shoppers_do),
        CLAIM(principal_without_a_proof_is_unauthenticated),
        CLAIM(proof_is_of_one_message_only),
        CLAIM(rights_that_grew_on_the_way_are_unauthenticated),
        CLAIM(proof_under_another_key_is_none),
        CLAIM(token_that_has_expired_on_the_way_is_told_so),
        CLAIM(token_is_good_until_its_last_microsecond),
        CLAIM(nobody_may_do_what_is_public),
        CLAIM(nobody_may_do_what_guests_may),
        CLAIM(nobody_is_unauthenticated_elsewhere),
        CLAIM(shopper_is_of_the_store_and_of_nothing_else),
        CLAIM(vendor_is_of_the_portal_and_of_nothing_else),
        CLAIM(staff_is_of_the_back_office_and_of_nothing_else),
        CLAIM(proved_operator_through_a_gateway_is_nobody),
        CLAIM(right_that_is_missing_is_forbidden),
        CLAIM(what_needs_no_right_needs_none),
        CLAIM(api_key_with_the_right_may_do_it),
        CLAIM(api_key_may_not_do_what_no_right_covers),
        CLAIM(public_messages_ask_for_no_right),
        CLAIM(staff_in_a_shoppers_name_may_do_what_it_may_see),
        CLAIM(staff_in_a_shoppers_name_is_refused_what_is_the_shoppers_own),
        CLAIM(shopper_is_not_refused_for_impersonation),
        CLAIM(fresh_second_factor_is_good_for_five_minutes),
        CLAIM(second_factor_that_was_never_given_is_not_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
