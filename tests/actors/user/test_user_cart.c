/* Claims about a guest's cart at sign-in: it comes along when that is possible, and never keeps
 * anybody out; and about addresses that were shown to be their owner's. */
#include "order_messages.h"
#include "tests/actors/user/user_people.h"

static enum status merged_as;
static struct order_merge_cart asked;
static size_t asks;
static struct uuid cart_id;

static enum status answer_order(void *context, const struct message *message, const void *body,
                                void *ret_reply)
{
    (void)context;
    assert_ptr_equal(message, &order_merge_cart_message);
    asks++;
    asked = *(const struct order_merge_cart *)body;
    if (merged_as == STATUS_OK)
        *(struct common_merged_cart *)ret_reply = (struct common_merged_cart){ .id = cart_id };
    return merged_as;
}

static int set_up_group(void **state)
{
    (void)state;
    people_open();
    cart_id = (struct uuid){ .bytes = { 1, 2, 3 } };
    direct_set_peer(people_market, answer_order, NULL);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    merged_as = STATUS_OK;
    asks = 0;
    return 0;
}

static int tear_down_group(void **state)
{
    (void)state;
    people_close();
    return 0;
}

static struct common_guest_cart guest_cart(void)
{
    return (struct common_guest_cart){ .id = cart_id, .token = TEXT("a token") };
}

static enum status sign_in(const struct person *person, const char *password,
                           struct user_signed_in *ret_reply)
{
    const struct user_login command = { .email = person->email,
                                        .password = text_of(password),
                                        .has_guest_cart = true,
                                        .guest_cart = guest_cart() };
    return direct_call(people_market, NULL, &user_login_message, &command, ret_reply);
}

static void cart_comes_along_at_sign_in(void **state)
{
    (void)state;
    const struct person person = people_draw();
    struct user_signed_in reply = { 0 };
    assert_int_equal(sign_in(&person, "correct horse", &reply), STATUS_OK);
    assert_true(reply.has_cart);
    assert_true(uuid_equals(reply.cart.id, cart_id));
    assert_true(uuid_equals(asked.user_id, person.signed_in.user.id));
    assert_text_equal(asked.token, TEXT("a token"));
}

static void refused_cart_keeps_nobody_out(void **state)
{
    (void)state;
    const enum status outcomes[] = { STATUS_NOT_FOUND, STATUS_CART_MERGED, STATUS_UNAVAILABLE,
                                     STATUS_DEADLINE_EXCEEDED };
    const struct person person = people_draw();
    for (size_t i = 0; i < ARRAY_LENGTH(outcomes); i++) {
        struct user_signed_in reply = { 0 };
        merged_as = outcomes[i];
        assert_int_equal(sign_in(&person, "correct horse", &reply), STATUS_OK);
        assert_false(reply.has_cart);
        assert_true(reply.access_token.length > 0);
    }
}

static void cart_goes_to_nobody_who_does_not_sign_in(void **state)
{
    (void)state;
    const struct person person = people_draw();
    struct user_signed_in reply;
    assert_int_equal(sign_in(&person, "wrong horse", &reply), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(asks, 0);
}

static enum status open_account(struct text email, struct text username,
                                struct user_signed_in *ret_reply)
{
    const struct user_register command = { .email = email,
                                           .username = username,
                                           .password = TEXT("correct horse"),
                                           .has_guest_cart = true,
                                           .guest_cart = guest_cart() };
    return direct_call(people_market, NULL, &user_register_message, &command, ret_reply);
}

static void account_is_there_before_the_cart_is_asked_for(void **state)
{
    (void)state;
    struct user_signed_in reply = { 0 };
    assert_int_equal(open_account(TEXT(" Bea@Example.com"), TEXT("Bea"), &reply), STATUS_OK);
    assert_true(reply.has_cart);
    assert_text_equal(reply.user.email, TEXT("bea@example.com"));
    assert_int_equal(uuid_shard(reply.user.id), shard_of_text(TEXT("bea@example.com")));
    assert_true(uuid_equals(asked.user_id, reply.user.id));
    merged_as = STATUS_UNAVAILABLE;
    reply = (struct user_signed_in){ 0 };
    assert_int_equal(open_account(TEXT("cyn@example.com"), TEXT("Cyn"), &reply), STATUS_OK);
    assert_false(reply.has_cart);
    asks = 0;
    assert_int_equal(open_account(TEXT("cyn@example.com"), TEXT("Dee"), &reply),
                     STATUS_EMAIL_TAKEN);
    assert_int_equal(open_account(TEXT("dee@example.com"), TEXT("cyn"), &reply),
                     STATUS_USERNAME_TAKEN);
    assert_int_equal(asks, 0);
}

static void verification_is_announced_without_the_address(void **state)
{
    (void)state;
    const struct person person = people_draw();
    const uint16_t number = user_email_was_verified_message.number;
    const struct user_get_shopper_standing query = { .user_id = person.signed_in.user.id };
    struct user_shopper_standing standing = { 0 };
    assert_int_equal(
        direct_call(people_market, NULL, &user_get_shopper_standing_message, &query, &standing),
        STATUS_OK);
    assert_false(standing.has_email);
    const size_t before = direct_events(people_market, number);
    assert_int_equal(people_verify_as(&person, people_token(&person, IDENTITY_TICKET_VERIFY_EMAIL)),
                     STATUS_OK);
    assert_int_equal(direct_events(people_market, number), before + 1);
    assert_int_equal(user_email_was_verified_schema.fields_count, 2); /* who and when */
    assert_int_equal(
        direct_call(people_market, NULL, &user_get_shopper_standing_message, &query, &standing),
        STATUS_OK);
    assert_text_equal(standing.email, person.email);
}

#define CLAIM(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(cart_comes_along_at_sign_in),
        CLAIM(refused_cart_keeps_nobody_out),
        CLAIM(cart_goes_to_nobody_who_does_not_sign_in),
        CLAIM(account_is_there_before_the_cart_is_asked_for),
        CLAIM(verification_is_announced_without_the_address),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
