/* What a team does with its vendor: applies, and changes its profile. */
#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_ticket.h"
#include "actors/vendor/vendor_life.h"
#include "actors/vendor/vendor_member_store.h"
#include "actors/vendor/vendor_shipping_rules.h"
#include "actors/vendor/vendor_slugs.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "runtime/plain_text.h"
#include "runtime/text_form.h"
#include "vendor_handlers.h"

/* ---- applying ---- */

/* A vendor that applies, and its first owner. */
struct application {
    struct vendor vendor;
    struct vendor_teammate owner;
};

/* Checks each field by itself, before anything is read. */
static enum status check_fields(struct request *request,
                                const struct vendor_register_vendor *command,
                                struct email *ret_email)
{
    const struct text name = text_trim(command->name);
    if (!plain_text_is_name(name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    if (email_normalise(command->email, ret_email) != STATUS_OK)
        return request_refuse(request, "/email", STATUS_INVALID_VALUE, EMAIL_RULE);
    if (command->has_description && !plain_text_is_block(command->description))
        return request_refuse(request, "/description", STATUS_INVALID_VALUE, PLAIN_TEXT_BLOCK_RULE);
    const struct text context[] = { email_text(ret_email), name };
    return identity_password_acceptable(request, "/password", command->password, context,
                                        ARRAY_LENGTH(context));
}

static enum status check_free(struct request *request, struct text name, struct text email)
{
    bool is_taken;
    struct vendor_teammate other;
    TRY(vendor_store_is_name_taken(request, name, (struct uuid){ { 0 } }, &is_taken));
    if (is_taken) return request_refuse(request, "/name", STATUS_VENDOR_NAME_TAKEN, NULL);
    const enum status found = vendor_member_find_by_email(request, email, &other);
    if (found == STATUS_OK) return request_refuse(request, "/email", STATUS_EMAIL_TAKEN, NULL);
    return found == STATUS_NOT_FOUND ? STATUS_OK : found;
}

/* Vendor and owner are in the shard of the name, so one unit writes both. */
static enum status save_application(struct request *request, const struct application *application)
{
    const struct vendor *vendor = &application->vendor;
    const struct vendor_teammate *owner = &application->owner;
    vendor_store_insert(request, vendor);
    vendor_store_add_history(request, vendor, NULL, vendor_actor_text(request));
    vendor_member_add(request, owner);
    const struct vendor_profile_was_changed event = { .vendor_id = vendor->id,
                                                      .version = vendor->version,
                                                      .name = vendor->name,
                                                      .status = vendor->status };
    TRY(request_publish(request, &vendor_profile_was_changed_message, &event));
    struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_VENDOR_APPLIED, .vendor = vendor };
    TRY(vendor_raise_notice(request, &notice));
    notice.kind = COMMON_NOTICE_KIND_VERIFY_EMAIL;
    notice.member_id = owner->id;
    notice.ticket_id = identity_ticket_open(
        request, IDENTITY_TICKET_VERIFY_EMAIL, vendor->id, owner->id, owner->email,
        config_duration_us(request_config(request), SETTING_TTL_TICKET_VERIFY));
    return vendor_raise_notice(request, &notice);
}

enum status vendor_handle_register_vendor(struct request *request,
                                          const struct vendor_register_vendor *command,
                                          struct vendor_own_vendor *ret_reply)
{
    struct email email;
    TRY(check_fields(request, command, &email));
    const struct text name = text_trim(command->name);
    TRY(check_free(request, name, email_text(&email)));
    if (!text_equals(name, command->name)) {
        /* Names that differ by blanks only must meet in one actor, which is that of the trimmed
         * name. */
        struct vendor_register_vendor normal = *command;
        normal.name = name;
        return request_ask(request, &vendor_register_vendor_message, &normal, ret_reply);
    }
    struct arena *arena = request_arena(request);
    struct application *application = arena_allocate(arena, sizeof *application);
    struct vendor *vendor = &application->vendor;
    struct text password_hash;
    TRY(identity_guard_registration(request));
    TRY(identity_password_hash(request, command->password, &password_hash));
    TRY(vendor_admit(name, request_new_id(request), VENDOR_VENDOR_STATUS_APPLIED,
                     request_now_us(request), vendor));
    TRY(slug_book_choose(request, &vendor_slugs, vendor->id, name, &vendor->slug,
                         &vendor->is_slug_new));
    if (command->has_description) vendor->description = command->description;
    application->owner = (struct vendor_teammate){
        .id = request_new_id(request),
        .vendor_id = vendor->id,
        .email = text_copy(arena, email_text(&email)),
        .name = name,
        .locale =
            command->has_locale ? text_of(common_locale_names[command->locale]) : locale_default(),
        .password_hash = password_hash,
        .role = VENDOR_ROLE_OWNER,
        .created_at_us = vendor->created_at_us,
        .version = 1,
    };
    TRY(save_application(request, application));
    vendor_describe(request, vendor, ret_reply);
    return STATUS_OK;
}

enum status vendor_handle_reapply_vendor(struct request *request,
                                         const struct vendor_reapply_vendor *command,
                                         struct vendor_own_vendor *ret_reply)
{
    (void)command;
    struct vendor vendor;
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    TRY(vendor_move(request, &vendor, VENDOR_ACT_APPLY, TEXT("")));
    const struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_VENDOR_APPLIED,
                                          .vendor = &vendor };
    TRY(vendor_raise_notice(request, &notice));
    vendor_describe(request, &vendor, ret_reply);
    return STATUS_OK;
}

