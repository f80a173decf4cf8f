/* What this domain lends to actors/identity/. */
#include "actors/user/user_identity.h"

#include "actors/user/user_notice.h"
#include "actors/user/user_oidc_store.h"

struct identity_person user_person_of(const struct user_account *account)
{
    assert(account != NULL);
    return (struct identity_person){
        .account_id = account->id,
        .id = account->id,
        .email = account->email,
        .name = account->username,
        .phone = account->has_phone ? account->phone : TEXT(""),
        .password_hash = account->password_hash,
        .record = account,
    };
}

static enum status find_self(struct request *request, struct identity_person *ret_person)
{
    struct user_account *account = arena_allocate(request_arena(request), sizeof *account);
    TRY(user_store_find_own(request, account));
    *ret_person = user_person_of(account);
    return STATUS_OK;
}

static enum status find_by_email(struct request *request, struct text email,
                                 struct identity_person *ret_person)
{
    struct user_account *account = arena_allocate(request_arena(request), sizeof *account);
    TRY(user_store_find_by_email(request, email, account));
    *ret_person = user_person_of(account);
    return STATUS_OK;
}

static void require(struct request *request, const struct identity_person *person)
{
    user_store_require_active(request, person->record);
}

/* Tokens that were mailed before the password changed open nothing any more: they may be in the
 * wrong hands. */
static void save_password(struct request *request, const struct identity_person *person,
                          struct text password_hash)
{
    struct user_account account = *(const struct user_account *)person->record;
    account.password_hash = password_hash;
    account.version++;
    user_store_save(request, &account);
    identity_tickets_void(request, account.id);
}

static enum status tell(struct request *request, const struct identity_person *person,
                        enum common_notice_kind kind)
{
    return user_raise_notice(request, kind, person->account_id, NULL);
}

static enum status tell_ticket(struct request *request, const struct identity_person *person,
                               enum common_notice_kind kind, struct uuid ticket_id)
{
    return user_raise_notice(request, kind, person->account_id, &ticket_id);
}

static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    struct user_account account;
    const enum status found = user_store_find(request, use->account_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    return account.status == USER_ACCOUNT_STATUS_ACTIVE ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

const struct identity_domain user_identity = {
    .permission_names = user_permission_names,
    .permissions_count = USER_PERMISSION_COUNT,
    .find_self = find_self,
    .find_by_email = find_by_email,
    .require = require,
    .save_password = save_password,
    .tell = tell,
    .tell_ticket = tell_ticket,
    .limit_api_key = limit_api_key,
    .trim = user_oidc_trim_states,
};
