/* Where the people of a team are reached. */
#include "actors/identity/identity_phone.h"
#include "actors/identity/identity_secret.h"
#include "actors/identity/identity_ticket.h"
#include "actors/vendor/vendor_member_store.h"
#include "vendor_handlers.h"

enum { MANY_CONTACTS_MAX = 400 }; /* as the schema says */

static struct common_contact contact_of(struct request *request,
                                        const struct vendor_teammate *member)
{
    return (struct common_contact){
        .person_id = identity_id_text(request_arena(request), "mbr", member->id),
        .name = member->name,
        .email = member->email,
        .has_is_proved = true,
        .is_proved = member->is_email_verified,
        .has_phone = member->is_phone_proved,
        .phone = member->phone,
        .locale = member->locale,
    };
}

static void answer_one(struct request *request, const struct common_contact *contact,
                       struct common_contacts *ret_reply)
{
    ret_reply->contacts = arena_copy(request_arena(request), contact, sizeof *contact);
    ret_reply->contacts_count = 1;
}

static enum status find_ticket(struct request *request, struct uuid ticket_id,
                               struct identity_ticket *ret_ticket)
{
    static const enum identity_ticket_purpose purposes[] = {
        IDENTITY_TICKET_INVITE, IDENTITY_TICKET_VERIFY_EMAIL, IDENTITY_TICKET_RESET_PASSWORD,
        IDENTITY_TICKET_CHANGE_EMAIL, IDENTITY_TICKET_PROVE_PHONE
    };
    enum status found = STATUS_INVALID_TICKET;
    for (size_t i = 0; i < ARRAY_LENGTH(purposes) && found == STATUS_INVALID_TICKET; i++)
        found = identity_ticket_find(request, ticket_id, purposes[i], ret_ticket);
    return found;
}

/* Finds the person whom a one-time token is for: a member, or somebody who is invited; nobody once
 * the token was used. */
static enum status find_by_ticket(struct request *request, const struct vendor_get_contacts *query,
                                  struct common_contacts *ret_reply)
{
    struct identity_ticket ticket;
    struct vendor_teammate member;
    struct vendor_invited invited;
    enum status found = find_ticket(request, query->ticket_id, &ticket);
    if (found == STATUS_INVALID_TICKET) return STATUS_OK;
    TRY(found);
    if (!uuid_equals(ticket.account_id, query->vendor_id)) return STATUS_OK;
    found = vendor_member_find(request, ticket.person_id, ticket.account_id, &member);
    if (found == STATUS_OK) {
        struct common_contact contact = contact_of(request, &member);
        if (ticket.purpose == IDENTITY_TICKET_PROVE_PHONE) {
            contact.has_phone = true;
            contact.phone = ticket.email;
        } else if (ticket.email.length > 0) {
            contact.is_proved &= text_equals(contact.email, ticket.email);
            contact.email = ticket.email;
        }
        answer_one(request, &contact, ret_reply);
        return STATUS_OK;
    }
    if (found != STATUS_NOT_FOUND) return found;
    found = vendor_invitation_find(request, ticket.person_id, ticket.account_id, &invited);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    const struct common_contact contact = {
        .person_id = identity_id_text(request_arena(request), "tic", ticket.id),
        .name = invited.name,
        .email = ticket.email,
        .locale = invited.locale,
    };
    answer_one(request, &contact, ret_reply);
    return STATUS_OK;
}

static bool is_told_of_the_vendor(enum vendor_role role)
{
    return role == VENDOR_ROLE_OWNER || role == VENDOR_ROLE_MANAGER;
}

enum status vendor_handle_get_contacts(struct request *request,
                                       const struct vendor_get_contacts *query,
                                       struct common_contacts *ret_reply)
{
    if (query->has_ticket_id) return find_by_ticket(request, query, ret_reply);
    if (query->has_member_id) {
        struct vendor_teammate member;
        const enum status found =
            vendor_member_find(request, query->member_id, query->vendor_id, &member);
        if (found == STATUS_NOT_FOUND) return STATUS_OK;
        TRY(found);
        const struct common_contact contact = contact_of(request, &member);
        answer_one(request, &contact, ret_reply);
        return STATUS_OK;
    }
    const struct vendor_teammate *team;
    size_t count;
    TRY(vendor_member_list(request, query->vendor_id, (struct uuid){ { 0 } }, VENDOR_TEAM_MAX,
                           &team, &count));
    struct common_contact *contacts =
        arena_allocate_array(request_arena(request), count, sizeof *contacts);
    for (size_t i = 0; i < count; i++) {
        if (!is_told_of_the_vendor(team[i].role)) continue;
        contacts[ret_reply->contacts_count++] = contact_of(request, &team[i]);
    }
    ret_reply->contacts = contacts;
    return STATUS_OK;
}

/* Asked for a whole batch of orders, so it is one statement for all teams. */
enum status vendor_handle_get_many_contacts(struct request *request,
                                            const struct vendor_get_many_contacts *query,
                                            struct vendor_many_contacts *ret_reply)
{
    static const struct statement find = {
        .name = "vendor_many_contacts",
        .sql = "SELECT m.vendor_id, m.id, m.name, m.email, coalesce(m.phone, ''), m.locale,"
               " m.is_email_verified, " IDENTITY_PHONE_IS_PROVED_SQL(
                   "m.id",
                   "m.phone") " FROM vendor.member m WHERE m.vendor_id = ANY ($1) AND m.role <= $2"
                              " ORDER BY m.vendor_id, m.id LIMIT $3",
    };
    static_assert(VENDOR_ROLE_OWNER < VENDOR_ROLE_MANAGER && VENDOR_ROLE_MANAGER == 1, "owners");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->vendor_ids, query->vendor_ids_count);
    param_small(params, arena, VENDOR_ROLE_MANAGER);
    param_int(params, arena, MANY_CONTACTS_MAX + 1);
    TRY(request_query(request, &find, params, &rows));
    ret_reply->is_cut = rows.count > MANY_CONTACTS_MAX;
    if (ret_reply->is_cut) return STATUS_OK;
    struct vendor_team_contact *contacts =
        arena_allocate_array(arena, rows.count, sizeof *contacts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct vendor_teammate member = { .vendor_id = row_uuid(&row) };
        member.id = row_uuid(&row);
        member.name = row_text(&row);
        member.email = row_text(&row);
        member.phone = row_text(&row);
        member.locale = row_text(&row);
        member.is_email_verified = row_bool(&row);
        member.is_phone_proved = row_bool(&row);
        contacts[i] = (struct vendor_team_contact){ .vendor_id = member.vendor_id,
                                                    .contact = contact_of(request, &member) };
    }
    ret_reply->contacts = contacts;
    ret_reply->contacts_count = rows.count;
    return STATUS_OK;
}
