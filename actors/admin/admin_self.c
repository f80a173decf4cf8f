/* What a member of staff does for himself: password, second factor, step-up. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_token.h"
#include "admin_handlers.h"
#include "messages/locale.h"
#include "runtime/plain_text.h"

static const struct uuid no_ticket;

/* What before means in the audit of staff; names are free text, so they are left out. */
static struct text before_of(struct request *request, const struct admin_account *account)
{
    return text_format(request_arena(request), "{\"locale\":\"%.*s\"}", (int)account->locale.length,
                       account->locale.data);
}

static enum status find_self(struct request *request, struct admin_account *ret_account)
{
    TRY(admin_store_find(request, request_principal(request)->id, ret_account));
    return ret_account->is_active ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

enum status admin_handle_get_me(struct request *request, const struct admin_get_me *query,
                                struct admin_staff *ret_reply)
{
    (void)query;
    struct admin_account account;
    TRY(find_self(request, &account));
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status admin_handle_change_me(struct request *request, const struct admin_change_me *command,
                                   struct admin_staff *ret_reply)
{
    struct admin_account account;
    TRY(find_self(request, &account));
    if (command->has_version && command->version != account.version)
        return STATUS_PRECONDITION_FAILED;
    const struct text before = before_of(request, &account);
    if (command->has_name) {
        account.name = text_trim(command->name);
        if (!plain_text_is_name(account.name))
            return admin_refuse(request, "/name", STATUS_INVALID_VALUE);
    }
    if (command->has_locale) {
        if (!locale_is_known(command->locale))
            return admin_refuse(request, "/locale", STATUS_INVALID_VALUE);
        account.locale = command->locale;
    }
    if (command->has_name || command->has_locale) {
        account.version++;
        admin_store_save(request, &account, 0);
        request_audit(request, "adm", account.id, before);
    }
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status admin_handle_change_password(struct request *request,
                                         const struct identity_change_password *command)
{
    struct admin_account account;
    TRY(find_self(request, &account));
    TRY(admin_check_password(request, "/current_password", &account, command->current_password));
    const struct text context[] = { account.email, account.name };
    TRY(identity_password_acceptable(request, "/new_password", command->new_password, context,
                                     ARRAY_LENGTH(context)));
    TRY(identity_password_hash(request, command->new_password, &account.password_hash));
    account.version++;
    admin_store_save(request, &account, 0);
    identity_sessions_end_of_person(request, account.id, account.id,
                                    request_principal(request)->session);
    return admin_raise_notice(request, COMMON_NOTICE_KIND_PASSWORD_CHANGED, account.id, no_ticket);
}

enum status admin_handle_get_otp(struct request *request, const struct identity_get_otp *query,
                                 struct common_otp_state *ret_reply)
{
    (void)query;
    const struct uuid staff_id = request_principal(request)->id;
    *ret_reply = (struct common_otp_state){ 0 };
    TRY(identity_otp_is_on(request, staff_id, &ret_reply->is_enabled));
    if (!ret_reply->is_enabled) return STATUS_OK;
    return admin_store_count_codes(request, staff_id, &ret_reply->recovery_codes_left);
}

enum status admin_handle_begin_otp(struct request *request,
                                   const struct identity_begin_otp *command,
                                   struct common_otp_enrolment *ret_reply)
{
    struct admin_account account;
    TRY(find_self(request, &account));
    TRY(admin_check_password(request, "/current_password", &account, command->current_password));
    return identity_otp_begin(request, account.id, TEXT("Souk"), account.email, ret_reply);
}

/* The session of this request has just given the factor; others have not, and must not gain rights
 * by a refresh. */
enum status admin_handle_confirm_otp(struct request *request,
                                     const struct identity_confirm_otp *command,
                                     struct common_recovery_codes *ret_reply)
{
    const struct principal *principal = request_principal(request);
    TRY(identity_otp_confirm(request, principal->id, command->code, ret_reply));
    identity_session_confirm(request, principal->session, request_real_us(request));
    identity_sessions_end_of_person(request, principal->id, principal->id, principal->session);
    return admin_raise_notice(request, COMMON_NOTICE_KIND_SECOND_FACTOR_ON, principal->id,
                              no_ticket);
}

/* A code of the factor that is in force. */
static enum status check_code(struct request *request, struct text code)
{
    struct identity_second_factor factor;
    const struct uuid staff_id = request_principal(request)->id;
    TRY(admin_check_otp(request, staff_id, code, "/code", &factor));
    if (factor.confirmed_us == 0) return STATUS_ILLEGAL_TRANSITION;
    if (!factor.was_recovery_code) return STATUS_OK;
    return admin_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, staff_id, no_ticket);
}

enum status admin_handle_disable_otp(struct request *request,
                                     const struct identity_disable_otp *command)
{
    struct admin_account account;
    if (admin_wants_factor(request)) return STATUS_SECOND_FACTOR_REQUIRED;
    TRY(find_self(request, &account));
    TRY(admin_check_password(request, "/current_password", &account, command->current_password));
    TRY(check_code(request, command->code));
    identity_otp_disable(request, account.id);
    return admin_raise_notice(request, COMMON_NOTICE_KIND_SECOND_FACTOR_OFF, account.id, no_ticket);
}

enum status admin_handle_renew_recovery_codes(struct request *request,
                                              const struct identity_renew_recovery_codes *command,
                                              struct common_recovery_codes *ret_reply)
{
    TRY(check_code(request, command->code));
    identity_otp_renew_codes(request, request_principal(request)->id, ret_reply);
    return STATUS_OK;
}

enum status admin_handle_step_up(struct request *request, const struct identity_step_up *command,
                                 struct identity_stepped_up *ret_reply)
{
    struct admin_account account;
    struct admin_standing standing;
    struct identity_second_factor factor;
    struct identity_tokens tokens;
    const struct principal *principal = request_principal(request);
    TRY(find_self(request, &account));
    TRY(admin_check_otp(request, account.id, command->has_otp ? command->otp : TEXT(""), "/otp",
                        &factor));
    if (factor.confirmed_us == 0 && !command->has_password)
        return admin_refuse(request, "/password", STATUS_MISSING_FIELD);
    if (factor.confirmed_us == 0)
        TRY(admin_check_password(request, "/password", &account, command->password));
    if (factor.was_recovery_code)
        TRY(admin_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, account.id,
                               no_ticket));
    TRY(admin_find_standing(request, &account, request_real_us(request), &standing));
    TRY(identity_confirm_session(request, PRINCIPAL_ADMIN, principal->session, standing.rights,
                                 &tokens));
    *ret_reply = (struct identity_stepped_up){ .access_token = tokens.access_token,
                                               .token_type = tokens.token_type,
                                               .expires_in = tokens.expires_in };
    return STATUS_OK;
}
