/* What may be read of accounts and keys, from committed rows. */
#include "actors/identity/identity_email.h"
#include "actors/identity/identity_keys.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_store.h"
#include "user_handlers.h"

enum status user_handle_get_me(struct request *request, const struct user_get_me *query,
                               struct user_user *ret_reply)
{
    (void)query;
    struct user_account account;
    TRY(user_store_find(request, request_principal(request)->id, &account));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_list_sessions(struct request *request,
                                      const struct user_list_sessions *query,
                                      struct common_sign_ins *ret_reply)
{
    (void)query;
    const struct uuid user_id = request_principal(request)->id;
    return identity_list_sessions(request, user_id, user_id, ret_reply);
}

enum status user_handle_find_user(struct request *request, const struct user_find_user *query,
                                  struct user_user *ret_reply)
{
    struct identity_email email;
    if (identity_email_normalise(query->email, &email) != STATUS_OK) return STATUS_NOT_FOUND;
    struct user_account account;
    TRY(user_store_find_by_email(request, identity_email_text(&email), &account));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_get_token_keys(struct request *request,
                                       const struct user_get_token_keys *query,
                                       struct common_token_keys *ret_reply)
{
    (void)query;
    return identity_keys_list(request, COMMON_AUDIENCE_STORE, ret_reply);
}
