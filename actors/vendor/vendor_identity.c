/* What this domain lends to actors/identity/. */
#include "actors/identity/identity_domain.h"
#include "actors/vendor/vendor_member_store.h"
#include "actors/vendor/vendor_rights.h"
#include "actors/vendor/vendor_store.h"
#include "vendor_handlers.h"

/* A key may do what it was made for, as far as its maker and the vendor may do that now. */
static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    struct vendor vendor;
    struct vendor_teammate maker;
    TRY(vendor_store_load(request, use->account_id, &vendor));
    const enum status found = vendor_member_find(request, use->person_id, vendor.id, &maker);
    if (found == STATUS_NOT_FOUND) return STATUS_UNAUTHENTICATED;
    TRY(found);
    if (vendor_rights_of_status(vendor.status) == 0) return STATUS_UNAUTHENTICATED;
    use->rights = (int64_t)((uint64_t)use->rights & vendor_rights(maker.role, vendor.status));
    return STATUS_OK;
}

const struct identity_domain vendor_identity = {
    .permission_names = vendor_permission_names,
    .permissions_count = VENDOR_PERMISSION_COUNT,
    .limit_api_key = limit_api_key,
};
