/* Claims about telephones: nothing but a code goes to a number before the code came back; against a
 * scratch database. */
#include <string.h>

#include "messages/credential.h"
#include "runtime/secret.h"
#include "tests/actors/user/user_people.h"

#define PHONE TEXT("+4915112345678")

static const int64_t minute_us = 60 * 1000000LL;

static void give_phone(const struct person *person, struct text phone)
{
    const struct user_change_me change = { .has_phone = true, .phone = phone };
    struct user_user user;
    assert_int_equal(
        direct_call(people_market, &person->principal, &user_change_me_message, &change, &user),
        STATUS_OK);
    assert_false(user.is_phone_verified);
}

static enum status send_code(const struct person *person)
{
    const struct identity_send_phone_code command = { 0 };
    return direct_call(people_market, &person->principal, &user_send_phone_code_message, &command,
                       NULL);
}

static enum status prove(const struct person *person, struct text code)
{
    const struct identity_prove_phone command = { .code = code };
    return direct_call(people_market, &person->principal, &user_prove_phone_message, &command,
                       NULL);
}

/* As the host makes it, under the key of direct markets; of the ticket that the token is of. */
static struct text code_of(const struct person *person)
{
    static const uint8_t market_key[SECRET_KEY_BYTES] = { 42 };
    const struct text token = people_token(person, IDENTITY_TICKET_PROVE_PHONE);
    uint8_t key[SECRET_KEY_BYTES], secret[CREDENTIAL_SECRET_BYTES];
    struct uuid id;
    assert_int_equal(credential_read(token, "tic", &id, secret), STATUS_OK);
    char message[1 + sizeof id.bytes] = { (char)DOMAIN_USER };
    memcpy(message + 1, id.bytes, sizeof id.bytes);
    secret_digest_keyed(market_key, TEXT("souk code"), key, sizeof key);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, secret, sizeof secret);
    uint64_t number;
    memcpy(&number, secret, sizeof number);
    return text_format(people_arena, "%08u", (unsigned)(number % 100000000));
}

static struct common_contact contact_of(const struct person *person, const struct uuid *ticket)
{
    const struct user_get_contacts query = { .user_id = person->signed_in.user.id,
                                             .has_ticket_id = ticket != NULL,
                                             .ticket_id = ticket != NULL ? *ticket
                                                                         : (struct uuid){ { 0 } } };
    const struct user_get_many_contacts many = { .user_ids = &query.user_id, .user_ids_count = 1 };
    struct common_contacts alone, among;
    assert_int_equal(direct_call(people_market, NULL, &user_get_contacts_message, &query, &alone),
                     STATUS_OK);
    assert_int_equal(
        direct_call(people_market, NULL, &user_get_many_contacts_message, &many, &among),
        STATUS_OK);
    if (ticket == NULL) assert_int_equal(alone.contacts[0].has_phone, among.contacts[0].has_phone);
    return alone.contacts[0];
}

static void a_number_is_told_to_nobody_before_its_code_came_back(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    give_phone(&ada, PHONE);
    assert_false(contact_of(&ada, NULL).has_phone);
    const size_t notices = people_notices();
    assert_int_equal(send_code(&ada), STATUS_OK);
    assert_int_equal(people_notices(), notices + 1);
    struct uuid ticket;
    uint8_t secret[CREDENTIAL_SECRET_BYTES];
    assert_int_equal(
        credential_read(people_token(&ada, IDENTITY_TICKET_PROVE_PHONE), "tic", &ticket, secret),
        STATUS_OK);
    const struct common_contact reached = contact_of(&ada, &ticket);
    assert_text_equal(reached.phone, PHONE);
    assert_text_equal(reached.email, ada.email);
    assert_int_equal(prove(&ada, TEXT("00000000")), STATUS_WRONG_OTP);
    assert_string_equal(direct_last_fault(people_market).pointer, "/code");
    assert_int_equal(prove(&ada, code_of(&ada)), STATUS_OK);
    assert_true(contact_of(&ada, NULL).has_phone);
    assert_int_equal(prove(&ada, code_of(&ada)), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(send_code(&ada), STATUS_ILLEGAL_TRANSITION);
    give_phone(&ada, TEXT("+4915187654321")); /* another one is another matter */
    assert_false(contact_of(&ada, NULL).has_phone);
}

static void a_code_proves_the_number_that_it_was_sent_to_and_in_time(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    assert_int_equal(send_code(&ada), STATUS_ILLEGAL_TRANSITION); /* there is no number */
    give_phone(&ada, TEXT("+4915100000001"));
    assert_int_equal(prove(&ada, TEXT("12345678")), STATUS_WRONG_OTP); /* none was sent */
    assert_int_equal(send_code(&ada), STATUS_OK);
    const struct text code = code_of(&ada);
    give_phone(&ada, TEXT("+4915100000002"));
    assert_int_equal(prove(&ada, code), STATUS_WRONG_OTP);
    assert_int_equal(send_code(&ada), STATUS_OK);
    direct_advance(people_market, 10 * minute_us);
    assert_int_equal(prove(&ada, code_of(&ada)), STATUS_WRONG_OTP);
}

static void a_number_gets_few_codes_a_day_whoever_gives_it(void **state)
{
    (void)state;
    const struct text number = TEXT("+4915100000003");
    for (int i = 0; i < 4; i++) {
        const struct person person = people_draw();
        give_phone(&person, number);
        assert_int_equal(send_code(&person), i < 3 ? STATUS_OK : STATUS_TOO_MANY_REQUESTS);
    }
    direct_advance(people_market, 24 * 60 * minute_us);
}

static void a_person_has_few_codes_sent_a_day_to_whatever_numbers(void **state)
{
    (void)state;
    const struct person eve = people_draw();
    char number[] = "+4915100000010";
    for (int i = 0; i < 4; i++) {
        number[13] = (char)('0' + i);
        give_phone(&eve, text_of(number));
        assert_int_equal(send_code(&eve), i < 3 ? STATUS_OK : STATUS_TOO_MANY_REQUESTS);
    }
}

static void guesses_of_a_code_end_soon(void **state)
{
    (void)state;
    const struct person eve = people_draw();
    give_phone(&eve, TEXT("+4915100000020"));
    assert_int_equal(send_code(&eve), STATUS_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(prove(&eve, TEXT("1234567")), STATUS_WRONG_OTP);
    assert_int_equal(prove(&eve, code_of(&eve)), STATUS_TOO_MANY_REQUESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_told_to_nobody_before_its_code_came_back),
        cmocka_unit_test(a_code_proves_the_number_that_it_was_sent_to_and_in_time),
        cmocka_unit_test(a_number_gets_few_codes_a_day_whoever_gives_it),
        cmocka_unit_test(a_person_has_few_codes_sent_a_day_to_whatever_numbers),
        cmocka_unit_test(guesses_of_a_code_end_soon),
    };
    people_open();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    people_close();
    return failed;
}
