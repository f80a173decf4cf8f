/* Sign-in of staff: sessions, refresh tokens, the second factor. A refusal never tells whether an
 * address has an account. */
#include "actors/admin/admin_audit_store.h"
#include "actors/admin/admin_guard.h"
#include "actors/host/domain.h"
#include "actors/identity/identity_device.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_sweeps.h"
#include "actors/identity/identity_token.h"
#include "admin_handlers.h"

static void describe_sign_in(const struct admin_account *account,
                             const struct identity_tokens *tokens, bool needs_second_factor,
                             struct admin_signed_in *ret_reply)
{
    *ret_reply = (struct admin_signed_in){
        .access_token = tokens->access_token,
        .token_type = tokens->token_type,
        .expires_in = tokens->expires_in,
        .refresh_token = tokens->refresh_token,
        .needs_second_factor = needs_second_factor,
    };
    admin_describe(account, &ret_reply->staff);
}

/* The session is opened by the actor of the account, which may have changed since the password was
 * checked here: `proof` says which hash it was checked against. */
enum status admin_handle_login(struct request *request, const struct admin_login *command,
                               struct admin_signed_in *ret_reply)
{
    struct identity_guard guard;
    struct identity_person person;
    const struct identity_sign_in sign_in = { .address = command->email,
                                              .password = command->password,
                                              .device = command->has_device ? command->device
                                                                            : TEXT("") };
    TRY(identity_check_sign_in(request, &admin_identity, &sign_in, &person, &guard));
    const struct admin_open_session open = {
        .staff_id = person.id,
        .proof = identity_prove_password(request, person.password_hash),
        .has_otp = command->has_otp,
        .otp = command->otp,
        .has_renewed_hash = person.renewed_hash.length > 0,
        .renewed_hash = person.renewed_hash,
    };
    TRY(request_ask(request, &admin_open_session_message, &open, ret_reply));
    identity_guard_forget(request, &guard);
    ret_reply->has_device = true;
    ret_reply->device = identity_device_make(request, person.email, guard.device_id);
    return STATUS_OK;
}

/* Where the market wants no second factor the password counts as a fresh proof; where it wants one,
 * only a code does. */
static int64_t confirmed_us(struct request *request, const struct identity_second_factor *factor)
{
    if (factor->confirmed_us > 0) return factor->confirmed_us;
    return admin_wants_factor(request) ? 0 : request_real_us(request);
}

enum status admin_handle_open_session(struct request *request,
                                      const struct admin_open_session *command,
                                      struct admin_signed_in *ret_reply)
{
    struct admin_account account;
    struct identity_second_factor factor;
    struct identity_tokens tokens;
    TRY(admin_store_find(request, command->staff_id, &account));
    if (!identity_proof_holds(command->proof, account.password_hash))
        return STATUS_INVALID_CREDENTIALS;
    if (!account.is_active) return STATUS_ACCOUNT_BLOCKED;
    TRY(identity_check_factor(request, &admin_identity, account.id,
                              command->has_otp ? command->otp : TEXT(""), "/otp", &factor));
    admin_store_require_password(request, &account);
    if (command->has_renewed_hash) {
        account.password_hash = command->renewed_hash;
        account.version++;
        admin_store_save(request, &account, 0);
    }
    if (factor.was_recovery_code)
        TRY(admin_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, account.id,
                               (struct uuid){ 0 }));
    const struct admin_standing standing = admin_judge_session(
        account.role, admin_wants_factor(request), factor.confirmed_us > 0, factor.confirmed_us);
    const struct identity_session_start start = {
        .kind = PRINCIPAL_ADMIN,
        .account_id = account.id,
        .person_id = account.id,
        .rights = standing.rights,
        .confirmed_us = confirmed_us(request, &factor),
    };
    TRY(identity_open_session(request, &start, &tokens));
    admin_audit_self(request, &admin_login_message, account.id, (struct text){ 0 });
    describe_sign_in(&account, &tokens, standing.needs_second_factor, ret_reply);
    return STATUS_OK;
}

/* The rights are judged anew: role and setting may have changed since the sign-in. */
enum status admin_handle_rotate_session(struct request *request,
                                        const struct identity_rotate_session *command,
                                        struct admin_signed_in *ret_reply)
{
    struct identity_session session;
    struct admin_account account;
    struct admin_standing standing;
    struct identity_tokens tokens;
    TRY(identity_find_session_to_rotate(request, command->session_id, &session));
    TRY(admin_store_find(request, session.account_id, &account));
    if (!account.is_active) return STATUS_INVALID_REFRESH_TOKEN;
    TRY(admin_find_standing(request, &account, session.confirmed_us, &standing));
    TRY(identity_rotate_session(request, PRINCIPAL_ADMIN, &session, command->secret,
                                standing.rights, &tokens));
    describe_sign_in(&account, &tokens, standing.needs_second_factor, ret_reply);
    return STATUS_OK;
}

static const struct domain_sweep sweeps[] = {
    { .name = "admin_signing_key", .every_us = 5 * 1000000LL, .run = identity_keys_sweep },
    { .name = "admin_identity_trim", .every_us = 60 * 1000000LL, .run = identity_trim_sweep },
};

const struct domain_definition admin_domain = {
    .dispatch = &admin_dispatch,
    .record_audit = admin_audit_store_add,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
};
