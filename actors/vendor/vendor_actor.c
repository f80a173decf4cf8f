/* Vendors: admission by import, and what everybody may read of them. */
#include <sodium.h>
#include <string.h>

#include "actors/host/domain.h"
#include "actors/vendor/vendor_store.h"
#include "runtime/slug.h"
#include "vendor_handlers.h"

enum { VENDOR_CURSOR_TEXT_MAX = 40 };

static enum status refuse(struct request *request, const char *pointer, enum status status,
                          const char *detail)
{
    const struct request_fault fault = { .pointer = pointer,
                                         .code = status,
                                         .detail = text_of(detail) };
    request_add_fault(request, &fault);
    return status;
}

/* The vendor lives in the shard of its name, so that all its events keep their order. */
enum status vendor_handle_import_vendor(struct request *request,
                                        const struct vendor_import_vendor *command,
                                        struct vendor_vendor_imported *ret_reply)
{
    struct vendor vendor;
    const enum status found = vendor_store_find(request, text_trim(command->name), &vendor);
    if (found == STATUS_OK) {
        ret_reply->vendor_id = vendor.id;
        return STATUS_OK;
    }
    if (found != STATUS_NOT_FOUND) return found;
    if (vendor_admit(command->name, request_new_id(request), request_now_us(request), &vendor) !=
        STATUS_OK)
        return refuse(request, "/name", STATUS_INVALID_VALUE, "The name is empty.");
    vendor.slug = slug_of_text(request_arena(request), vendor.name, VENDOR_SLUG_MAX);
    vendor_store_insert(request, &vendor);

    const struct vendor_profile_was_changed event = { .vendor_id = vendor.id,
                                                      .version = vendor.version,
                                                      .name = vendor.name,
                                                      .status = vendor.status };
    TRY(request_publish(request, &vendor_profile_was_changed_message, &event));
    ret_reply->vendor_id = vendor.id;
    ret_reply->is_created = true;
    return STATUS_OK;
}

static struct vendor_profile profile_of(const struct vendor *vendor)
{
    return (struct vendor_profile){
        .id = vendor->id,
        .name = vendor->name,
        .slug = vendor->slug,
        .has_description = vendor->has_description,
        .description = vendor->description,
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
    *ret_reply = profile_of(&vendor);
    return STATUS_OK;
}

/* A cursor is the id of the last vendor in base64url. */
static enum status decode_cursor(struct text text, struct uuid *ret_id)
{
    struct uuid id;
    const char *end;
    size_t length;
    if (sodium_base642bin(id.bytes, sizeof id.bytes, text.data, text.length, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STATUS_INVALID_PARAMETER;
    if (length != sizeof id.bytes || end != text.data + text.length)
        return STATUS_INVALID_PARAMETER;
    *ret_id = id;
    return STATUS_OK;
}

static struct text encode_cursor(struct arena *arena, struct uuid id)
{
    char *text = arena_allocate(arena, VENDOR_CURSOR_TEXT_MAX);
    (void)sodium_bin2base64(text, VENDOR_CURSOR_TEXT_MAX, id.bytes, sizeof id.bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
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
    if (query->has_after && decode_cursor(query->after, &before) != STATUS_OK)
        return refuse(request, "after", STATUS_INVALID_PARAMETER,
                      "This is not the next of a page of this list.");
    TRY(vendor_store_list(request, before, limit, &vendors, &count));
    ret_reply->has_more = count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : count;
    struct vendor_profile *data = arena_allocate_array(arena, ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        data[i] = profile_of(&vendors[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next) ret_reply->next = encode_cursor(arena, data[limit - 1].id);
    return STATUS_OK;
}

const struct domain_definition vendor_domain = {
    .dispatch = &vendor_dispatch,
};
