/* What this domain lends to actors/identity/. */
#include "actors/identity/identity_domain.h"
#include "actors/user/user_oidc_store.h"
#include "actors/user/user_store.h"
#include "user_handlers.h"

static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    struct user_account account;
    const enum status found = user_store_find(request, use->account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    return account.status == USER_ACCOUNT_STATUS_ACTIVE ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

const struct identity_domain user_identity = {
    .permission_names = user_permission_names,
    .permissions_count = USER_PERMISSION_COUNT,
    .limit_api_key = limit_api_key,
    .trim = user_oidc_trim_states,
};
