/* Claims about the key of a message, which says the actor and the shard that it goes to. */
#include "admin_messages.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"
#include "vendor_messages.h"

static const struct uuid nobody;

static struct uuid key_of(const struct message *message, const void *body)
{
    struct uuid key = { 0 };
    unsigned shard = SHARD_COUNT;
    assert_true(message_key_of(message, body, nobody, &key, &shard));
    assert_int_equal(shard, uuid_shard(key));
    return key;
}

static struct uuid login_key(const char *typed)
{
    const struct user_login login = { .email = text_of(typed), .password = TEXT("secret") };
    return key_of(&user_login_message, &login);
}

static void assert_same(struct uuid a, struct uuid b)
{
    assert_true(uuid_equals(a, b));
}

static void an_address_has_one_actor_however_it_is_typed(void **state)
{
    (void)state;
    const struct uuid key = key_of_text(TEXT("ada@example.com"));
    assert_same(login_key("ada@example.com"), key);
    assert_same(login_key(" Ada@Example.COM\t"), key);
    assert_false(uuid_equals(login_key("adb@example.com"), key));
}

static void every_message_to_an_address_goes_to_the_same_actor(void **state)
{
    (void)state;
    const struct uuid key = key_of_text(TEXT("ada@example.com"));
    const struct text typed = TEXT("ADA@example.com");
    const struct user_register registration = { .email = typed };
    const struct identity_forgot_password forgot = { .email = typed };
    const struct vendor_login vendor_login = { .email = typed };
    const struct admin_login admin_login = { .email = typed };
    const struct admin_invite_staff invitation = { .email = typed };
    assert_same(key_of(&user_register_message, &registration), key);
    assert_same(key_of(&user_forgot_password_message, &forgot), key);
    assert_same(key_of(&vendor_forgot_password_message, &forgot), key);
    assert_same(key_of(&admin_forgot_password_message, &forgot), key);
    assert_same(key_of(&vendor_login_message, &vendor_login), key);
    assert_same(key_of(&admin_login_message, &admin_login), key);
    assert_same(key_of(&admin_invite_staff_message, &invitation), key);
}

static void what_is_no_address_is_its_own_key(void **state)
{
    (void)state;
    assert_same(login_key("Ada"), key_of_text(TEXT("Ada")));
    assert_same(login_key(""), key_of_text(TEXT("")));
    assert_false(uuid_equals(login_key("Ada"), login_key("ada")));
}

static void other_texts_are_keys_as_they_stand(void **state)
{
    (void)state;
    const struct vendor_import_vendor vendor = { .name = TEXT("Ada@Example.com") };
    assert_same(key_of(&vendor_import_vendor_message, &vendor),
                key_of_text(TEXT("Ada@Example.com")));
}

static void an_id_is_its_own_key(void **state)
{
    (void)state;
    const struct uuid id = { { 1, 2, [15] = 41 } };
    const struct identity_revoke_session revoke = { .session_id = id };
    assert_same(key_of(&user_revoke_session_message, &revoke), id);
}

static void a_query_has_no_key(void **state)
{
    (void)state;
    const struct identity_get_otp query = { 0 };
    struct uuid key = { 0 };
    unsigned shard = 7;
    assert_false(message_key_of(&user_get_otp_message, &query, nobody, &key, &shard));
    assert_int_equal(shard, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_one_actor_however_it_is_typed),
        cmocka_unit_test(every_message_to_an_address_goes_to_the_same_actor),
        cmocka_unit_test(what_is_no_address_is_its_own_key),
        cmocka_unit_test(other_texts_are_keys_as_they_stand),
        cmocka_unit_test(an_id_is_its_own_key),
        cmocka_unit_test(a_query_has_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
