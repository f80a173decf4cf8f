/* The team: members, their roles, and who is invited. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_phone.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "actors/vendor/vendor_identity.h"
#include "actors/vendor/vendor_notice.h"
#include "actors/vendor/vendor_rights.h"
#include "messages/email_form.h"
#include "runtime/plain_text.h"
#include "vendor_handlers.h"

#define INVITATION_LIFE_US (INT64_C(7) * 24 * 3600 * 1000000)

enum status vendor_handle_list_members(struct request *request,
                                       const struct vendor_list_members *query,
                                       struct vendor_members *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : VENDOR_TEAM_MAX;
    struct vendor vendor;
    struct uuid after = { { 0 } };
    const struct vendor_teammate *team;
    size_t count;
    if (query->has_after) TRY(vendor_cursor_read(request, query->after, &after));
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    TRY(vendor_member_list(request, vendor.id, after, limit + 1, &team, &count));
    ret_reply->has_more = count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : count;
    struct vendor_member *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        vendor_describe_member(request, &team[i], vendor.status, &data[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next) ret_reply->next = vendor_cursor_of(request, data[limit - 1].id);
    return STATUS_OK;
}

/* The rights of the caller over other members: those of the role, and of the API key if it is one.
 * The status of the vendor limits tokens, but not who is above whom. A token whose session has
 * ended (he was removed, the vendor suspended) lives on for a moment, in which it changes no team.
 */
static enum status find_my_rights(struct request *request, struct vendor_teammate *ret_myself,
                                  uint64_t *ret_rights)
{
    const struct principal *principal = request_principal(request);
    TRY(vendor_find_myself(request, ret_myself));
    *ret_rights = vendor_rights_of_role(ret_myself->role);
    if (principal->is_api_key)
        *ret_rights &= principal->rights;
    else
        TRY(identity_session_require(request, principal->session));
    return STATUS_OK;
}

static enum status refuse_role(struct request *request)
{
    return request_refuse(request, "/role", STATUS_FORBIDDEN,
                          "Nobody gives or takes a role that may do more than he may himself.");
}

/* ---- invitations ---- */

/* Invites somebody who has no account here yet into a team that is not full. An earlier invitation
 * is sent again, by somebody who could have sent it in the first place. */
static enum status prepare_invitation(struct request *request, struct text email,
                                      struct uuid vendor_id, uint64_t rights,
                                      struct vendor_invited *ret_invited)
{
    struct vendor_teammate other;
    struct vendor_team team;
    enum status found = vendor_member_find_by_email(request, email, &other);
    if (found == STATUS_OK) return request_refuse(request, "/email", STATUS_EMAIL_TAKEN, NULL);
    if (found != STATUS_NOT_FOUND) return found;
    found = vendor_invitation_find_by_email(request, email, vendor_id, ret_invited);
    if (found == STATUS_OK && !vendor_may_manage_role(rights, ret_invited->role))
        return refuse_role(request);
    if (found != STATUS_NOT_FOUND) return found;
    TRY(vendor_team_count(request, vendor_id, &team));
    if (team.members + team.invitations >= VENDOR_TEAM_MAX)
        return request_refuse_full(request, "", STATUS_TEAM_FULL, VENDOR_TEAM_MAX, NULL);
    *ret_invited = (struct vendor_invited){ .id = request_new_id(request),
                                            .vendor_id = vendor_id,
                                            .email = email };
    return STATUS_OK;
}

/* The message goes to a stranger. Names are free text, so those of a vendor that staff has not
 * looked at yet, and of a member whom nobody knows, do not travel with it. */
static enum status send_invitation(struct request *request, const struct vendor_invited *invited,
                                   const struct vendor_teammate *inviter)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, invited->vendor_id, &vendor));
    const bool is_known =
        vendor.status == VENDOR_VENDOR_STATUS_APPROVED && inviter->is_email_verified;
    TRY(identity_guard_invitation(request, vendor.id,
                                  vendor.status == VENDOR_VENDOR_STATUS_APPROVED, invited->email));
    vendor_invitation_save(request, invited);
    const struct vendor_notice notice = {
        .kind = COMMON_NOTICE_KIND_MEMBER_INVITED,
        .vendor = &vendor,
        .ticket_id = identity_ticket_open(request, IDENTITY_TICKET_INVITE, vendor.id, invited->id,
                                          invited->email, INVITATION_LIFE_US),
        .role = text_of(vendor_role_names[invited->role]),
        .inviter = is_known ? inviter->name : TEXT(""),
        .is_nameless = !is_known,
    };
    return vendor_raise_notice(request, &notice);
}

