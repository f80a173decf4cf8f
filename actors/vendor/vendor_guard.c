/* Who is signed in, and the guards in front of passwords and tickets. */
#include "actors/vendor/vendor_guard.h"

#include "actors/identity/identity_password.h"
#include "actors/vendor/vendor_refusal.h"

enum status vendor_find_myself(struct request *request, struct vendor_teammate *ret_member)
{
    const struct principal *principal = request_principal(request);
    const enum status found =
        vendor_member_find(request, principal->actor, principal->id, ret_member);
    return found == STATUS_NOT_FOUND ? STATUS_UNAUTHENTICATED : found;
}

enum status vendor_check_my_password(struct request *request, const struct vendor_teammate *member,
                                     struct text password, const char *pointer)
{
    struct identity_guard guard;
    bool matches;
    TRY(identity_guard_open(request, IDENTITY_GUARD_SIGN_IN, member->email, &guard));
    TRY(identity_password_check(request, password, member->password_hash, &matches));
    if (matches) return STATUS_OK;
    TRY(identity_guard_count(request, &guard));
    return vendor_refuse(request, pointer, STATUS_WRONG_PASSWORD, NULL);
}

enum status vendor_find_ticket(struct request *request, struct text token,
                               enum identity_ticket_purpose purpose,
                               struct identity_ticket *ret_ticket)
{
    struct identity_guard guard;
    struct uuid ticket_id;
    TRY(identity_guard_open(request, IDENTITY_GUARD_TICKET, request_client(request), &guard));
    enum status found = identity_ticket_parse(request, DOMAIN_VENDOR, token, &ticket_id);
    if (found == STATUS_OK) found = identity_ticket_find(request, ticket_id, purpose, ret_ticket);
    if (found == STATUS_INVALID_TICKET) TRY(identity_guard_count(request, &guard));
    return found;
}

enum status vendor_guard_mail(struct request *request, struct text email)
{
    struct identity_guard guard;
    TRY(identity_guard_open(request, IDENTITY_GUARD_RESET, email, &guard));
    return identity_guard_count(request, &guard);
}
