/* Sessions of members: sign in, get new tokens, confirm. Whoever asks in vain
 * learns nothing about which addresses exist. */
#include "actors/identity/identity_email.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_token.h"
#include "actors/vendor/vendor_guard.h"
#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_refusal.h"
#include "actors/vendor/vendor_rights.h"
#include "runtime/secret.h"
#include "vendor_handlers.h"

/* The answer to whoever has signed in. */
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

static enum status check_credentials(struct request *request, const struct vendor_login *command,
                                     struct vendor_teammate *ret_member)
{
    const enum status found = vendor_member_find_by_email(request, command->email, ret_member);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    bool matches;
    TRY(identity_password_check(request, command->password,
                                found == STATUS_OK ? ret_member->password_hash : TEXT(""),
                                &matches));
    return matches ? STATUS_OK : STATUS_INVALID_CREDENTIALS;
}

/* Asked here too, because a refusal of another actor loses how long to wait. */
static enum status check_code_guard(struct request *request, const struct vendor_teammate *member)
{
    struct identity_guard guard;
    const struct text subject = { (const char *)member->id.bytes, sizeof member->id.bytes };
    return identity_guard_open(request, IDENTITY_GUARD_SECOND_FACTOR, subject, &guard);
}

enum status vendor_handle_login(struct request *request, const struct vendor_login *command,
                                struct vendor_signed_in *ret_reply)
{
    struct identity_email email;
    if (identity_email_normalise(command->email, &email) != STATUS_OK)
        return STATUS_INVALID_CREDENTIALS;
    /* One actor per address, so that guesses queue up. The guard's refusal must say how long to
     * wait, so it is asked here in any case. */
    struct identity_guard guard;
    TRY(identity_guard_open(request, IDENTITY_GUARD_SIGN_IN, identity_email_text(&email), &guard));
    if (!text_equals(command->email, identity_email_text(&email))) {
        struct vendor_login normal = *command;
        normal.email = identity_email_text(&email);
        return request_ask(request, &vendor_login_message, &normal, ret_reply);
    }
    struct vendor_teammate member;
    const enum status checked = check_credentials(request, command, &member);
    if (checked == STATUS_INVALID_CREDENTIALS) TRY(identity_guard_count(request, &guard));
    TRY(checked);
    if (member.has_second_factor) TRY(check_code_guard(request, &member));
    uint8_t proof[IDENTITY_DIGEST_BYTES];
    identity_digest(member.password_hash, proof);
    const struct vendor_open_session open = { .vendor_id = member.vendor_id,
                                              .member_id = member.id,
                                              .proof = { (const char *)proof, sizeof proof },
                                              .has_otp = command->has_otp,
                                              .otp = command->otp };
    TRY(request_ask(request, &vendor_open_session_message, &open, ret_reply));
    identity_guard_forget(request, &guard);
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
    TRY(identity_otp_check(request, member->id, otp, "/otp", &factor));
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
    uint8_t proof[IDENTITY_DIGEST_BYTES];
    identity_digest(member.password_hash, proof);
    if (!secret_equals(command->proof, (struct text){ (const char *)proof, sizeof proof }))
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
    struct identity_tokens tokens;
    TRY(identity_open_session(request, &start, &tokens));
    describe_sign_in(request, &vendor, &member, &tokens, ret_reply);
    return STATUS_OK;
}

/* The rights are those of the role and of the vendor as they are now. */
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

/* Where there is a second factor only it confirms, else the password does. */
enum status vendor_handle_step_up(struct request *request, const struct identity_step_up *command,
                                  struct identity_stepped_up *ret_reply)
{
    const struct principal *principal = request_principal(request);
    struct vendor vendor;
    struct vendor_teammate member;
    struct identity_tokens tokens;
    int64_t confirmed_us;
    TRY(vendor_find_myself(request, &member));
    TRY(vendor_store_load(request, principal->id, &vendor));
    if (!member.has_second_factor) {
        if (!command->has_password)
            return vendor_refuse(request, "/password", STATUS_WRONG_PASSWORD,
                                 "Without a second factor the password is needed.");
        TRY(vendor_check_my_password(request, &member, command->password, "/password"));
    }
    TRY(confirm(request, &vendor, &member, command->has_otp ? command->otp : TEXT(""),
                &confirmed_us));
    TRY(identity_confirm_session(request, PRINCIPAL_VENDOR, principal->session,
                                 vendor_rights(member.role, vendor.status), &tokens));
    *ret_reply = (struct identity_stepped_up){ .access_token = tokens.access_token,
                                               .token_type = tokens.token_type,
                                               .expires_in = tokens.expires_in };
    return STATUS_OK;
}
