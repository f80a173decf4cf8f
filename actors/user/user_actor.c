/* Accounts and sessions: register, sign in, exchange refresh tokens, sign out. Whoever asks in vain
 * learns nothing about which addresses exist. */
#include <string.h>

#include "actors/host/domain.h"
#include "actors/user/user_guard.h"
#include "actors/user/user_password.h"
#include "actors/user/user_refusal.h"
#include "actors/user/user_tokens.h"
#include "runtime/secret.h"
#include "user_handlers.h"

static enum status create_account(struct request *request, const struct user_register *command,
                                  const struct user_email *email, const struct user_name *name,
                                  struct user_signed_in *ret_reply)
{
    struct arena *arena = request_arena(request);
    bool email_is_taken, name_is_taken;
    TRY(user_store_check_free(request, user_email_text(email), user_name_text(name),
                              &email_is_taken, &name_is_taken));
    if (email_is_taken) return STATUS_EMAIL_TAKEN;
    if (name_is_taken) return STATUS_USERNAME_TAKEN;
    struct text password_hash;
    TRY(user_password_hash(request, command->password, &password_hash));

    const struct user_account account = {
        .id = request_new_id(request), /* in the shard of the e-mail */
        .email = text_copy(arena, user_email_text(email)),
        .username = command->username,
        .password_hash = password_hash,
        .created_at_us = request_now_us(request),
        .version = 1,
    };
    user_store_add(request, &account, user_name_text(name));
    TRY(user_open_session(request, &account, ret_reply));
    const struct user_user_was_registered event = { .user_id = account.id, .email = account.email };
    return request_publish(request, &user_user_was_registered_message, &event);
}

enum status user_handle_register(struct request *request, const struct user_register *command,
                                 struct user_signed_in *ret_reply)
{
    struct user_email email;
    struct user_name name;
    if (user_normalise_email(command->email, &email) != STATUS_OK)
        return user_refuse_field(request, "/email");
    if (user_normalise_name(command->username, &name) != STATUS_OK)
        return user_refuse_field(request, "/username");
    if (text_equals(command->email, user_email_text(&email)))
        return create_account(request, command, &email, &name, ret_reply);

    /* The message was sent to the address as it was typed; the account belongs to the shard of its
     * normal form. */
    struct user_register normal = *command;
    normal.email = user_email_text(&email);
    return request_ask(request, &user_register_message, &normal, ret_reply);
}

static enum status check_password(struct request *request, const struct user_login *command,
                                  struct user_account *ret_account)
{
    const enum status found = user_store_find_by_email(request, command->email, ret_account);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    bool matches;
    TRY(user_password_check(request, command->password, found == STATUS_OK ? ret_account : NULL,
                            &matches));
    return matches ? STATUS_OK : STATUS_INVALID_CREDENTIALS;
}

enum status user_handle_login(struct request *request, const struct user_login *command,
                              struct user_signed_in *ret_reply)
{
    struct user_email email;
    if (user_normalise_email(command->email, &email) != STATUS_OK)
        return STATUS_INVALID_CREDENTIALS;
    if (!text_equals(command->email, user_email_text(&email))) {
        const struct user_login normal = { .email = user_email_text(&email),
                                           .password = command->password };
        return request_ask(request, &user_login_message, &normal, ret_reply);
    }
    struct user_guard guard;
    TRY(user_guard_open(request, command->email, &guard));
    struct user_account account;
    const enum status checked = check_password(request, command, &account);
    if (checked == STATUS_INVALID_CREDENTIALS) TRY(user_guard_count(request, &guard));
    TRY(checked);
    uint8_t proof[USER_DIGEST_BYTES];
    user_digest_secret(account.password_hash, proof);
    const struct user_open_session open = { .user_id = account.id,
                                            .proof = { (const char *)proof, sizeof(proof) } };
    TRY(request_ask(request, &user_open_session_message, &open, ret_reply));
    user_guard_forget(request, &guard);
    return STATUS_OK;
}

enum status user_handle_open_session(struct request *request,
                                     const struct user_open_session *command,
                                     struct user_signed_in *ret_reply)
{
    struct user_account account;
    TRY(user_store_find(request, command->user_id, &account));
    uint8_t proof[USER_DIGEST_BYTES];
    user_digest_secret(account.password_hash, proof);
    if (!secret_equals(command->proof, (struct text){ (const char *)proof, sizeof(proof) }))
        return STATUS_INVALID_CREDENTIALS;
    user_store_require_password(request, &account);
    return user_open_session(request, &account, ret_reply);
}

