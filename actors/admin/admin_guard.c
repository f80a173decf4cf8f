/* What the handlers of this domain share. */
#include "actors/admin/admin_guard.h"

#include "actors/identity/identity_second_factor.h"
#include "admin_handlers.h"

bool admin_wants_factor(const struct request *request)
{
    enum { REQUIRED, OPTIONAL };
    return config_int(request_config(request), SETTING_ADMIN_SECOND_FACTOR) == REQUIRED;
}

/* Asked for each time, since a factor may have been enrolled or ended since the session began. */
enum status admin_find_standing(struct request *request, const struct admin_account *account,
                                int64_t confirmed_us, struct admin_standing *ret_standing)
{
    assert(account != NULL);
    assert(ret_standing != NULL);
    bool has_factor;
    TRY(identity_otp_is_on(request, account->id, &has_factor));
    *ret_standing =
        admin_judge_session(account->role, admin_wants_factor(request), has_factor, confirmed_us);
    return STATUS_OK;
}

enum status admin_raise_notice_with(struct request *request, enum common_notice_kind kind,
                                    struct uuid staff_id, struct uuid ticket_id,
                                    const struct text_pair *facts, size_t facts_count)
{
    assert(facts != NULL || facts_count == 0);
    assert((unsigned)kind < COMMON_NOTICE_KIND_COUNT);
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
