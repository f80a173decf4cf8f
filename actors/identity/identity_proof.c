/* Proofs that people give: looked up, compared, counted. */
#include "actors/identity/identity_proof.h"

#include "actors/host/mail_token.h"
#include "actors/identity/identity_device.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_secret.h"
#include "messages/email_form.h"
#include "runtime/secret.h"

static enum status count_failure(struct request *request, const struct identity_domain *domain,
                                 const struct identity_guard *guard, struct uuid person_id)
{
    TRY(identity_guard_count(request, guard));
    if (domain->note_failure == NULL) return STATUS_OK;
    return domain->note_failure(request, guard->kind, guard->subject, person_id);
}

static struct text subject_of(const struct uuid *id)
{
    return (struct text){ (const char *)id->bytes, sizeof id->bytes };
}

/* A device that has had too many failures itself is one like any other. */
static enum status open_sign_in(struct request *request, struct text email, struct text device,
                                struct identity_guard *ret_guard)
{
    struct uuid id = { { 0 } };
    bool is_locked = true;
    if (device.length > 0 && identity_device_read(request, device, email, &id))
        TRY(identity_guard_is_locked(request, IDENTITY_GUARD_DEVICE, subject_of(&id), &is_locked));
    if (is_locked)
        TRY(identity_guard_open(request, IDENTITY_GUARD_SIGN_IN, email, ret_guard));
    else
        TRY(identity_guard_open(request, IDENTITY_GUARD_DEVICE, subject_of(&id), ret_guard));
    ret_guard->device_id = id;
    return STATUS_OK;
}

/* The guard is opened before the password is looked at, and the same hashing is done for nobody, so
 * that neither lock nor time tells who has an account. */
enum status identity_check_sign_in(struct request *request, const struct identity_domain *domain,
                                   const struct identity_sign_in *sign_in,
                                   struct identity_person *ret_person,
                                   struct identity_guard *ret_guard)
{
    assert(domain != NULL);
    assert(sign_in != NULL);
    assert(ret_person != NULL);
    assert(ret_guard != NULL);
    struct identity_person person = { .password_hash = TEXT("") };
    struct identity_password_match match;
    struct email normal;
    if (email_normalise(sign_in->address, &normal) != STATUS_OK) return STATUS_INVALID_CREDENTIALS;
    const struct text email = email_text(&normal);
    TRY(open_sign_in(request, email, sign_in->device, ret_guard));
    const enum status found = domain->find_by_email(request, email, &person);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    TRY(identity_password_check(request, sign_in->password, person.password_hash, &match));
    if (!match.is_right) {
        TRY(count_failure(request, domain, ret_guard, person.id));
        return STATUS_INVALID_CREDENTIALS;
    }
    if (match.is_of_before)
        TRY(identity_password_hash(request, sign_in->password, &person.renewed_hash));
    *ret_person = person;
    return STATUS_OK;
}

enum status identity_check_password(struct request *request, const struct identity_domain *domain,
                                    const struct identity_person *person, struct text password,
                                    const char *pointer)
{
    assert(domain != NULL);
    assert(person != NULL);
    assert(pointer != NULL);
    struct identity_guard guard;
    struct identity_password_match match;
    /* Of this session: with a stolen token somebody else cannot lock its owner out of his other
     * ones, and a token makes no further session. */
    const struct uuid who[] = { person->id, request_principal(request)->session };
    const struct text subject = { (const char *)who, sizeof who };
    TRY(identity_guard_open(request, IDENTITY_GUARD_PRESENCE, subject, &guard));
    TRY(identity_password_check(request, password, person->password_hash, &match));
    if (match.is_right) {
        identity_guard_forget(request, &guard);
        return STATUS_OK;
    }
    TRY(count_failure(request, domain, &guard, person->id));
    request_add_fault(request,
                      &(struct request_fault){ .pointer = pointer, .code = STATUS_WRONG_PASSWORD });
    return STATUS_WRONG_PASSWORD;
}

enum status identity_check_factor(struct request *request, const struct identity_domain *domain,
                                  struct uuid person_id, struct text code, const char *pointer,
                                  struct identity_second_factor *ret_factor)
{
    assert(domain != NULL);
    assert(pointer != NULL);
    assert(ret_factor != NULL);
    const struct text subject = { (const char *)person_id.bytes, sizeof person_id.bytes };
    const enum status checked = identity_otp_check(request, person_id, code, pointer, ret_factor);
    const bool was_counted = checked == STATUS_WRONG_OTP;
    if (was_counted && domain->note_failure != NULL)
        TRY(domain->note_failure(request, IDENTITY_GUARD_SECOND_FACTOR, subject, person_id));
    return checked;
}

/* 401 would say that he is signed out. */
enum status identity_prove_anew(struct request *request, const struct identity_domain *domain,
                                const struct identity_person *person,
                                const struct identity_step_up *proof,
                                struct identity_second_factor *ret_factor)
{
    assert(person != NULL);
    assert(proof != NULL);
    bool has_factor;
    TRY(identity_otp_is_on(request, person->id, &has_factor));
    if (has_factor && !proof->has_otp)
        return request_refuse(request, "/otp", STATUS_MISSING_FIELD,
                              "A second factor is in force: a one-time or recovery code is needed.");
    if (has_factor)
        return identity_check_factor(request, domain, person->id, proof->otp, "/otp", ret_factor);
    if (!proof->has_password)
        return request_refuse(request, "/password", STATUS_MISSING_FIELD,
                              "Without a second factor the password is needed.");
    *ret_factor = (struct identity_second_factor){ 0 };
    return identity_check_password(request, domain, person, proof->password, "/password");
}

enum status identity_count_forgotten(struct request *request, struct text email, struct text device)
{
    struct uuid id;
    const bool is_known = device.length > 0 && identity_device_read(request, device, email, &id);
    return is_known ? identity_guard_own_mail(request, id) : identity_guard_mail(request, email);
}

/* Counted by client address, since a guess names no account. Only what this market has not made is
 * a guess: others behind the same address must not be kept from using what they were sent. */
enum status identity_check_token(struct request *request, struct text token,
                                 struct uuid *ret_ticket_id)
{
    struct identity_guard guard;
    const enum domain domain = request_domain(request);
    if (mail_token_is_ours(request, domain, token))
        return mail_token_read(request, domain, token, ret_ticket_id);
    TRY(identity_guard_open(request, IDENTITY_GUARD_TICKET, request_client(request), &guard));
    TRY(identity_guard_count(request, &guard));
    return mail_token_read(request, domain, token, ret_ticket_id);
}

enum status identity_check_ticket(struct request *request, struct text token,
                                  enum identity_ticket_purpose purpose,
                                  struct identity_ticket *ret_ticket)
{
    assert(ret_ticket != NULL);
    struct uuid ticket_id;
    TRY(identity_check_token(request, token, &ticket_id));
    return identity_ticket_find(request, ticket_id, purpose, ret_ticket);
}

struct text identity_prove_password(struct request *request, struct text password_hash)
{
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    identity_digest(password_hash, digest);
    return (struct text){ arena_copy(request_arena(request), digest, sizeof digest),
                          sizeof digest };
}

/* In constant time, though the proof comes from another node: it stands for a password. */
bool identity_proof_holds(struct text proof, struct text password_hash)
{
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    identity_digest(password_hash, digest);
    return secret_equals(proof, (struct text){ (const char *)digest, sizeof digest });
}
