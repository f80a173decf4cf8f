/* Shipping methods of a vendor. */
#include "actors/vendor/vendor_shipping_profile_store.h"
#include "actors/vendor/vendor_shipping_rules.h"
#include "actors/vendor/vendor_shipping_store.h"
#include "vendor_handlers.h"

enum status vendor_handle_list_shipping_methods(struct request *request,
                                                const struct vendor_list_shipping_methods *query,
                                                struct vendor_shipping_methods *ret_reply)
{
    (void)query;
    return vendor_shipping_list(request, request_principal(request)->id, &ret_reply->data,
                                &ret_reply->data_count);
}

enum status vendor_handle_get_shipping_method(struct request *request,
                                              const struct vendor_get_shipping_method *query,
                                              struct vendor_shipping_method *ret_reply)
{
    return vendor_shipping_find(request, query->method_id, request_principal(request)->id,
                                ret_reply);
}

static enum status normalise(struct request *request, struct vendor_shipping_method *method)
{
    struct vendor_shipping_fault fault;
    if (vendor_shipping_normalise(method, &fault)) return STATUS_OK;
    const char *pointer =
        fault.is_in_list ? request_pointer_at(request, fault.pointer, fault.index) : fault.pointer;
    return request_refuse(request, pointer, STATUS_INVALID_VALUE, fault.why);
}

static enum status check_profile(struct request *request, struct uuid profile_id)
{
    struct vendor_shipping_profile profile;
    const enum status found =
        vendor_shipping_profile_find(request, profile_id, request_principal(request)->id, &profile);
    if (found != STATUS_NOT_FOUND) return found;
    return request_refuse(request, "/profile_id", STATUS_NOT_FOUND,
                          "There is no such shipping profile.");
}

/* The default, which is made with the vendor's first method. */
static enum status find_or_make_default(struct request *request, struct uuid *ret_profile_id)
{
    const struct uuid vendor_id = request_principal(request)->id;
    const struct vendor_shipping_profile *profiles;
    size_t count;
    TRY(vendor_shipping_profile_list(request, vendor_id, &profiles, &count));
    if (count > 0) {
        assert(profiles[0].is_default);
        *ret_profile_id = profiles[0].id;
        return STATUS_OK;
    }
    const struct vendor_shipping_profile made = {
        .id = request_new_id(request),
        .name = TEXT("Standard"),
        .is_default = true,
        .created_at_us = request_now_us(request),
    };
    vendor_shipping_profile_add(request, &made, vendor_id);
    *ret_profile_id = made.id;
    return STATUS_OK;
}

static enum status check_room(struct request *request, const struct vendor_shipping_method *method,
                              const struct vendor_shipping_method *others, size_t count)
{
    if (vendor_shipping_has_room(method, others, count)) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_SHIPPING_METHODS,
                               VENDOR_SHIPPING_OFFERED_MAX,
                               "So many active methods in one currency stand in one profile.");
}

/* The list is read and written by the vendor's own actor, so two calls cannot both be the last one
 * under the limit. */
enum status vendor_handle_add_shipping_method(struct request *request,
                                              const struct vendor_add_shipping_method *command,
                                              struct vendor_shipping_method *ret_reply)
{
    const struct uuid vendor_id = request_principal(request)->id;
    struct vendor_shipping_method method = {
        .id = request_new_id(request),
        .name = command->name,
        .kind = command->kind,
        .price = command->price,
        .has_free_above = command->has_free_above,
        .free_above = command->free_above,
        .has_price_per_kg = command->has_price_per_kg,
        .price_per_kg = command->price_per_kg,
        .countries = command->countries,
        .countries_count = command->countries_count,
        .profile_id = command->profile_id,
        .handling_days = command->has_handling_days ? command->handling_days : 0,
        .has_weight_max_grams = command->has_weight_max_grams,
        .weight_max_grams = command->weight_max_grams,
        .has_transit_days_min = command->has_transit_days_min,
        .transit_days_min = command->transit_days_min,
        .has_transit_days_max = command->has_transit_days_max,
        .transit_days_max = command->transit_days_max,
        .is_active = !command->has_is_active || command->is_active,
        .created_at_us = request_now_us(request),
        .version = 1,
    };
    TRY(normalise(request, &method));
    const struct vendor_shipping_method *others;
    size_t count;
    TRY(vendor_shipping_list(request, vendor_id, &others, &count));
    if (count >= VENDOR_SHIPPING_METHODS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_SHIPPING_METHODS,
                                   VENDOR_SHIPPING_METHODS_MAX, NULL);
    if (command->has_profile_id)
        TRY(check_profile(request, command->profile_id));
    else
        TRY(find_or_make_default(request, &method.profile_id));
    TRY(check_room(request, &method, others, count));
    vendor_shipping_add(request, &method, vendor_id);
    request_audit(request, "shm", method.id, (struct text){ 0 });
    *ret_reply = method;
    return vendor_shipping_announce(request);
}

/* The version is compared before anything is changed, so that nobody overwrites what he has not
 * seen. */
static enum status find_for_change(struct request *request, struct uuid method_id,
                                   struct versions versions,
                                   struct vendor_shipping_method *ret_method)
{
    struct vendor_shipping_method method;
    TRY(vendor_shipping_find(request, method_id, request_principal(request)->id, &method));
    if (!versions_have(versions, method.version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "shm", method_id, (struct text){ 0 });
    *ret_method = method;
    return STATUS_OK;
}

enum status
vendor_handle_change_shipping_method(struct request *request,
                                     const struct vendor_change_shipping_method *command,
                                     struct vendor_shipping_method *ret_reply)
{
    struct vendor_shipping_method method;
    TRY(find_for_change(request, command->method_id, VERSIONS_OF(command), &method));
    vendor_shipping_change(&method, command);
    TRY(normalise(request, &method));
    if (command->has_profile_id) TRY(check_profile(request, command->profile_id));
    const struct vendor_shipping_method *others;
    size_t count;
    TRY(vendor_shipping_list(request, request_principal(request)->id, &others, &count));
    TRY(check_room(request, &method, others, count));
    method.version++;
    vendor_shipping_save(request, &method);
    *ret_reply = method;
    return vendor_shipping_announce(request);
}

enum status
vendor_handle_remove_shipping_method(struct request *request,
                                     const struct vendor_remove_shipping_method *command)
{
    struct vendor_shipping_method method;
    TRY(find_for_change(request, command->method_id, VERSIONS_OF(command), &method));
    vendor_shipping_remove(request, &method);
    return vendor_shipping_announce(request);
}
