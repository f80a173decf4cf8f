/* What may be read of accounts and keys, from committed rows. */
#include "actors/user/user_tokens.h"
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
    const struct principal *principal = request_principal(request);
    struct common_open_sign_in *sessions;
    size_t count;
    TRY(user_store_list_sessions(request, principal->id, &sessions, &count));
    for (size_t i = 0; i < count; i++)
        sessions[i].is_current = uuid_equals(sessions[i].id, principal->session);
    ret_reply->data = sessions;
    ret_reply->data_count = count;
    return STATUS_OK;
}

enum status user_handle_find_user(struct request *request, const struct user_find_user *query,
                                  struct user_user *ret_reply)
{
    struct user_email email;
    if (user_normalise_email(query->email, &email) != STATUS_OK) return STATUS_NOT_FOUND;
    struct user_account account;
    TRY(user_store_find_by_email(request, user_email_text(&email), &account));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status user_handle_get_token_keys(struct request *request,
                                       const struct user_get_token_keys *query,
                                       struct common_token_keys *ret_reply)
{
    (void)query;
    return user_store_list_keys(request, &ret_reply->keys, &ret_reply->keys_count);
}
