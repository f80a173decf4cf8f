/* Shipping profiles of a vendor: what it sends together, and from where. */
#include "actors/vendor/vendor_shipping_profile_store.h"
#include "actors/vendor/vendor_shipping_rules.h"
#include "actors/vendor/vendor_shipping_store.h"
#include "vendor_handlers.h"

enum status vendor_handle_list_shipping_profiles(struct request *request,
                                                 const struct vendor_list_shipping_profiles *query,
                                                 struct vendor_shipping_profiles *ret_reply)
{
    (void)query;
    return vendor_shipping_profile_list(request, request_principal(request)->id, &ret_reply->data,
                                        &ret_reply->data_count);
}

enum status vendor_handle_get_shipping_profile(struct request *request,
                                               const struct vendor_get_shipping_profile *query,
                                               struct vendor_shipping_profile *ret_reply)
{
    return vendor_shipping_profile_find(request, query->profile_id, request_principal(request)->id,
                                        ret_reply);
}

enum status vendor_handle_find_shipping_profile(struct request *request,
                                                const struct vendor_find_shipping_profile *query,
                                                struct vendor_shipping_profile *ret_reply)
{
    return vendor_shipping_profile_find(request, query->profile_id, query->vendor_id, ret_reply);
}

static enum status normalise(struct request *request, struct vendor_shipping_profile *profile)
{
    struct vendor_shipping_fault fault;
    if (vendor_shipping_profile_normalise(profile, &fault)) return STATUS_OK;
    return request_refuse(request, fault.pointer, STATUS_INVALID_VALUE, fault.why);
}

/* The list is read and written by the vendor's own actor, so two calls cannot both be the last one
 * under the limit, nor make two defaults. */
enum status vendor_handle_add_shipping_profile(struct request *request,
                                               const struct vendor_add_shipping_profile *command,
                                               struct vendor_shipping_profile *ret_reply)
{
    const struct uuid vendor_id = request_principal(request)->id;
    const struct vendor_shipping_profile *others;
    size_t count;
    struct vendor_shipping_profile profile = {
        .id = request_new_id(request),
        .name = command->name,
        .has_origin_country = command->has_origin_country,
        .origin_country = command->origin_country,
        .has_origin_region = command->has_origin_region,
        .origin_region = command->origin_region,
        .is_default = command->has_is_default && command->is_default,
        .created_at_us = request_now_us(request),
        .version = 1,
    };
    TRY(normalise(request, &profile));
    TRY(vendor_shipping_profile_list(request, vendor_id, &others, &count));
    if (count >= VENDOR_SHIPPING_PROFILES_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_SHIPPING_PROFILES,
                                   VENDOR_SHIPPING_PROFILES_MAX, NULL);
    profile.is_default |= count == 0;
    if (profile.is_default) vendor_shipping_profile_demote(request, vendor_id, profile.id);
    vendor_shipping_profile_add(request, &profile, vendor_id);
    request_audit(request, "spr", profile.id, (struct text){ 0 });
    *ret_reply = profile;
    return vendor_shipping_announce(request);
}

/* The version is compared before anything is changed, so that nobody overwrites what he has not
 * seen. */
static enum status find_for_change(struct request *request, struct uuid profile_id,
                                   struct versions versions,
                                   struct vendor_shipping_profile *ret_profile)
{
    struct vendor_shipping_profile profile;
    TRY(vendor_shipping_profile_find(request, profile_id, request_principal(request)->id,
                                     &profile));
    if (!versions_have(versions, profile.version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "spr", profile_id, (struct text){ 0 });
    *ret_profile = profile;
    return STATUS_OK;
}

enum status
vendor_handle_change_shipping_profile(struct request *request,
                                      const struct vendor_change_shipping_profile *command,
                                      struct vendor_shipping_profile *ret_reply)
{
    struct vendor_shipping_profile profile;
    TRY(find_for_change(request, command->profile_id, VERSIONS_OF(command), &profile));
    if (command->has_is_default && !command->is_default && profile.is_default)
        return request_refuse(request, "/is_default", STATUS_INVALID_VALUE,
                              "There is always a default: make another one that.");
    vendor_shipping_profile_change(&profile, command);
    TRY(normalise(request, &profile));
    if (profile.is_default)
        vendor_shipping_profile_demote(request, request_principal(request)->id, profile.id);
    profile.version++;
    vendor_shipping_profile_save(request, &profile);
    *ret_reply = profile;
    return vendor_shipping_announce(request);
}

/* Methods do not go with their profile: they are prices that somebody has entered. */
static enum status check_unused(struct request *request,
                                const struct vendor_shipping_profile *profile)
{
    const struct uuid vendor_id = request_principal(request)->id;
    const struct vendor_shipping_method *methods;
    const struct vendor_shipping_profile *profiles;
    size_t methods_count, profiles_count;
    TRY(vendor_shipping_list(request, vendor_id, &methods, &methods_count));
    TRY(vendor_shipping_profile_list(request, vendor_id, &profiles, &profiles_count));
    if (profile->is_default && profiles_count > 1)
        return request_refuse(request, "", STATUS_SHIPPING_PROFILE_IN_USE,
                              "It is the default: make another one that first.");
    for (size_t i = 0; i < methods_count; i++) {
        if (uuid_equals(methods[i].profile_id, profile->id))
            return request_refuse(request, "", STATUS_SHIPPING_PROFILE_IN_USE,
                                  "Methods belong to it: give them to another one first.");
    }
    return STATUS_OK;
}

enum status
vendor_handle_remove_shipping_profile(struct request *request,
                                      const struct vendor_remove_shipping_profile *command)
{
    struct vendor_shipping_profile profile;
    TRY(find_for_change(request, command->profile_id, VERSIONS_OF(command), &profile));
    TRY(check_unused(request, &profile));
    vendor_shipping_profile_remove(request, &profile);
    return vendor_shipping_announce(request);
}
