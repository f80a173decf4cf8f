/* Passwords that members have forgotten, addresses that they prove, and what they are called. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "actors/vendor/vendor_identity.h"
#include "actors/vendor/vendor_notice.h"
#include "messages/email_form.h"
#include "runtime/plain_text.h"
#include "runtime/text_form.h"
#include "vendor_handlers.h"

/* Queues a member's new version. */
static void save_member(struct request *request, struct vendor_teammate *member)
{
    member->version++;
    vendor_member_save(request, member);
}

static enum status tell(struct request *request, enum common_notice_kind kind,
                        const struct vendor_teammate *member, struct uuid ticket_id)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, member->vendor_id, &vendor));
    const struct vendor_notice notice = {
        .kind = kind, .vendor = &vendor, .member_id = member->id, .ticket_id = ticket_id
    };
    return vendor_raise_notice(request, &notice);
}

static enum status accept_password(struct request *request, const char *pointer,
                                   struct text password, const struct vendor_teammate *member)
{
    const struct text context[] = { member->email, member->name };
    return identity_password_acceptable(request, pointer, password, context, ARRAY_LENGTH(context));
}

/* ---- forgotten ---- */

/* An unknown address costs as many messages as a known one: the ask goes to the actor of an id that
 * no vendor has. */
enum status vendor_handle_forgot_password(struct request *request,
                                          const struct identity_forgot_password *command)
{
    struct email email;
    if (email_normalise(command->email, &email) != STATUS_OK) return STATUS_OK;
    TRY(identity_count_forgotten(request, email_text(&email),
                                 command->has_device ? command->device : TEXT("")));
    struct vendor_teammate member;
    struct vendor_send_reset reset = { .vendor_id = request_new_root_id(request) };
    const enum status found = vendor_member_find_by_email(request, email_text(&email), &member);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    if (found == STATUS_OK) {
        reset.vendor_id = member.vendor_id;
        reset.member_id = member.id;
    }
    struct empty nothing;
    return request_ask(request, &vendor_send_reset_message, &reset, &nothing);
}

/* The same reads and writes for an unknown address, so that the time tells nothing about who has an
 * account. */
static enum status reset_for_nobody(struct request *request, struct uuid vendor_id)
{
    struct vendor vendor;
    const enum status found = vendor_store_load(request, vendor_id, &vendor);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    (void)identity_ticket_open(
        request, IDENTITY_TICKET_RESET_PASSWORD, vendor_id, request_new_id(request), TEXT(""),
        config_duration_us(request_config(request), SETTING_TTL_TICKET_RESET));
    return STATUS_OK;
}

enum status vendor_handle_send_reset(struct request *request,
                                     const struct vendor_send_reset *command)
{
    struct vendor_teammate member;
    const enum status found =
        vendor_member_find(request, command->member_id, command->vendor_id, &member);
    if (found == STATUS_NOT_FOUND) return reset_for_nobody(request, command->vendor_id);
    TRY(found);
    const struct uuid ticket_id = identity_ticket_open(
        request, IDENTITY_TICKET_RESET_PASSWORD, member.vendor_id, member.id, member.email,
        config_duration_us(request_config(request), SETTING_TTL_TICKET_RESET));
    return tell(request, COMMON_NOTICE_KIND_RESET_PASSWORD, &member, ticket_id);
}

/* The tickets of a member who was removed are good for nothing. */
static enum status find_member_of(struct request *request, const struct identity_ticket *ticket,
                                  struct vendor_teammate *ret_member)
{
    const enum status found =
        vendor_member_find(request, ticket->person_id, ticket->account_id, ret_member);
    return found == STATUS_NOT_FOUND ? STATUS_INVALID_TICKET : found;
}

enum status vendor_handle_reset_password(struct request *request,
                                         const struct identity_reset_password *command)
{
    struct identity_ticket ticket;
    struct vendor_teammate member;
    TRY(identity_check_ticket(request, command->token, IDENTITY_TICKET_RESET_PASSWORD, &ticket));
    TRY(find_member_of(request, &ticket, &member));
    TRY(accept_password(request, "/password", command->password, &member));
    const struct vendor_use_reset use = { .vendor_id = ticket.account_id,
                                          .ticket_id = ticket.id,
                                          .password = command->password };
    struct empty nothing;
    TRY(request_ask(request, &vendor_use_reset_message, &use, &nothing));
    identity_guard_lift(request, IDENTITY_GUARD_SIGN_IN, member.email);
    return STATUS_OK;
}

