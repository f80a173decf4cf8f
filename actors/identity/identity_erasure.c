/* SQL of the erasure of an account. */
#include "actors/identity/identity_erasure.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_otp_store.h"
#include "actors/identity/identity_phone.h"
#include "actors/identity/identity_session_store.h"

static void write_by_id(struct request *request, const struct statement *statement,
                        struct uuid account_id)
{
    param_uuid(request_write(request, statement), request_arena(request), account_id);
}

void identity_erase_account(struct request *request, struct uuid account_id)
{
    static const struct statement delete_tickets = {
        .name = "identity_erase_tickets",
        .sql = "DELETE FROM identity.ticket WHERE account_id = $1",
    };
    /* Gateways still have to hear that they have ended, so the rows stay until they are trimmed. */
    static const struct statement clear_keys = {
        .name = "identity_erase_api_keys",
        .sql = "UPDATE identity.api_key SET name = '' WHERE account_id = $1",
    };
    static const struct statement clear_sessions = {
        .name = "identity_erase_sessions",
        .sql = "UPDATE identity.session SET client = '' WHERE account_id = $1",
    };
    write_by_id(request, &delete_tickets, account_id);
    identity_otp_remove(request, account_id);
    identity_phone_forget(request, account_id);
    identity_api_keys_revoke_of_account(request, account_id);
    write_by_id(request, &clear_keys, account_id);
    identity_sessions_end_of_account(request, account_id);
    write_by_id(request, &clear_sessions, account_id);
}
