/* Identities of a shopper at providers: listed, linked and unlinked by the shopper. */
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_oidc.h"
#include "actors/user/user_password.h"
#include "user_handlers.h"

/* Asked as for a new password: otherwise a stolen access token would be enough to make a lasting
 * way in. */
static enum status prove(struct request *request, const struct user_account *account,
                         const struct text *password_or_null)
{
    if (password_or_null == NULL && account->password_hash.length > 0)
        return request_refuse(request, "/current_password", STATUS_MISSING_FIELD,
                              "The account has a password, which is needed for this.");
    return user_prove_presence(request, account, password_or_null);
}

enum status user_handle_list_identities(struct request *request,
                                        const struct user_list_identities *query,
                                        struct user_identities *ret_reply)
{
    (void)query;
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    return user_oidc_list(request, account.id, &ret_reply->data, &ret_reply->data_count);
}

enum status user_handle_begin_link(struct request *request, const struct user_begin_link *command,
                                   struct user_sent_to_provider *ret_reply)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(prove(request, &account,
              command->has_current_password ? &command->current_password : NULL));
    return user_oidc_begin(request, command->provider, command->redirect_uri, account.id,
                           ret_reply);
}

enum status user_handle_complete_link(struct request *request,
                                      const struct user_complete_link *command,
                                      struct user_identity *ret_reply)
{
    const struct user_oidc_return arrival = { .provider = command->provider,
                                              .code = command->code,
                                              .state = command->state,
                                              .redirect_uri = command->redirect_uri,
                                              .issuer = command->has_iss ? command->iss : TEXT(""),
                                              .user_id = request_principal(request)->id };
    struct user_link_by_profile link = { .user_id = arrival.user_id,
                                         .session_id = request_principal(request)->session };
    struct uuid state_id;
    TRY(user_oidc_prove(request, &arrival, &state_id, &link.profile));
    const enum status status =
        request_ask(request, &user_link_by_profile_message, &link, ret_reply);
    if (user_oidc_is_outage(status)) user_oidc_give_back(request, state_id, &link.profile);
    return status;
}

enum status user_handle_link_by_profile(struct request *request,
                                        const struct user_link_by_profile *command,
                                        struct user_identity *ret_reply)
{
    const struct user_profile *profile = &command->profile;
    struct user_account account;
    struct user_linked_identity identity;
    const struct user_identity *linked;
    size_t count;
    TRY(user_store_find(request, command->user_id, &account));
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_UNAUTHENTICATED;
    /* The provider may have taken minutes; meanwhile the owner may have signed everybody out. */
    TRY(identity_session_require(request, command->session_id));
    const enum status found = user_oidc_find(request, profile->issuer, profile->subject, &identity);
    if (found == STATUS_OK && uuid_equals(identity.user_id, account.id)) {
        user_oidc_describe(&identity, ret_reply);
        return STATUS_OK;
    }
    if (found == STATUS_OK) return STATUS_IDENTITY_TAKEN;
    if (found != STATUS_NOT_FOUND) return found;
    TRY(user_oidc_list(request, account.id, &linked, &count));
    if (count >= USER_IDENTITIES_MAX)
        return request_refuse_full(request, "", STATUS_IDENTITIES_FULL, USER_IDENTITIES_MAX, NULL);
    /* The version keeps two at once from passing the limit, and an erased account from linking. */
    account.version++;
    user_store_save(request, &account);
    identity = user_oidc_link(request, account.id, profile);
    user_oidc_add(request, &identity);
    user_oidc_describe(&identity, ret_reply);
    return user_oidc_raise_notice(request, COMMON_NOTICE_KIND_IDENTITY_LINKED, account.id,
                                  profile->provider);
}

enum status user_handle_unlink_identity(struct request *request,
                                        const struct user_unlink_identity *command)
{
    struct user_account account;
    const struct user_identity *linked;
    size_t count, place = 0;
    TRY(user_store_find_own(request, &account));
    TRY(user_oidc_list(request, account.id, &linked, &count));
    while (place < count && !uuid_equals(linked[place].id, command->identity_id))
        place++;
    if (place == count) return STATUS_NOT_FOUND;
    TRY(prove(request, &account,
              command->has_current_password ? &command->current_password : NULL));
    if (account.password_hash.length == 0 && count == 1) return STATUS_LAST_SIGN_IN;
    /* The version keeps two at once from removing the last two. */
    account.version++;
    user_store_save(request, &account);
    user_oidc_remove(request, command->identity_id, account.id);
    return user_oidc_raise_notice(request, COMMON_NOTICE_KIND_IDENTITY_UNLINKED, account.id,
                                  linked[place].provider);
}
