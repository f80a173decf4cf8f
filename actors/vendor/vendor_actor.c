/* Vendors: admission by import, and what everybody may read of them. */
#include <string.h>

#include "actors/host/domain.h"
#include "actors/identity/identity_sweeps.h"
#include "actors/vendor/vendor_leaving.h"
#include "actors/vendor/vendor_slugs.h"
#include "messages/normal_form.h"
#include "runtime/plain_text.h"
#include "vendor_handlers.h"

/* The vendor lives in the shard of its name, so that all its events keep their order. */
enum status vendor_handle_import_vendor(struct request *request,
                                        const struct vendor_import_vendor *command,
                                        struct vendor_vendor_imported *ret_reply)
{
    struct vendor vendor;
    const struct text name = normal_form(request_arena(request), text_trim(command->name));
    const enum status found = vendor_store_find(request, name, &vendor);
    if (found == STATUS_OK) {
        ret_reply->vendor_id = vendor.id;
        return STATUS_OK;
    }
    if (found != STATUS_NOT_FOUND) return found;
    if (!plain_text_is_name(name) ||
        vendor_admit(name, request_new_id(request), VENDOR_VENDOR_STATUS_APPROVED,
                     request_now_us(request), &vendor) != STATUS_OK)
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    ret_reply->vendor_id = vendor.id;
    ret_reply->is_created = true;
    if (command->has_is_dry_run && command->is_dry_run) return STATUS_OK;
    TRY(slug_book_choose(request, &vendor_slugs, vendor.id, vendor.name, &vendor.slug,
                         &vendor.is_slug_new));
    vendor_store_import(request, &vendor);

    const struct vendor_profile_was_changed event = { .vendor_id = vendor.id,
                                                      .version = vendor.version,
                                                      .name = vendor.name,
                                                      .status = vendor.status,
                                                      .is_open = vendor.is_announced_open };
    return request_publish(request, &vendor_profile_was_changed_message, &event);
}

/* Only what everybody may see: status, reasons and the contact address stay inside. */
static struct vendor_profile profile_of(const struct request *request, const struct vendor *vendor)
{
    return (struct vendor_profile){
        .id = vendor->id,
        .name = vendor->name,
        .slug = vendor->slug,
        .has_description = vendor->description.length > 0,
        .description = vendor->description,
        .has_logo_url = vendor->logo_url.length > 0,
        .logo_url = vendor->logo_url,
        .has_banner_url = vendor->banner_url.length > 0,
        .banner_url = vendor->banner_url,
        .has_seo_title = vendor->seo_title.length > 0,
        .seo_title = vendor->seo_title,
        .has_seo_description = vendor->seo_description.length > 0,
        .seo_description = vendor->seo_description,
        .has_policies = vendor->policies.length > 0,
        .policies = vendor->policies,
        .is_on_holiday = vendor_is_on_holiday(vendor, request_now_us(request)),
        .created_at_us = vendor->created_at_us,
    };
}

enum status vendor_handle_get_profile(struct request *request,
                                      const struct vendor_get_profile *query,
                                      struct vendor_profile *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, query->vendor_id, &vendor));
    if (!vendor_is_public(&vendor)) return STATUS_NOT_FOUND;
    *ret_reply = profile_of(request, &vendor);
    return STATUS_OK;
}

enum status vendor_handle_get_profile_by_slug(struct request *request,
                                              const struct vendor_get_profile_by_slug *query,
                                              struct vendor_profile *ret_reply)
{
    struct vendor_get_profile by_id;
    TRY(slug_book_find(request, &vendor_slugs, query->slug, &by_id.vendor_id));
    return vendor_handle_get_profile(request, &by_id, ret_reply);
}

enum status vendor_handle_list_profiles(struct request *request,
                                        const struct vendor_list_profiles *query,
                                        struct vendor_profile_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : VENDOR_PAGE_DEFAULT;
    struct arena *arena = request_arena(request);
    struct vendor *vendors;
    struct uuid before;
    size_t count;
    memset(before.bytes, 0xff, sizeof before.bytes);
    if (query->has_after) TRY(vendor_cursor_read(request, query->after, &before));
    TRY(vendor_store_list(request, before, limit, &vendors, &count));
    ret_reply->has_more = count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : count;
    struct vendor_profile *data = arena_allocate_array(arena, ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        data[i] = profile_of(request, &vendors[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next) ret_reply->next = vendor_cursor_of(request, data[limit - 1].id);
    return STATUS_OK;
}

enum status vendor_handle_get_standing(struct request *request,
                                       const struct vendor_get_standing *query,
                                       struct vendor_standing *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, query->vendor_id, &vendor));
    ret_reply->status = vendor.status;
    ret_reply->is_open = vendor_is_open(&vendor, request_now_us(request));
    return STATUS_OK;
}

static const struct domain_sweep sweeps[] = {
    { .name = "vendor_opening", .every_us = 1000000LL, .run = vendor_opening_sweep },
    { .name = "vendor_leaving", .every_us = 1000000LL, .run = vendor_leaving_sweep },
    { .name = "vendor_signing_key", .every_us = 5 * 1000000LL, .run = identity_keys_sweep },
    { .name = "vendor_identity_trim", .every_us = 60 * 1000000LL, .run = identity_trim_sweep },
};

const struct domain_definition vendor_domain = {
    .dispatch = &vendor_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
};
