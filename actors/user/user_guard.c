/* Commands of which identity does the work: counts of failures, signing keys, their sweeps. */
#include "actors/user/user_guard.h"

#include "actors/identity/identity_keys.h"
#include "actors/identity/identity_trim.h"
#include "actors/user/user_oidc_store.h"
#include "user_handlers.h"

const struct identity_messages user_identity_messages = {
    .count_failure = &user_count_failure_message,
    .forget_failures = &user_forget_failures_message,
    .rotate_session = &user_rotate_session_message,
    .revoke_session = &user_revoke_session_message,
};

enum status user_handle_count_failure(struct request *request,
                                      const struct user_count_failure *command)
{
    return identity_guard_handle_count(request, command->address_digest);
}

enum status user_handle_forget_failures(struct request *request,
                                        const struct user_forget_failures *command)
{
    return identity_guard_handle_forget(request, command->address_digest);
}

enum status user_handle_trim_failures(struct request *request,
                                      const struct user_trim_failures *command)
{
    (void)command;
    identity_trim(request);
    user_oidc_trim_states(request);
    return STATUS_OK;
}

enum status user_trim_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    return identity_ask_at(request, &user_trim_failures_message, TEXT("sign_in"), shard_first,
                           shard_last);
}

enum status user_handle_make_signing_key(struct request *request,
                                         const struct user_make_signing_key *command)
{
    (void)command;
    return identity_keys_turn(request, COMMON_AUDIENCE_STORE);
}

/* Gateways must know the key before anybody signs in with it, so the first is made as soon as the
 * domain is served. */
enum status user_keys_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    return identity_ask_at(request, &user_make_signing_key_message, TEXT("store"), shard_first,
                           shard_last);
}
