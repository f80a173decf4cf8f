/* The change of a password. */
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_guard.h"
#include "user_handlers.h"

enum status user_handle_change_password(struct request *request,
                                        const struct user_change_password *command)
{
    const struct principal *principal = request_principal(request);
    struct user_account account;
    TRY(user_store_find(request, principal->id, &account));
    struct identity_guard guard;
    TRY(identity_guard_open(request, IDENTITY_GUARD_SIGN_IN, account.email, &guard));
    bool matches;
    TRY(identity_password_check(request, command->current_password, account.password_hash,
                                &matches));
    if (!matches) {
        TRY(identity_guard_count(request, &user_identity_messages, &guard));
        request_add_fault(request, &(struct request_fault){ .pointer = "/current_password",
                                                            .code = STATUS_WRONG_PASSWORD });
        return STATUS_WRONG_PASSWORD;
    }
    TRY(identity_password_hash(request, command->new_password, &account.password_hash));
    account.version++;
    user_store_save(request, &account);
    identity_sessions_end_of_person(request, account.id, account.id, principal->session);
    return STATUS_OK;
}
