/* Everything that the market keeps of a shopper, put together from the domains that say in their
 * TOML that they have some of it (messages/people.toml). */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_address_store.h"
#include "actors/user/user_oidc_store.h"
#include "actors/user/user_store.h"
#include "people_messages.h"
#include "user_handlers.h"

static enum status ask_others(struct request *request, struct uuid user_id,
                              struct user_shopper_export *ret_reply)
{
    const struct people_export_shopper question = { .user_id = user_id };
    for (enum domain domain = 0; domain < DOMAIN_LIMIT; domain++) {
        const struct people_messages *messages = people_messages_of(domain);
        if (messages == NULL) continue;
        struct common_export_part part;
        TRY(request_ask(request, messages->export_shopper, &question, &part));
        *user_shopper_export_part(ret_reply, domain) = part.json;
    }
    return STATUS_OK;
}

enum status user_handle_export_me(struct request *request, const struct user_export_me *query,
                                  struct user_shopper_export *ret_reply)
{
    (void)query;
    const struct uuid user_id = request_principal(request)->id;
    struct user_account account;
    struct common_sign_ins sessions;
    struct common_api_keys keys;
    TRY(user_store_find_own(request, &account));
    user_describe(&account, &ret_reply->account);
    TRY(user_address_list(request, user_id, &ret_reply->addresses, &ret_reply->addresses_count));
    TRY(identity_list_sessions(request, user_id, user_id, &sessions));
    ret_reply->sessions = sessions.data;
    ret_reply->sessions_count = sessions.data_count;
    TRY(user_oidc_list(request, user_id, &ret_reply->identities, &ret_reply->identities_count));
    TRY(identity_api_keys_describe(request, user_id, user_permission_names, USER_PERMISSION_COUNT,
                                   &keys));
    ret_reply->api_keys = keys.data;
    ret_reply->api_keys_count = keys.data_count;
    ret_reply->generated_at_us = request_now_us(request);
    return ask_others(request, user_id, ret_reply);
}
