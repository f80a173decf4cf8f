/* Sessions of members: sign in, get new tokens, confirm. A refusal never tells whether an address
 * has an account. */
#include "actors/identity/identity_device.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_token.h"
#include "actors/vendor/vendor_identity.h"
#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_rights.h"
#include "vendor_handlers.h"

/* The answer to somebody who has signed in. */
static void describe_sign_in(struct request *request, const struct vendor *vendor,
                             const struct vendor_teammate *member,
                             const struct identity_tokens *tokens,
                             struct vendor_signed_in *ret_reply)
{
    *ret_reply = (struct vendor_signed_in){
        .access_token = tokens->access_token,
        .token_type = tokens->token_type,
        .expires_in = tokens->expires_in,
        .refresh_token = tokens->refresh_token,
    };
    vendor_describe(request, vendor, &ret_reply->vendor);
    vendor_describe_member(request, member, vendor->status, &ret_reply->member);
}

/* The session is opened by the actor of the vendor, which may have changed since the password was
 * checked here: `proof` says which hash it was checked against. */
enum status vendor_handle_login(struct request *request, const struct vendor_login *command,
                                struct vendor_signed_in *ret_reply)
{
    struct identity_guard guard;
    struct identity_person person;
    const struct identity_sign_in sign_in = { .address = command->email,
                                              .password = command->password,
                                              .device = command->has_device ? command->device
                                                                            : TEXT("") };
    TRY(identity_check_sign_in(request, &vendor_identity, &sign_in, &person, &guard));
    const struct vendor_open_session open = {
        .vendor_id = person.account_id,
        .member_id = person.id,
        .proof = identity_prove_password(request, person.password_hash),
        .has_otp = command->has_otp,
        .otp = command->otp,
        .has_renewed_hash = person.renewed_hash.length > 0,
        .renewed_hash = person.renewed_hash,
    };
    TRY(request_ask(request, &vendor_open_session_message, &open, ret_reply));
    identity_guard_forget(request, &guard);
    ret_reply->has_device = true;
    ret_reply->device = identity_device_make(request, person.email, guard.device_id);
    return STATUS_OK;
}

static enum status tell_of_recovery_code(struct request *request, const struct vendor *vendor,
                                         const struct vendor_teammate *member)
{
    const struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_RECOVERY_CODE_USED,
                                          .vendor = vendor,
                                          .member_id = member->id };
    return vendor_raise_notice(request, &notice);
}

/* A password that was just proved counts as a confirmation where there is no second factor. */
static enum status confirm(struct request *request, const struct vendor *vendor,
                           const struct vendor_teammate *member, struct text otp,
                           int64_t *ret_confirmed_us)
{
    struct identity_second_factor factor;
    TRY(identity_check_factor(request, &vendor_identity, member->id, otp, "/otp", &factor));
    if (factor.was_recovery_code) TRY(tell_of_recovery_code(request, vendor, member));
    *ret_confirmed_us = factor.confirmed_us > 0 ? factor.confirmed_us : request_real_us(request);
    return STATUS_OK;
}

enum status vendor_handle_open_session(struct request *request,
                                       const struct vendor_open_session *command,
                                       struct vendor_signed_in *ret_reply)
{
    struct vendor vendor;
    struct vendor_teammate member;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    TRY(vendor_member_find(request, command->member_id, vendor.id, &member));
    if (!identity_proof_holds(command->proof, member.password_hash))
        return STATUS_INVALID_CREDENTIALS;
    if (vendor_rights_of_status(vendor.status) == 0) return STATUS_ACCOUNT_BLOCKED;
    struct identity_session_start start = {
        .kind = PRINCIPAL_VENDOR,
        .account_id = vendor.id,
        .person_id = member.id,
        .rights = vendor_rights(member.role, vendor.status),
    };
    TRY(confirm(request, &vendor, &member, command->has_otp ? command->otp : TEXT(""),
                &start.confirmed_us));
    vendor_member_require(request, &member);
    if (command->has_renewed_hash) {
        member.password_hash = command->renewed_hash;
        member.version++;
        vendor_member_save(request, &member);
    }
    struct identity_tokens tokens;
    TRY(identity_open_session(request, &start, &tokens));
    describe_sign_in(request, &vendor, &member, &tokens, ret_reply);
    return STATUS_OK;
}

/* The new token carries the rights that role and vendor have now. A terminated vendor is told apart
 * only after the secret was checked, so that nobody learns it by a session id alone. */
enum status vendor_handle_rotate_session(struct request *request,
                                         const struct identity_rotate_session *command,
                                         struct vendor_signed_in *ret_reply)
{
    struct identity_session session;
    struct vendor vendor;
    struct vendor_teammate member;
    struct identity_tokens tokens;
    TRY(identity_find_session_to_rotate(request, command->session_id, &session));
    TRY(vendor_store_load(request, session.account_id, &vendor));
    const enum status found = vendor_member_find(request, session.person_id, vendor.id, &member);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_REFRESH_TOKEN;
    TRY(found);
    TRY(identity_rotate_session(request, PRINCIPAL_VENDOR, &session, command->secret,
                                vendor_rights(member.role, vendor.status), &tokens));
    if (vendor_rights_of_status(vendor.status) == 0) return STATUS_ACCOUNT_BLOCKED;
    describe_sign_in(request, &vendor, &member, &tokens, ret_reply);
    return STATUS_OK;
}

enum status vendor_handle_step_up(struct request *request, const struct identity_step_up *command,
                                  struct identity_stepped_up *ret_reply)
{
    const struct principal *principal = request_principal(request);
    struct vendor vendor;
    struct vendor_teammate member;
    struct identity_second_factor factor;
    struct identity_tokens tokens;
    TRY(vendor_find_myself(request, &member));
    TRY(vendor_store_load(request, principal->id, &vendor));
    const struct identity_person person = vendor_person_of(&member);
    TRY(identity_prove_anew(request, &vendor_identity, &person, command, &factor));
    if (factor.was_recovery_code) TRY(tell_of_recovery_code(request, &vendor, &member));
    TRY(identity_confirm_session(request, PRINCIPAL_VENDOR, principal->session,
                                 vendor_rights(member.role, vendor.status), &tokens));
    *ret_reply = (struct identity_stepped_up){ .access_token = tokens.access_token,
                                               .token_type = tokens.token_type,
                                               .expires_in = tokens.expires_in };
    return STATUS_OK;
}
