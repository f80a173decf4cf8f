/* How a vendor changes: announced, with its history, and by the clock. */
#include "actors/vendor/vendor_life.h"

#include "actors/identity/identity_secret.h"
#include "actors/vendor/vendor_member_store.h"
#include "vendor_handlers.h"

enum { ACTS_TEXT_MAX = 100 };

/* Others keep copies of name, status and openness, so they are told of changes of these only; every
 * event costs all of them a write. */
enum status vendor_save_and_announce(struct request *request, struct vendor *vendor,
                                     bool is_worth_telling)
{
    assert(vendor != NULL);
    const bool is_open = vendor_is_open(vendor, request_now_us(request));
    const bool must_tell = is_worth_telling || is_open != vendor->is_announced_open;
    vendor->version++;
    vendor->is_announced_open = is_open;
    vendor_store_save(request, vendor);
    if (!must_tell) return STATUS_OK;
    const struct vendor_profile_was_changed event = { .vendor_id = vendor->id,
                                                      .version = vendor->version,
                                                      .name = vendor->name,
                                                      .status = vendor->status,
                                                      .is_open = is_open };
    return request_publish(request, &vendor_profile_was_changed_message, &event);
}

/* Kept in the history as text, since an actor may be a member, staff or the operator. */
struct text vendor_actor_text(struct request *request)
{
    const struct principal *principal = request_principal(request);
    switch (principal->kind) {
    case PRINCIPAL_VENDOR:
        return identity_id_text(request_arena(request), "mbr", principal->actor);
    case PRINCIPAL_ADMIN:
        return identity_id_text(request_arena(request), "adm", principal->id);
    case PRINCIPAL_OPERATOR:
        return TEXT("operator");
    case PRINCIPAL_NONE:
    case PRINCIPAL_SHOPPER:
    case PRINCIPAL_NODE:
        break;
    }
    return TEXT("applicant");
}

/* Says where the vendor stands and what can be done with it. */
static enum status refuse_act(struct request *request, const struct vendor *vendor)
{
    struct text_builder acts;
    text_builder_init(&acts, request_arena(request), ACTS_TEXT_MAX);
    for (size_t i = 0; i < VENDOR_ACT_COUNT; i++) {
        enum vendor_vendor_status to;
        if (i == VENDOR_ACT_LEAVE) continue; /* not something that staff can ask for */
        if (vendor_status_after((enum vendor_act)i, vendor->status, &to) != STATUS_OK) continue;
        if (acts.length > 0) text_builder_add(&acts, TEXT(", "));
        text_builder_add(&acts, text_of(vendor_act_names[i]));
    }
    if (acts.length == 0) text_builder_add(&acts, TEXT("nothing"));
    const struct text allowed = text_builder_view(&acts);
    const struct request_fault fault = {
        .pointer = "",
        .code = STATUS_ILLEGAL_TRANSITION,
        .detail = text_format(request_arena(request), "The vendor is %s; allowed: %.*s.",
                              vendor_vendor_status_names[vendor->status], (int)allowed.length,
                              allowed.data),
    };
    request_add_fault(request, &fault);
    return STATUS_ILLEGAL_TRANSITION;
}

enum status vendor_move(struct request *request, struct vendor *vendor, enum vendor_act act,
                        struct text reason)
{
    assert(vendor != NULL);
    const enum vendor_vendor_status from = vendor->status;
    if (vendor_status_after(act, from, &vendor->status) != STATUS_OK)
        return refuse_act(request, vendor);
    /* The audit entry shows where the vendor stood before. */
    request_audit(request, "ven", vendor->id,
                  text_format(request_arena(request), "{\"status\":\"%s\"}",
                              vendor_vendor_status_names[from]));
    vendor->status_reason = reason;
    TRY(vendor_save_and_announce(request, vendor, true));
    vendor_store_add_history(request, vendor, &from, vendor_actor_text(request));
    return STATUS_OK;
}

enum status vendor_load_checklist(struct request *request, const struct vendor *vendor,
                                  struct vendor_checklist_result *ret_result)
{
    assert(vendor != NULL);
    assert(ret_result != NULL);
    const char *setting = config_text(request_config(request), SETTING_VENDOR_CHECKLIST);
    struct vendor_team team;
    TRY(vendor_team_count(request, vendor->id, &team));
    if (vendor_checklist_judge(text_of(setting), vendor, &team.progress, ret_result) == STATUS_OK)
        return STATUS_OK;
    log_error("vendor_checklist_is_misspelt", LOG_STRING("setting", setting));
    return request_refuse(request, "", STATUS_CHECKLIST_INCOMPLETE,
                          "The setting vendor.checklist has a word that is none.");
}

/* Nothing has changed but the time: saving tells whether the vendor is open now. */
enum status vendor_handle_announce_opening(struct request *request,
                                           const struct vendor_announce_opening *command)
{
    struct vendor vendor;
    const enum status found = vendor_store_load(request, command->vendor_id, &vendor);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    return vendor_save_and_announce(request, &vendor, false);
}

enum status vendor_opening_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct uuid ids[VENDOR_SWEEP_MAX];
    size_t count;
    TRY(vendor_store_list_due(request, shard_first, shard_last, VENDOR_SWEEP_MAX, ids, &count));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        const struct vendor_announce_opening command = { .vendor_id = ids[i] };
        struct empty nothing;
        const enum status asked =
            request_ask(request, &vendor_announce_opening_message, &command, &nothing);
        if (asked != STATUS_OK) status = asked; /* tried again by the next sweep */
        if (asked == STATUS_STOPPING) break;
    }
    return status;
}
