/* What a member of staff does for himself: name, language, step-up. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_token.h"
#include "admin_handlers.h"
#include "runtime/plain_text.h"

/* The state before a change, for the audit trail. Names are personal and free text, so they are
 * left out. */
static struct text before_of(struct request *request, const struct admin_account *account)
{
    return text_format(request_arena(request), "{\"locale\":\"%.*s\"}", (int)account->locale.length,
                       account->locale.data);
}

enum status admin_handle_get_me(struct request *request, const struct admin_get_me *query,
                                struct admin_staff *ret_reply)
{
    (void)query;
    struct admin_account account;
    TRY(admin_find_self(request, &account));
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status admin_handle_change_me(struct request *request, const struct admin_change_me *command,
                                   struct admin_staff *ret_reply)
{
    struct admin_account account;
    TRY(admin_find_self(request, &account));
    if (!versions_have(VERSIONS_OF(command), account.version)) return STATUS_PRECONDITION_FAILED;
    const struct text before = before_of(request, &account);
    if (command->has_name) {
        account.name = text_trim(command->name);
        if (!plain_text_is_name(account.name))
            return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    }
    if (command->has_locale) account.locale = text_of(common_locale_names[command->locale]);
    if (command->has_name || command->has_locale) {
        account.version++;
        admin_store_save(request, &account, 0);
        request_audit(request, "adm", account.id, before);
    }
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

enum status admin_handle_step_up(struct request *request, const struct identity_step_up *command,
                                 struct identity_stepped_up *ret_reply)
{
    struct admin_account account;
    struct admin_standing standing;
    struct identity_second_factor factor;
    struct identity_tokens tokens;
    const struct principal *principal = request_principal(request);
    TRY(admin_find_self(request, &account));
    const struct identity_person person = admin_person_of(&account);
    TRY(identity_prove_anew(request, &admin_identity, &person, command, &factor));
    if (factor.was_recovery_code)
        TRY(admin_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, account.id,
                               (struct uuid){ { 0 } }));
    TRY(admin_find_standing(request, &account, request_real_us(request), &standing));
    TRY(identity_confirm_session(request, PRINCIPAL_ADMIN, principal->session, standing.rights,
                                 &tokens));
    *ret_reply = (struct identity_stepped_up){ .access_token = tokens.access_token,
                                               .token_type = tokens.token_type,
                                               .expires_in = tokens.expires_in };
    return STATUS_OK;
}