enum status vendor_handle_invite_member(struct request *request,
                                        const struct vendor_invite_member *command,
                                        struct vendor_invitation *ret_reply)
{
    struct email email;
    struct vendor_teammate myself;
    struct vendor_invited invited;
    uint64_t rights;
    if (email_normalise(command->email, &email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    if (command->has_name && !plain_text_is_line(command->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_LINE_RULE);
    TRY(find_my_rights(request, &myself, &rights));
    if (!vendor_may_manage_role(rights, command->role)) return refuse_role(request);
    TRY(prepare_invitation(request, text_copy(request_arena(request), email_text(&email)),
                           myself.vendor_id, rights, &invited));
    invited.name = command->has_name ? text_trim(command->name) : TEXT("");
    invited.locale = myself.locale;
    invited.role = command->role;
    invited.created_at_us = request_now_us(request);
    invited.expires_at_us = invited.created_at_us + INVITATION_LIFE_US;
    invited.invited_by = myself.id;
    TRY(send_invitation(request, &invited, &myself));
    request_audit(request, "inv", invited.id, (struct text){ 0 });
    *ret_reply = (struct vendor_invitation){ .id = invited.id,
                                             .email = invited.email,
                                             .name = invited.name,
                                             .role = invited.role,
                                             .created_at_us = invited.created_at_us,
                                             .expires_at_us = invited.expires_at_us };
    return STATUS_OK;
}

enum status vendor_handle_list_invitations(struct request *request,
                                           const struct vendor_list_invitations *query,
                                           struct vendor_invitations *ret_reply)
{
    (void)query;
    return vendor_invitation_list(request, request_principal(request)->id, &ret_reply->data,
                                  &ret_reply->data_count);
}

enum status vendor_handle_remove_invitation(struct request *request,
                                            const struct vendor_remove_invitation *command)
{
    struct vendor_teammate myself;
    struct vendor_invited invited;
    uint64_t rights;
    TRY(find_my_rights(request, &myself, &rights));
    TRY(vendor_invitation_find(request, command->invitation_id, myself.vendor_id, &invited));
    if (!vendor_may_manage_role(rights, invited.role)) return refuse_role(request);
    vendor_invitation_remove(request, invited.id);
    identity_tickets_void(request, invited.id);
    request_audit(request, "inv", invited.id, (struct text){ 0 });
    return STATUS_OK;
}

/* Everything about name and password is checked before the vendor's actor is asked, which hashes
 * the password while others wait. */
enum status vendor_handle_accept_invitation(struct request *request,
                                            const struct vendor_accept_invitation *command,
                                            struct vendor_member *ret_reply)
{
    struct identity_ticket ticket;
    struct vendor_teammate other;
    const struct text name = text_trim(command->name);
    TRY(identity_check_ticket(request, command->token, IDENTITY_TICKET_INVITE, &ticket));
    if (!plain_text_is_name(name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    const struct text context[] = { ticket.email, name };
    TRY(identity_password_acceptable(request, "/password", command->password, context,
                                     ARRAY_LENGTH(context)));
    const enum status found = vendor_member_find_by_email(request, ticket.email, &other);
    if (found == STATUS_OK) return STATUS_EMAIL_TAKEN;
    if (found != STATUS_NOT_FOUND) return found;
    const struct vendor_use_invitation use = { .vendor_id = ticket.account_id,
                                               .ticket_id = ticket.id,
                                               .name = name,
                                               .password = command->password };
    return request_ask(request, &vendor_use_invitation_message, &use, ret_reply);
}

/* An invitation is worth what its sender may give now: one who has left the team or was demoted
 * meanwhile invites nobody. */
static enum status check_inviter(struct request *request, const struct vendor_invited *invited)
{
    struct vendor_teammate inviter;
    if (uuid_is_zero(invited->invited_by)) return STATUS_OK;
    const enum status found =
        vendor_member_find(request, invited->invited_by, invited->vendor_id, &inviter);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    const uint64_t rights = vendor_rights_of_role(inviter.role);
    const bool is_good = (rights >> VENDOR_PERMISSION_MANAGE_TEAM & 1) != 0 &&
                         vendor_may_manage_role(rights, invited->role);
    return is_good ? STATUS_OK : STATUS_INVALID_TICKET;
}

enum status vendor_handle_use_invitation(struct request *request,
                                         const struct vendor_use_invitation *command,
                                         struct vendor_member *ret_reply)
{
    struct vendor vendor;
    struct identity_ticket ticket;
    struct vendor_invited invited;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_INVITE, &ticket));
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    if (vendor_rights_of_status(vendor.status) == 0) return STATUS_ACCOUNT_BLOCKED;
    const enum status found =
        vendor_invitation_find(request, ticket.person_id, vendor.id, &invited);
    if (found == STATUS_NOT_FOUND) return STATUS_INVALID_TICKET;
    TRY(found);
    TRY(check_inviter(request, &invited));
    struct vendor_teammate member = {
        .id = invited.id,
        .vendor_id = vendor.id,
        .email = invited.email,
        .name = command->name,
        .locale = invited.locale,
        .role = invited.role,
        .is_email_verified = true,
        .created_at_us = request_now_us(request),
        .version = 1,
    };
    TRY(identity_password_hash(request, command->password, &member.password_hash));
    vendor_invitation_remove(request, invited.id);
    vendor_member_add(request, &member);
    vendor_describe_member(request, &member, vendor.status, ret_reply);
    return STATUS_OK;
}

/* ---- members ---- */

/* Finds a member whose role the caller may give and take. */
static enum status find_to_manage(struct request *request, struct uuid member_id,
                                  uint64_t *ret_rights, struct vendor_teammate *ret_member)
{
    struct vendor_teammate myself;
    TRY(find_my_rights(request, &myself, ret_rights));
    TRY(vendor_member_find(request, member_id, myself.vendor_id, ret_member));
    return vendor_may_manage_role(*ret_rights, ret_member->role) ? STATUS_OK : refuse_role(request);
}

/* A team without an owner could never get one again: only owners make owners. */
static enum status check_owners(struct request *request, const struct vendor_teammate *member)
{
    struct vendor_team team;
    TRY(vendor_team_count(request, member->vendor_id, &team));
    return vendor_is_last_owner(member->role, team.progress.owners) ? STATUS_LAST_OWNER : STATUS_OK;
}

static struct text role_before(struct request *request, const struct vendor_teammate *member)
{
    return text_format(request_arena(request), "{\"role\":\"%s\"}",
                       vendor_role_names[member->role]);
}

/* Tokens carry the rights of the old role, so the member's sessions end with it. */
enum status vendor_handle_change_member(struct request *request,
                                        const struct vendor_change_member *command,
                                        struct vendor_member *ret_reply)
{
    struct vendor vendor;
    struct vendor_teammate member;
    uint64_t rights;
    TRY(find_to_manage(request, command->member_id, &rights, &member));
    if (!versions_have(VERSIONS_OF(command), member.version)) return STATUS_PRECONDITION_FAILED;
    if (!vendor_may_manage_role(rights, command->role)) return refuse_role(request);
    TRY(vendor_store_load(request, member.vendor_id, &vendor));
    if (command->role != member.role) {
        TRY(check_owners(request, &member));
        request_audit(request, "mbr", member.id, role_before(request, &member));
        member.role = command->role;
        member.version++;
        vendor_member_save(request, &member);
        identity_sessions_end_of_person(request, vendor.id, member.id, (struct uuid){ { 0 } });
    }
    vendor_describe_member(request, &member, vendor.status, ret_reply);
    return STATUS_OK;
}

/* What could still act for the vendor in the member's name goes in the same unit. */
enum status vendor_handle_remove_member(struct request *request,
                                        const struct vendor_remove_member *command)
{
    struct vendor_teammate member;
    uint64_t rights;
    TRY(find_to_manage(request, command->member_id, &rights, &member));
    TRY(check_owners(request, &member));
    request_audit(request, "mbr", member.id, role_before(request, &member));
    vendor_member_remove(request, &member);
    vendor_invitations_end_of(request, &member);
    identity_sessions_end_of_person(request, member.vendor_id, member.id, (struct uuid){ { 0 } });
    identity_api_keys_revoke_of_person(request, member.vendor_id, member.id);
    identity_tickets_void(request, member.id);
    identity_otp_disable(request, member.id);
    identity_phone_forget(request, member.id);
    return STATUS_OK;
}
