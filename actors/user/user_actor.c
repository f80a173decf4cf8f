/* Accounts and sessions: register, sign in, get new tokens. A refusal never tells whether an
 * address has an account. */
#include "actors/host/domain.h"
#include "actors/identity/identity_device.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_sweeps.h"
#include "actors/identity/identity_token.h"
#include "actors/user/user_cart.h"
#include "actors/user/user_identity.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_password.h"
#include "actors/user/user_refusal.h"
#include "actors/user/user_sign_in.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "user_handlers.h"

/* The answer to somebody who has signed in. */
static void describe_sign_in(const struct user_account *account,
                             const struct identity_tokens *tokens, struct user_signed_in *ret_reply)
{
    *ret_reply = (struct user_signed_in){
        .access_token = tokens->access_token,
        .token_type = tokens->token_type,
        .expires_in = tokens->expires_in,
        .refresh_token = tokens->refresh_token,
    };
    user_describe(account, &ret_reply->user);
}

enum status user_sign_in(struct request *request, const struct user_account *account,
                         int64_t confirmed_us, struct user_signed_in *ret_reply)
{
    assert(account != NULL);
    assert(ret_reply != NULL);
    const struct identity_session_start start = {
        .kind = PRINCIPAL_SHOPPER,
        .account_id = account->id,
        .person_id = account->id,
        .rights = IDENTITY_RIGHTS_ALL,
        .confirmed_us = confirmed_us,
    };
    struct identity_tokens tokens;
    TRY(identity_open_session(request, &start, &tokens));
    describe_sign_in(account, &tokens, ret_reply);
    return STATUS_OK;
}

/* `command` has the address in its normal form. */
static enum status create_account(struct request *request, const struct user_open_account *command,
                                  const struct user_name *name, struct user_signed_in *ret_reply)
{
    struct arena *arena = request_arena(request);
    bool email_is_taken, name_is_taken;
    TRY(user_store_check_free(request, command->email, user_name_text(name), &email_is_taken,
                              &name_is_taken));
    if (email_is_taken) return request_refuse(request, "/email", STATUS_EMAIL_TAKEN, NULL);
    if (name_is_taken) return request_refuse(request, "/username", STATUS_USERNAME_TAKEN, NULL);
    struct text password_hash;
    TRY(identity_guard_registration(request));
    TRY(identity_password_hash(request, command->password, &password_hash));

    const struct user_account account = {
        .id = command->user_id,
        .email = text_copy(arena, command->email),
        .username = command->username,
        .password_hash = password_hash,
        .created_at_us = request_now_us(request),
        .locale =
            command->has_locale ? text_of(common_locale_names[command->locale]) : locale_default(),
        .version = 1,
    };
    user_store_add(request, &account, user_name_text(name));
    TRY(user_sign_in(request, &account, 0, ret_reply));
    TRY(user_send_verification(request, &account));
    const struct user_user_was_registered event = { .user_id = account.id };
    return request_publish(request, &user_user_was_registered_message, &event);
}

enum status user_handle_open_account(struct request *request,
                                     const struct user_open_account *command,
                                     struct user_signed_in *ret_reply)
{
    struct user_name name;
    if (user_normalise_name(command->username, &name) != STATUS_OK)
        return user_refuse_name(request);
    return create_account(request, command, &name, ret_reply);
}

/* Only an account that is committed can take over a guest's cart, so with a cart the account is
 * opened by a message of its own, first. */
static enum status open_account(struct request *request, const struct user_register *command,
                                struct text email, const struct user_name *name,
                                struct user_signed_in *ret_reply)
{
    const struct user_open_account account = {
        .user_id = request_new_id(request), /* in the shard of the e-mail */
        .email = email,
        .username = command->username,
        .password = command->password,
        .has_locale = command->has_locale,
        .locale = command->locale,
    };
    if (!command->has_guest_cart) return create_account(request, &account, name, ret_reply);
    TRY(request_ask(request, &user_open_account_message, &account, ret_reply));
    user_adopt_guest_cart(request, &command->guest_cart, ret_reply);
    return STATUS_OK;
}

