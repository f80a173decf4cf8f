/* Passwords: asked for once more, and reset when they were forgotten. No answer tells whether an
 * address has an account. */
#include "actors/user/user_password.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_address_store.h"
#include "actors/user/user_identity.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_oidc_store.h"
#include "messages/email_form.h"
#include "user_handlers.h"

#define FRESH_SESSION_US (INT64_C(600) * 1000000)

enum status user_check_password(struct request *request, const struct user_account *account,
                                struct text password)
{
    assert(account != NULL);
    const struct identity_person person = user_person_of(account);
    return identity_check_password(request, &user_identity, &person, password, "/current_password");
}

enum status user_prove_presence(struct request *request, const struct user_account *account,
                                const struct text *password_or_null)
{
    assert(account != NULL);
    if (password_or_null != NULL) return user_check_password(request, account, *password_or_null);
    struct identity_session session;
    const enum status found =
        identity_session_find(request, request_principal(request)->session, &session);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const bool is_fresh = found == STATUS_OK && !session.is_revoked &&
                          request_now_us(request) - session.created_at_us < FRESH_SESSION_US;
    return is_fresh ? STATUS_OK : STATUS_STEP_UP_REQUIRED;
}

enum status user_judge_password(struct request *request, const char *pointer, struct text password,
                                struct text email, struct text username)
{
    assert(pointer != NULL);
    const struct text context[] = { email, username };
    return identity_password_acceptable(request, pointer, password, context, ARRAY_LENGTH(context));
}

/* Something that is no address is answered, and counted, like an address that nobody has. */
enum status user_handle_forgot_password(struct request *request,
                                        const struct identity_forgot_password *command)
{
    struct email email;
    const bool is_address = email_normalise(command->email, &email) == STATUS_OK;
    const struct text address = is_address ? email_text(&email) : command->email;
    TRY(identity_count_forgotten(request, address,
                                 command->has_device ? command->device : TEXT("")));
    struct user_account account;
    const enum status found = user_store_find_by_email(request, address, &account);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const struct user_open_reset open = { .user_id = found == STATUS_OK
                                                         ? account.id
                                                         : request_new_root_id(request) };
    return request_ask(request, &user_open_reset_message, &open, NULL);
}

enum status user_handle_open_reset(struct request *request, const struct user_open_reset *command)
{
    struct user_account account;
    const enum status found = user_store_find(request, command->user_id, &account);
    if (found == STATUS_OK) return user_send_reset(request, &account);
    if (found != STATUS_NOT_FOUND) return found;
    /* The same writes for an unknown address, so that the time tells nothing about who has an
     * account. */
    (void)identity_ticket_open(
        request, IDENTITY_TICKET_RESET_PASSWORD, command->user_id, command->user_id, TEXT(""),
        config_duration_us(request_config(request), SETTING_TTL_TICKET_RESET));
    return STATUS_OK;
}

/* The token is checked here, and used by a message to the ticket's shard. */
enum status user_handle_reset_password(struct request *request,
                                       const struct identity_reset_password *command)
{
    struct identity_ticket ticket;
    struct user_account account;
    TRY(identity_check_ticket(request, command->token, IDENTITY_TICKET_RESET_PASSWORD, &ticket));
    const enum status found = user_store_find(request, ticket.account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    TRY(user_judge_password(request, "/password", command->password, account.email,
                            account.username));
    struct user_use_reset_ticket use = { .ticket_id = ticket.id };
    TRY(identity_password_hash(request, command->password, &use.password_hash));
    TRY(request_ask(request, &user_use_reset_ticket_message, &use, NULL));
    /* Whoever reads the mailbox is not one of the strangers who have locked the address. */
    identity_guard_lift(request, IDENTITY_GUARD_SIGN_IN, account.email);
    return STATUS_OK;
}

/* Somebody who opened the account with another person's address may have kept a way in, or wait for
 * parcels: links, second factor and addresses go (Sudhodanan, Paverd: Pre-hijacked
 * accounts, USENIX Security 2022). */
static void shut_out(struct request *request, struct uuid user_id)
{
    user_oidc_remove_all(request, user_id);
    identity_otp_disable(request, user_id);
    user_address_remove_all(request, user_id);
}

enum status user_handle_use_reset_ticket(struct request *request,
                                         const struct user_use_reset_ticket *command)
{
    struct identity_ticket ticket;
    struct user_account account;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_RESET_PASSWORD, &ticket));
    const enum status found = user_store_find(request, ticket.account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    if (account.status == USER_ACCOUNT_STATUS_ERASED) return STATUS_INVALID_TICKET;
    account.password_hash = command->password_hash;
    const bool was_proved = account.is_holder_proved;
    if (!was_proved) account.has_phone = false;
    /* The token came back, so its holder reads what is sent to the address. */
    const bool is_shown = text_equals(ticket.email, account.email);
    if (is_shown && !was_proved) TRY(user_announce_verified(request, account.id));
    account.is_email_verified |= is_shown;
    account.is_holder_proved |= is_shown;
    account.version++;
    user_store_save(request, &account);
    identity_sessions_end_of_account(request, account.id);
    identity_api_keys_revoke_of_account(request, account.id);
    identity_tickets_void(request, account.id);
    if (!was_proved) shut_out(request, account.id);
    return user_raise_notice(request, COMMON_NOTICE_KIND_PASSWORD_CHANGED, account.id, NULL);
}
