/* Keys with which servers act for shoppers. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_address.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_password.h"
#include "runtime/plain_text.h"
#include "user_handlers.h"

enum status user_handle_make_api_key(struct request *request,
                                     const struct user_make_api_key *command,
                                     struct common_made_api_key *ret_reply)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    struct identity_api_key key = {
        .account_id = account.id,
        .person_id = account.id,
        .name = text_trim(command->name),
        .expires_us = command->has_expires_at ? command->expires_at_us : 0,
    };
    if (!plain_text_is_name(command->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    TRY(identity_api_key_read_scopes(request, command->scopes, command->scopes_count,
                                     user_permission_names, USER_PERMISSION_COUNT, &key.rights));
    if (command->has_expires_at && command->expires_at_us <= request_real_us(request))
        return request_refuse(request, "/expires_at", STATUS_INVALID_VALUE, IDENTITY_KEY_END_RULE);
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(user_prove_presence(request, &account,
                            command->has_current_password ? &command->current_password : NULL));
    TRY(identity_api_key_make(request, COMMON_AUDIENCE_STORE, &key, ret_reply));
    return user_raise_notice_with(request, COMMON_NOTICE_KIND_API_KEY_MADE, account.id,
                                  TEXT("key_name"), key.name);
}
