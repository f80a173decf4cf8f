/* Keys with which servers act for shoppers. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_address.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_refusal.h"
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
    if (!plain_text_is_name(command->name)) return user_refuse_field(request, "/name");
    if (command->scopes_count == 0 ||
        identity_rights_from_names(command->scopes, command->scopes_count, user_permission_names,
                                   USER_PERMISSION_COUNT, &key.rights) != STATUS_OK)
        return user_refuse_field(request, "/scopes");
    if (command->has_expires_at && command->expires_at_us <= request_real_us(request))
        return user_refuse_field(request, "/expires_at");
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(identity_api_key_make(request, COMMON_AUDIENCE_STORE, &key, ret_reply));
    return user_raise_notice_with(request, COMMON_NOTICE_KIND_API_KEY_MADE, account.id,
                                  TEXT("key_name"), key.name);
}

enum status user_handle_list_api_keys(struct request *request,
                                      const struct identity_list_api_keys *query,
                                      struct common_api_keys *ret_reply)
{
    (void)query;
    return identity_api_keys_describe(request, request_principal(request)->id,
                                      user_permission_names, USER_PERMISSION_COUNT, ret_reply);
}

enum status user_handle_revoke_api_key(struct request *request,
                                       const struct identity_revoke_api_key *command)
{
    return identity_api_key_revoke(request, command->key_id, request_principal(request)->id);
}

/* The gateway has taken the token apart. */
static struct text token_of(struct request *request, const struct identity_use_api_key *command)
{
    struct arena *arena = request_arena(request);
    assert(command->secret.length == IDENTITY_SECRET_BYTES);
    const struct text credential = identity_write_credential(arena, "key", command->key_id,
                                                             (const uint8_t *)command->secret.data);
    return text_format(arena, "sk_store_%.*s", (int)credential.length, credential.data);
}

enum status user_handle_use_api_key(struct request *request,
                                    const struct identity_use_api_key *command,
                                    struct common_api_key_use *ret_reply)
{
    bool is_touch_due;
    struct user_account account;
    TRY(identity_api_key_check(request, COMMON_AUDIENCE_STORE, token_of(request, command),
                               ret_reply, &is_touch_due));
    const enum status found = user_store_find(request, ret_reply->account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_UNAUTHENTICATED;
    if (is_touch_due) identity_api_key_touch(request, command->key_id);
    return STATUS_OK;
}
