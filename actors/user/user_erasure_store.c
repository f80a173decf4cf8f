/* SQL of the erasure of an account. */
#include "actors/user/user_erasure_store.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_address_store.h"
#include "actors/user/user_oidc_store.h"

static void write_by_id(struct request *request, const struct statement *statement,
                        struct uuid user_id)
{
    struct store_params *params = request_write(request, statement);
    param_uuid(params, request_arena(request), user_id);
}

void user_erasure_delete(struct request *request, struct uuid user_id)
{
    static const struct statement delete_tickets = {
        .name = "user_erase_tickets",
        .sql = "DELETE FROM identity.ticket WHERE account_id = $1",
    };
    /* Gateways still have to hear that they have ended, so the rows stay until they are trimmed. */
    static const struct statement clear_keys = {
        .name = "user_erase_api_keys",
        .sql = "UPDATE identity.api_key SET name = '' WHERE account_id = $1",
    };
    static const struct statement clear_sessions = {
        .name = "user_erase_sessions",
        .sql = "UPDATE identity.session SET client = '' WHERE account_id = $1",
    };
    user_address_remove_all(request, user_id);
    write_by_id(request, &delete_tickets, user_id);
    user_oidc_remove_all(request, user_id);
    identity_otp_disable(request, user_id);
    identity_api_keys_revoke_of_account(request, user_id);
    write_by_id(request, &clear_keys, user_id);
    identity_sessions_end_of_account(request, user_id);
    write_by_id(request, &clear_sessions, user_id);
}
