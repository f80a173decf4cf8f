/* What staff does with vendors. */
#include <string.h>

#include "actors/identity/identity_session_store.h"
#include "actors/vendor/vendor_leaving.h"
#include "actors/vendor/vendor_member_store.h"
#include "runtime/plain_text.h"
#include "vendor_handlers.h"

/* The newest stand first: a page begins below an id, and the first page below the greatest. */
enum status vendor_handle_list_vendors(struct request *request,
                                       const struct vendor_list_vendors *query,
                                       struct vendor_vendor_page *ret_reply)
{
    struct vendor_search search = {
        .has_status = query->has_status,
        .status = query->status,
        .begin = query->has_q ? query->q : TEXT(""),
        .limit = query->has_limit ? query->limit : VENDOR_PAGE_DEFAULT,
    };
    struct vendor *vendors;
    size_t count;
    memset(search.before.bytes, 0xff, sizeof search.before.bytes);
    if (query->has_after) TRY(vendor_cursor_read(request, query->after, &search.before));
    TRY(vendor_store_search(request, &search, &vendors, &count));
    ret_reply->has_more = count > (size_t)search.limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)search.limit : count;
    struct vendor_own_vendor *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        vendor_describe(request, &vendors[i], &data[i]);
    ret_reply->data = data;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next) ret_reply->next = vendor_cursor_of(request, data[search.limit - 1].id);
    return STATUS_OK;
}

static enum status list_team(struct request *request, const struct vendor *vendor,
                             struct vendor_vendor_detail *ret_reply)
{
    const struct vendor_teammate *team;
    size_t count;
    TRY(vendor_member_list(request, vendor->id, (struct uuid){ { 0 } }, VENDOR_TEAM_MAX, &team,
                           &count));
    struct vendor_member *members =
        arena_allocate_array(request_arena(request), count, sizeof *members);
    for (size_t i = 0; i < count; i++)
        vendor_describe_member(request, &team[i], vendor->status, &members[i]);
    ret_reply->members = members;
    ret_reply->members_count = count;
    return STATUS_OK;
}

enum status vendor_handle_get_vendor_detail(struct request *request,
                                            const struct vendor_get_vendor_detail *query,
                                            struct vendor_vendor_detail *ret_reply)
{
    struct vendor vendor;
    struct vendor_checklist_result *checklist =
        arena_allocate(request_arena(request), sizeof *checklist);
    TRY(vendor_store_load(request, query->vendor_id, &vendor));
    TRY(list_team(request, &vendor, ret_reply));
    TRY(vendor_store_list_history(request, vendor.id, &ret_reply->history,
                                  &ret_reply->history_count));
    TRY(vendor_load_checklist(request, &vendor, checklist));
    ret_reply->checklist = checklist->items;
    ret_reply->checklist_count = checklist->count;
    vendor_describe(request, &vendor, &ret_reply->vendor);
    if (vendor.status != VENDOR_VENDOR_STATUS_TERMINATING) return STATUS_OK;
    /* Counts are left out while the order domain is away, so that the rest can still be read. */
    ret_reply->has_open_orders = vendor_leaving_count(request, vendor.id, &ret_reply->open_orders,
                                                      &ret_reply->open_checkouts) == STATUS_OK;
    ret_reply->has_open_checkouts = ret_reply->has_open_orders;
    return STATUS_OK;
}

static enum common_notice_kind notice_of(enum vendor_act act)
{
    switch (act) {
    case VENDOR_ACT_APPROVE:
        return COMMON_NOTICE_KIND_VENDOR_APPROVED;
    case VENDOR_ACT_REJECT:
        return COMMON_NOTICE_KIND_VENDOR_REJECTED;
    case VENDOR_ACT_SUSPEND:
        return COMMON_NOTICE_KIND_VENDOR_SUSPENDED;
    case VENDOR_ACT_REINSTATE:
        return COMMON_NOTICE_KIND_VENDOR_REINSTATED;
    case VENDOR_ACT_TERMINATE:
        return COMMON_NOTICE_KIND_VENDOR_LEAVING;
    case VENDOR_ACT_LEAVE:
    case VENDOR_ACT_APPLY:
    case VENDOR_ACT_COUNT:
        break;
    }
    return COMMON_NOTICE_KIND_VENDOR_APPLIED;
}

