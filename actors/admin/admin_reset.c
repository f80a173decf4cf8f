/* Forgotten passwords. The answers are the same whether there is such an address or not. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "admin_handlers.h"
#include "messages/email_form.h"

#define RESET_LIFE_US (INT64_C(3600) * 1000000)

enum status admin_handle_forgot_password(struct request *request,
                                         const struct identity_forgot_password *command)
{
    struct email email;
    struct admin_account account;
    if (email_normalise(command->email, &email) != STATUS_OK) return STATUS_OK;
    const struct text normal = email_text(&email);
    TRY(identity_count_forgotten(request, normal,
                                 command->has_device ? command->device : TEXT("")));
    const enum status found = admin_store_find_by_email(request, normal, &account);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const struct admin_open_reset open = {
        .staff_id =
            found == STATUS_OK && account.is_active ? account.id : request_new_root_id(request),
    };
    return request_ask(request, &admin_open_reset_message, &open, NULL);
}

enum status admin_handle_open_reset(struct request *request, const struct admin_open_reset *command)
{
    struct admin_account account;
    const struct uuid staff_id = command->staff_id;
    const enum status found = admin_store_find(request, staff_id, &account);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const struct uuid ticket_id = identity_ticket_open(request, IDENTITY_TICKET_RESET_PASSWORD,
                                                       staff_id, staff_id, TEXT(""), RESET_LIFE_US);
    if (found == STATUS_NOT_FOUND) return STATUS_OK; /* the same writes as for a known address */
    return admin_raise_notice(request, COMMON_NOTICE_KIND_RESET_PASSWORD, staff_id, ticket_id);
}

/* The account of a ticket that is good. */
static enum status find_reset(struct request *request, struct text token,
                              struct identity_ticket *ret_ticket, struct admin_account *ret_account)
{
    TRY(identity_check_ticket(request, token, IDENTITY_TICKET_RESET_PASSWORD, ret_ticket));
    const enum status found = admin_store_find(request, ret_ticket->account_id, ret_account);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    return ret_account->is_active ? STATUS_OK : STATUS_INVALID_TICKET;
}

enum status admin_handle_reset_password(struct request *request,
                                        const struct identity_reset_password *command)
{
    struct identity_ticket ticket;
    struct admin_account account;
    struct text hash;
    TRY(find_reset(request, command->token, &ticket, &account));
    const struct text context[] = { account.email, account.name };
    TRY(identity_password_acceptable(request, "/password", command->password, context,
                                     ARRAY_LENGTH(context)));
    TRY(identity_password_hash(request, command->password, &hash));
    const struct admin_set_password set = { .ticket_id = ticket.id, .password_hash = hash };
    TRY(request_ask(request, &admin_set_password_message, &set, NULL));
    identity_guard_lift(request, IDENTITY_GUARD_SIGN_IN, account.email);
    return STATUS_OK;
}

/* The second factor stays: who reads the mail of a member of staff has not proved to be that
 * person. */
enum status admin_handle_set_password(struct request *request,
                                      const struct admin_set_password *command)
{
    struct identity_ticket ticket;
    struct admin_account account;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_RESET_PASSWORD, &ticket));
    TRY(admin_store_find(request, ticket.account_id, &account));
    account.password_hash = command->password_hash;
    account.version++;
    admin_store_save(request, &account, 0);
    identity_sessions_end_of_account(request, account.id);
    identity_api_keys_revoke_of_account(request, account.id);
    admin_audit_self(request, &admin_reset_password_message, account.id, (struct text){ 0 });
    return admin_raise_notice(request, COMMON_NOTICE_KIND_PASSWORD_CHANGED, account.id,
                              (struct uuid){ 0 });
}
