/* Shoppers for tests: registers them, reads their tickets, makes their codes. */
#include "tests/actors/user/user_people.h"

#include <string.h>

#include "actors/identity/identity_otp.h"
#include "actors/identity/identity_secret.h"
#include "runtime/secret.h"

extern const struct domain_definition user_domain;

struct direct_market *people_market;
struct arena *people_arena;
static unsigned drawn;

void people_open(void)
{
    people_market = direct_market_new(&user_domain);
    people_arena = arena_new(65536);
}

void people_close(void)
{
    arena_destroy(&people_arena);
    direct_market_destroy(&people_market);
}

struct person people_draw(void)
{
    struct person person;
    drawn++;
    person.email = text_format(people_arena, "ada%u@example.com", drawn);
    person.username = text_format(people_arena, "Ada%u", drawn);
    const struct user_register command = { .email = person.email,
                                           .username = person.username,
                                           .password = TEXT("correct horse") };
    assert_int_equal(
        direct_call(people_market, NULL, &user_register_message, &command, &person.signed_in),
        STATUS_OK);
    person.principal =
        (struct principal){ .kind = PRINCIPAL_SHOPPER, .id = person.signed_in.user.id };
    assert_int_equal(id_parse((struct text){ person.signed_in.refresh_token.data, 30 }, "ses",
                              &person.principal.session),
                     STATUS_OK);
    return person;
}

enum status people_login(const struct person *person, const char *password, struct text otp,
                         struct user_signed_in *ret_reply)
{
    const struct user_login command = {
        .email = person->email, .password = text_of(password), .has_otp = otp.length > 0, .otp = otp
    };
    return direct_call(people_market, NULL, &user_login_message, &command, ret_reply);
}

enum status people_refresh(struct text token, struct user_signed_in *ret_reply)
{
    const struct identity_refresh command = { .refresh_token = token };
    return direct_call(people_market, NULL, &user_refresh_message, &command, ret_reply);
}

/* As identity makes it, under the key of direct markets. */
static struct text write_token(struct uuid ticket_id)
{
    static const uint8_t market_key[SECRET_KEY_BYTES] = { 42 };
    uint8_t key[SECRET_KEY_BYTES], secret[IDENTITY_SECRET_BYTES];
    char message[1 + sizeof ticket_id.bytes] = { (char)DOMAIN_USER };
    memcpy(message + 1, ticket_id.bytes, sizeof ticket_id.bytes);
    secret_digest_keyed(market_key, TEXT("souk ticket"), key, sizeof key);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, secret, sizeof secret);
    return credential_write(people_arena, "tic", ticket_id, secret);
}

static struct uuid parse_uuid(struct text hex)
{
    struct uuid id;
    assert_int_equal(hex.length, 2 * sizeof id.bytes);
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        unsigned byte = 0;
        for (size_t j = 2 * i; j < 2 * i + 2; j++) {
            const char digit = hex.data[j];
            byte = byte << 4 | (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }
        id.bytes[i] = (uint8_t)byte;
    }
    return id;
}

static const char *hex_of(struct uuid id)
{
    char *hex = arena_allocate(people_arena, 2 * sizeof id.bytes + 1);
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        hex[2 * i] = digits[id.bytes[i] >> 4];
        hex[2 * i + 1] = digits[id.bytes[i] & 15];
    }
    return hex;
}

struct text people_find_token(struct uuid user_id, enum identity_ticket_purpose purpose)
{
    const struct text sql =
        text_format(people_arena,
                    "SELECT replace(id::text, '-', '') FROM identity.ticket WHERE person_id = '%s'"
                    " AND purpose = %d ORDER BY created_at DESC, used_at IS NULL DESC LIMIT 1",
                    hex_of(user_id), (int)purpose);
    return write_token(parse_uuid(direct_sql(people_market, text_string(people_arena, sql))));
}

struct text people_token(const struct person *person, enum identity_ticket_purpose purpose)
{
    return people_find_token(person->signed_in.user.id, purpose);
}

enum status people_verify(struct text token)
{
    const struct identity_verify_email command = { .token = token };
    return direct_call(people_market, NULL, &user_verify_email_message, &command, NULL);
}

enum status people_verify_as(const struct person *person, struct text token)
{
    const struct identity_verify_email command = { .token = token };
    return direct_call(people_market, &person->principal, &user_verify_email_message, &command,
                       NULL);
}

struct text people_code(struct text secret)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t bytes[IDENTITY_OTP_SECRET_BYTES] = { 0 };
    for (size_t i = 0; i < secret.length; i++) {
        const char *found = strchr(alphabet, secret.data[i]);
        assert_non_null(found);
        for (size_t bit = 0; bit < 5; bit++)
            if (((size_t)(found - alphabet) >> (4 - bit) & 1) != 0)
                bytes[(i * 5 + bit) / 8] |= (uint8_t)(128 >> (i * 5 + bit) % 8);
    }
    return text_format(people_arena, "%06u",
                       identity_otp_code(bytes, identity_otp_step(direct_now_us(people_market))));
}

struct text people_enrol(const struct person *person, struct common_recovery_codes *ret_codes)
{
    const struct identity_begin_otp begin = { .current_password = TEXT("correct horse") };
    struct common_otp_enrolment enrolment;
    assert_int_equal(
        direct_call(people_market, &person->principal, &user_begin_otp_message, &begin, &enrolment),
        STATUS_OK);
    const struct identity_confirm_otp confirm = { .code = people_code(enrolment.secret) };
    assert_int_equal(direct_call(people_market, &person->principal, &user_confirm_otp_message,
                                 &confirm, ret_codes),
                     STATUS_OK);
    return enrolment.secret;
}

size_t people_notices(void)
{
    return direct_events(people_market, user_notice_was_raised_message.number);
}