/* Moves the vendor, tells its team, and answers. An empty reason means none, where none is
 * mandatory; any other must be readable text, since the team is told. */
static enum status act_on(struct request *request, struct vendor *vendor, enum vendor_act act,
                          struct text reason, struct vendor_own_vendor *ret_reply)
{
    if (reason.length > 0 && !plain_text_is_reason(reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    TRY(vendor_move(request, vendor, act, text_trim(reason)));
    const struct vendor_notice notice = { .kind = notice_of(act),
                                          .vendor = vendor,
                                          .reason = vendor->status_reason };
    TRY(vendor_raise_notice(request, &notice));
    vendor_describe(request, vendor, ret_reply);
    return STATUS_OK;
}

/* One fault for each thing that is missing. */
static enum status check_checklist(struct request *request, const struct vendor *vendor)
{
    struct vendor_checklist_result result;
    bool is_complete = true;
    TRY(vendor_load_checklist(request, vendor, &result));
    for (size_t i = 0; i < result.count; i++) {
        if (result.items[i].is_done) continue;
        is_complete = false;
        const char *name = vendor_checklist_item_names[result.items[i].code];
        const struct text pointer = text_format(request_arena(request), "/%s", name);
        (void)request_refuse(request, pointer.data, STATUS_CHECKLIST_INCOMPLETE,
                             vendor_checklist_text(result.items[i].code));
    }
    return is_complete ? STATUS_OK : STATUS_CHECKLIST_INCOMPLETE;
}

/* The checklist counts only for a vendor that can be approved: for any other the refusal says where
 * it stands. */
enum status vendor_handle_approve_vendor(struct request *request,
                                         const struct vendor_approve_vendor *command,
                                         struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    enum vendor_vendor_status to;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    if (vendor_status_after(VENDOR_ACT_APPROVE, vendor.status, &to) == STATUS_OK)
        TRY(check_checklist(request, &vendor));
    return act_on(request, &vendor, VENDOR_ACT_APPROVE,
                  command->has_reason ? command->reason : TEXT(""), ret_reply);
}

enum status vendor_handle_reject_vendor(struct request *request,
                                        const struct vendor_reject_vendor *command,
                                        struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    return act_on(request, &vendor, VENDOR_ACT_REJECT, command->reason, ret_reply);
}

/* Tokens that were signed before still say that the team may sell, so its sessions end. */
enum status vendor_handle_suspend_vendor(struct request *request,
                                         const struct vendor_suspend_vendor *command,
                                         struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    TRY(act_on(request, &vendor, VENDOR_ACT_SUSPEND, command->reason, ret_reply));
    identity_sessions_end_of_account(request, vendor.id);
    return STATUS_OK;
}

enum status vendor_handle_reinstate_vendor(struct request *request,
                                           const struct vendor_reinstate_vendor *command,
                                           struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    return act_on(request, &vendor, VENDOR_ACT_REINSTATE,
                  command->has_reason ? command->reason : TEXT(""), ret_reply);
}

/* Orders may be on their way that nobody has counted yet, so the vendor leaves later, even when it
 * has none. Its team has to sign in again and then has the rights of a team that leaves. */
enum status vendor_handle_terminate_vendor(struct request *request,
                                           const struct vendor_terminate_vendor *command,
                                           struct vendor_own_vendor *ret_reply)
{
    struct vendor vendor;
    TRY(vendor_store_load(request, command->vendor_id, &vendor));
    TRY(act_on(request, &vendor, VENDOR_ACT_TERMINATE, command->reason, ret_reply));
    vendor_leaving_begin(request, &vendor);
    identity_sessions_end_of_account(request, vendor.id);
    return STATUS_OK;
}
