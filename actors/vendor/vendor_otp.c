/* The second factor of a member. */
#include "actors/identity/identity_second_factor.h"
#include "actors/vendor/vendor_guard.h"
#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_refusal.h"
#include "vendor_handlers.h"

static enum status count_codes(struct request *request, struct uuid person_id, int64_t *ret_left)
{
    static const struct statement count = {
        .name = "vendor_count_recovery_codes",
        .sql = "SELECT count(*) FROM identity.recovery_code WHERE person_id = $1"
               " AND used_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, person_id);
    TRY(request_query(request, &count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_left = row_int(&row);
    return STATUS_OK;
}

enum status vendor_handle_get_otp(struct request *request, const struct identity_get_otp *query,
                                  struct common_otp_state *ret_reply)
{
    (void)query;
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    ret_reply->is_enabled = member.has_second_factor;
    if (!ret_reply->is_enabled) return STATUS_OK;
    return count_codes(request, member.id, &ret_reply->recovery_codes_left);
}

/* Queues the notice, and that it was this member in the audit. */
static enum status tell(struct request *request, enum common_notice_kind kind,
                        const struct vendor_teammate *member)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, member->vendor_id, &vendor));
    request_audit(request, "mbr", member->id, (struct text){ 0 });
    const struct vendor_notice notice = { .kind = kind,
                                          .vendor = &vendor,
                                          .member_id = member->id };
    return vendor_raise_notice(request, &notice);
}

enum status vendor_handle_begin_otp(struct request *request,
                                    const struct identity_begin_otp *command,
                                    struct common_otp_enrolment *ret_reply)
{
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    TRY(vendor_check_my_password(request, &member, command->current_password, "/current_password"));
    return identity_otp_begin(request, member.id, TEXT("Souk"), member.email, ret_reply);
}

enum status vendor_handle_confirm_otp(struct request *request,
                                      const struct identity_confirm_otp *command,
                                      struct common_recovery_codes *ret_reply)
{
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    TRY(identity_otp_confirm(request, member.id, command->code, ret_reply));
    return tell(request, COMMON_NOTICE_KIND_SECOND_FACTOR_ON, &member);
}

/* A code of a second factor that is in force. */
static enum status check_code(struct request *request, const struct vendor_teammate *member,
                              struct text code)
{
    struct identity_second_factor factor;
    if (!member->has_second_factor)
        return vendor_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                             "There is no second factor in force.");
    TRY(identity_otp_check(request, member->id, code, "/code", &factor));
    if (!factor.was_recovery_code) return STATUS_OK;
    return tell(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, member);
}

enum status vendor_handle_disable_otp(struct request *request,
                                      const struct identity_disable_otp *command)
{
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    TRY(vendor_check_my_password(request, &member, command->current_password, "/current_password"));
    TRY(check_code(request, &member, command->code));
    identity_otp_disable(request, member.id);
    return tell(request, COMMON_NOTICE_KIND_SECOND_FACTOR_OFF, &member);
}

enum status vendor_handle_renew_recovery_codes(struct request *request,
                                               const struct identity_renew_recovery_codes *command,
                                               struct common_recovery_codes *ret_reply)
{
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    TRY(check_code(request, &member, command->code));
    identity_otp_renew_codes(request, member.id, ret_reply);
    return STATUS_OK;
}
