/* The second factor of who is signed in: shown, begun, in force, ended. */
#include "actors/identity/identity_otp_store.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "identity_handlers.h"

enum status identity_handle_get_otp(struct request *request, const struct identity_domain *domain,
                                    const struct identity_get_otp *query,
                                    struct common_otp_state *ret_reply)
{
    (void)query;
    struct identity_person person;
    TRY(domain->find_self(request, &person));
    return identity_otp_find_state(request, person.id, ret_reply);
}

/* The password is asked for, since a stolen access token must not be enough to lock the owner out.
 */
enum status identity_handle_begin_otp(struct request *request, const struct identity_domain *domain,
                                      const struct identity_begin_otp *command,
                                      struct common_otp_enrolment *ret_reply)
{
    struct identity_person person;
    TRY(domain->find_self(request, &person));
    TRY(identity_check_password(request, domain, &person, command->current_password,
                                "/current_password"));
    domain->require(request, &person);
    return identity_otp_begin(request, person.id, TEXT("Souk"), person.email, ret_reply);
}

/* A session that was signed out must not leave a second factor behind that its owner does not have.
 */
enum status identity_handle_confirm_otp(struct request *request,
                                        const struct identity_domain *domain,
                                        const struct identity_confirm_otp *command,
                                        struct common_recovery_codes *ret_reply)
{
    struct identity_person person;
    TRY(domain->find_self(request, &person));
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(identity_otp_confirm(request, person.id, command->code, ret_reply));
    if (domain->note_factor != NULL) domain->note_factor(request);
    return domain->tell(request, &person, COMMON_NOTICE_KIND_SECOND_FACTOR_ON);
}

static enum status refuse_without_factor(struct request *request,
                                         const struct identity_domain *domain)
{
    if (domain->no_factor_detail != NULL)
        request_add_fault(request,
                          &(struct request_fault){ .pointer = "",
                                                   .code = STATUS_ILLEGAL_TRANSITION,
                                                   .detail = text_of(domain->no_factor_detail) });
    return STATUS_ILLEGAL_TRANSITION;
}

/* Asks for a code of the second factor that is in force. */
static enum status check_code(struct request *request, const struct identity_domain *domain,
                              const struct identity_person *person, struct text code)
{
    struct identity_second_factor factor;
    TRY(identity_check_factor(request, domain, person->id, code, "/code", &factor));
    if (factor.confirmed_us == 0) return refuse_without_factor(request, domain);
    if (!factor.was_recovery_code) return STATUS_OK;
    return domain->tell(request, person, COMMON_NOTICE_KIND_RECOVERY_CODE_USED);
}

/* Both proofs: whoever has only one of them must not be able to remove the other. */
enum status identity_handle_disable_otp(struct request *request,
                                        const struct identity_domain *domain,
                                        const struct identity_disable_otp *command)
{
    struct identity_person person;
    if (domain->may_end_factor != NULL) TRY(domain->may_end_factor(request));
    TRY(domain->find_self(request, &person));
    TRY(identity_check_password(request, domain, &person, command->current_password,
                                "/current_password"));
    TRY(check_code(request, domain, &person, command->code));
    identity_otp_disable(request, person.id);
    return domain->tell(request, &person, COMMON_NOTICE_KIND_SECOND_FACTOR_OFF);
}

/* A code instead of the password: new recovery codes are as good as the factor itself. */
enum status
identity_handle_renew_recovery_codes(struct request *request, const struct identity_domain *domain,
                                     const struct identity_renew_recovery_codes *command,
                                     struct common_recovery_codes *ret_reply)
{
    struct identity_person person;
    TRY(domain->find_self(request, &person));
    TRY(check_code(request, domain, &person, command->code));
    identity_otp_renew_codes(request, person.id, ret_reply);
    return STATUS_OK;
}
