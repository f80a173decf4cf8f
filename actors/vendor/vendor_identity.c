/* What this domain lends to actors/identity/: a team's members are its people. */
#include "actors/vendor/vendor_identity.h"

#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_rights.h"

struct identity_person vendor_person_of(const struct vendor_teammate *member)
{
    assert(member != NULL);
    return (struct identity_person){
        .account_id = member->vendor_id,
        .id = member->id,
        .email = member->email,
        .name = member->name,
        .phone = member->phone,
        .password_hash = member->password_hash,
        .record = member,
    };
}

enum status vendor_find_myself(struct request *request, struct vendor_teammate *ret_member)
{
    assert(ret_member != NULL);
    assert(request_principal(request)->kind == PRINCIPAL_VENDOR);
    const struct principal *principal = request_principal(request);
    const enum status found =
        vendor_member_find(request, principal->actor, principal->id, ret_member);
    return found == STATUS_NOT_FOUND ? STATUS_UNAUTHENTICATED : found;
}

static enum status find_self(struct request *request, struct identity_person *ret_person)
{
    struct vendor_teammate *member = arena_allocate(request_arena(request), sizeof *member);
    TRY(vendor_find_myself(request, member));
    *ret_person = vendor_person_of(member);
    return STATUS_OK;
}

static enum status find_by_email(struct request *request, struct text email,
                                 struct identity_person *ret_person)
{
    struct vendor_teammate *member = arena_allocate(request_arena(request), sizeof *member);
    TRY(vendor_member_find_by_email(request, email, member));
    *ret_person = vendor_person_of(member);
    return STATUS_OK;
}

static void require(struct request *request, const struct identity_person *person)
{
    vendor_member_require(request, person->record);
}

static void save_password(struct request *request, const struct identity_person *person,
                          struct text password_hash)
{
    struct vendor_teammate member = *(const struct vendor_teammate *)person->record;
    member.password_hash = password_hash;
    member.version++;
    vendor_member_save(request, &member);
}

/* The audit trail has a change of second factors under the member; a new password stays under the
 * vendor, which is the key of the message. */
static enum status tell(struct request *request, const struct identity_person *person,
                        enum common_notice_kind kind)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, person->account_id, &vendor));
    if (kind != COMMON_NOTICE_KIND_PASSWORD_CHANGED)
        request_audit(request, "mbr", person->id, (struct text){ 0 });
    const struct vendor_notice notice = { .kind = kind,
                                          .vendor = &vendor,
                                          .member_id = person->id };
    return vendor_raise_notice(request, &notice);
}

static enum status tell_ticket(struct request *request, const struct identity_person *person,
                               enum common_notice_kind kind, struct uuid ticket_id)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, person->account_id, &vendor));
    const struct vendor_notice notice = {
        .kind = kind, .vendor = &vendor, .member_id = person->id, .ticket_id = ticket_id
    };
    return vendor_raise_notice(request, &notice);
}

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
    .no_factor_detail = "There is no second factor in force.",
    .find_self = find_self,
    .find_by_email = find_by_email,
    .require = require,
    .save_password = save_password,
    .tell = tell,
    .tell_ticket = tell_ticket,
    .limit_api_key = limit_api_key,
};