enum status user_handle_register(struct request *request, const struct user_register *command,
                                 struct user_signed_in *ret_reply)
{
    struct email email;
    struct user_name name;
    if (email_normalise(command->email, &email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    if (user_normalise_name(command->username, &name) != STATUS_OK)
        return user_refuse_name(request);
    if (user_name_is_reserved(&name,
                              text_of(config_text(request_config(request), SETTING_MARKET_NAME))))
        return request_refuse(request, "/username", STATUS_USERNAME_TAKEN, NULL);
    TRY(user_judge_password(request, "/password", command->password, email_text(&email),
                            command->username));
    TRY(open_account(request, command, email_text(&email), &name, ret_reply));
    ret_reply->has_device = true;
    ret_reply->device = identity_device_make(request, email_text(&email), (struct uuid){ { 0 } });
    return STATUS_OK;
}

/* The session is opened by the actor of the account, which may have changed since the password was
 * checked here, in the actor of the address: `proof` says which hash it was checked against. */
enum status user_handle_login(struct request *request, const struct user_login *command,
                              struct user_signed_in *ret_reply)
{
    struct identity_guard guard;
    struct identity_person person;
    const struct identity_sign_in sign_in = { .address = command->email,
                                              .password = command->password,
                                              .device = command->has_device ? command->device
                                                                            : TEXT("") };
    TRY(identity_check_sign_in(request, &user_identity, &sign_in, &person, &guard));
    const struct user_open_session open = {
        .user_id = person.account_id,
        .proof = identity_prove_password(request, person.password_hash),
        .has_otp = command->has_otp,
        .otp = command->otp,
        .has_renewed_hash = person.renewed_hash.length > 0,
        .renewed_hash = person.renewed_hash,
    };
    TRY(request_ask(request, &user_open_session_message, &open, ret_reply));
    identity_guard_forget(request, &guard);
    ret_reply->has_device = true;
    ret_reply->device = identity_device_make(request, person.email, guard.device_id);
    if (command->has_guest_cart) user_adopt_guest_cart(request, &command->guest_cart, ret_reply);
    return STATUS_OK;
}

/* The proof is compared before the status, so that only somebody who knows the password learns that
 * the account is blocked. */
enum status user_handle_open_session(struct request *request,
                                     const struct user_open_session *command,
                                     struct user_signed_in *ret_reply)
{
    struct user_account account;
    TRY(user_store_find(request, command->user_id, &account));
    if (!identity_proof_holds(command->proof, account.password_hash))
        return STATUS_INVALID_CREDENTIALS;
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_ACCOUNT_BLOCKED;
    struct identity_second_factor factor;
    TRY(identity_check_factor(request, &user_identity, account.id,
                              command->has_otp ? command->otp : TEXT(""), "/otp", &factor));
    user_store_require_active(request, &account);
    if (command->has_renewed_hash) {
        account.password_hash = command->renewed_hash;
        account.version++;
        user_store_save(request, &account);
    }
    if (factor.was_recovery_code)
        TRY(user_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, account.id, NULL));
    return user_sign_in(request, &account, factor.confirmed_us, ret_reply);
}

/* A blocked account is refused like a token that is none: the refresh token proves less than a
 * password does. */
enum status user_handle_rotate_session(struct request *request,
                                       const struct identity_rotate_session *command,
                                       struct user_signed_in *ret_reply)
{
    struct identity_session session;
    struct user_account account;
    struct identity_tokens tokens;
    TRY(identity_find_session_to_rotate(request, command->session_id, &session));
    TRY(user_store_find(request, session.account_id, &account));
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_INVALID_REFRESH_TOKEN;
    TRY(identity_rotate_session(request, PRINCIPAL_SHOPPER, &session, command->secret,
                                IDENTITY_RIGHTS_ALL, &tokens));
    describe_sign_in(&account, &tokens, ret_reply);
    return STATUS_OK;
}

static const struct domain_sweep sweeps[] = {
    { .name = "user_signing_key", .every_us = 5 * 1000000LL, .run = identity_keys_sweep },
    { .name = "user_identity_trim", .every_us = 60 * 1000000LL, .run = identity_trim_sweep },
};

const struct domain_definition user_domain = {
    .dispatch = &user_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
};
