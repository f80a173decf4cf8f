/* Keys: those that sign access tokens, and those with which servers act for an account. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_keys.h"
#include "identity_handlers.h"

enum status identity_handle_make_signing_key(struct request *request,
                                             const struct identity_domain *domain,
                                             const struct identity_make_signing_key *command)
{
    (void)domain;
    (void)command;
    return identity_keys_turn(request, identity_audience_here(request));
}

enum status identity_handle_get_token_keys(struct request *request,
                                           const struct identity_domain *domain,
                                           const struct identity_get_token_keys *query,
                                           struct common_token_keys *ret_reply)
{
    (void)domain;
    (void)query;
    return identity_keys_list(request, identity_audience_here(request), ret_reply);
}

enum status identity_handle_list_api_keys(struct request *request,
                                          const struct identity_domain *domain,
                                          const struct identity_list_api_keys *query,
                                          struct common_api_keys *ret_reply)
{
    (void)query;
    return identity_api_keys_describe(request, request_principal(request)->id,
                                      domain->permission_names, domain->permissions_count,
                                      ret_reply);
}

/* What teams and staff do is audited, with the key as what it was done to; shoppers are not. */
enum status identity_handle_revoke_api_key(struct request *request,
                                           const struct identity_domain *domain,
                                           const struct identity_revoke_api_key *command)
{
    (void)domain;
    const struct principal *principal = request_principal(request);
    TRY(identity_api_key_revoke(request, command->key_id, principal->id));
    if (principal->kind != PRINCIPAL_SHOPPER)
        request_audit(request, "key", command->key_id, (struct text){ 0 });
    return STATUS_OK;
}

/* The gateway has read the key's text; which one it means is looked up here. */
enum status identity_handle_use_api_key(struct request *request,
                                        const struct identity_domain *domain,
                                        const struct identity_use_api_key *command,
                                        struct common_api_key_use *ret_reply)
{
    struct common_api_key_use use;
    bool is_touch_due;
    TRY(identity_api_key_check(request, command, &use, &is_touch_due));
    TRY(domain->limit_api_key(request, &use));
    if (is_touch_due) identity_api_key_touch(request, use.key_id);
    *ret_reply = use;
    return STATUS_OK;
}
