/* The telephone of who is signed in, proved by a code. */
#include "actors/host/mail_token.h"
#include "actors/identity/identity_phone.h"
#include "actors/identity/identity_proof.h"
#include "identity_handlers.h"
#include "runtime/secret.h"

enum { UUID_BYTES = 16 };

#define CODE_LIFE_US (INT64_C(600) * 1000000)

static enum status refuse_code(struct request *request)
{
    request_add_fault(request,
                      &(struct request_fault){ .pointer = "/code", .code = STATUS_WRONG_OTP });
    return STATUS_WRONG_OTP;
}

/* Who has no telephone, or has proved it, has nothing to prove. */
static enum status find_unproved(struct request *request, const struct identity_domain *domain,
                                 struct identity_person *ret_person)
{
    bool is_proved;
    TRY(domain->find_self(request, ret_person));
    if (ret_person->phone.length == 0) return STATUS_ILLEGAL_TRANSITION;
    TRY(identity_phone_is_proved(request, ret_person->id, ret_person->phone, &is_proved));
    return is_proved ? STATUS_ILLEGAL_TRANSITION : STATUS_OK;
}

/* Texts cost money and wake people: few a day to a number, whoever gives it, and few a day for a
 * person, whatever numbers he gives. */
static enum status count_text(struct request *request, struct text subject)
{
    struct identity_guard guard;
    TRY(identity_guard_open(request, IDENTITY_GUARD_TEXT, subject, &guard));
    return identity_guard_count(request, &guard);
}

enum status identity_handle_send_phone_code(struct request *request,
                                            const struct identity_domain *domain,
                                            const struct identity_send_phone_code *command)
{
    (void)command;
    struct identity_person person;
    TRY(find_unproved(request, domain, &person));
    TRY(count_text(request, (struct text){ (const char *)person.id.bytes, UUID_BYTES }));
    TRY(count_text(request, person.phone));
    const struct uuid ticket_id =
        identity_ticket_open(request, IDENTITY_TICKET_PROVE_PHONE, person.account_id, person.id,
                             person.phone, CODE_LIFE_US);
    return domain->tell_ticket(request, &person, COMMON_NOTICE_KIND_VERIFY_PHONE, ticket_id);
}

/* The number may have been changed since the code was sent; a code proves only the one that it was
 * sent to. */
static enum status check_code(struct request *request, const struct identity_person *person,
                              struct text code, struct identity_ticket *ret_ticket)
{
    TRY(identity_ticket_find_open(request, IDENTITY_TICKET_PROVE_PHONE, person->id, ret_ticket));
    const struct text sent = mail_code_make(request, request_domain(request), ret_ticket->id);
    const bool is_right =
        secret_equals(text_trim(code), sent) && text_equals(ret_ticket->email, person->phone);
    return is_right ? STATUS_OK : STATUS_INVALID_TICKET;
}

enum status identity_handle_prove_phone(struct request *request,
                                        const struct identity_domain *domain,
                                        const struct identity_prove_phone *command)
{
    struct identity_person person;
    struct identity_guard guard;
    struct identity_ticket ticket;
    TRY(find_unproved(request, domain, &person));
    TRY(identity_guard_open(request, IDENTITY_GUARD_PHONE_CODE,
                            (struct text){ (const char *)person.id.bytes, UUID_BYTES }, &guard));
    const enum status checked = check_code(request, &person, command->code, &ticket);
    if (checked == STATUS_INVALID_TICKET) {
        TRY(identity_guard_count(request, &guard));
        return refuse_code(request);
    }
    TRY(checked);
    TRY(identity_ticket_use(request, ticket.id, IDENTITY_TICKET_PROVE_PHONE, &ticket));
    identity_phone_save(request, person.id, person.phone);
    return STATUS_OK;
}
