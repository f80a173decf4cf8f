/* API keys, and what gateways ask of this domain: keys of tokens, ended sessions, keys in use. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_keys.h"
#include "actors/identity/identity_session_store.h"
#include "actors/vendor/vendor_guard.h"
#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_refusal.h"
#include "actors/vendor/vendor_rights.h"
#include "runtime/plain_text.h"
#include "vendor_handlers.h"

enum status vendor_handle_get_token_keys(struct request *request,
                                         const struct identity_get_token_keys *query,
                                         struct common_token_keys *ret_reply)
{
    (void)query;
    return identity_keys_list(request, COMMON_AUDIENCE_VENDOR, ret_reply);
}

enum status vendor_handle_list_ended_sessions(struct request *request,
                                              const struct identity_list_ended_sessions *query,
                                              struct common_ended_sessions *ret_reply)
{
    return identity_list_ended(request, query->after_us, ret_reply);
}

static enum status check_key(struct request *request, const struct identity_use_api_key *command,
                             struct common_api_key_use *ret_use, bool *ret_is_touch_due)
{
    uint8_t secret[IDENTITY_SECRET_BYTES];
    if (command->secret.length != sizeof secret) return STATUS_UNAUTHENTICATED;
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)command->secret.data[i];
    const struct text credential =
        identity_write_credential(request_arena(request), "key", command->key_id, secret);
    const struct text token = text_format(request_arena(request), "sk_vendor_%.*s",
                                          (int)credential.length, credential.data);
    return identity_api_key_check(request, COMMON_AUDIENCE_VENDOR, token, ret_use,
                                  ret_is_touch_due);
}

/* A key may do what it was made for, as far as its maker and the vendor may do that now. */
enum status vendor_handle_use_api_key(struct request *request,
                                      const struct identity_use_api_key *command,
                                      struct common_api_key_use *ret_reply)
{
    struct common_api_key_use use;
    struct vendor vendor;
    struct vendor_teammate maker;
    bool is_touch_due;
    TRY(check_key(request, command, &use, &is_touch_due));
    TRY(vendor_store_load(request, use.account_id, &vendor));
    const enum status found = vendor_member_find(request, use.person_id, vendor.id, &maker);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    if (vendor_rights_of_status(vendor.status) == 0) return STATUS_UNAUTHENTICATED;
    use.rights = (int64_t)((uint64_t)use.rights & vendor_rights(maker.role, vendor.status));
    if (is_touch_due) identity_api_key_touch(request, use.key_id);
    *ret_reply = use;
    return STATUS_OK;
}

/* ---- the team's own ---- */

enum status vendor_handle_list_api_keys(struct request *request,
                                        const struct identity_list_api_keys *query,
                                        struct common_api_keys *ret_reply)
{
    (void)query;
    return identity_api_keys_describe(request, request_principal(request)->id,
                                      vendor_permission_names, VENDOR_PERMISSION_COUNT, ret_reply);
}

static enum status tell_of_key(struct request *request, struct uuid vendor_id, struct text name)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, vendor_id, &vendor));
    const struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_API_KEY_MADE,
                                          .vendor = &vendor,
                                          .key_name = name };
    return vendor_raise_notice(request, &notice);
}

enum status vendor_handle_make_api_key(struct request *request,
                                       const struct vendor_make_api_key *command,
                                       struct common_made_api_key *ret_reply)
{
    const struct principal *principal = request_principal(request);
    struct identity_api_key key = {
        .account_id = principal->id,
        .person_id = principal->actor,
        .name = text_trim(command->name),
        .expires_us = command->has_expires_at ? command->expires_at_us : 0,
    };
    for (size_t i = 0; i < command->scopes_count; i++)
        key.rights |= UINT64_C(1) << command->scopes[i];
    if (!plain_text_is_name(key.name)) return vendor_refuse_field(request, "/name");
    if (key.rights == 0) return vendor_refuse_field(request, "/scopes");
    if ((key.rights & ~principal->rights) != 0)
        return vendor_refuse(request, "/scopes", STATUS_FORBIDDEN,
                             "A key may do no more than its maker.");
    if (command->has_expires_at && command->expires_at_us <= request_real_us(request))
        return vendor_refuse_field(request, "/expires_at");
    TRY(identity_api_key_make(request, COMMON_AUDIENCE_VENDOR, &key, ret_reply));
    request_audit(request, "key", ret_reply->id, (struct text){ 0 });
    return tell_of_key(request, principal->id, key.name);
}

enum status vendor_handle_revoke_api_key(struct request *request,
                                         const struct identity_revoke_api_key *command)
{
    TRY(identity_api_key_revoke(request, command->key_id, request_principal(request)->id));
    request_audit(request, "key", command->key_id, (struct text){ 0 });
    return STATUS_OK;
}
