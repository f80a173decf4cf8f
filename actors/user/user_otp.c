/* Second factors of shoppers. */
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_session_store.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_password.h"
#include "user_handlers.h"

enum status user_handle_get_otp(struct request *request, const struct identity_get_otp *query,
                                struct common_otp_state *ret_reply)
{
    (void)query;
    return user_store_find_otp_state(request, request_principal(request)->id, ret_reply);
}

enum status user_handle_begin_otp(struct request *request, const struct identity_begin_otp *command,
                                  struct common_otp_enrolment *ret_reply)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(user_check_password(request, &account, command->current_password, "/current_password"));
    user_store_require_active(request, &account);
    return identity_otp_begin(request, account.id, TEXT("Souk"), account.email, ret_reply);
}

enum status user_handle_confirm_otp(struct request *request,
                                    const struct identity_confirm_otp *command,
                                    struct common_recovery_codes *ret_reply)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(identity_otp_confirm(request, account.id, command->code, ret_reply));
    return user_raise_notice(request, COMMON_NOTICE_KIND_SECOND_FACTOR_ON, account.id, NULL);
}

/* The code of a second factor that is in force. */
static enum status check_code(struct request *request, struct uuid user_id, struct text code)
{
    struct identity_second_factor factor;
    TRY(identity_otp_check(request, user_id, code, "/code", &factor));
    if (factor.confirmed_us == 0) return STATUS_ILLEGAL_TRANSITION;
    if (!factor.was_recovery_code) return STATUS_OK;
    return user_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, user_id, NULL);
}

enum status user_handle_disable_otp(struct request *request,
                                    const struct identity_disable_otp *command)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(user_check_password(request, &account, command->current_password, "/current_password"));
    TRY(check_code(request, account.id, command->code));
    identity_otp_disable(request, account.id);
    return user_raise_notice(request, COMMON_NOTICE_KIND_SECOND_FACTOR_OFF, account.id, NULL);
}

enum status user_handle_renew_recovery_codes(struct request *request,
                                             const struct identity_renew_recovery_codes *command,
                                             struct common_recovery_codes *ret_reply)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(check_code(request, account.id, command->code));
    identity_otp_renew_codes(request, account.id, ret_reply);
    return STATUS_OK;
}
