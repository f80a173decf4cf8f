/* The address of an account: its verification, and its change. */
#include "actors/identity/identity_proof.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_password.h"
#include "messages/email_form.h"
#include "user_handlers.h"

/* Keyed by the token, since the account is not known yet; what changes the account is asked of the
 * ticket's actor. */
enum status user_handle_verify_email(struct request *request,
                                     const struct identity_verify_email *command)
{
    const struct principal *principal = request_principal(request);
    const bool is_shopper =
        principal->kind == PRINCIPAL_SHOPPER && !principal_is_impersonated(principal);
    struct user_use_email_ticket use = { .has_holder_id = is_shopper };
    if (is_shopper) use.holder_id = principal->id;
    TRY(identity_check_token(request, command->token, &use.ticket_id));
    const enum status status = request_ask(request, &user_use_email_ticket_message, &use, NULL);
    /* The other message refuses some tickets without a word about where. */
    if (status == STATUS_INVALID_TICKET)
        request_add_fault(
            request, &(struct request_fault){ .pointer = "/token", .code = STATUS_INVALID_TICKET });
    return status;
}

/* The new address takes the place of the old one; a message to the old one says so. */
static enum status move_to_address(struct request *request, struct user_account *account,
                                   struct text email)
{
    struct user_account other;
    const enum status found = user_store_find_by_email(request, email, &other);
    if (found == STATUS_OK && !uuid_equals(other.id, account->id)) return STATUS_EMAIL_TAKEN;
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const struct text old_email = account->email;
    account->email = email;
    return user_raise_farewell(request, COMMON_NOTICE_KIND_EMAIL_CHANGED, account->id, old_email);
}

enum status user_handle_use_email_ticket(struct request *request,
                                         const struct user_use_email_ticket *command)
{
    enum identity_ticket_purpose purpose;
    struct identity_ticket ticket;
    struct user_account account;
    TRY(identity_ticket_find_purpose(request, command->ticket_id, &purpose));
    if (purpose != IDENTITY_TICKET_VERIFY_EMAIL && purpose != IDENTITY_TICKET_CHANGE_EMAIL)
        return STATUS_INVALID_TICKET;
    TRY(identity_ticket_use(request, command->ticket_id, purpose, &ticket));
    const enum status found = user_store_find(request, ticket.account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    if (account.status == USER_ACCOUNT_STATUS_ERASED) return STATUS_INVALID_TICKET;
    if (purpose == IDENTITY_TICKET_CHANGE_EMAIL)
        TRY(move_to_address(request, &account, ticket.email));
    else if (!text_equals(ticket.email, account.email))
        return STATUS_INVALID_TICKET;
    /* The token shows that its sender reads what is sent to the address. That the account is his,
     * too, only somebody shows who is signed in to it. */
    const bool is_holder = command->has_holder_id && uuid_equals(command->holder_id, account.id);
    account.is_email_verified = true;
    account.is_holder_proved =
        is_holder || (account.is_holder_proved && purpose == IDENTITY_TICKET_VERIFY_EMAIL);
    account.version++;
    user_store_save(request, &account);
    return account.is_holder_proved ? user_announce_verified(request, account.id) : STATUS_OK;
}

enum status user_handle_send_verification(struct request *request,
                                          const struct identity_send_verification *command)
{
    (void)command;
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    if (account.is_email_verified && account.is_holder_proved) return STATUS_ILLEGAL_TRANSITION;
    TRY(identity_guard_own_mail(request, account.id));
    return user_send_verification(request, &account);
}

/* Not refused when somebody else has the new address: that would tell the caller who is registered.
 * It comes out when the token comes back, from the address itself. */
enum status user_handle_change_email(struct request *request,
                                     const struct user_change_email *command)
{
    struct email email;
    struct user_account account;
    if (email_normalise(command->email, &email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    TRY(user_store_find_own(request, &account));
    if (text_equals(account.email, email_text(&email)))
        return request_refuse(request, "/email", STATUS_INVALID_VALUE,
                              "The account has this address already.");
    TRY(user_check_password(request, &account, command->current_password));
    TRY(identity_guard_own_mail(request, account.id));
    TRY(identity_guard_mail(request, email_text(&email)));
    TRY(identity_guard_stranger(request, account.id, false));
    user_store_require_active(request, &account);
    return user_send_ticket(request, COMMON_NOTICE_KIND_CHANGE_EMAIL, IDENTITY_TICKET_CHANGE_EMAIL,
                            account.id, email_text(&email),
                            config_duration_us(request_config(request), SETTING_TTL_TICKET_VERIFY));
}
