/* Who is on the staff: the list, changes, and the first owner. */
#include <string.h>

#include "actors/admin/admin_guard.h"
#include "actors/host/list_place.h"
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_ticket.h"
#include "admin_handlers.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "runtime/plain_text.h"

enum { LIST_LIMIT_DEFAULT = 20 };

enum status admin_handle_list_staff(struct request *request, const struct admin_list_staff *query,
                                    struct admin_staff_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : LIST_LIMIT_DEFAULT;
    struct list_place place;
    struct admin_account *accounts;
    size_t count;
    memset(place.id.bytes, 0xff, sizeof place.id.bytes);
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    TRY(admin_store_list(request,
                         query->has_role ? text_of(admin_staff_role_names[query->role]) : TEXT(""),
                         place.id, limit + 1, &accounts, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    struct admin_staff *list = arena_allocate_array(request_arena(request), count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        admin_describe(&accounts[i], &list[i]);
    *ret_reply = (struct admin_staff_page){
        .data = list, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_reply->next = list_place_write(request_arena(request), 0, list[count - 1].id);
    return STATUS_OK;
}

/* A role's rights, whatever a second factor would say: nobody has to be signed in while what he has
 * asked for is decided. */
enum status admin_handle_get_staff_rights(struct request *request,
                                          const struct admin_get_staff_rights *query,
                                          struct admin_staff_rights *ret_reply)
{
    struct admin_account account;
    const enum status found = admin_store_find(request, query->staff_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (account.is_active) ret_reply->rights = (int64_t)admin_rights_of(account.role);
    return STATUS_OK;
}

/* ---- new people ---- */

/* The address up to '@'. */
static struct text local_part(struct text email)
{
    const char *at = memchr(email.data, '@', email.length);
    assert(at != NULL);
    return (struct text){ email.data, (size_t)(at - email.data) };
}

enum status admin_handle_create_staff(struct request *request,
                                      const struct admin_create_staff *command,
                                      struct admin_staff *ret_reply)
{
    struct email email;
    struct admin_account account = { .role = ADMIN_STAFF_ROLE_OWNER, .is_active = true };
    if (email_normalise(command->email, &email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    account.email = text_copy(request_arena(request), email_text(&email));
    account.name = command->has_name ? text_trim(command->name) : local_part(account.email);
    if (!plain_text_is_name(account.name) || text_characters(account.name) > ADMIN_NAME_MAX)
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    struct admin_account other;
    const enum status found = admin_store_find_by_email(request, account.email, &other);
    if (found == STATUS_OK) return request_refuse(request, "/email", STATUS_EMAIL_TAKEN, NULL);
    if (found != STATUS_NOT_FOUND) return found;
    const struct text context[] = { account.email, account.name };
    TRY(identity_password_acceptable(request, "/password", command->password, context,
                                     ARRAY_LENGTH(context)));
    TRY(identity_password_hash(request, command->password, &account.password_hash));
    account.id = request_new_id(request);
    account.locale = locale_default();
    account.created_at_us = request_now_us(request);
    account.version = 1;
    admin_store_add(request, &account);
    request_audit(request, "adm", account.id, (struct text){ 0 });
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}

/* ---- changes ---- */

static void audit_before(struct request *request, const struct admin_account *account)
{
    const struct text before =
        text_format(request_arena(request), "{\"role\":\"%s\",\"is_active\":%s}",
                    admin_staff_role_names[account->role], account->is_active ? "true" : "false");
    request_audit(request, "adm", account->id, before);
}

/* Nobody changes a person whom he could not have invited: otherwise a manager could demote an
 * owner. */
static bool may_change(const struct principal *principal, enum admin_staff_role from_role,
                       enum admin_staff_role to_role)
{
    const uint64_t needed = admin_rights_of(from_role) | admin_rights_of(to_role);
    return (needed & ~principal->rights) == 0;
}

enum status admin_handle_change_staff(struct request *request,
                                      const struct admin_change_staff *command,
                                      struct admin_staff *ret_reply)
{
    struct admin_account account;
    if (!plain_text_is_reason(command->reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    TRY(identity_session_require(request, request_principal(request)->session));
    TRY(admin_store_find(request, command->staff_id, &account));
    if (!versions_have(VERSIONS_OF(command), account.version)) return STATUS_PRECONDITION_FAILED;
    const struct admin_account before = account;
    if (command->has_role) account.role = command->role;
    if (command->has_is_active) account.is_active = command->is_active;
    if (!may_change(request_principal(request), before.role, account.role))
        return request_refuse(request, "/role", STATUS_FORBIDDEN, ADMIN_ROLE_RULE);
    if (account.role != before.role || account.is_active != before.is_active) {
        account.version++;
        admin_store_save(
            request, &account,
            admin_owners_gained(before.role, before.is_active, account.role, account.is_active));
        identity_sessions_end_of_account(request, account.id);
        if (!account.is_active) {
            identity_api_keys_revoke_of_account(request, account.id);
            identity_tickets_void(request, account.id);
            admin_store_end_invitations_of(request, account.id);
        }
        audit_before(request, &before);
    }
    admin_describe(&account, ret_reply);
    return STATUS_OK;
}
