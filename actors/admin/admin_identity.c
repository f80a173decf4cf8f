/* What this domain lends to actors/identity/. */
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_session_store.h"
#include "admin_handlers.h"

struct identity_person admin_person_of(const struct admin_account *account)
{
    assert(account != NULL);
    return (struct identity_person){
        .account_id = account->id,
        .id = account->id,
        .email = account->email,
        .name = account->name,
        .password_hash = account->password_hash,
        .record = account,
    };
}

enum status admin_find_self(struct request *request, struct admin_account *ret_account)
{
    assert(ret_account != NULL);
    TRY(admin_store_find(request, request_principal(request)->id, ret_account));
    return ret_account->is_active ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

static enum status find_self(struct request *request, struct identity_person *ret_person)
{
    struct admin_account *account = arena_allocate(request_arena(request), sizeof *account);
    TRY(admin_find_self(request, account));
    *ret_person = admin_person_of(account);
    return STATUS_OK;
}

static enum status find_by_email(struct request *request, struct text email,
                                 struct identity_person *ret_person)
{
    struct admin_account *account = arena_allocate(request_arena(request), sizeof *account);
    TRY(admin_store_find_by_email(request, email, account));
    *ret_person = admin_person_of(account);
    return STATUS_OK;
}

static void require(struct request *request, const struct identity_person *person)
{
    admin_store_require_password(request, person->record);
}

static void save_password(struct request *request, const struct identity_person *person,
                          struct text password_hash)
{
    struct admin_account account = *(const struct admin_account *)person->record;
    account.password_hash = password_hash;
    account.version++;
    admin_store_save(request, &account, 0);
}

static enum status tell(struct request *request, const struct identity_person *person,
                        enum common_notice_kind kind)
{
    return admin_raise_notice(request, kind, person->id, (struct uuid){ { 0 } });
}

static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    struct admin_account account;
    const enum status found = admin_store_find(request, use->account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    if (!account.is_active) return STATUS_UNAUTHENTICATED;
    use->rights &= (int64_t)admin_rights_of(account.role);
    return STATUS_OK;
}

static void note_theft(struct request *request, const struct identity_session *session)
{
    admin_audit_self(request, &admin_revoke_session_message, session->account_id,
                     TEXT("a refresh token was used twice"));
}

/* The session of this request has just given the factor; others have not, and must not gain rights
 * by a refresh. */
static void note_factor(struct request *request)
{
    const struct principal *principal = request_principal(request);
    identity_session_confirm(request, principal->session, request_real_us(request));
    identity_sessions_end_of_person(request, principal->id, principal->id, principal->session);
}

static enum status may_end_factor(const struct request *request)
{
    return admin_wants_factor(request) ? STATUS_SECOND_FACTOR_REQUIRED : STATUS_OK;
}

const struct identity_domain admin_identity = {
    .permission_names = admin_permission_names,
    .permissions_count = ADMIN_PERMISSION_COUNT,
    .find_self = find_self,
    .find_by_email = find_by_email,
    .require = require,
    .save_password = save_password,
    .tell = tell,
    .limit_api_key = limit_api_key,
    .note_failure = admin_audit_lockout,
    .note_theft = note_theft,
    .note_factor = note_factor,
    .may_end_factor = may_end_factor,
};
