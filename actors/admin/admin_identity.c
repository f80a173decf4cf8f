/* What this domain lends to actors/identity/. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_domain.h"
#include "admin_handlers.h"

static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    struct admin_account account;
    const enum status found = admin_store_find(request, use->account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    if (!account.is_active) return STATUS_UNAUTHENTICATED;
    use->rights &= (int64_t)admin_rights_of(account.role);
    return STATUS_OK;
}

static void note_theft(struct request *request, const struct identity_session *session)
{
    admin_audit_self(request, &admin_revoke_session_message, session->account_id,
                     TEXT("a refresh token was used twice"));
}

const struct identity_domain admin_identity = {
    .permission_names = admin_permission_names,
    .permissions_count = ADMIN_PERMISSION_COUNT,
    .limit_api_key = limit_api_key,
    .note_theft = note_theft,
};
