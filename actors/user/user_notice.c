/* Notices and the tickets that they carry. */
#include "actors/user/user_notice.h"

#define FAREWELL_LIFE_US (INT64_C(86400) * 1000000)

enum status user_raise_notice(struct request *request, enum common_notice_kind kind,
                              struct uuid user_id, const struct uuid *ticket_id)
{
    assert((unsigned)kind < COMMON_NOTICE_KIND_COUNT);
    struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = user_id,
                    .audience = COMMON_AUDIENCE_STORE,
                    .has_ticket_id = ticket_id != NULL },
    };
    if (ticket_id != NULL) event.notice.ticket_id = *ticket_id;
    return request_publish(request, &user_notice_was_raised_message, &event);
}

enum status user_raise_notice_with(struct request *request, enum common_notice_kind kind,
                                   struct uuid user_id, struct text fact_name,
                                   struct text fact_value)
{
    const struct text_pair fact = { .name = fact_name, .value = fact_value };
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = user_id,
                    .audience = COMMON_AUDIENCE_STORE,
                    .facts = &fact,
                    .facts_count = 1 },
    };
    return request_publish(request, &user_notice_was_raised_message, &event);
}

enum status user_send_ticket(struct request *request, enum common_notice_kind kind,
                             enum identity_ticket_purpose purpose, struct uuid user_id,
                             struct text email, int64_t life_us)
{
    assert(email.length > 0);
    assert(life_us > 0);
    const struct uuid ticket_id =
        identity_ticket_open(request, purpose, user_id, user_id, email, life_us);
    return user_raise_notice(request, kind, user_id, &ticket_id);
}

enum status user_send_verification(struct request *request, const struct user_account *account)
{
    assert(account != NULL);
    return user_send_ticket(request, COMMON_NOTICE_KIND_VERIFY_EMAIL, IDENTITY_TICKET_VERIFY_EMAIL,
                            account->id, account->email,
                            config_duration_us(request_config(request), SETTING_TTL_TICKET_VERIFY));
}

enum status user_send_reset(struct request *request, const struct user_account *account)
{
    assert(account != NULL);
    return user_send_ticket(request, COMMON_NOTICE_KIND_RESET_PASSWORD,
                            IDENTITY_TICKET_RESET_PASSWORD, account->id, account->email,
                            config_duration_us(request_config(request), SETTING_TTL_TICKET_RESET));
}

/* The ticket is opened only to keep the address until the message is written. It is void at once,
 * and the message carries no token. */
enum status user_raise_farewell(struct request *request, enum common_notice_kind kind,
                                struct uuid user_id, struct text email)
{
    const struct uuid ticket_id = identity_ticket_open(request, IDENTITY_TICKET_VERIFY_EMAIL,
                                                       user_id, user_id, email, FAREWELL_LIFE_US);
    identity_tickets_void(request, user_id);
    return user_raise_notice(request, kind, user_id, &ticket_id);
}

enum status user_announce_verified(struct request *request, struct uuid user_id)
{
    const struct user_email_was_verified event = { .user_id = user_id,
                                                   .verified_at_us = request_now_us(request) };
    return request_publish(request, &user_email_was_verified_message, &event);
}
