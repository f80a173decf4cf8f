/* What may be read of accounts and keys, from committed rows. */
#include "actors/identity/identity_secret.h"
#include "actors/user/user_store.h"
#include "messages/email_form.h"
#include "user_handlers.h"

enum status user_handle_get_me(struct request *request, const struct user_get_me *query,
                               struct user_user *ret_reply)
{
    (void)query;
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_find_user(struct request *request, const struct user_find_user *query,
                                  struct user_user *ret_reply)
{
    struct email email;
    if (email_normalise(query->email, &email) != STATUS_OK) return STATUS_NOT_FOUND;
    struct user_account account;
    TRY(user_store_find_by_email(request, email_text(&email), &account));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_get_shopper_standing(struct request *request,
                                             const struct user_get_shopper_standing *query,
                                             struct user_shopper_standing *ret_reply)
{
    struct user_account account;
    TRY(user_store_find(request, query->user_id, &account));
    *ret_reply = (struct user_shopper_standing){
        .is_active = account.status == USER_ACCOUNT_STATUS_ACTIVE,
        .has_is_erased = true,
        .is_erased = account.status == USER_ACCOUNT_STATUS_ERASED,
        .is_email_verified = account.is_email_verified,
        .has_email = account.is_email_verified && account.status != USER_ACCOUNT_STATUS_ERASED,
        .email = account.email,
    };
    return STATUS_OK;
}

/* An erased account has no address. Only a notice that was raised before still reaches the old one,
 * which its ticket keeps. */
enum status user_handle_get_contacts(struct request *request, const struct user_get_contacts *query,
                                     struct common_contacts *ret_reply)
{
    struct user_account account;
    *ret_reply = (struct common_contacts){ 0 };
    const enum status found = user_store_find(request, query->user_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    struct text ticket_email = TEXT("");
    bool is_phone = false;
    if (query->has_ticket_id)
        TRY(identity_ticket_find_email(request, query->ticket_id, account.id, &is_phone,
                                       &ticket_email));
    const struct text ticket_phone = is_phone ? ticket_email : TEXT("");
    if (is_phone) ticket_email = TEXT("");
    const bool is_erased = account.status == USER_ACCOUNT_STATUS_ERASED;
    if (is_erased && ticket_email.length == 0) return STATUS_OK;
    /* The address of a ticket may be a new one, which its token is to prove. */
    const bool is_own = ticket_email.length == 0 || text_equals(ticket_email, account.email);
    struct common_contact *contact = arena_allocate(request_arena(request), sizeof *contact);
    *contact = (struct common_contact){
        .person_id = identity_id_text(request_arena(request), "usr", account.id),
        .name = is_erased ? ticket_email : account.username,
        .email = ticket_email.length > 0 ? ticket_email : account.email,
        .has_is_proved = true,
        .is_proved = account.is_email_verified && is_own,
        .has_phone = account.is_phone_proved || is_phone,
        .phone = is_phone ? ticket_phone : account.phone,
        .locale = account.locale,
    };
    *ret_reply = (struct common_contacts){ .contacts = contact, .contacts_count = 1 };
    return STATUS_OK;
}