/* ---- the profile ---- */

enum status vendor_handle_get_vendor(struct request *request, const struct vendor_get_vendor *query,
                                     struct vendor_own_vendor *ret_reply)
{
    (void)query;
    struct vendor vendor;
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    vendor_describe(request, &vendor, ret_reply);
    return STATUS_OK;
}

static enum status change_name(struct request *request, struct text sent, struct vendor *vendor,
                               bool *ret_is_renamed)
{
    const struct text name = text_trim(sent);
    bool is_taken;
    *ret_is_renamed = false;
    if (!plain_text_is_name(name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
    if (text_equals(name, vendor->name)) return STATUS_OK;
    TRY(vendor_store_is_name_taken(request, name, vendor->id, &is_taken));
    if (is_taken) return request_refuse(request, "/name", STATUS_VENDOR_NAME_TAKEN, NULL);
    vendor->name = name;
    *ret_is_renamed = true;
    return slug_book_choose(request, &vendor_slugs, vendor->id, name, &vendor->slug,
                            &vendor->is_slug_new);
}

static bool is_lines(struct text text)
{
    return plain_text_is_block(text);
}

/* An empty text takes the picture away. */
static bool is_url_or_nothing(struct text text)
{
    return text.length == 0 || text_is_https_url(text);
}

/* What a text may be, and how that is said. */
struct text_rule {
    bool (*is_kept)(struct text text);
    const char *sentence;
};
static const struct text_rule lines = { is_lines, PLAIN_TEXT_BLOCK_RULE };
static bool is_line(struct text text)
{
    return plain_text_is_line(text);
}
static const struct text_rule line = { is_line, "It is one line of visible characters." };
static const struct text_rule address = { is_url_or_nothing, TEXT_HTTPS_URL_RULE };

static enum status change_text(struct request *request, bool is_sent, struct text sent,
                               const struct text_rule *rule, const char *pointer,
                               struct text *field)
{
    if (!is_sent) return STATUS_OK;
    if (!rule->is_kept(sent))
        return request_refuse(request, pointer, STATUS_INVALID_VALUE, rule->sentence);
    *field = text_trim(sent);
    return STATUS_OK;
}

static enum status change_contact(struct request *request, struct text sent, struct vendor *vendor)
{
    struct email email;
    vendor->contact_email = (struct text){ 0 };
    if (sent.length == 0) return STATUS_OK;
    if (email_normalise(sent, &email) != STATUS_OK)
        return request_refuse(request, "/contact_email", STATUS_INVALID_VALUE, EMAIL_RULE);
    vendor->contact_email = text_copy(request_arena(request), email_text(&email));
    return STATUS_OK;
}

static enum status change_window(struct request *request,
                                 const struct vendor_change_vendor *command, struct vendor *vendor)
{
    if (!command->has_closed_from && !command->has_closed_to) return STATUS_OK;
    if (!command->has_closed_from || !command->has_closed_to)
        return request_refuse(request, command->has_closed_from ? "/closed_to" : "/closed_from",
                              STATUS_INVALID_VALUE, "A closed window has a begin and an end.");
    if (vendor_close(vendor, command->closed_from_us, command->closed_to_us,
                     request_now_us(request)) == STATUS_OK)
        return STATUS_OK;
    return request_refuse(request, "/closed_to", STATUS_INVALID_VALUE,
                          "A closed window ends after its begin, and in the future.");
}

static enum status change_selling(struct request *request,
                                  const struct vendor_change_vendor *command, struct vendor *vendor)
{
    const bool removes = command->has_remove_order_minimums && command->remove_order_minimums;
    struct vendor_shipping_fault fault;
    if (command->has_needs_acceptance) vendor->needs_acceptance = command->needs_acceptance;
    if (removes && command->order_minimums_count > 0)
        return request_refuse(request, "/remove_order_minimums", STATUS_INVALID_VALUE,
                              "Least values are either given or removed.");
    if (!removes && command->order_minimums_count == 0) return STATUS_OK;
    if (!vendor_order_minimums_check(command->order_minimums, command->order_minimums_count,
                                     &fault))
        return request_refuse(request, request_pointer_at(request, fault.pointer, fault.index),
                              STATUS_INVALID_VALUE, fault.why);
    vendor->order_minimums = command->order_minimums;
    vendor->order_minimums_count = command->order_minimums_count;
    return STATUS_OK;
}

enum status vendor_handle_change_vendor(struct request *request,
                                        const struct vendor_change_vendor *command,
                                        struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    bool is_renamed = false;
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    if (!versions_have(VERSIONS_OF(command), vendor.version)) return STATUS_PRECONDITION_FAILED;
    if (command->has_name) TRY(change_name(request, command->name, &vendor, &is_renamed));
    TRY(change_text(request, command->has_description, command->description, &lines, "/description",
                    &vendor.description));
    TRY(change_text(request, command->has_logo_url, command->logo_url, &address, "/logo_url",
                    &vendor.logo_url));
    TRY(change_text(request, command->has_banner_url, command->banner_url, &address, "/banner_url",
                    &vendor.banner_url));
    TRY(change_text(request, command->has_policies, command->policies, &lines, "/policies",
                    &vendor.policies));
    TRY(change_text(request, command->has_seo_title, command->seo_title, &line, "/seo_title",
                    &vendor.seo_title));
    TRY(change_text(request, command->has_seo_description, command->seo_description, &line,
                    "/seo_description", &vendor.seo_description));
    if (command->has_contact_email) TRY(change_contact(request, command->contact_email, &vendor));
    TRY(change_selling(request, command, &vendor));
    TRY(change_window(request, command, &vendor));
    TRY(vendor_save_and_announce(request, &vendor, is_renamed));
    vendor_describe(request, &vendor, ret_reply);
    return STATUS_OK;
}

enum status vendor_handle_reopen_vendor(struct request *request,
                                        const struct vendor_reopen_vendor *command,
                                        struct vendor_own_vendor *ret_reply)
{
    (void)command;
    struct vendor vendor;
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    if (vendor.has_window) {
        vendor.has_window = false;
        TRY(vendor_save_and_announce(request, &vendor, false));
    }
    vendor_describe(request, &vendor, ret_reply);
    return STATUS_OK;
}

enum status vendor_handle_get_checklist(struct request *request,
                                        const struct vendor_get_checklist *query,
                                        struct vendor_checklist *ret_reply)
{
    (void)query;
    struct vendor vendor;
    struct vendor_checklist_result *result = arena_allocate(request_arena(request), sizeof *result);
    TRY(vendor_store_load(request, request_principal(request)->id, &vendor));
    TRY(vendor_load_checklist(request, &vendor, result));
    ret_reply->items = result->items;
    ret_reply->items_count = result->count;
    return STATUS_OK;
}
