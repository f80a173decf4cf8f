/* What staff sees of shoppers and does for them: search, block, sign out, help after a lost
 * password or factor, act in their name. */
#include "actors/user/user_staff_store.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_token.h"
#include "actors/user/user_address.h"
#include "actors/user/user_notice.h"
#include "runtime/plain_text.h"
#include "user_handlers.h"

enum { PAGE_DEFAULT = 20, PAGE_MAX = 100 };

#define IMPERSONATION_LIFE_US (INT64_C(900) * 1000000)

/* ---- what it sees ---- */

/* Addresses and names are compared in lower case. */
static struct text lower_case(struct arena *arena, struct text text)
{
    char *lower = arena_allocate(arena, text.length);
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        lower[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return (struct text){ lower, text.length };
}

enum status user_handle_list_users(struct request *request, const struct user_list_users *query,
                                   struct user_managed_users *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct user_list_filter filter = {
        .has_prefix = query->has_q,
        .has_status = query->has_status,
        .status = query->status,
        .before = { .at_us = INT64_MAX },
    };
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    if (limit < 1 || limit > PAGE_MAX) return STATUS_INVALID_PARAMETER;
    if (query->has_after) TRY(list_place_read(request, query->after, &filter.before));
    if (query->has_q) {
        if (!plain_text_is_line(query->q))
            return request_refuse(request, "/q", STATUS_INVALID_PARAMETER, "One line of text.");
        filter.prefix = lower_case(arena, text_trim(query->q));
    }
    struct user_managed_user *users;
    size_t count;
    TRY(user_staff_list(request, &filter, (size_t)limit + 1, &users, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct user_managed_users){
        .data = users, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next =
            list_place_write(arena, users[count - 1].created_at_us, users[count - 1].id);
    return STATUS_OK;
}

enum status user_handle_get_user(struct request *request, const struct user_get_user *query,
                                 struct user_managed_user *ret_reply)
{
    return user_staff_find(request, query->user_id, ret_reply);
}

/* ---- what it does ---- */

/* The account that staff acts on. A reason must be readable, since the audit trail keeps it; it is
 * empty only where the schema lets it be. */
static enum status find_for_staff(struct request *request, struct uuid user_id, struct text reason,
                                  struct user_account *ret_account)
{
    if (reason.length > 0 && !plain_text_is_reason(reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    TRY(user_store_find(request, user_id, ret_account));
    return ret_account->status == USER_ACCOUNT_STATUS_ERASED ? STATUS_ILLEGAL_TRANSITION
                                                             : STATUS_OK;
}

static enum status change_status(struct request *request, struct user_account *account,
                                 enum user_account_status from, enum user_account_status to,
                                 struct user_managed_user *ret_user)
{
    if (account->status != from) return STATUS_ILLEGAL_TRANSITION;
    TRY(user_staff_find(request, account->id, ret_user));
    request_audit(request, "usr", account->id,
                  text_format(request_arena(request), "{\"status\":\"%s\"}",
                              user_account_status_names[from]));
    account->status = to;
    account->version++;
    user_store_save(request, account);
    ret_user->status = to;
    return STATUS_OK;
}

enum status user_handle_block_user(struct request *request, const struct user_block_user *command,
                                   struct user_managed_user *ret_reply)
{
    struct user_account account;
    TRY(find_for_staff(request, command->user_id, command->reason, &account));
    TRY(change_status(request, &account, USER_ACCOUNT_STATUS_ACTIVE, USER_ACCOUNT_STATUS_BLOCKED,
                      ret_reply));
    identity_sessions_end_of_account(request, account.id);
    return user_raise_notice(request, COMMON_NOTICE_KIND_ACCOUNT_BLOCKED, account.id, NULL);
}

enum status user_handle_unblock_user(struct request *request,
                                     const struct user_unblock_user *command,
                                     struct user_managed_user *ret_reply)
{
    struct user_account account;
    TRY(find_for_staff(request, command->user_id, command->has_reason ? command->reason : TEXT(""),
                       &account));
    TRY(change_status(request, &account, USER_ACCOUNT_STATUS_BLOCKED, USER_ACCOUNT_STATUS_ACTIVE,
                      ret_reply));
    return user_raise_notice(request, COMMON_NOTICE_KIND_ACCOUNT_UNBLOCKED, account.id, NULL);
}

enum status user_handle_sign_out_user(struct request *request,
                                      const struct user_sign_out_user *command)
{
    struct user_account account;
    TRY(find_for_staff(request, command->user_id, command->reason, &account));
    identity_sessions_end_of_account(request, account.id);
    identity_api_keys_revoke_of_account(request, account.id);
    return user_raise_notice(request, COMMON_NOTICE_KIND_SESSIONS_REVOKED, account.id, NULL);
}

enum status user_handle_disable_otp_of_user(struct request *request,
                                            const struct user_disable_otp_of_user *command)
{
    struct user_account account;
    bool is_on;
    TRY(find_for_staff(request, command->user_id, command->reason, &account));
    TRY(identity_otp_is_on(request, account.id, &is_on));
    if (!is_on) return STATUS_ILLEGAL_TRANSITION;
    identity_otp_disable(request, account.id);
    return user_raise_notice(request, COMMON_NOTICE_KIND_SECOND_FACTOR_OFF, account.id, NULL);
}

enum status user_handle_send_reset_to_user(struct request *request,
                                           const struct user_send_reset_to_user *command)
{
    struct user_account account;
    TRY(find_for_staff(request, command->user_id, command->reason, &account));
    return user_send_reset(request, &account);
}

/* The refresh token is handed out to nobody, so the session ends by itself. It names the session of
 * the member of staff as its parent: when that ends (sign-out, block, another role), the
 * impersonation ends, too. */
enum status user_handle_impersonate(struct request *request, const struct user_impersonate *command,
                                    struct user_impersonation *ret_reply)
{
    struct user_account account;
    TRY(find_for_staff(request, command->user_id, command->reason, &account));
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_ILLEGAL_TRANSITION;
    const struct identity_session_start start = {
        .kind = PRINCIPAL_SHOPPER,
        .account_id = account.id,
        .person_id = account.id,
        .impersonator_id = request_principal(request)->id,
        .parent_session = request_principal(request)->session,
        .rights = IDENTITY_RIGHTS_ALL,
        .life_us = IMPERSONATION_LIFE_US,
    };
    struct identity_tokens tokens;
    TRY(identity_open_session(request, &start, &tokens));
    user_store_require_active(request, &account);
    *ret_reply = (struct user_impersonation){ .access_token = tokens.access_token,
                                              .token_type = tokens.token_type,
                                              .expires_in = tokens.expires_in };
    user_describe(&account, &ret_reply->user);
    return STATUS_OK;
}
