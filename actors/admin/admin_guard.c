/* What the handlers of this domain share. */
#include "actors/admin/admin_guard.h"

#include "actors/identity/identity_password.h"
#include "admin_handlers.h"

enum status admin_refuse(struct request *request, const char *pointer, enum status code)
{
    request_add_fault(request, &(struct request_fault){ .pointer = pointer, .code = code });
    return code;
}

bool admin_wants_factor(const struct request *request)
{
    enum { REQUIRED, OPTIONAL };
    return config_int(request_config(request), SETTING_ADMIN_SECOND_FACTOR) == REQUIRED;
}

enum status admin_find_standing(struct request *request, const struct admin_account *account,
                                int64_t confirmed_us, struct admin_standing *ret_standing)
{
    bool has_factor;
    TRY(identity_otp_is_on(request, account->id, &has_factor));
    *ret_standing =
        admin_judge_session(account->role, admin_wants_factor(request), has_factor, confirmed_us);
    return STATUS_OK;
}

enum status admin_check_password(struct request *request, const char *pointer,
                                 const struct admin_account *account, struct text password)
{
    struct identity_guard guard;
    bool matches;
    TRY(identity_guard_open(request, IDENTITY_GUARD_SIGN_IN, account->email, &guard));
    TRY(identity_password_check(request, password, account->password_hash, &matches));
    if (matches) return STATUS_OK;
    TRY(identity_guard_count(request, &guard));
    TRY(admin_audit_lockout(request, IDENTITY_GUARD_SIGN_IN, account->email, account->id));
    return admin_refuse(request, pointer, STATUS_WRONG_PASSWORD);
}

enum status admin_check_otp(struct request *request, struct uuid staff_id, struct text code,
                            const char *pointer, struct identity_second_factor *ret_factor)
{
    const struct text subject = { (const char *)staff_id.bytes, sizeof staff_id.bytes };
    const enum status checked = identity_otp_check(request, staff_id, code, pointer, ret_factor);
    if (checked == STATUS_INVALID_OTP || checked == STATUS_WRONG_OTP)
        TRY(admin_audit_lockout(request, IDENTITY_GUARD_SECOND_FACTOR, subject, staff_id));
    return checked;
}

enum status admin_raise_notice_with(struct request *request, enum common_notice_kind kind,
                                    struct uuid staff_id, struct uuid ticket_id,
                                    const struct text_pair *facts, size_t facts_count)
{
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = staff_id,
                    .audience = COMMON_AUDIENCE_ADMIN,
                    .has_ticket_id = !uuid_is_zero(ticket_id),
                    .ticket_id = ticket_id,
                    .facts = facts,
                    .facts_count = facts_count },
    };
    return request_publish(request, &admin_notice_was_raised_message, &event);
}

enum status admin_raise_notice(struct request *request, enum common_notice_kind kind,
                               struct uuid staff_id, struct uuid ticket_id)
{
    return admin_raise_notice_with(request, kind, staff_id, ticket_id, NULL, 0);
}
