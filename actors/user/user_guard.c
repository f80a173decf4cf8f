/* Commands of which identity does the work: counts of failures, signing keys, their sweeps. */
#include "actors/user/user_guard.h"

#include "actors/identity/identity_keys.h"
#include "actors/identity/identity_sweeps.h"
#include "actors/user/user_oidc_store.h"
#include "user_handlers.h"

enum status user_handle_count_failure(struct request *request,
                                      const struct identity_count_failure *command)
{
    return identity_guard_handle_count(request, command->address_digest);
}

enum status user_handle_forget_failures(struct request *request,
                                        const struct identity_forget_failures *command)
{
    return identity_guard_handle_forget(request, command->address_digest);
}

enum status user_handle_trim_failures(struct request *request,
                                      const struct identity_trim_failures *command)
{
    (void)command;
    identity_trim(request);
    user_oidc_trim_states(request);
    return STATUS_OK;
}

enum status user_handle_make_signing_key(struct request *request,
                                         const struct identity_make_signing_key *command)
{
    (void)command;
    return identity_keys_turn(request, COMMON_AUDIENCE_STORE);
}