/* The token came back from a message, so the address is proved as well. */
enum status vendor_handle_use_reset(struct request *request, const struct vendor_use_reset *command)
{
    struct identity_ticket ticket;
    struct vendor_teammate member;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_RESET_PASSWORD, &ticket));
    TRY(find_member_of(request, &ticket, &member));
    TRY(identity_password_hash(request, command->password, &member.password_hash));
    const bool was_verified = member.is_email_verified;
    member.is_email_verified = true;
    save_member(request, &member);
    identity_sessions_end_of_person(request, member.vendor_id, member.id, (struct uuid){ { 0 } });
    identity_api_keys_revoke_of_person(request, member.vendor_id, member.id);
    identity_tickets_void(request, member.id);
    /* Somebody who applied with another person's address may have kept a way in. */
    if (!was_verified) identity_otp_disable(request, member.id);
    return tell(request, COMMON_NOTICE_KIND_PASSWORD_CHANGED, &member, (struct uuid){ { 0 } });
}

/* ---- proved ---- */

enum status vendor_handle_verify_email(struct request *request,
                                       const struct identity_verify_email *command)
{
    struct identity_ticket ticket;
    TRY(identity_check_ticket(request, command->token, IDENTITY_TICKET_VERIFY_EMAIL, &ticket));
    const struct vendor_use_verification use = { .vendor_id = ticket.account_id,
                                                 .ticket_id = ticket.id };
    struct empty nothing;
    return request_ask(request, &vendor_use_verification_message, &use, &nothing);
}

/* The address may have changed since the ticket was opened; a token proves only the one that it was
 * sent to. */
enum status vendor_handle_use_verification(struct request *request,
                                           const struct vendor_use_verification *command)
{
    struct identity_ticket ticket;
    struct vendor_teammate member;
    TRY(identity_ticket_use(request, command->ticket_id, IDENTITY_TICKET_VERIFY_EMAIL, &ticket));
    TRY(find_member_of(request, &ticket, &member));
    if (!text_equals(member.email, ticket.email)) return STATUS_INVALID_TICKET;
    member.is_email_verified = true;
    save_member(request, &member);
    return STATUS_OK;
}

enum status vendor_handle_send_verification(struct request *request,
                                            const struct identity_send_verification *command)
{
    (void)command;
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    if (member.is_email_verified) return STATUS_OK;
    TRY(identity_guard_own_mail(request, member.id));
    const struct uuid ticket_id = identity_ticket_open(
        request, IDENTITY_TICKET_VERIFY_EMAIL, member.vendor_id, member.id, member.email,
        config_duration_us(request_config(request), SETTING_TTL_TICKET_VERIFY));
    return tell(request, COMMON_NOTICE_KIND_VERIFY_EMAIL, &member, ticket_id);
}

/* ---- the member ---- */

static enum status describe_myself(struct request *request, const struct vendor_teammate *member,
                                   struct vendor_member *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, member->vendor_id, &vendor));
    vendor_describe_member(request, member, vendor.status, ret_reply);
    return STATUS_OK;
}

enum status vendor_handle_get_me(struct request *request, const struct vendor_get_me *query,
                                 struct vendor_member *ret_reply)
{
    (void)query;
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    return describe_myself(request, &member, ret_reply);
}

enum status vendor_handle_change_me(struct request *request, const struct vendor_change_me *command,
                                    struct vendor_member *ret_reply)
{
    struct vendor_teammate member;
    TRY(vendor_find_myself(request, &member));
    if (!versions_have(VERSIONS_OF(command), member.version)) return STATUS_PRECONDITION_FAILED;
    if (command->has_name) {
        member.name = text_trim(command->name);
        if (!plain_text_is_name(member.name))
            return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    }
    if (command->has_locale) member.locale = text_of(common_locale_names[command->locale]);
    if (command->has_phone) {
        if (command->phone.length > 0 && !text_is_telephone(command->phone))
            return request_refuse(request, "/phone", STATUS_INVALID_VALUE, TEXT_TELEPHONE_RULE);
        member.is_phone_proved &= text_equals(member.phone, command->phone);
        member.phone = command->phone;
    }
    save_member(request, &member);
    request_audit(request, "mbr", member.id, (struct text){ 0 });
    return describe_myself(request, &member, ret_reply);
}