enum status user_handle_refresh(struct request *request, const struct user_refresh *command,
                                struct user_signed_in *ret_reply)
{
    struct uuid session_id;
    struct text secret_text, secret;
    if (user_split_refresh_token(command->refresh_token, &session_id, &secret_text) != STATUS_OK ||
        base64url_decode(request_arena(request), secret_text, &secret) != STATUS_OK ||
        secret.length != USER_SECRET_BYTES)
        return STATUS_INVALID_REFRESH_TOKEN;

    const struct user_rotate_session rotate = { .session_id = session_id, .secret = secret };
    const enum status rotated =
        request_ask(request, &user_rotate_session_message, &rotate, ret_reply);
    if (rotated != STATUS_INVALID_REFRESH_TOKEN) return rotated;

    /* A token of this session that is not its own any more: somebody has a copy. The refusal
     * commits nothing, so the session is closed by a message of its own. */
    const struct user_revoke_session revoke = { .session_id = session_id };
    struct empty nothing;
    TRY(request_ask(request, &user_revoke_session_message, &revoke, &nothing));
    return STATUS_INVALID_REFRESH_TOKEN;
}

enum status user_handle_rotate_session(struct request *request,
                                       const struct user_rotate_session *command,
                                       struct user_signed_in *ret_reply)
{
    struct user_session session;
    struct user_account account;
    const enum status found =
        user_store_find_session(request, command->session_id, &session, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_REFRESH_TOKEN;
    TRY(found);

    uint8_t digest[USER_DIGEST_BYTES], new_digest[USER_DIGEST_BYTES], new_secret[USER_SECRET_BYTES];
    user_digest_secret(command->secret, digest);
    user_draw_secret(request, new_secret, new_digest);
    TRY(user_session_rotate(&session, digest, new_digest, request_real_us(request),
                            user_session_life_us(request)));
    user_store_save_session(request, &session);
    const enum status answered = user_sign_in(request, &account, &session, new_secret, ret_reply);
    secret_wipe(new_secret, sizeof(new_secret));
    return answered;
}

enum status user_handle_revoke_session(struct request *request,
                                       const struct user_revoke_session *command)
{
    struct user_session session;
    struct user_account account;
    const enum status found =
        user_store_find_session(request, command->session_id, &session, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (!session.is_revoked) user_store_close_session(request, session.id, session.user_id);
    return STATUS_OK;
}

enum status user_handle_change_me(struct request *request, const struct user_change_me *command,
                                  struct user_user *ret_reply)
{
    struct user_account account;
    TRY(user_store_find(request, request_principal(request)->id, &account));
    if (command->has_username) {
        struct user_name name;
        if (user_normalise_name(command->username, &name) != STATUS_OK)
            return user_refuse_field(request, "/username");
        account.username = command->username;
        account.version++;
        user_store_save(request, &account);
        user_store_save_name(request, account.id, user_name_text(&name));
    }
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_logout(struct request *request, const struct user_logout *command)
{
    (void)command;
    const struct principal *principal = request_principal(request);
    user_store_close_session(request, principal->session, principal->id);
    return STATUS_OK;
}

/* Ending one twice is no failure: the first answer may have been lost. */
enum status user_handle_end_session(struct request *request, const struct user_end_session *command)
{
    struct user_session session;
    struct user_account account;
    TRY(user_store_find_session(request, command->session_id, &session, &account));
    if (!uuid_equals(account.id, request_principal(request)->id)) return STATUS_NOT_FOUND;
    user_store_close_session(request, session.id, account.id);
    return STATUS_OK;
}

enum status user_handle_end_other_sessions(struct request *request,
                                           const struct user_end_other_sessions *command)
{
    (void)command;
    const struct principal *principal = request_principal(request);
    user_store_close_other_sessions(request, principal->session, principal->id);
    return STATUS_OK;
}

enum status user_handle_make_signing_key(struct request *request,
                                         const struct user_make_signing_key *command)
{
    (void)command;
    return user_ensure_signing_key(request);
}

/* Gateways must know the key before anybody signs in with it, so it is made as soon as the domain
 * is served. */
static enum status ensure_signing_key(struct request *request, unsigned shard_first,
                                      unsigned shard_last)
{
    const struct user_make_signing_key command = { .surface = TEXT("store") };
    const unsigned shard = shard_of_text(command.surface);
    if (shard < shard_first || shard > shard_last) return STATUS_OK;
    return request_ask(request, &user_make_signing_key_message, &command, NULL);
}

static const struct domain_sweep sweeps[] = {
    { .name = "user_signing_key", .every_us = 3600 * 1000000LL, .run = ensure_signing_key },
    { .name = "user_sign_in_failures", .every_us = 60 * 1000000LL, .run = user_guard_sweep },
};

const struct domain_definition user_domain = {
    .dispatch = &user_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
};
