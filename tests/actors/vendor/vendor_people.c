/* Vendors for tests: makes them and their teams, reads their tickets, makes their codes. */
#include "tests/actors/vendor/vendor_people.h"

#include <string.h>

#include "actors/identity/identity_otp.h"
#include "actors/identity/identity_secret.h"
#include "runtime/secret.h"

extern const struct domain_definition vendor_domain;

struct direct_market *shops;
struct arena *shops_arena;
const struct principal shops_staff = { .kind = PRINCIPAL_ADMIN, .id = { { 7 } } };
static unsigned drawn;

int shops_open(void **state)
{
    (void)state;
    shops = direct_market_new(&vendor_domain);
    shops_arena = arena_new(65536);
    return 0;
}

int shops_close(void **state)
{
    (void)state;
    arena_destroy(&shops_arena);
    direct_market_destroy(&shops);
    return 0;
}

struct principal shops_principal(const struct vendor_signed_in *signed_in)
{
    struct principal principal = { .kind = PRINCIPAL_VENDOR,
                                   .id = signed_in->vendor.id,
                                   .actor = signed_in->member.id };
    for (size_t i = 0; i < signed_in->member.permissions_count; i++)
        principal.rights |= UINT64_C(1) << signed_in->member.permissions[i];
    assert_int_equal(
        id_parse((struct text){ signed_in->refresh_token.data, 30 }, "ses", &principal.session),
        STATUS_OK);
    return principal;
}

enum status shops_call(const struct shop *shop, const struct message *message, const void *body,
                       void *ret_reply)
{
    return direct_call(shops, &shop->principal, message, body, ret_reply);
}

enum status shops_login(struct text email, const char *password, struct text otp,
                        struct vendor_signed_in *ret_reply)
{
    const struct vendor_login command = {
        .email = email, .password = text_of(password), .has_otp = otp.length > 0, .otp = otp
    };
    return direct_call(shops, NULL, &vendor_login_message, &command, ret_reply);
}

enum status shops_refresh(struct text token, struct vendor_signed_in *ret_reply)
{
    const struct identity_refresh command = { .refresh_token = token };
    return direct_call(shops, NULL, &vendor_refresh_message, &command, ret_reply);
}

static void sign_in(struct shop *shop)
{
    assert_int_equal(shops_login(shop->email, "correct horse", TEXT(""), &shop->signed_in),
                     STATUS_OK);
    shop->principal = shops_principal(&shop->signed_in);
}

struct shop shops_apply(void)
{
    drawn++;
    struct shop shop = { .name = text_format(shops_arena, "Shop %u", drawn),
                         .email = text_format(shops_arena, "owner%u@example.com", drawn) };
    const struct vendor_register_vendor command = { .name = shop.name,
                                                    .email = shop.email,
                                                    .password = TEXT("correct horse") };
    struct vendor_own_vendor vendor;
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &command, &vendor),
                     STATUS_OK);
    assert_int_equal(vendor.status, VENDOR_VENDOR_STATUS_APPLIED);
    sign_in(&shop);
    return shop;
}

enum status shops_approve(const struct shop *shop, struct vendor_own_vendor *ret_vendor)
{
    const struct vendor_approve_vendor command = { .vendor_id = shop->principal.id };
    return direct_call(shops, &shops_staff, &vendor_approve_vendor_message, &command, ret_vendor);
}

enum status shops_suspend(const struct shop *shop)
{
    const struct vendor_suspend_vendor command = { .vendor_id = shop->principal.id,
                                                   .reason = TEXT("late") };
    return direct_call(shops, &shops_staff, &vendor_suspend_vendor_message, &command, NULL);
}

enum status shops_terminate(const struct shop *shop)
{
    const struct vendor_terminate_vendor command = { .vendor_id = shop->principal.id,
                                                     .reason = TEXT("gone") };
    return direct_call(shops, &shops_staff, &vendor_terminate_vendor_message, &command, NULL);
}

struct shop shops_draw(void)
{
    struct shop shop = shops_apply();
    assert_int_equal(shops_approve(&shop, NULL), STATUS_OK);
    sign_in(&shop);
    return shop;
}

struct shop shops_join(const struct shop *shop, enum vendor_role role)
{
    drawn++;
    struct shop joined = { .name = shop->name,
                           .email = text_format(shops_arena, "member%u@example.com", drawn) };
    const struct vendor_invite_member invite = { .email = joined.email, .role = role };
    assert_int_equal(shops_call(shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct vendor_accept_invitation accept = { .token = shops_token(joined.email,
                                                                          IDENTITY_TICKET_INVITE),
                                                     .name = TEXT("Eve"),
                                                     .password = TEXT("correct horse") };
    assert_int_equal(direct_call(shops, NULL, &vendor_accept_invitation_message, &accept, NULL),
                     STATUS_OK);
    sign_in(&joined);
    return joined;
}

/* As identity makes it, under the key of direct markets. */
static struct text write_token(struct uuid ticket_id)
{
    static const uint8_t market_key[SECRET_KEY_BYTES] = { 42 };
    uint8_t key[SECRET_KEY_BYTES], secret[IDENTITY_SECRET_BYTES];
    char message[1 + sizeof ticket_id.bytes] = { (char)DOMAIN_VENDOR };
    memcpy(message + 1, ticket_id.bytes, sizeof ticket_id.bytes);
    secret_digest_keyed(market_key, TEXT("souk ticket"), key, sizeof key);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, secret, sizeof secret);
    return credential_write(shops_arena, "tic", ticket_id, secret);
}

struct text shops_token(struct text email, enum identity_ticket_purpose purpose)
{
    const struct text sql =
        text_format(shops_arena,
                    "SELECT replace(id::text, '-', '') FROM identity.ticket WHERE email = '%.*s'"
                    " AND purpose = %d ORDER BY created_at DESC, used_at IS NULL DESC LIMIT 1",
                    (int)email.length, email.data, (int)purpose);
    const struct text hex = direct_sql(shops, text_string(shops_arena, sql));
    struct uuid id;
    assert_int_equal(hex.length, 2 * sizeof id.bytes);
    for (size_t i = 0; i < hex.length; i++) {
        const char digit = hex.data[i];
        const unsigned value = (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        id.bytes[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : id.bytes[i / 2] | value);
    }
    return write_token(id);
}

struct text shops_code(struct text secret)
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
    return text_format(shops_arena, "%06u",
                       identity_otp_code(bytes, identity_otp_step(direct_now_us(shops))));
}

struct text shops_enrol(const struct shop *shop, struct common_recovery_codes *ret_codes)
{
    const struct identity_begin_otp begin = { .current_password = TEXT("correct horse") };
    struct common_otp_enrolment enrolment;
    assert_int_equal(shops_call(shop, &vendor_begin_otp_message, &begin, &enrolment), STATUS_OK);
    const struct identity_confirm_otp confirm = { .code = shops_code(enrolment.secret) };
    assert_int_equal(shops_call(shop, &vendor_confirm_otp_message, &confirm, ret_codes), STATUS_OK);
    return enrolment.secret;
}

size_t shops_notices(void)
{
    return direct_events(shops, vendor_notice_was_raised_message.number);
}
