/* Keys with which servers act for vendors. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "actors/vendor/vendor_notice.h"
#include "runtime/plain_text.h"
#include "vendor_handlers.h"

/* Owners and managers hear of every key: it acts for the vendor without anybody signing in. */
static enum status tell_of_key(struct request *request, struct uuid vendor_id, struct text name)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, vendor_id, &vendor));
    const struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_API_KEY_MADE,
                                          .vendor = &vendor,
                                          .key_name = name };
    return vendor_raise_notice(request, &notice);
}

/* A key may do no more than its maker, or a member could give himself rights by making one. */
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
    if (!plain_text_is_name(key.name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    if (key.rights == 0)
        return request_refuse_other(request, "/scopes", "A key is good for something.",
                                    vendor_permission_names, VENDOR_PERMISSION_COUNT);
    if ((key.rights & ~principal->rights) != 0)
        return request_refuse(request, "/scopes", STATUS_FORBIDDEN,
                              "A key may do no more than its maker.");
    if (command->has_expires_at && command->expires_at_us <= request_real_us(request))
        return request_refuse(request, "/expires_at", STATUS_INVALID_VALUE, IDENTITY_KEY_END_RULE);
    TRY(identity_session_require(request, principal->session));
    TRY(identity_api_key_make(request, COMMON_AUDIENCE_VENDOR, &key, ret_reply));
    request_audit(request, "key", ret_reply->id, (struct text){ 0 });
    return tell_of_key(request, principal->id, key.name);
}
